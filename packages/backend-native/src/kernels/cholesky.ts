import type { Library } from '../library.ts';
import { T, U, int, minusOne, one } from '../routines.ts';
import { type Blocks, half } from './blocks.ts';
import { solveByHalves } from './triangular.ts';

/**
 * A = L Lᵀ in place for the row-major lower triangle of a (n×n, rows `lda` apart). Returns 0, or the first pivot (1-based) that is not positive
 * and finite. Then the factor is NaN in all rows from that pivot on: blocked algorithms stop at places of their own, so what those rows hold
 * left of the pivot is not defined either.
 */
export function factorCholesky(library: Library, blocks: Blocks, n: number, a: Float64Array, lda: number): number {
  // Row-major and lower is upper to Fortran.
  let pivot = factor(library, blocks, n, a, lda);
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

/** A = Uᵀ U for an upper A as Fortran sees it, by halves. Returns 0, or the pivot at which it stopped. (S. Toledo, SIAM J. Matrix Anal. Appl. 18 (1997).) */
function factor(library: Library, blocks: Blocks, n: number, a: Float64Array, ld: number): number {
  if (n <= blocks.sizes.factor) return blocks.factor(n, a, ld);
  const h = half(n), rest = n - h, b = a.subarray(h * ld), c = a.subarray(h * ld + h);
  const pivot = factor(library, blocks, h, a, ld);
  if (pivot > 0) return pivot;
  solveByHalves(library, blocks, false, false, h, rest, { data: a, offset: 0, rows: ld, columns: 1 }, { data: b, offset: 0, rows: 1, columns: ld });
  library.double.syrk(U, T, int(0, rest), int(1, h), minusOne, b, int(2, ld), one, c, int(3, ld), 1, 1);
  const later = factor(library, blocks, rest, c, ld);
  return later > 0 ? h + later : 0;
}
