/**
 * Householder reflectors H = I − τ v vᵀ with v₀ = 1, one at a time and as blocks in compact WY form, Q = I − V T Vᵀ
 * (R. Schreiber and C. Van Loan, SIAM J. Sci. Stat. Comput. 10 (1989)). A sequence of reflectors is stored as LAPACK does: the i-th
 * below element (i, i) of a matrix, its leading 1 implied.
 */
import { addProduct } from './gemm.ts';

const BLOCK = 32;

function norm(n: number, x: Float64Array, offset: number, stride: number): number {
  let sum = 0;
  for (let i = 0, q = offset; i < n; i++, q += stride) sum += x[q]! * x[q]!;
  if (sum > 1e-280 && sum < 1e290) return Math.sqrt(sum);
  let large = 0;
  for (let i = 0, q = offset; i < n; i++, q += stride) large = Math.max(large, Math.abs(x[q]!));
  if (large === 0) return 0;
  sum = 0;
  for (let i = 0, q = offset; i < n; i++, q += stride) sum += (x[q]! / large) ** 2;
  return large * Math.sqrt(sum);
}

/**
 * The reflector that maps x (n elements) on β e₁: overwrites x₀ by β, the rest by v₁…, and returns τ, 0 where x is a multiple of e₁
 * already. β has the sign opposite to x₀, so that nothing cancels.
 */
export function makeReflector(n: number, x: Float64Array, offset: number, stride: number): number {
  if (n < 2) return 0;
  const tail = norm(n - 1, x, offset + stride, stride);
  if (tail === 0) return 0;
  const head = x[offset]!;
  const largest = Math.max(tail, Math.abs(head));
  if (largest < 1e-290) {
    // v is a ratio: made from a scaled copy, it keeps its digits where x is subnormal.
    const scale = 2 ** 400;
    for (let i = 0, q = offset; i < n; i++, q += stride) x[q]! *= scale;
    const tau = makeReflector(n, x, offset, stride);
    x[offset]! /= scale;
    return tau;
  }
  const scaledHead = head / largest;
  const scaledTail = tail / largest;
  const length = largest * Math.sqrt(scaledHead * scaledHead + scaledTail * scaledTail);
  const beta = head > 0 ? -length : length;
  const pivot = head - beta;
  for (let i = 1, q = offset + stride; i < n; i++, q += stride) x[q]! /= pivot;
  x[offset] = beta;
  return -pivot / beta;
}

/**
 * c := (I − τ v vᵀ) c for a rows × columns window of row-major `c`; v stands in `x` at `vo`, `vStride` apart, its first element taken
 * as 1. `work` holds at least `columns` numbers.
 */
export function applyReflector(
  rows: number, columns: number, x: Float64Array, vo: number, vStride: number, tau: number,
  c: Float64Array, co: number, rowStride: number, work: Float64Array,
): void {
  if (tau === 0 || columns === 0) return;
  for (let j = 0; j < columns; j++) work[j] = c[co + j]!;
  for (let i = 1; i < rows; i++) {
    const v = x[vo + i * vStride]!;
    const row = co + i * rowStride;
    for (let j = 0; j < columns; j++) work[j]! += v * c[row + j]!;
  }
  for (let j = 0; j < columns; j++) {
    work[j]! *= tau;
    c[co + j]! -= work[j]!;
  }
  for (let i = 1; i < rows; i++) {
    const v = x[vo + i * vStride]!;
    const row = co + i * rowStride;
    for (let j = 0; j < columns; j++) c[row + j]! -= v * work[j]!;
  }
}

/** `count` reflectors of `rows` elements as V [rows, count] and upper triangular T [count, count]. */
export interface ReflectorBlock {
  readonly rows: number;
  readonly count: number;
  readonly v: Float64Array;
  readonly t: Float64Array;
}

/** Gathers reflectors `start` … `start + count − 1` of a sequence; V begins at row `start`. */
export function makeBlock(
  rows: number, start: number, count: number, x: Float64Array, xo: number, rowStride: number, columnStride: number, tau: Float64Array,
): ReflectorBlock {
  const height = rows - start;
  const v = new Float64Array(height * count);
  for (let i = 0; i < height; i++) {
    const end = Math.min(i, count);
    for (let j = 0; j < end; j++) v[i * count + j] = x[xo + (start + i) * rowStride + (start + j) * columnStride]!;
    if (i < count) v[i * count + i] = 1;
  }
  // Column j of T is −τ_j T (Vᵀ v_j) above its diagonal τ_j.
  const gram = new Float64Array(count * count);
  addProduct(count, count, height, 1, v, 0, 1, count, v, 0, count, 1, gram, 0, count, 1, false);
  const t = new Float64Array(count * count);
  for (let j = 0; j < count; j++) {
    const tauJ = tau[start + j]!;
    for (let i = 0; i < j; i++) {
      let sum = 0;
      for (let k = i; k < j; k++) sum += t[i * count + k]! * gram[k * count + j]!;
      t[i * count + j] = -tauJ * sum;
    }
    t[j * count + j] = tauJ;
  }
  return { rows: height, count, v, t };
}

/** c := Q c, or Qᵀ c with `transpose`, for a strided window c of `block.rows` rows. */
export function applyBlock(block: ReflectorBlock, transpose: boolean, columns: number, c: Float64Array, co: number, crs: number, ccs: number): void {
  if (columns === 0 || block.count === 0) return;
  const { rows, count, v, t } = block;
  const w = new Float64Array(count * columns);
  const tw = new Float64Array(count * columns);
  addProduct(count, columns, rows, 1, v, 0, 1, count, c, co, crs, ccs, w, 0, columns, 1, false);
  addProduct(count, columns, count, 1, t, 0, transpose ? 1 : count, transpose ? count : 1, w, 0, columns, 1, tw, 0, columns, 1, false);
  addProduct(rows, columns, count, -1, v, 0, count, 1, tw, 0, columns, 1, c, co, crs, ccs, false);
}

/**
 * Writes the first `columns` columns of Q = H₀ H₁ … H_{count−1} into the strided window `q` [rows, columns], columns ≥ count.
 */
export function formQ(
  rows: number, columns: number, count: number, x: Float64Array, xo: number, xrs: number, xcs: number, tau: Float64Array,
  q: Float64Array, qo: number, qrs: number, qcs: number,
): void {
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) q[qo + i * qrs + j * qcs] = i === j ? 1 : 0;
  for (let start = Math.floor((count - 1) / BLOCK) * BLOCK; start >= 0; start -= BLOCK) {
    const block = makeBlock(rows, start, Math.min(BLOCK, count - start), x, xo, xrs, xcs, tau);
    applyBlock(block, false, columns - start, q, qo + start * (qrs + qcs), qrs, qcs);
  }
}
