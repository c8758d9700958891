import type { Box } from './box.ts';
import type { CompactMatrix } from './compact.ts';
import { dot } from './small.ts';

/** The generalized Cauchy point: `z`, c = Wᵀ(z − x), and the indices that are not at a bound there. */
export interface CauchyPoint {
  readonly z: Float64Array;
  readonly c: Float64Array;
  readonly free: Int32Array;
}

/**
 * The first local minimizer of the quadratic model along the projected gradient path P(x − t g).
 *
 * Byrd, Lu, Nocedal and Zhu, "A limited memory algorithm for bound constrained optimization", SIAM J. Sci. Comput. 16 (1995)
 * 1190–1208, algorithm CP.
 */
export function cauchyPoint(x: Float64Array, g: Float64Array, { lower, upper }: Box, b: CompactMatrix): CauchyPoint {
  const n = x.length;
  const { theta } = b;
  const z = Float64Array.from(x);
  const d = new Float64Array(n);
  const times = new Float64Array(n);
  const atBound = new Uint8Array(n);
  const breakpoints: number[] = [];
  let f1 = 0;
  let unbounded = false;
  let moving = 0;
  for (let i = 0; i < n; i++) {
    const down = -g[i]!;
    if ((x[i]! <= lower[i]! && down <= 0) || (x[i]! >= upper[i]! && down >= 0)) {
      atBound[i] = 1;
      continue;
    }
    if (down === 0) continue;
    d[i] = down;
    f1 -= down * down;
    moving++;
    const t = down < 0 ? (x[i]! - lower[i]!) / -down : (upper[i]! - x[i]!) / down;
    times[i] = t;
    if (t < Infinity) breakpoints.push(i);
    else unbounded = true;
  }
  const c = new Float64Array(2 * b.count);
  if (moving === 0) return { z, c, free: freeIndices(atBound) };
  breakpoints.sort((i, j) => times[i]! - times[j]!);
  const p = timesRows(b, d);
  let f2 = -theta * f1;
  const curvature = f2;
  f2 -= dot(b.multiplyMiddle(p), p);
  let best = -f1 / f2;
  let time = 0;
  for (let k = 0; k < breakpoints.length; k++) {
    const i = breakpoints[k]!;
    const span = times[i]! - time;
    if (best < span) break;
    time = times[i]!;
    const step = d[i]!;
    d[i] = 0;
    z[i] = step > 0 ? upper[i]! : lower[i]!;
    atBound[i] = 1;
    axpy(span, p, c);
    if (k === breakpoints.length - 1 && !unbounded) {
      best = 0;
      break;
    }
    const moved = z[i]! - x[i]!;
    f1 += span * f2 + step * step - theta * step * moved;
    f2 -= theta * step * step;
    if (b.count > 0) {
      const w = b.row(i);
      const v = b.multiplyMiddle(w);
      f1 += step * dot(c, v);
      f2 += 2 * step * dot(p, v) - step * step * dot(w, v);
      axpy(-step, w, p);
    }
    f2 = Math.max(Number.EPSILON * curvature, f2);
    best = -f1 / f2;
  }
  best = Math.max(best, 0);
  time += best;
  for (let i = 0; i < n; i++) if (d[i] !== 0) z[i] = x[i]! + time * d[i]!;
  axpy(best, p, c);
  return { z, c, free: freeIndices(atBound) };
}

/** Wᵀd. */
function timesRows(b: CompactMatrix, d: Float64Array): Float64Array {
  const m = b.count;
  const out = new Float64Array(2 * m);
  for (let k = 0; k < m; k++) {
    out[k] = dot(b.pairs.y[k]!, d);
    out[m + k] = b.theta * dot(b.pairs.s[k]!, d);
  }
  return out;
}

function axpy(a: number, x: Float64Array, y: Float64Array): void {
  for (let i = 0; i < x.length; i++) y[i]! += a * x[i]!;
}

function freeIndices(atBound: Uint8Array): Int32Array {
  const out: number[] = [];
  for (let i = 0; i < atBound.length; i++) if (!atBound[i]) out.push(i);
  return Int32Array.from(out);
}
