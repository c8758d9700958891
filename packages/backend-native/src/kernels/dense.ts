import type { FloatArray } from '@matheron/backend-wasm/internal';

/** Side of the squares in which matrices are transposed: both sides stay in the cache. */
const square = 32;

/** out (columns×rows, row length `outStride`) = the transpose of x (rows×columns, row length `stride`). */
export function transposeInto(rows: number, columns: number, x: FloatArray, stride: number, out: FloatArray, outStride: number): void {
  for (let i0 = 0; i0 < rows; i0 += square) {
    const i1 = Math.min(rows, i0 + square);
    for (let j0 = 0; j0 < columns; j0 += square) {
      const j1 = Math.min(columns, j0 + square);
      for (let j = j0; j < j1; j++) for (let i = i0, q = j * outStride + i0; i < i1; i++, q++) out[q] = x[i * stride + j]!;
    }
  }
}

/** Copies the lower triangle of x (n×n) onto the upper one. */
export function mirrorLower(n: number, x: FloatArray): void {
  for (let i0 = 0; i0 < n; i0 += square) {
    const i1 = Math.min(n, i0 + square);
    for (let j0 = i0; j0 < n; j0 += square) {
      const j1 = Math.min(n, j0 + square);
      for (let i = i0; i < i1; i++) for (let j = Math.max(j0, i + 1); j < j1; j++) x[i * n + j] = x[j * n + i]!;
    }
  }
}

/** 0 above the diagonal of x (n×n). */
export function zeroUpper(n: number, x: FloatArray): void {
  for (let i = 0; i < n; i++) x.fill(0, i * n + i + 1, (i + 1) * n);
}

/** Whether the first `size` numbers are finite. */
export function allFinite(x: FloatArray, size: number): boolean {
  // v − v is 0, or NaN for NaN and the infinities.
  let sum = 0;
  for (let k = 0; k < size; k++) {
    const v = x[k]!;
    sum += v - v;
  }
  return sum === 0;
}

/** Whether the lower triangle of x (n×n) is finite. */
export function lowerFinite(n: number, x: FloatArray): boolean {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let k = i * n; k <= i * n + i; k++) {
      const v = x[k]!;
      sum += v - v;
    }
  }
  return sum === 0;
}
