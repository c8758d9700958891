import { type Build, type CoreKernels, type DecompositionKernels, LazyModule, bestBuild, coreImports } from '../engine.ts';
import { coreModule } from '../generated/core.ts';
import { decompositionsModule } from '../generated/decompositions.ts';
import { Scratch } from '../scratch.ts';
import { withSharedMemory } from '../shared-memory.ts';
import { parallelKernels } from './parallel-kernels.ts';
import { Pool } from './pool.ts';

const core = new LazyModule(coreModule, withSharedMemory), decompositions = new LazyModule(decompositionsModule, withSharedMemory);

/** Scratch memory that workers share; its kernels share out what is large enough. */
export class SharedScratch extends Scratch {
  override readonly chunk: number;
  readonly #pool: Pool;
  constructor(threads: number, build: Build = bestBuild()) {
    super(build, threads);
    this.chunk = 32768 * threads;
    this.#pool = new Pool(threads - 1);
    this.reserve(0); // instantiates, and so attaches the workers
  }

  protected override createMemory(pages: number): WebAssembly.Memory {
    return new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
  }
  protected override instantiate(memory: WebAssembly.Memory): CoreKernels {
    const module = core.get(this.build);
    this.#pool.attach(memory, module);
    return parallelKernels(new WebAssembly.Instance(module, coreImports(memory)).exports as unknown as CoreKernels, this.#pool);
  }
  protected override instantiateSecond(memory: WebAssembly.Memory, { gemm, trsm }: CoreKernels): DecompositionKernels {
    return new WebAssembly.Instance(decompositions.get(this.build), { env: { memory }, core: { gemm, trsm } as WebAssembly.ModuleImports }).exports as unknown as DecompositionKernels;
  }

  override prepare(): Promise<void> {
    return this.started();
  }
  started(): Promise<void> {
    return this.#pool.started();
  }
  terminate(): void {
    this.#pool.terminate();
  }
}
