/** The reference backend of Matheron in plain TypeScript. */
export { cpu } from './context.ts';

// For backends on the same storage.
export { CpuBackend } from './cpu-backend.ts';
export { type BufferOrigin, CpuTensor, denseTensor, uniformTensor, viewOf } from './cpu-tensor.ts';
export { compact, contiguous, copyInto, copyOf } from './copy.ts';
export { type MatrixKernels, matrixKernels } from './kernels.ts';
export type { FloatArray, MatrixView, TriangularOptions } from './numerics/index.ts';
