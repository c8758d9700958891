import type { KernelOp } from '../elementwise.ts';
import { type Build, type CoreKernels, type DecompositionKernels, LazyModule, bestBuild, coreImports } from '../engine.ts';
import { coreModule } from '../generated/core.ts';
import { decompositionsModule } from '../generated/decompositions.ts';
import { Scratch } from '../scratch.ts';
import { withSharedMemory } from '../memory-sharing.ts';
import { parallelKernels } from './parallel-kernels.ts';
import type { Attachment, Pool } from './pool.ts';

const core = new LazyModule(coreModule, withSharedMemory), decompositions = new LazyModule(decompositionsModule, withSharedMemory);

export function createShared(pages: number): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
}
/** The core kernels on a shared memory, for this thread alone. */
export function instantiateShared(memory: WebAssembly.Memory, build: Build): CoreKernels {
  return new WebAssembly.Instance(core.get(build), coreImports(memory)).exports as unknown as CoreKernels;
}
/** The core kernels on a shared memory, for the workers. */
export function attachCore(pool: Pool, memory: WebAssembly.Memory, build: Build): Attachment {
  return pool.attach(memory, core.get(build));
}

/** Multiplications of an operation's largest parts up to which it isn't worth sharing: waking a worker and copying cost as much. */
const products = 2 ** 20;
/** Elements below which an elementwise operation isn't. */
const elements = 2 ** 16;
/** Operations that take about as long as copying does. */
const cheap: ReadonlySet<string> = new Set(['exp', 'expm1']);

/**
 * Scratch memory that workers share; its kernels share out what is large enough. Engines copy into shared memory at a third of the speed, so
 * what is too small is done in a memory of its own, as on one thread.
 */
export class SharedScratch extends Scratch {
  override readonly chunk: number;
  readonly #pool: Pool;
  readonly #alone: Scratch;
  constructor(pool: Pool, build: Build = bestBuild()) {
    super(build, pool.workers + 1);
    this.chunk = 32768 * (pool.workers + 1);
    this.#pool = pool;
    this.#alone = new Scratch(build);
    this.reserve(0); // instantiates, and so attaches the workers
  }

  override forProducts(multiplications: number): Scratch {
    return multiplications > products ? this : this.#alone;
  }
  override forElements(op: KernelOp | 'pow', count: number): Scratch {
    return count >= elements && (!cheap.has(op) || this.#pool.workers >= 3) ? this : this.#alone;
  }

  protected override createMemory(pages: number): WebAssembly.Memory {
    return createShared(pages);
  }
  protected override instantiate(memory: WebAssembly.Memory): CoreKernels {
    return parallelKernels(instantiateShared(memory, this.build), this.#pool, attachCore(this.#pool, memory, this.build));
  }
  protected override instantiateSecond(memory: WebAssembly.Memory, { gemm, trsm }: CoreKernels): DecompositionKernels {
    return new WebAssembly.Instance(decompositions.get(this.build), { env: { memory }, core: { gemm, trsm } as WebAssembly.ModuleImports }).exports as unknown as DecompositionKernels;
  }

  override prepare(): Promise<void> {
    return this.#pool.started();
  }
}
