import type { Library } from '../library.ts';
import { L, N, T, U, int } from '../routines.ts';
import { type Blocks, half } from './blocks.ts';
import { type Window, from, multiply } from './multiply.ts';

/**
 * T X = B in place: T n×n, of which the `upper` or lower triangle is read, B n×m; float64. Each operand is contiguous along rows or along
 * columns; false, and nothing done, where one isn't.
 */
export function solveTriangular(library: Library, blocks: Blocks, upper: boolean, unit: boolean, n: number, m: number, t: Window, b: Window): boolean {
  const byRows = t.columns === 1 && t.rows >= n;
  if (!byRows && !(t.rows === 1 && t.columns >= n)) return false;
  if (m === 1 && b.rows >= 1) {
    // A row-major triangle is the other triangle, transposed, to Fortran.
    library.double.trsv(byRows === upper ? L : U, byRows ? T : N, unit ? U : N, int(0, n), from(t), int(1, byRows ? t.rows : t.columns), from(b), int(2, b.rows), 1, 1, 1);
    return true;
  }
  if (!(b.columns === 1 && b.rows >= m) && !(b.rows === 1 && b.columns >= n)) return false;
  solveByHalves(library, blocks, upper, unit, n, m, t, b);
  return true;
}

/** As `solveTriangular`, by halves of T: what is not in a block on its diagonal is multiplied, twice as fast as trsm. */
export function solveByHalves(library: Library, blocks: Blocks, upper: boolean, unit: boolean, n: number, m: number, t: Window, b: Window): void {
  if (n <= blocks.sizes.solve) {
    blocks.solve(upper, unit, n, m, t, b);
    return;
  }
  const h = half(n), rest = n - h, t22 = at(t, h, h), b2 = at(b, h, 0);
  if (upper) {
    solveByHalves(library, blocks, upper, unit, rest, m, t22, b2);
    multiply(library, h, m, rest, -1, at(t, 0, h), b2, b, true);
    solveByHalves(library, blocks, upper, unit, h, m, t, b);
  } else {
    solveByHalves(library, blocks, upper, unit, h, m, t, b);
    multiply(library, rest, m, h, -1, at(t, h, 0), b, b2, true);
    solveByHalves(library, blocks, upper, unit, rest, m, t22, b2);
  }
}

/** The window that begins at element (i, j). */
function at({ data, offset, rows, columns }: Window, i: number, j: number): Window {
  return { data, offset: offset + i * rows + j * columns, rows, columns };
}
