/** One binomial variate of n trials of probability p, drawn as NumPy's legacy generator does: by inversion up to n·min(p, 1 − p) = 30, else by BTPE. */
export function binomialVariate(n: number, p: number, uniform: () => number): number {
  if (p <= 0 || n === 0) return 0;
  if (p > 0.5) return n - binomialVariate(n, 1 - p, uniform);
  return n * p <= 30 ? inversion(n, p, uniform) : btpe(n, p, uniform);
}

function inversion(n: number, p: number, uniform: () => number): number {
  const q = 1 - p;
  const qn = Math.exp(n * Math.log(q));
  const np = n * p;
  const bound = Math.min(n, np + 10 * Math.sqrt(np * q + 1));
  let x = 0;
  let px = qn;
  let u = uniform();
  while (u > px) {
    x++;
    if (x > bound) {
      x = 0;
      px = qn;
      u = uniform();
    } else {
      u -= px;
      px = ((n - x + 1) * p * px) / (x * q);
    }
  }
  return x;
}

/** Kachitvichyanukul & Schmeiser, "Binomial random variate generation", Communications of the ACM 31 (1988), for p ≤ ½. */
function btpe(n: number, p: number, uniform: () => number): number {
  const q = 1 - p;
  const mean = n * p + p;
  const mode = Math.floor(mean);
  const variance = n * p * q;
  const p1 = Math.floor(2.195 * Math.sqrt(variance) - 4.6 * q) + 0.5;
  const middle = mode + 0.5;
  const [left, right] = [middle - p1, middle + p1];
  const c = 0.134 + 20.5 / (15.3 + mode);
  const slope = (a: number): number => a * (1 + a / 2);
  const slopeLeft = slope((mean - left) / (mean - left * p));
  const slopeRight = slope((right - mean) / (right * q));
  const p2 = p1 * (1 + 2 * c);
  const p3 = p2 + c / slopeLeft;
  const p4 = p3 + c / slopeRight;
  for (;;) {
    const u = uniform() * p4;
    let v = uniform();
    let y: number;
    if (u <= p1) return Math.floor(middle - p1 * v + u);
    if (u <= p2) {
      const x = left + (u - p1) / c;
      v = v * c + 1 - Math.abs(mode - x + 0.5) / p1;
      if (v > 1) continue;
      y = Math.floor(x);
    } else if (u <= p3) {
      y = Math.floor(left + Math.log(v) / slopeLeft);
      if (y < 0 || v === 0) continue;
      v = v * (u - p2) * slopeLeft;
    } else {
      y = Math.floor(right - Math.log(v) / slopeRight);
      if (y > n || v === 0) continue;
      v = v * (u - p3) * slopeRight;
    }
    const k = Math.abs(y - mode);
    if (k <= 20 || k >= variance / 2 - 1) {
      const s = p / q;
      const a = s * (n + 1);
      let f = 1;
      for (let i = mode + 1; i <= y; i++) f *= a / i - s;
      for (let i = y + 1; i <= mode; i++) f /= a / i - s;
      if (v <= f) return y;
      continue;
    }
    const rho = (k / variance) * ((k * (k / 3 + 0.625) + 1 / 6) / variance + 0.5);
    const t = (-k * k) / (2 * variance);
    const logV = Math.log(v);
    if (logV < t - rho) return y;
    if (logV > t + rho) continue;
    const [x1, f1, z, w] = [y + 1, mode + 1, n + 1 - mode, n - y + 1];
    const bound = middle * Math.log(f1 / x1) + (n - mode + 0.5) * Math.log(z / w) + (y - mode) * Math.log((w * p) / (x1 * q)) + stirling(f1) + stirling(z) + stirling(x1) + stirling(w);
    if (logV <= bound) return y;
  }
}
const stirling = (x: number): number => {
  const s = x * x;
  return (13680 - (462 - (132 - (99 - 140 / s) / s) / s) / s) / x / 166320;
};
