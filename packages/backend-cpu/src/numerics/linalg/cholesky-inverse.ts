/** The inverse of a symmetric positive definite matrix from its Cholesky factor, in LAPACK's two steps (trtri, lauum), recursively. */
import { splitPoint } from './blocks.ts';
import { addProduct } from './gemm.ts';
import { solveLower } from './triangular-solve.ts';
import type { FloatArray } from './types.ts';

const BASE = 32;

/** l := l⁻¹ for the lower triangle at `offset`; the upper triangle is neither read nor written. */
function invertLower(n: number, l: FloatArray, offset: number, stride: number): void {
  if (n <= BASE) {
    for (let j = 0; j < n; j++) {
      const diagonal = offset + j * (stride + 1);
      l[diagonal] = 1 / l[diagonal]!;
    }
    // Row i of the inverse is −(row i of l, left of the diagonal) · (inverse above), over l_ii; its diagonal is inverted already.
    const row = new Float64Array(n);
    for (let i = 1; i < n; i++) {
      const o = offset + i * stride;
      row.fill(0);
      for (let k = 0; k < i; k++) {
        const x = l[o + k]!;
        const q = offset + k * stride;
        for (let j = 0; j <= k; j++) row[j]! += x * l[q + j]!;
      }
      const d = -l[o + i]!;
      for (let j = 0; j < i; j++) l[o + j] = d * row[j]!;
    }
    return;
  }
  const first = splitPoint(n);
  const rest = n - first;
  const below = offset + first * stride;
  const corner = below + first;
  // −L22⁻¹ L21 L11⁻¹: both solves use the triangles before they are inverted, which keeps the residual that of substitution.
  solveLower(rest, first, l, corner, stride, 1, false, l, below, stride, 1);
  const last = offset + (first - 1) * (stride + 1);
  solveLower(first, rest, l, last, -1, -stride, false, l, below + first - 1, -1, stride);
  for (let i = 0; i < rest; i++) for (let j = 0; j < first; j++) l[below + i * stride + j] = -l[below + i * stride + j]!;
  invertLower(first, l, offset, stride);
  invertLower(rest, l, corner, stride);
}

/** Lower triangle of lᵀ l, in place of the lower triangle l. */
function multiplyTransposed(n: number, l: FloatArray, offset: number, stride: number, scratch: FloatArray): void {
  if (n <= BASE) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = i; k < n; k++) sum += l[offset + k * stride + i]! * l[offset + k * stride + j]!;
        l[offset + i * stride + j] = sum;
      }
    }
    return;
  }
  const first = splitPoint(n);
  const rest = n - first;
  const below = offset + first * stride;
  const corner = below + first;
  multiplyTransposed(first, l, offset, stride, scratch);
  addProduct(first, first, rest, 1, l, below, 1, stride, l, below, stride, 1, l, offset, stride, 1, true);
  // L22ᵀ L21 in place would read what it has overwritten: from a copy, with the upper half of L22 taken as zero.
  const copy = scratch.subarray(0, rest * first);
  for (let i = 0; i < rest; i++) copy.set(l.subarray(below + i * stride, below + i * stride + first), i * first);
  multiplyLowerTransposed(rest, first, l, corner, stride, copy, l, below, stride);
  multiplyTransposed(rest, l, corner, stride, scratch);
}

/** c = tᵀ · b for a lower triangle t (n × n) and contiguous b (n × m): halves, so that the zeros above the diagonal are not read. */
function multiplyLowerTransposed(n: number, m: number, t: FloatArray, to: number, stride: number, b: FloatArray, c: FloatArray, co: number, crs: number): void {
  if (n <= BASE) {
    for (let i = 0; i < n; i++) {
      const row = co + i * crs;
      for (let j = 0; j < m; j++) c[row + j] = 0;
      for (let k = i; k < n; k++) {
        const x = t[to + k * stride + i]!;
        for (let j = 0; j < m; j++) c[row + j]! += x * b[k * m + j]!;
      }
    }
    return;
  }
  const first = splitPoint(n);
  const rest = n - first;
  const below = to + first * stride;
  multiplyLowerTransposed(first, m, t, to, stride, b, c, co, crs);
  addProduct(first, m, rest, 1, t, below, 1, stride, b, first * m, m, 1, c, co, crs, 1, false);
  multiplyLowerTransposed(rest, m, t, below + first, stride, b.subarray(first * m), c, co + first * crs, crs);
}

/**
 * Overwrites the lower Cholesky factor `l` [n, n] with (l lᵀ)⁻¹, both triangles, exactly symmetric. Reads the lower triangle only.
 * A zero or NaN in the factor comes out as Inf and NaN.
 */
export function choleskyInverse(n: number, l: FloatArray): void {
  invertLower(n, l, 0, n);
  const half = n - (n >> 1);
  multiplyTransposed(n, l, 0, n, n <= BASE ? l : new Float64Array(half * (half + BASE)));
  for (let i = 1; i < n; i++) for (let j = 0; j < i; j++) l[j * n + i] = l[i * n + j]!;
}
