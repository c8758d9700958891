import { AllocationError } from '@matheron/core-tensor';
import type { KernelOp } from './elementwise.ts';
import {
  type Build, type CoreKernels, type DecompositionKernels, bestBuild, instantiateCore, instantiateDecompositions, prepareCore, prepareDecompositions, workspaceBytes,
} from './engine.ts';

const page = 65536;
/** Where the workspace stands, behind the tables of the core module. */
const workspace = 1024;
/** A memory that has grown beyond this is dropped after the call that needed it. */
const kept = 2 ** 28;

/**
 * The memory that operands are copied to. It grows to what a call needs, up to the 4 GiB of 32-bit addresses, and is handed back to the
 * garbage collector when a call took more than `Scratch.kept`.
 */
export class Scratch {
  /** All that 32-bit addresses reach, beside a workspace. */
  static readonly limit: number = 2 ** 32 - page - workspace - workspaceBytes;
  /** Bytes that calls should stay below where they can be split. */
  static readonly kept: number = kept;

  readonly build: Build;
  readonly ws: number = workspace;
  /** Byte offset of the operands. */
  readonly start: number;
  /** Elements that elementwise operations take at a time: operands and results stay in the second-level cache. */
  readonly chunk: number = 8192;
  #memory: WebAssembly.Memory | undefined;
  #kernels: CoreKernels | undefined;
  #decompositions: DecompositionKernels | undefined;
  #f64: Float64Array<ArrayBuffer> = new Float64Array(0);
  #f32: Float32Array<ArrayBuffer> = new Float32Array(0);
  constructor(build: Build = bestBuild(), workspaces: number = 1) {
    this.build = build;
    this.start = workspace + workspaces * workspaceBytes;
  }

  /** The memory for an operation whose largest parts are of so many multiplications each. */
  forProducts(_multiplications: number): Scratch {
    return this;
  }
  /** The memory for an elementwise operation. */
  forElements(_op: KernelOp | 'pow', _count: number): Scratch {
    return this;
  }

  /** Refuses what can't be addressed, before anything is copied. AllocationError. */
  static check(bytes: number): void {
    if (bytes > Scratch.limit) throw tooLarge(bytes);
  }

  protected createMemory(pages: number): WebAssembly.Memory {
    return new WebAssembly.Memory({ initial: pages, maximum: 65536 });
  }
  protected instantiate(memory: WebAssembly.Memory): CoreKernels {
    return instantiateCore(memory, this.build);
  }
  protected instantiateSecond(memory: WebAssembly.Memory, kernels: CoreKernels): DecompositionKernels {
    return instantiateDecompositions(memory, kernels, this.build);
  }

  /** The kernels, on a memory with at least `bytes` from `start` on. Views taken before are no longer valid. */
  reserve(bytes: number): CoreKernels {
    Scratch.check(bytes);
    const needed = this.start + bytes;
    const memory = (this.#memory ??= this.createMemory(this.#initialPages()));
    if (needed > memory.buffer.byteLength) {
      try {
        memory.grow(Math.ceil((needed - memory.buffer.byteLength) / page));
      } catch {
        throw tooLarge(bytes);
      }
    }
    const kernels = (this.#kernels ??= this.instantiate(memory));
    if (this.#f64.buffer !== memory.buffer) {
      this.#f64 = new Float64Array(memory.buffer);
      this.#f32 = new Float32Array(memory.buffer);
    }
    return kernels;
  }
  /** The second module's kernels, after `reserve`. */
  decompositions(): DecompositionKernels {
    return (this.#decompositions ??= this.instantiateSecond(this.#memory!, this.#kernels!));
  }
  /** The memory as float64 and float32, after `reserve`. */
  get f64(): Float64Array<ArrayBuffer> {
    return this.#f64;
  }
  get f32(): Float32Array<ArrayBuffer> {
    return this.#f32;
  }
  /** The memory that the kernels of the last `reserve` work on. */
  get memory(): WebAssembly.Memory {
    return this.#memory!;
  }

  /** Ends a call: a memory that has grown too large is let go. */
  release(): void {
    if (this.#f64.byteLength > kept + this.start) {
      this.#memory = undefined;
      this.#kernels = undefined;
      this.#decompositions = undefined;
      this.#f64 = new Float64Array(0);
      this.#f32 = new Float32Array(0);
    }
  }

  /** Compiles and starts without blocking, for engines that refuse it otherwise. */
  async prepare(): Promise<void> {
    this.#memory ??= this.createMemory(this.#initialPages());
    this.#kernels ??= await prepareCore(this.#memory, this.build);
    await prepareDecompositions(this.build);
  }

  #initialPages(): number {
    return Math.ceil((this.start + 2 ** 20) / page);
  }
}

function tooLarge(bytes: number): AllocationError {
  return new AllocationError('wasm', bytes, Scratch.limit, 'WebAssembly addresses 4 GiB: use the native backend, native() of @matheron/backend-native, or cpu()');
}
