export {
  assertPositiveDefinite, assertPositiveDefiniteSync, cholesky, choleskyInfo, choleskyInverse, choleskySolve, det, eigh, inv, logDetFromCholesky, lu, qr,
  solve, svd, triangularSolve,
} from './ops/linalg.ts';
