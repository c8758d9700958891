import { cholesky, choleskyInverse, eigh, gemm, lu, qr, svd, triangularSolve } from './numerics/index.ts';

/**
 * The dense linear algebra of one matrix: what `CpuBackend` walks batches with. A backend on the same storage that has faster code for
 * some of it hands that to the constructor and inherits the rest.
 */
export interface MatrixKernels {
  readonly gemm: typeof gemm;
  readonly cholesky: typeof cholesky;
  readonly triangularSolve: typeof triangularSolve;
  readonly choleskyInverse: typeof choleskyInverse;
  readonly lu: typeof lu;
  readonly qr: typeof qr;
  readonly eigh: typeof eigh;
  readonly svd: typeof svd;
}

/** The TypeScript ones. */
export const matrixKernels: MatrixKernels = { gemm, cholesky, triangularSolve, choleskyInverse, lu, qr, eigh, svd };
