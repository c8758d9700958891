/**
 * One gamma variate of scale 1 (Marsaglia & Tsang, "A simple method for generating gamma variables", ACM TOMS 26, 2000); for a
 * concentration below 1 through that of concentration + 1.
 */
export function gammaVariate(concentration: number, uniform: () => number, normal: () => number): number {
  if (concentration < 1) {
    return gammaVariate(concentration + 1, uniform, normal) * (1 - uniform()) ** (1 / concentration);
  }
  const d = concentration - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal();
    const t = 1 + c * x;
    if (t <= 0) continue;
    const v = t * t * t;
    const u = 1 - uniform();
    if (Math.log(u) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
}

/** Pairs of normal variates by Marsaglia's polar method, the second kept for the next call. */
export function polarNormal(uniform: () => number): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    for (;;) {
      const a = 2 * uniform() - 1;
      const b = 2 * uniform() - 1;
      const r = a * a + b * b;
      if (r >= 1 || r === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(r)) / r);
      spare = a * factor;
      return b * factor;
    }
  };
}
