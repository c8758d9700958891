import type { FloatArray, MatrixKernels, MatrixView } from '@matheron/backend-wasm/internal';
import type { Library } from '../library.ts';
import { libraryBlocks } from './blocks.ts';
import { factorCholesky } from './cholesky.ts';
import { factorLu, factorQr, singularValues, symmetricEigen } from './decompositions.ts';
import { allFinite, lowerFinite, mirrorLower, zeroUpper } from './dense.ts';
import { inverseFromFactor } from './inverse.ts';
import { type Window, multiply } from './multiply.ts';
import { type Threads, invertible } from './shared.ts';
import { type Sizes, smallProduct, smallSolve } from './thresholds.ts';
import { solveTriangular } from './triangular.ts';

const windowOf = ({ data, offset, rowStride, columnStride }: MatrixView): Window => ({ data, offset, rows: rowStride, columns: columnStride });

/** float64 as it is; float32 computed in double and rounded when stored. */
function inDouble<T>(x: FloatArray, run: (x: Float64Array) => T): T {
  if (x instanceof Float64Array) return run(x);
  const wide = Float64Array.from(x), result = run(wide);
  x.set(wide);
  return result;
}

/** Linear algebra of single matrices by BLAS and LAPACK; what is too small for a call, or not finite, by `fallback`. */
export function nativeKernels(library: Library, threads: Threads, small: Sizes, fallback: MatrixKernels): MatrixKernels {
  const blocks = libraryBlocks(library);
  return {
    gemm: (m, n, k, alpha, a, b, c, accumulate) => {
      if (smallProduct(small, m, n, k)) return fallback.gemm(m, n, k, alpha, a, b, c, accumulate);
      threads.run(Math.cbrt(m * n * k), () => multiply(library, m, n, k, alpha, windowOf(a), windowOf(b), windowOf(c), accumulate));
    },
    cholesky: (n, a) => {
      if (n < small.cholesky) return fallback.cholesky(n, a);
      const info = inDouble(a, (x) => threads.run(n, () => factorCholesky(library, blocks, n, x, n)));
      zeroUpper(n, a);
      return info;
    },
    choleskyInverse: (n, l) => {
      if (n < small.inverse || !invertible(n, l, n)) return fallback.choleskyInverse(n, l);
      inDouble(l, (x) => threads.run(n, () => inverseFromFactor(library, blocks, n, x, n)));
      mirrorLower(n, l);
    },
    triangularSolve: (rows, columns, t, b, options) => {
      const right = options.side === 'right', n = right ? columns : rows, m = right ? rows : columns;
      if (smallSolve(small, n, m)) return fallback.triangularSolve(rows, columns, t, b, options);
      // X T = B is Tᵀ Xᵀ = Bᵀ, and a transpose is an exchange of strides.
      const transposed = options.transpose !== right;
      const triangle = (data: FloatArray): Window => ({ data, offset: 0, rows: transposed ? 1 : n, columns: transposed ? n : 1 });
      const wide = t instanceof Float64Array ? t : Float64Array.from(t);
      inDouble(b, (x) => threads.run(Math.cbrt(n * n * m), () =>
        solveTriangular(library, blocks, options.lower === transposed, options.unitDiagonal, n, m, triangle(wide), { data: x, offset: 0, rows: right ? 1 : columns, columns: right ? columns : 1 })));
    },
    lu: (m, n, a, permutation) => {
      if (Math.min(m, n) < small.lu || !allFinite(a, m * n)) return fallback.lu(m, n, a, permutation);
      return inDouble(a, (x) => threads.run(Math.cbrt(m * n * Math.min(m, n)), () => factorLu(library, m, n, x, permutation)));
    },
    qr: (m, n, a, q, r, permutation) => {
      if (Math.min(m, n) < small.qr || !allFinite(a, m * n)) return fallback.qr(m, n, a, q, r, permutation);
      threads.run(Math.cbrt(m * n * Math.min(m, n)), () => factorQr(library, m, n, a, q, r, permutation));
    },
    eigh: (n, a, values, vectors) => {
      if (n < small.eigh || !lowerFinite(n, a) || !threads.run(n, () => symmetricEigen(library, n, a, values, vectors))) fallback.eigh(n, a, values, vectors);
    },
    svd: (m, n, a, u, s, vt) => {
      const size = Math.min(m, n);
      if (size < small.svd || !allFinite(a, m * n) || !threads.run(Math.cbrt(m * n * size), () => singularValues(library, m, n, a, u, s, vt))) fallback.svd(m, n, a, u, s, vt);
    },
  };
}
