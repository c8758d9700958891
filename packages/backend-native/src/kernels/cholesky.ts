import type { Library } from '../library.ts';
import { U, int } from '../routines.ts';
import { lapack } from './lapack.ts';

/**
 * A = L Lᵀ in place for the row-major lower triangle of a (n×n, rows `lda` apart). Returns 0, or the first pivot (1-based) that is not positive
 * and finite. Then the factor is NaN in all rows from that pivot on: blocked algorithms stop at places of their own, so what those rows hold
 * left of the pivot is not defined either.
 */
export function factorCholesky(library: Library, n: number, a: Float64Array, lda: number): number {
  // Row-major and lower is upper to Fortran.
  let pivot = lapack(library, 'potrf', U, int(0, n), a, int(1, lda));
  // Releases of OpenBLAS take the root of a NaN and go on.
  const checked = pivot > 0 ? pivot - 1 : n;
  for (let j = 0; j < checked; j++) {
    const d = a[j * lda + j]!;
    if (!(d > 0 && d < Infinity)) {
      pivot = j + 1;
      break;
    }
  }
  if (pivot > 0) for (let i = pivot - 1; i < n; i++) a.fill(NaN, i * lda, i * lda + i + 1);
  return pivot;
}
