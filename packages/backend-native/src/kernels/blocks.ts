import type { CoreKernels } from '@matheron/backend-wasm/internal';
import type { Library } from '../library.ts';
import { L, N, R, T, U, int, minusOne, one } from '../routines.ts';
import { lapack } from './lapack.ts';

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
  /** B ← B C⁻¹, B m×n, C upper. */
  solveRight(m: number, n: number, c: Float64Array, b: Float64Array, ld: number): void;
  /** B ← A⁻ᵀ B, B m×n, A upper. */
  solveLeftTransposed(m: number, n: number, a: Float64Array, b: Float64Array, ld: number): void;
  /** U ← U⁻¹ */
  invert(n: number, u: Float64Array, ld: number): void;
  /** U ← U Uᵀ, upper. */
  square(n: number, u: Float64Array, ld: number): void;
}

/**
 * Blocks by the library. Measured on OpenBLAS 0.3.21: up to 256 potrf is level with its halves, and 5 to 10 % slower above; so is trsm above 64;
 * inverses and squares of 24 to 48 are level, 64 loses a tenth.
 */
export function libraryBlocks(library: Library): Blocks {
  const { trsm } = library.double;
  return {
    sizes: { factor: 256, solve: 64, invert: 32, square: 32 },
    factor: (n, a, ld) => lapack(library, 'potrf', U, int(0, n), a, int(1, ld)),
    solveRight: (m, n, c, b, ld) => trsm(R, U, N, N, int(0, m), int(1, n), one, c, int(2, ld), b, int(3, ld), 1, 1, 1, 1),
    solveLeftTransposed: (m, n, a, b, ld) => trsm(L, U, T, N, int(0, m), int(1, n), one, a, int(2, ld), b, int(3, ld), 1, 1, 1, 1),
    invert: (n, u, ld) => void lapack(library, 'trtri', U, N, int(0, n), u, int(1, ld)),
    square: (n, u, ld) => void lapack(library, 'lauum', U, int(0, n), u, int(1, ld)),
  };
}

/**
 * Blocks by the kernels of backend-wasm, of arrays on the memory those were instantiated on; `ws` as they take it. BLAS is slow in small
 * triangles: at 64 these take half the time of OpenBLAS (and less than MKL's on the same processor), so that factors and inverses of 500 are
 * 15 and 10 % faster.
 */
export function kernelBlocks(kernels: CoreKernels, ws: number): Blocks {
  return {
    sizes: { factor: 64, solve: 32, invert: 64, square: 64 },
    factor: (n, a, ld) => kernels.potrf(n, a.byteOffset, ld, ws),
    solveRight: (m, n, c, b, ld) => kernels.trsm(0, 0, n, m, c.byteOffset, ld, 1, b.byteOffset, ld, 1, ws),
    solveLeftTransposed: (m, n, a, b, ld) => kernels.trsm(0, 0, m, n, a.byteOffset, ld, 1, b.byteOffset, 1, ld, ws),
    invert: (n, u, ld) => kernels.trtri(n, u.byteOffset, ld, ws),
    square: (n, u, ld) => kernels.lauum(n, u.byteOffset, ld, ws),
  };
}

/** B ← B C⁻¹, m×n, C upper: [X, Y] [[P, Q], [0, R]] = B, X first. */
export function solveRight(library: Library, blocks: Blocks, m: number, n: number, c: Float64Array, b: Float64Array, ld: number): void {
  if (n <= blocks.sizes.solve) {
    blocks.solveRight(m, n, c, b, ld);
    return;
  }
  const h = half(n), y = b.subarray(h * ld);
  solveRight(library, blocks, m, h, c, b, ld);
  library.double.gemm(N, N, int(0, m), int(1, n - h), int(2, h), minusOne, b, int(3, ld), c.subarray(h * ld), int(4, ld), one, y, int(5, ld), 1, 1);
  solveRight(library, blocks, m, n - h, c.subarray(h * ld + h), y, ld);
}

/** B ← A⁻ᵀ B, m×n, A upper: [[P, 0], [Qᵀ, R]] [X; Y] = B, X first. */
export function solveLeftTransposed(library: Library, blocks: Blocks, m: number, n: number, a: Float64Array, b: Float64Array, ld: number): void {
  if (m <= blocks.sizes.solve) {
    blocks.solveLeftTransposed(m, n, a, b, ld);
    return;
  }
  const h = half(m), y = b.subarray(h);
  solveLeftTransposed(library, blocks, h, n, a, b, ld);
  library.double.gemm(T, N, int(0, m - h), int(1, n), int(2, h), minusOne, a.subarray(h * ld), int(3, ld), b, int(4, ld), one, y, int(5, ld), 1, 1);
  solveLeftTransposed(library, blocks, m - h, n, a.subarray(h * ld + h), y, ld);
}
