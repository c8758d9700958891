/**
 * The numeric code of the reference backend: plain functions on numbers and on row-major typed arrays, which know nothing of tensors.
 *
 * Linear algebra works on one matrix at a time; a batch is walked with `subarray`. Sizes come first, arguments that are written are
 * named in each doc comment. Nothing here throws on a value: NaN and Inf come out as NaN, failures as `info`.
 */

// Special functions, `(x: number) => number`, in double precision.
export { digamma } from './special/digamma.ts';
export { erf, erfc, erfcx } from './special/erf.ts';
export { erfinv } from './special/erfinv.ts';
export { lgamma } from './special/lgamma.ts';
export { logNormalCdf } from './special/log-normal-cdf.ts';
export { logSigmoid, sigmoid, softplus } from './special/sigmoid.ts';

// Dense linear algebra. `FloatArray` is Float64Array | Float32Array.
export type { FloatArray, MatrixView, TriangularOptions } from './linalg/types.ts';
/* gemm(m, n, k, alpha, a: MatrixView, b: MatrixView, c: MatrixView, accumulate): c [+]= alpha · a · b, any strides.
   matmul(m, n, k, a, b, c): contiguous c = a · b. */
export { gemm, matmul } from './linalg/gemm.ts';
/* cholesky(n, a): info. In place; reads the lower triangle, the upper becomes 0. */
export { cholesky } from './linalg/cholesky.ts';
/* triangularSolve(rows, columns, t, b, { lower, transpose, unitDiagonal, side }): b, rows × columns, is overwritten. */
export { triangularSolve } from './linalg/triangular-solve.ts';
/* choleskyInverse(n, l): in place, l becomes (l · lᵀ)⁻¹, both triangles. */
export { choleskyInverse } from './linalg/cholesky-inverse.ts';
/* lu(m, n, a, permutation: Int32Array(m)): info. In place; row i of L · U is row permutation[i] of a. */
export { lu } from './linalg/lu.ts';
/* qr(m, n, a, q, r, permutation?: Int32Array(n)): writes q (m × k), r (k × n), k = min(m, n); with permutation: column pivoting, a[:, permutation] = q · r. */
export { qr } from './linalg/qr.ts';
/* eigh(n, a, values, vectors): reads the lower triangle; ascending values, vectors in columns. */
export { eigh } from './linalg/eigh.ts';
/* svd(m, n, a, u, s, vt): writes u (m × k), s (k, descending), vt (k × n). */
export { svd } from './linalg/svd.ts';
