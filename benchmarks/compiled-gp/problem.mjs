/** Data and hyperparameters of the objective: [n, 6] points, targets, lengthscales, variance, noise and mean. */
export function problem(n) {
  let s = 7;
  const next = () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = s;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const d = 6, X = new Float64Array(n * d), y = new Float64Array(n);
  for (let i = 0; i < n * d; i++) X[i] = next() * 2;
  for (let i = 0; i < n; i++) {
    let t = 0;
    for (let q = 0; q < d; q++) t += Math.sin(3 * X[i * d + q] + q);
    y[i] = t * 0.3;
  }
  return { n, d, X, y, lengthscales: [0.7, 0.9, 1.1, 1.3, 0.8, 1.5], variance: 1.7, noise: 0.05, mean: 0.1 };
}
