import type { PlanKernel } from '@matheron/core-tensor';
import type { Build, CoreKernels } from '../engine.ts';
import type { MatrixRoutines } from './calls.ts';

/** A kernel of a plan: the address of its argument block, and the steps of its outermost loop that are to be made. */
export type KernelFunction = (block: number, from: number, to: number) => void;

/** Where compiled plans run: how their memories are made, and who computes what is large. */
export interface PlanHost {
  readonly build: Build;
  /** Whether memories are shared with other threads; modules then say so. */
  readonly shared: boolean;
  /** Workspaces at the start of a memory; the first is the caller's. */
  readonly workspaces: number;
  createMemory(pages: number): WebAssembly.Memory;
  instantiate(memory: WebAssembly.Memory): CoreKernels;
  /** The heavy routines on a memory as it is now: they are asked for again when it has grown. */
  routinesOn(memory: WebAssembly.Memory, kernels: CoreKernels): MatrixRoutines;
  /** What runs a kernel of `module` that takes `elements` steps in all: `run` itself, or something that shares them out. */
  kernelOn(memory: WebAssembly.Memory, module: WebAssembly.Module, name: string, kernel: PlanKernel, elements: number, run: KernelFunction): KernelFunction;
}
