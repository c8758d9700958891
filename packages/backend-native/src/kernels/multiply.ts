import type { FloatArray } from '@matheron/backend-wasm/internal';
import type { Library } from '../library.ts';
import { N, T, int } from '../routines.ts';

/** A window on a matrix; element (i, j) is data[offset + i · rows + j · columns]. */
export interface Window {
  readonly data: FloatArray;
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
}

const scalars = { alpha: new Float64Array(1), beta: new Float64Array(1), alpha32: new Float32Array(1), beta32: new Float32Array(1) };

/** The distance of rows if an m×n window is row-major for BLAS, else 0. */
function leading(m: number, n: number, { rows, columns }: Window): number {
  if (n > 1 && columns !== 1) return 0;
  return m === 1 ? Math.max(1, n) : rows >= Math.max(1, n) ? rows : 0;
}
function transposed({ data, offset, rows, columns }: Window): Window {
  return { data, offset, rows: columns, columns: rows };
}
/** What BLAS is given of it. */
export function from({ data, offset }: Window): FloatArray {
  return offset === 0 ? data : data.subarray(offset);
}

/** A dense copy, for windows that BLAS can't walk. */
function gathered(m: number, n: number, { data, offset, rows, columns }: Window): Window {
  const copy = data instanceof Float64Array ? new Float64Array(m * n) : new Float32Array(m * n);
  for (let i = 0, q = 0; i < m; i++) for (let j = 0, p = offset + i * rows; j < n; j++, p += columns, q++) copy[q] = data[p]!;
  return { data: copy, offset: 0, rows: n, columns: 1 };
}

/**
 * C (m×n) = alpha · A (m×k) · B (k×n), or C += with `accumulate`, of any strides; all float64 or all float32, m, n ≥ 1. Windows that BLAS
 * can't walk (steps in both directions, reversed, broadcast) are copied first; all others are used where they lie.
 */
export function multiply(library: Library, m: number, n: number, k: number, alpha: number, a: Window, b: Window, c: Window, accumulate: boolean): void {
  const ldc = leading(m, n, c);
  if (ldc === 0) {
    if (leading(n, m, transposed(c)) > 0) return multiply(library, n, m, k, alpha, transposed(b), transposed(a), transposed(c), accumulate);
    const dense = gathered(m, n, c);
    multiply(library, m, n, k, alpha, a, b, dense, accumulate);
    for (let i = 0, q = 0; i < m; i++) for (let j = 0, p = c.offset + i * c.rows; j < n; j++, p += c.columns, q++) c.data[p] = dense.data[q]!;
    return;
  }
  if (n === 1 && k > 0 && timesVector(library, m, k, alpha, a, b, c, accumulate)) return;
  if (m === 1 && k > 0 && timesVector(library, n, k, alpha, transposed(b), transposed(a), transposed(c), accumulate)) return;
  // Row-major C is Cᵀ = Bᵀ Aᵀ to Fortran, which sees a row-major operand as the transpose already.
  let lda = leading(m, k, a), ldb = leading(k, n, b), ta = N, tb = N;
  if (lda === 0) {
    if ((lda = leading(k, m, transposed(a))) > 0) ta = T;
    else {
      a = gathered(m, k, a);
      lda = Math.max(1, k);
    }
  }
  if (ldb === 0) {
    if ((ldb = leading(n, k, transposed(b))) > 0) tb = T;
    else {
      b = gathered(k, n, b);
      ldb = n;
    }
  }
  const wide = c.data instanceof Float64Array;
  const factor = wide ? scalars.alpha : scalars.alpha32, keep = wide ? scalars.beta : scalars.beta32;
  factor[0] = alpha;
  keep[0] = accumulate ? 1 : 0;
  const { gemm } = wide ? library.double : library.single;
  gemm(tb, ta, int(0, n), int(1, m), int(2, k), factor, from(b), int(3, ldb), from(a), int(4, lda), keep, from(c), int(5, ldc), 1, 1);
}

/** y (m) [+]= alpha · A (m×k) · x (k); false where the strides don't allow it. */
function timesVector(library: Library, m: number, k: number, alpha: number, a: Window, x: Window, y: Window, accumulate: boolean): boolean {
  const incx = k === 1 ? 1 : x.rows, incy = m === 1 ? 1 : y.rows;
  if (incx < 1 || incy < 1) return false;
  let lda = leading(m, k, a), trans = T, rows = k, columns = m;
  if (lda === 0) {
    if ((lda = leading(k, m, transposed(a))) === 0) return false;
    trans = N;
    rows = m;
    columns = k;
  }
  // Some releases multiply what is there by beta = 0, so that a NaN survives.
  if (!accumulate) for (let i = 0, p = y.offset; i < m; i++, p += incy) y.data[p] = 0;
  const wide = y.data instanceof Float64Array;
  const factor = wide ? scalars.alpha : scalars.alpha32, keep = wide ? scalars.beta : scalars.beta32;
  factor[0] = alpha;
  keep[0] = 1;
  const { gemv } = wide ? library.double : library.single;
  gemv(trans, int(0, rows), int(1, columns), factor, from(a), int(2, lda), from(x), int(3, incx), keep, from(y), int(4, incy), 1);
  return true;
}
