import { type CoreKernels, workspaceBytes } from '../engine.ts';
import type { PlanHost } from './host.ts';

const page = 65536;
const workspace = 1024;
/** Plans up to this many bytes together stand side by side and keep their contents; larger ones share what comes after. */
const sideBySide = 2 ** 24;

/** A memory that has grown beyond this isn't kept for another function. */
const mostSpare = 2 ** 26;
/** Memories of functions that were disposed, for the next ones. */
const spare = new WeakMap<PlanHost, FunctionMemory[]>();

/** A memory for a compiled function: one that another has left, or a new one. */
export function takeMemory(host: PlanHost): FunctionMemory {
  return spare.get(host)?.pop() ?? new FunctionMemory(host);
}
/** Keeps the memory of a disposed function for the next one. */
export function leaveMemory(memory: FunctionMemory, host: PlanHost): void {
  let list = spare.get(host);
  if (!list) spare.set(host, (list = []));
  if (list.length < 4 && memory.memory.buffer.byteLength <= mostSpare) list.push(memory);
}

/** Where a plan stands in the memory of its function. */
export interface Region {
  readonly at: number;
  readonly bytes: number;
  readonly shared: boolean;
}

/**
 * The one memory of a compiled function: its plans, for all sizes, forward and backward, stand in it. It grows, up to 4 GiB, and dies with
 * the function.
 */
export class FunctionMemory {
  readonly memory: WebAssembly.Memory;
  readonly kernels: CoreKernels;
  readonly workspace: number = workspace;
  /** The plan whose contents the shared part holds. */
  tenant: object | undefined;
  readonly #instances = new Map<WebAssembly.Module, WebAssembly.Instance>();
  #free: { at: number; bytes: number }[];
  /** Where plans that don't stand side by side begin. */
  readonly #shared: number;

  constructor(host: PlanHost) {
    const heap = workspace + host.workspaces * workspaceBytes;
    this.#free = [{ at: heap, bytes: sideBySide }];
    this.#shared = heap + sideBySide;
    this.memory = host.createMemory(Math.ceil(heap / page) + 1);
    this.kernels = host.instantiate(this.memory);
  }
  /** Plans that stand here. */
  get plans(): number {
    return this.#plans;
  }
  #plans = 0;
  /** Room for a plan. RangeError of the engine where there is no more memory. */
  reserve(bytes: number): Region {
    const size = Math.ceil(bytes / 64) * 64;
    const gap = this.#free.find((g) => g.bytes >= size);
    const region = gap ? { at: gap.at, bytes: size, shared: false } : { at: this.#shared, bytes: size, shared: true };
    if (gap) {
      gap.at += size;
      gap.bytes -= size;
    }
    this.#plans++;
    const missing = region.at + size - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(Math.max(missing, Math.min(this.memory.buffer.byteLength >> 1, 2 ** 26)) / page));
    return region;
  }
  release({ at, bytes, shared: isShared }: Region): void {
    if (--this.#plans === 0) this.#instances.clear();
    if (isShared) return;
    this.#free.push({ at, bytes });
    this.#free.sort((a, b) => a.at - b.at);
    const joined: { at: number; bytes: number }[] = [];
    for (const gap of this.#free) {
      const last = joined.at(-1);
      if (last && last.at + last.bytes === gap.at) last.bytes += gap.bytes;
      else joined.push({ ...gap });
    }
    this.#free = joined;
  }
  /** The instance of a module on this memory. */
  instance(module: WebAssembly.Module, imports: readonly string[]): WebAssembly.Instance {
    let instance = this.#instances.get(module);
    if (!instance) {
      const env: Record<string, WebAssembly.ImportValue> = { memory: this.memory };
      for (const name of imports) env[name] = (this.kernels as unknown as Record<string, WebAssembly.ImportValue>)[name]!;
      this.#instances.set(module, (instance = new WebAssembly.Instance(module, { env })));
    }
    return instance;
  }
}
