import { AllocationError } from '@matheron/core-tensor';
import {
  type Build, type CoreKernels, type DecompositionKernels, bestBuild, instantiateCore, instantiateDecompositions, prepareCore, prepareDecompositions, workspaceBytes,
} from './engine.ts';

const page = 65536;
/** Where the workspace stands; address 0 stays unused. */
const workspace = 1024;
/** First byte for operands. */
const heap: number = workspace + workspaceBytes;
/** All that 32-bit addresses reach. */
const limit: number = 2 ** 32 - page - heap;
/** A memory that has grown beyond this is dropped after the call that needed it. */
const kept = 2 ** 28;

/**
 * The memory that operands are copied to. It grows to what a call needs, up to the 4 GiB of 32-bit addresses, and is handed back to the
 * garbage collector when a call took more than `kept`.
 */
export class Scratch {
  readonly build: Build;
  readonly ws: number = workspace;
  #memory: WebAssembly.Memory | undefined;
  #kernels: CoreKernels | undefined;
  #decompositions: DecompositionKernels | undefined;
  #f64: Float64Array<ArrayBuffer> = new Float64Array(0);
  #f32: Float32Array<ArrayBuffer> = new Float32Array(0);
  constructor(build: Build = bestBuild()) {
    this.build = build;
  }

  /** Bytes that one call may hold. */
  static readonly limit: number = limit;
  /** Bytes that calls should stay below where they can be split. */
  static readonly kept: number = kept;

  /** Refuses what can't be addressed, before anything is copied. AllocationError. */
  static check(bytes: number): void {
    if (bytes > limit) throw tooLarge(bytes);
  }

  /** The kernels, on a memory with at least `bytes` from `start` on. Views taken before are no longer valid. */
  reserve(bytes: number): CoreKernels {
    Scratch.check(bytes);
    const needed = heap + bytes;
    const memory = (this.#memory ??= new WebAssembly.Memory({ initial: Math.ceil((heap + 2 ** 20) / page), maximum: 65536 }));
    if (needed > memory.buffer.byteLength) {
      try {
        memory.grow(Math.ceil((needed - memory.buffer.byteLength) / page));
      } catch {
        throw tooLarge(bytes);
      }
    }
    const kernels = (this.#kernels ??= instantiateCore(memory, this.build));
    if (this.#f64.buffer !== memory.buffer) {
      this.#f64 = new Float64Array(memory.buffer);
      this.#f32 = new Float32Array(memory.buffer);
    }
    return kernels;
  }
  /** The second module's kernels, after `reserve`. */
  decompositions(): DecompositionKernels {
    return (this.#decompositions ??= instantiateDecompositions(this.#memory!, this.#kernels!, this.build));
  }
  /** The memory as float64 and float32, after `reserve`. */
  get f64(): Float64Array<ArrayBuffer> {
    return this.#f64;
  }
  get f32(): Float32Array<ArrayBuffer> {
    return this.#f32;
  }
  /** Byte offset of the operands. */
  get start(): number {
    return heap;
  }
  /** The memory that the kernels of the last `reserve` work on. */
  get memory(): WebAssembly.Memory {
    return this.#memory!;
  }

  /** Ends a call: a memory that has grown too large is let go. */
  release(): void {
    if (this.#f64.byteLength > kept + heap) {
      this.#memory = undefined;
      this.#kernels = undefined;
      this.#decompositions = undefined;
      this.#f64 = new Float64Array(0);
      this.#f32 = new Float32Array(0);
    }
  }

  /** Compiles and starts without blocking, for engines that refuse it otherwise. */
  async prepare(): Promise<void> {
    this.#memory ??= new WebAssembly.Memory({ initial: Math.ceil((heap + 2 ** 20) / page), maximum: 65536 });
    this.#kernels ??= await prepareCore(this.#memory, this.build);
    await prepareDecompositions(this.build);
  }
}

function tooLarge(bytes: number): AllocationError {
  return new AllocationError('wasm', bytes, limit, 'WebAssembly addresses 4 GiB: use the native backend, native() of @matheron/backend-native, or cpu()');
}
