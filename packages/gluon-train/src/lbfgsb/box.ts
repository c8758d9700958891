/** Bounds, one pair a variable; ±Infinity where there is none. */
export interface Box {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** The nearest point inside the bounds, in place. */
export function project(x: Float64Array, { lower, upper }: Box): void {
  for (let i = 0; i < x.length; i++) x[i] = Math.min(Math.max(x[i]!, lower[i]!), upper[i]!);
}

/** The largest component of P(x − g) − x: zero exactly at a stationary point of the bounded problem. */
export function projectedGradientNorm(x: Float64Array, g: Float64Array, { lower, upper }: Box): number {
  let norm = 0;
  for (let i = 0; i < x.length; i++) {
    let c = g[i]!;
    if (c < 0) c = Math.max(x[i]! - upper[i]!, c);
    else c = Math.min(x[i]! - lower[i]!, c);
    norm = Math.max(norm, Math.abs(c));
  }
  return norm;
}

/** The longest multiple of `d` that stays inside. */
export function longestStep(x: Float64Array, d: Float64Array, { lower, upper }: Box, limit: number): number {
  let step = limit;
  for (let i = 0; i < x.length; i++) {
    const room = d[i]! < 0 ? lower[i]! - x[i]! : upper[i]! - x[i]!;
    if (d[i]! < 0 ? room >= 0 : room <= 0) {
      if (d[i] !== 0) return 0;
    } else if (d[i] !== 0 && Math.abs(d[i]! * step) > Math.abs(room)) step = room / d[i]!;
  }
  return step;
}
