import type { DType, Shape } from '@matheron/core-tensor';
import { type NdArray, array, count, sequence } from './array.ts';

/** A matrix in double precision, row-major. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

export function matrix(rows: number, columns: number, f: (i: number, j: number) => number): Matrix {
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) data[i * columns + j] = f(i, j);
  return { rows, columns, data };
}

/** The matrices of [..., m, n], batch by batch. */
export function matricesOf(x: NdArray): Matrix[] {
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  return Array.from({ length: count(x.shape.slice(0, -2)) }, (_, b) => ({ rows, columns, data: Float64Array.from(x.data.slice(b * rows * columns, (b + 1) * rows * columns)) }));
}

/** The vectors of [..., n], batch by batch. */
export function vectorsOf(x: NdArray): Float64Array[] {
  const n = x.shape.at(-1)!;
  return Array.from({ length: count(x.shape.slice(0, -1)) }, (_, b) => Float64Array.from(x.data.slice(b * n, (b + 1) * n)));
}

/** Matrices of one size under batch dimensions. */
export function stacked(dtype: DType, batch: Shape, size: readonly [number, number], matrices: readonly Matrix[]): NdArray {
  return array(dtype, [...batch, ...size], matrices.flatMap((m) => [...m.data]));
}

export const transpose = (a: Matrix): Matrix => matrix(a.columns, a.rows, (i, j) => a.data[j * a.columns + i]!);
export const subtract = (a: Matrix, b: Matrix): Matrix => matrix(a.rows, a.columns, (i, j) => a.data[i * a.columns + j]! - b.data[i * b.columns + j]!);
export const identity = (n: number): Matrix => matrix(n, n, (i, j) => Number(i === j));
export const lowerOf = (a: Matrix, unit = false): Matrix => matrix(a.rows, a.columns, (i, j) => (unit && i === j ? 1 : j <= i ? a.data[i * a.columns + j]! : 0));
export const upperOf = (a: Matrix, unit = false): Matrix => matrix(a.rows, a.columns, (i, j) => (unit && i === j ? 1 : j >= i ? a.data[i * a.columns + j]! : 0));
export const absolute = (a: Matrix): Matrix => ({ ...a, data: a.data.map(Math.abs) });
export const scaleColumns = (a: Matrix, s: ArrayLike<number>): Matrix => matrix(a.rows, a.columns, (i, j) => a.data[i * a.columns + j]! * s[j]!);
export const rowsAt = (a: Matrix, rows: ArrayLike<number>): Matrix => matrix(a.rows, a.columns, (i, j) => a.data[rows[i]! * a.columns + j]!);
export const columnsAt = (a: Matrix, columns: ArrayLike<number>): Matrix => matrix(a.rows, a.columns, (i, j) => a.data[i * a.columns + columns[j]!]!);
/** `a` from its lower triangle. */
export const symmetric = (a: Matrix): Matrix => matrix(a.rows, a.rows, (i, j) => a.data[Math.max(i, j) * a.columns + Math.min(i, j)]!);

/** a · b with each entry as if summed in twice the precision (Ogita, Rump and Oishi 2005, algorithm Dot2), so that residuals are those of the factors. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  return matrix(a.rows, b.columns, (i, j) => {
    let s = 0;
    let c = 0;
    for (let k = 0; k < a.columns; k++) {
      const x = a.data[i * a.columns + k]!;
      const y = b.data[k * b.columns + j]!;
      const p = x * y;
      const xh = high(x);
      const yh = high(y);
      const xl = x - xh;
      const yl = y - yh;
      const t = s + p;
      const z = t - s;
      c += xl * yl - (p - xh * yh - xl * yh - xh * yl) + (s - (t - z) + (p - z));
      s = t;
    }
    return s + c;
  });
}

function high(x: number): number {
  const t = 134217729 * x;
  return t - (t - x);
}

/** Frobenius norm, without overflow. */
export function norm(a: { readonly data: ArrayLike<number> }): number {
  let m = 0;
  for (let k = 0; k < a.data.length; k++) {
    const v = Math.abs(a.data[k]!);
    if (!(v <= m)) m = v;
  }
  if (m === 0 || !Number.isFinite(m)) return m;
  let s = 0;
  for (let k = 0; k < a.data.length; k++) s += (a.data[k]! / m) ** 2;
  return m * Math.sqrt(s);
}

/** ‖a − b‖ / ‖b‖, or ‖a − b‖ where b is 0. NaN where an entry is. */
export function relativeDistance(a: Matrix, b: Matrix): number {
  const scale = norm(b);
  return norm(subtract(a, b)) / (scale > 0 ? scale : 1);
}

/** ‖qᵀq − I‖: how far the columns are from orthonormal. */
export function orthogonality(q: Matrix): number {
  return norm(subtract(multiply(transpose(q), q), identity(q.columns)));
}

/**
 * U diag(1, ratio, ratio², …) Vᵀ, U and V products of three reflections each, V = U where symmetric: + − × ÷ in a fixed
 * order, so that tooling/oracle/conformance.py makes the same bits.
 */
export function spectral(n: number, ratio: number, seed: number, isSymmetric: boolean): Matrix {
  const next = sequence(seed);
  const vector = (): number[] => Array.from({ length: n }, next);
  let a = matrix(n, n, () => 0);
  for (let i = 0, d = 1; i < n; i++, d *= ratio) a.data[i * n + i] = d;
  for (let k = 0; k < 3; k++) {
    const v = vector();
    reflect(a, v);
    a = transpose(a);
    reflect(a, isSymmetric ? v : vector());
    a = transpose(a);
  }
  return isSymmetric ? symmetric(a) : a;
}

/** a ← (I − 2 v vᵀ / vᵀv) a. */
function reflect(a: Matrix, v: readonly number[]): void {
  let length = 0;
  for (const x of v) length += x * x;
  for (let j = 0; j < a.columns; j++) {
    let s = 0;
    for (let i = 0; i < a.rows; i++) s += v[i]! * a.data[i * a.columns + j]!;
    s = (s * 2) / length;
    for (let i = 0; i < a.rows; i++) a.data[i * a.columns + j]! -= s * v[i]!;
  }
}

/** A positive definite matrix of condition about 100, rounded to `dtype`. */
export function positiveDefinite(n: number, seed: number, dtype: DType = 'float64'): Matrix {
  return round(spectral(n, n > 1 ? 100 ** (-1 / (n - 1)) : 1, seed, true), dtype);
}

/** Entries in [−1, 1), rounded to `dtype`. */
export function general(rows: number, columns: number, seed: number, dtype: DType = 'float64'): Matrix {
  const next = sequence(seed * 101 + 7);
  for (let k = 0; k < 4; k++) next();
  return round(matrix(rows, columns, next), dtype);
}

/** Each entry as `dtype` holds it. */
export function round(a: Matrix, dtype: DType): Matrix {
  return dtype === 'float32' ? { ...a, data: a.data.map(Math.fround) } : a;
}
