import type { Library } from '../library.ts';
import { L, N, R, T, U, int, one } from '../routines.ts';
import type { Window } from './multiply.ts';

/**
 * T X = B in place: T n×n, of which the `upper` or lower triangle is read, B n×m; float64. Each operand is contiguous along rows or along
 * columns; false, and nothing done, where one isn't.
 */
export function solveTriangular(library: Library, upper: boolean, unit: boolean, n: number, m: number, t: Window, b: Window): boolean {
  const tRows = t.columns === 1 && t.rows >= n, tColumns = t.rows === 1 && t.columns >= n;
  if (!tRows && !tColumns) return false;
  const triangle = t.offset === 0 ? t.data : t.data.subarray(t.offset), right = b.offset === 0 ? b.data : b.data.subarray(b.offset);
  // A row-major triangle is the other triangle, transposed, to Fortran.
  const ldt = tRows ? t.rows : t.columns, half = tRows === upper ? L : U, diagonal = unit ? U : N;
  if (m === 1 && b.rows >= 1) {
    library.double.trsv(half, tRows ? T : N, diagonal, int(0, n), triangle, int(1, ldt), right, int(2, b.rows), 1, 1, 1);
    return true;
  }
  const bRows = (m === 1 || b.columns === 1) && b.rows >= m, bColumns = b.rows === 1 && b.columns >= n;
  if (bColumns) library.double.trsm(L, half, tRows ? T : N, diagonal, int(0, n), int(1, m), one, triangle, int(2, ldt), right, int(3, b.columns), 1, 1, 1, 1);
  // Row-major B is Bᵀ: Xᵀ Tᵀ = Bᵀ
  else if (bRows) library.double.trsm(R, half, tRows ? N : T, diagonal, int(0, m), int(1, n), one, triangle, int(2, ldt), right, int(3, b.rows), 1, 1, 1, 1);
  else return false;
  return true;
}
