import type { Library } from '../library.ts';
import { L, N, R, T, U, int, minusOne, one } from '../routines.ts';

/** Triangles that BLAS solves with at once; larger ones give their off-diagonal part to gemm, which is 5 % faster than all in trsm. */
const solved = 64;

/** Where a block is split: in half, at a multiple of 16. */
export function half(n: number): number {
  return 16 * Math.ceil(n / 32);
}

// Matrices as Fortran sees them: a row-major lower factor is upper.

/** B ← B C⁻¹, m×n, C upper: [X, Y] [[P, Q], [0, R]] = B, X first. */
export function solveRight(library: Library, m: number, n: number, c: Float64Array, b: Float64Array, ld: number): void {
  const { trsm, gemm } = library.double;
  if (n <= solved) {
    trsm(R, U, N, N, int(0, m), int(1, n), one, c, int(2, ld), b, int(3, ld), 1, 1, 1, 1);
    return;
  }
  const h = half(n), y = b.subarray(h * ld);
  solveRight(library, m, h, c, b, ld);
  gemm(N, N, int(0, m), int(1, n - h), int(2, h), minusOne, b, int(3, ld), c.subarray(h * ld), int(4, ld), one, y, int(5, ld), 1, 1);
  solveRight(library, m, n - h, c.subarray(h * ld + h), y, ld);
}

/** B ← A⁻ᵀ B, m×n, A upper: [[P, 0], [Qᵀ, R]] [X; Y] = B, X first. */
export function solveLeftTransposed(library: Library, m: number, n: number, a: Float64Array, b: Float64Array, ld: number): void {
  const { trsm, gemm } = library.double;
  if (m <= solved) {
    trsm(L, U, T, N, int(0, m), int(1, n), one, a, int(2, ld), b, int(3, ld), 1, 1, 1, 1);
    return;
  }
  const h = half(m), y = b.subarray(h);
  solveLeftTransposed(library, h, n, a, b, ld);
  gemm(T, N, int(0, m - h), int(1, n), int(2, h), minusOne, a.subarray(h * ld), int(3, ld), b, int(4, ld), one, y, int(5, ld), 1, 1);
  solveLeftTransposed(library, m - h, n, a.subarray(h * ld + h), y, ld);
}
