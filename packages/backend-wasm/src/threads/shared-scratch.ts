import { type Build, type CoreKernels, type DecompositionKernels, LazyModule, bestBuild, coreImports } from '../engine.ts';
import { coreModule } from '../generated/core.ts';
import { decompositionsModule } from '../generated/decompositions.ts';
import { Scratch } from '../scratch.ts';
import { withSharedMemory } from '../shared-memory.ts';
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

/** Scratch memory that workers share; its kernels share out what is large enough. */
export class SharedScratch extends Scratch {
  override readonly chunk: number;
  readonly #pool: Pool;
  constructor(pool: Pool, build: Build = bestBuild()) {
    super(build, pool.workers + 1);
    this.chunk = 32768 * (pool.workers + 1);
    this.#pool = pool;
    this.reserve(0); // instantiates, and so attaches the workers
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
