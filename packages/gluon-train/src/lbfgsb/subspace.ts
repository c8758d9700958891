import { type Box, longestStep, project } from './box.ts';
import type { CauchyPoint } from './cauchy.ts';
import type { CompactMatrix } from './compact.ts';
import { factorize, solveFactored } from './small.ts';

/**
 * The minimizer of the quadratic model over the variables that are free at the Cauchy point, projected onto the bounds;
 * where that is no descent direction, the Newton step is cut back to the bounds instead. Undefined where the reduced matrix is
 * numerically indefinite.
 *
 * The direct primal method of Byrd, Lu, Nocedal and Zhu (1995), §5.1, with the projection of Morales and Nocedal, "Remark on
 * algorithm 778", ACM TOMS 38 (2011).
 */
export function subspaceMinimizer(x: Float64Array, g: Float64Array, box: Box, b: CompactMatrix, cauchy: CauchyPoint): Float64Array | undefined {
  const { z, c, free } = cauchy;
  const r = reducedResidual(x, g, b, z, c, free);
  const d = solveReduced(b, free, r);
  if (!d) return undefined;
  const target = Float64Array.from(z);
  for (let k = 0; k < free.length; k++) target[free[k]!]! += d[k]!;
  project(target, box);
  let slope = 0;
  for (let i = 0; i < x.length; i++) slope += (target[i]! - x[i]!) * g[i]!;
  if (slope <= 0) return target;
  const step = new Float64Array(x.length);
  for (let k = 0; k < free.length; k++) step[free[k]!] = d[k]!;
  const alpha = longestStep(z, step, box, 1);
  for (let i = 0; i < x.length; i++) target[i] = z[i]! + alpha * step[i]!;
  project(target, box);
  return target;
}

/** −Zᵀ(g + B(z − x)), with B(z − x) = θ(z − x) − W M c. */
function reducedResidual(x: Float64Array, g: Float64Array, b: CompactMatrix, z: Float64Array, c: Float64Array, free: Int32Array): Float64Array {
  const m = b.count;
  const v = b.multiplyMiddle(c);
  const r = new Float64Array(free.length);
  for (let k = 0; k < free.length; k++) {
    const i = free[k]!;
    let sum = -g[i]! - b.theta * (z[i]! - x[i]!);
    for (let j = 0; j < m; j++) sum += b.pairs.y[j]![i]! * v[j]! + b.theta * b.pairs.s[j]![i]! * v[m + j]!;
    r[k] = sum;
  }
  return r;
}

/**
 * (ZᵀBZ)⁻¹ r by Sherman–Morrison–Woodbury: r/θ + ZᵀW (M⁻¹ − WᵀZZᵀW/θ)⁻¹ WᵀZ r / θ². The matrix in the middle is
 * [−A Pᵀ; P C] with A = D + YᵀZZᵀY/θ, C = θSᵀ(I − ZZᵀ)S, and P the strict lower triangle of SᵀY over the fixed variables less the rest over the free
 * ones: two Cholesky factorizations, and no cancellation.
 */
function solveReduced(b: CompactMatrix, free: Int32Array, r: Float64Array): Float64Array | undefined {
  const { s, y } = b.pairs;
  const [m, { theta }] = [b.count, b];
  const n = s[0]!.length;
  const fixed = complement(free, n);
  const a = square(m, (i, j) => (i === j ? b.curvature(i) : 0) + dotOver(y[i]!, y[j]!, free) / theta);
  if (!factorize(a, m)) return undefined;
  const p = square(m, (i, j) => (i > j ? dotOver(s[i]!, y[j]!, fixed) : -dotOver(s[i]!, y[j]!, free)));
  // Columns of A⁻¹Pᵀ.
  const solved = p.map((row) => {
    const column = Float64Array.from(row);
    solveFactored(a, column);
    return column;
  });
  const schur = square(m, (i, j) => {
    let sum = theta * dotOver(s[i]!, s[j]!, fixed);
    for (let k = 0; k < m; k++) sum += p[i]![k]! * solved[j]![k]!;
    return sum;
  });
  if (!factorize(schur, m)) return undefined;
  const v1 = Float64Array.from(y, (row) => dotGathered(row, r, free));
  const u2 = Float64Array.from(s, (row, i) => {
    let sum = theta * dotGathered(row, r, free);
    for (let k = 0; k < m; k++) sum += solved[i]![k]! * v1[k]!;
    return sum;
  });
  solveFactored(schur, u2);
  const u1 = Float64Array.from(v1, (v, k) => {
    let sum = -v;
    for (let i = 0; i < m; i++) sum += p[i]![k]! * u2[i]!;
    return sum;
  });
  solveFactored(a, u1);
  return r.map((value, k) => {
    const i = free[k]!;
    let sum = value;
    for (let j = 0; j < m; j++) sum += (y[j]![i]! / theta) * u1[j]! + s[j]![i]! * u2[j]!;
    return sum / theta;
  });
}

function square(m: number, f: (i: number, j: number) => number): number[][] {
  return Array.from({ length: m }, (_, i) => Array.from({ length: m }, (__, j) => f(i, j)));
}
function complement(indices: Int32Array, n: number): Int32Array {
  const inside = new Uint8Array(n);
  for (const i of indices) inside[i] = 1;
  return Int32Array.from(Array.from(inside.keys()).filter((i) => !inside[i]));
}
function dotOver(a: Float64Array, b: Float64Array, indices: Int32Array): number {
  let sum = 0;
  for (let k = 0; k < indices.length; k++) sum += a[indices[k]!]! * b[indices[k]!]!;
  return sum;
}
function dotGathered(a: Float64Array, r: Float64Array, indices: Int32Array): number {
  let sum = 0;
  for (let k = 0; k < indices.length; k++) sum += a[indices[k]!]! * r[k]!;
  return sum;
}
