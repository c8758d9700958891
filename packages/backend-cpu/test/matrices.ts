/** The matrices of tooling/oracle/linalg.py, bit for bit, and residuals in twice the working precision. */
import type { FloatArray } from '../src/numerics/index.ts';

export interface Recipe {
  readonly kind: 'spd' | 'symmetric' | 'general';
  readonly m: number;
  readonly n: number;
  readonly exponent: number;
  readonly rank: number;
}

function direction(n: number, key: number): number[] {
  return Array.from({ length: n }, (_, i) => ((i * 7919 + key * 104729 + 31) % 997) / 997 - 0.4);
}

/** a := a with (I − 2uuᵀ/uᵀu) applied to its rows, for strides that make them rows or columns. */
function reflect(a: Float64Array, length: number, count: number, stride: number, countStride: number, key: number): void {
  const u = direction(length, key);
  let square = 0;
  for (const x of u) square += x * x;
  for (let j = 0; j < count; j++) {
    let s = 0;
    for (let i = 0; i < length; i++) s += u[i]! * a[i * stride + j * countStride]!;
    s = (2 * s) / square;
    for (let i = 0; i < length; i++) a[i * stride + j * countStride]! -= s * u[i]!;
  }
}

export function makeMatrix({ kind, m, n, exponent, rank }: Recipe): Float64Array {
  const a = new Float64Array(m * n);
  const k = Math.min(m, n);
  for (let i = 0; i < Math.min(k, rank); i++) {
    const value = 2 ** -Math.floor((i * exponent) / Math.max(1, k - 1));
    a[i * n + i] = kind === 'symmetric' && i % 2 === 1 ? -value : value;
  }
  for (const key of [1, 2]) {
    reflect(a, m, n, n, 1, key);
    reflect(a, n, m, 1, n, kind === 'general' ? key + 2 : key);
  }
  if (kind !== 'general') for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[j * n + i] = a[i * n + j]!;
  return a;
}

export function identity(n: number): Float64Array {
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) a[i * n + i] = 1;
  return a;
}

export function transpose(m: number, n: number, a: FloatArray): Float64Array {
  const t = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) t[j * m + i] = a[i * n + j]!;
  return t;
}

export function frobenius(a: FloatArray): number {
  let sum = 0;
  for (const x of a) sum += x * x;
  return Math.sqrt(sum);
}

const SPLIT = 2 ** 27 + 1;

/** a · b − c [m, n] in double-double (T. Dekker, Numer. Math. 18 (1971)), rounded at the end. */
export function productMinus(m: number, n: number, k: number, a: FloatArray, b: FloatArray, c: FloatArray): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let high = -c[i * n + j]!;
      let low = 0;
      for (let l = 0; l < k; l++) {
        const x = a[i * k + l]!;
        const y = b[l * n + j]!;
        const product = x * y;
        const xs = x * SPLIT;
        const xh = xs - (xs - x);
        const ys = y * SPLIT;
        const yh = ys - (ys - y);
        const xl = x - xh;
        const yl = y - yh;
        const sum = high + product;
        const t = sum - high;
        low += high - (sum - t) + (product - t) + (xl * yl - (product - xh * yh - xl * yh - xh * yl));
        high = sum;
      }
      out[i * n + j] = high + low;
    }
  }
  return out;
}

/** ‖qᵀq − I‖ for q [m, k]. */
export function departureFromOrthogonality(m: number, k: number, q: FloatArray): number {
  return frobenius(productMinus(k, k, m, transpose(m, k, q), q, identity(k)));
}

/** The columns of a [m, k] times d [k]. */
export function scaleColumns(m: number, k: number, a: FloatArray, d: FloatArray): Float64Array {
  return Float64Array.from(a.subarray(0, m * k), (x, p) => x * d[p % k]!);
}
