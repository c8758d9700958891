import type { PlanKernel } from '@matheron/core-tensor';
import type { PlanHost } from '../compile/host.ts';
import type { Build } from '../engine.ts';
import { parallelKernels } from './parallel-kernels.ts';
import type { Pool } from './pool.ts';
import { attachCore, createShared, instantiateShared } from './shared-scratch.ts';

/** Steps of a fused kernel from which it is shared out; below, waking costs more. */
const steps = 65536;

/** Plans on shared memories: heavy calls and large fused kernels are shared out among the pool. */
export function sharedHost(pool: Pool, build: Build): PlanHost {
  return {
    build, shared: true, workspaces: pool.workers + 1,
    createMemory: createShared,
    instantiate: (memory) => instantiateShared(memory, build),
    routinesOn: (memory, kernels) => ({ ...parallelKernels(kernels, pool, attachCore(pool, memory, build)), overwrites: false }),
    kernelOn: (memory, module, name, kernel, elements, run) => {
      if (elements < steps || !separable(kernel)) return run;
      attachCore(pool, memory, build);
      const on = pool.attach(memory, module);
      // rows of a triangle grow towards its end
      const weight = kernel.triangular ? Math.sqrt : undefined;
      return (block, from, to) => {
        if (from !== 0) return run(block, from, to);
        pool.share(on, to, 2, (first, end) => [{ on, name, args: [block, first, end] }], (first, end) => run(block, first, end), weight);
      };
    },
  };
}

/** Whether the steps of the outermost loop don't depend on each other: nothing is combined over them. */
function separable({ extents, sinks }: PlanKernel): boolean {
  return extents.length > 0 && sinks.every(({ reduce, outer }) => !reduce || outer > 0);
}
