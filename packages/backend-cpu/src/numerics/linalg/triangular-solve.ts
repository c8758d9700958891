/** Triangular systems by recursive halving: small triangles by substitution, everything else in `addProduct`. */
import { splitPoint } from './blocks.ts';
import { addProduct } from './gemm.ts';
import type { FloatArray, TriangularOptions } from './types.ts';

const BASE = 32;
const CHUNK = 128;

interface Scratch {
  readonly triangle: Float64Array;
  readonly right: Float64Array;
}

let scratch: Scratch | undefined;

/** x (n) := t⁻¹ x for a packed lower triangle of row length n. */
function substituteVector(n: number, triangle: Float64Array, unit: boolean, x: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= triangle[row + k]! * x[k]!;
    x[i] = unit ? sum : sum / triangle[row + i]!;
  }
}

/** The same for `columns` right-hand sides in rows of length CHUNK, four rows of the solution at a time. */
function substituteChunk(n: number, columns: number, triangle: Float64Array, unit: boolean, x: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    const xi = i * CHUNK;
    let k = 0;
    for (; k + 4 <= i; k += 4) {
      const t0 = triangle[row + k]!, t1 = triangle[row + k + 1]!, t2 = triangle[row + k + 2]!, t3 = triangle[row + k + 3]!;
      const x0 = k * CHUNK, x1 = x0 + CHUNK, x2 = x1 + CHUNK, x3 = x2 + CHUNK;
      for (let j = 0; j < columns; j++) x[xi + j]! -= t0 * x[x0 + j]! + t1 * x[x1 + j]! + t2 * x[x2 + j]! + t3 * x[x3 + j]!;
    }
    for (; k < i; k++) {
      const t = triangle[row + k]!;
      const xk = k * CHUNK;
      for (let j = 0; j < columns; j++) x[xi + j]! -= t * x[xk + j]!;
    }
    if (unit) continue;
    const d = triangle[row + i]!;
    for (let j = 0; j < columns; j++) x[xi + j]! /= d;
  }
}

/**
 * b := t⁻¹ b for a lower triangular n × n `t` and an n × m `b`, both strided (strides may be negative). Reads the lower triangle only,
 * and not its diagonal where `unit`.
 */
export function solveLower(
  n: number, m: number, t: FloatArray, to: number, trs: number, tcs: number, unit: boolean,
  b: FloatArray, bo: number, brs: number, bcs: number,
): void {
  if (n === 0 || m === 0) return;
  if (n > BASE) {
    const first = splitPoint(n);
    const rest = n - first;
    const below = to + first * trs;
    solveLower(first, m, t, to, trs, tcs, unit, b, bo, brs, bcs);
    addProduct(rest, m, first, -1, t, below, trs, tcs, b, bo, brs, bcs, b, bo + first * brs, brs, bcs, false);
    solveLower(rest, m, t, below + first * tcs, trs, tcs, unit, b, bo + first * brs, brs, bcs);
    return;
  }
  scratch ??= { triangle: new Float64Array(BASE * BASE), right: new Float64Array(BASE * CHUNK) };
  const { triangle, right } = scratch;
  for (let i = 0; i < n; i++) {
    const end = unit ? i : i + 1;
    for (let k = 0; k < end; k++) triangle[i * n + k] = t[to + i * trs + k * tcs]!;
  }
  if (m === 1) {
    for (let i = 0; i < n; i++) right[i] = b[bo + i * brs]!;
    substituteVector(n, triangle, unit, right);
    for (let i = 0; i < n; i++) b[bo + i * brs] = right[i]!;
    return;
  }
  for (let j0 = 0; j0 < m; j0 += CHUNK) {
    const columns = Math.min(CHUNK, m - j0);
    const o = bo + j0 * bcs;
    for (let i = 0; i < n; i++) for (let j = 0; j < columns; j++) right[i * CHUNK + j] = b[o + i * brs + j * bcs]!;
    substituteChunk(n, columns, triangle, unit, right);
    for (let i = 0; i < n; i++) for (let j = 0; j < columns; j++) b[o + i * brs + j * bcs] = right[i * CHUNK + j]!;
  }
}

/**
 * Overwrites `b` [rows, columns] with the solution X of op(T) X = b (side 'left', `t` [rows, rows]) or X op(T) = b (side 'right',
 * `t` [columns, columns]), op being the transpose where `transpose`. Only the triangle that `lower` names is read, and its diagonal only
 * unless `unitDiagonal`. A zero on the diagonal gives Inf or NaN, as the division does.
 */
export function triangularSolve(rows: number, columns: number, t: FloatArray, b: FloatArray, options: TriangularOptions): void {
  const left = options.side === 'left';
  const n = left ? rows : columns;
  const m = left ? columns : rows;
  // X op(T) = b is op(T)ᵀ Xᵀ = bᵀ, a transpose swaps strides, and an upper triangle read backwards is a lower one.
  const transpose = options.transpose === left;
  let to = 0;
  let trs = transpose ? 1 : n;
  let tcs = transpose ? n : 1;
  let bo = 0;
  let brs = left ? columns : 1;
  const bcs = left ? 1 : columns;
  if (options.lower === transpose) {
    to = (n - 1) * (trs + tcs);
    trs = -trs;
    tcs = -tcs;
    bo = (n - 1) * brs;
    brs = -brs;
  }
  solveLower(n, m, t, to, trs, tcs, options.unitDiagonal, b, bo, brs, bcs);
}
