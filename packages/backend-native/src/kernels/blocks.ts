import type { CoreKernels } from '@matheron/backend-wasm/internal';
import type { Library } from '../library.ts';
import { L, N, R, T, U, int, one } from '../routines.ts';
import { lapack } from './lapack.ts';
import { type Window, from } from './multiply.ts';

const byteOf = ({ data, offset }: Window): number => data.byteOffset + offset * data.BYTES_PER_ELEMENT;

/** Where a block is split: in half, at a multiple of 16. */
export function half(n: number): number {
  return 16 * Math.ceil(n / 32);
}

// Matrices as Fortran sees them: a row-major lower factor is upper.

/** What the recursions by halves do at once, up to a size each; columns are `ld` apart. */
export interface Blocks {
  readonly sizes: { readonly [K in 'factor' | 'solve' | 'invert' | 'square']: number };
  /** A ← U with A = Uᵀ U. Returns 0, or the pivot (1-based) at which it stopped. */
  factor(n: number, a: Float64Array, ld: number): number;
  /** T X = B in place as `solveTriangular` does it; each window is contiguous along rows or along columns. */
  solve(upper: boolean, unit: boolean, n: number, m: number, t: Window, b: Window): void;
  /** U ← U⁻¹ */
  invert(n: number, u: Float64Array, ld: number): void;
  /** U ← U Uᵀ, upper. */
  square(n: number, u: Float64Array, ld: number): void;
}

/**
 * Blocks by the library. Measured on OpenBLAS 0.3.21: up to 256 potrf is level with its halves, and 5 to 10 % slower above; trsm up to 64, and
 * 15 to 30 % slower above; inverses and squares of 24 to 48 are level, 64 loses a tenth.
 */
export function libraryBlocks(library: Library): Blocks {
  const { trsm } = library.double;
  return {
    sizes: { factor: 256, solve: 64, invert: 32, square: 32 },
    factor: (n, a, ld) => lapack(library, 'potrf', U, int(0, n), a, int(1, ld)),
    solve: (upper, unit, n, m, t, b) => {
      // A row-major triangle is the other triangle, transposed, to Fortran, and a row-major B is Bᵀ: Xᵀ Tᵀ = Bᵀ.
      const byRows = t.columns === 1, triangle = from(t), ldt = int(2, byRows ? t.rows : t.columns), half = byRows === upper ? L : U, diagonal = unit ? U : N, right = from(b);
      if (b.rows === 1) trsm(L, half, byRows ? T : N, diagonal, int(0, n), int(1, m), one, triangle, ldt, right, int(3, b.columns), 1, 1, 1, 1);
      else trsm(R, half, byRows ? N : T, diagonal, int(0, m), int(1, n), one, triangle, ldt, right, int(3, b.rows), 1, 1, 1, 1);
    },
    invert: (n, u, ld) => void lapack(library, 'trtri', U, N, int(0, n), u, int(1, ld)),
    square: (n, u, ld) => void lapack(library, 'lauum', U, int(0, n), u, int(1, ld)),
  };
}

/**
 * Blocks by the kernels of backend-wasm, of arrays on the memory those were instantiated on; `ws` as they take it. BLAS is slow in small
 * triangles: at 64 these take half the time of OpenBLAS's (and less than MKL's on the same processor), so that factors, inverses and solves of
 * 500 take .85, .93 and .9 of the time that blocks by the library take.
 */
export function kernelBlocks(kernels: CoreKernels, ws: number): Blocks {
  return {
    sizes: { factor: 64, solve: 32, invert: 64, square: 64 },
    factor: (n, a, ld) => kernels.potrf(n, a.byteOffset, ld, ws),
    solve: (upper, unit, n, m, t, b) => kernels.trsm(Number(upper), Number(unit), n, m, byteOf(t), t.rows, t.columns, byteOf(b), b.rows, b.columns, ws),
    invert: (n, u, ld) => kernels.trtri(n, u.byteOffset, ld, ws),
    square: (n, u, ld) => kernels.lauum(n, u.byteOffset, ld, ws),
  };
}
