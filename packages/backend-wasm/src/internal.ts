/**
 * For packages of this project that run the same kernels on a memory of their own, or build on this backend. Unstable: it changes in
 * minor versions.
 */
export {
  type Build, type CoreKernels, type DecompositionKernels, LazyModule, bestBuild, canRun, decode, instantiateCore, instantiateDecompositions, prepareCore, workspaceBytes,
} from './engine.ts';
export type { MatrixRoutines } from './compile/calls.ts';
export { wasmKernels } from './matrix-kernels.ts';
export { Scratch } from './scratch.ts';
// the storage that these backends share
export { CpuBackend, type CpuTensor, type FloatArray, type MatrixKernels, type MatrixView, type TriangularOptions } from '@matheron/backend-cpu';
