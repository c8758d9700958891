// How the default priors were chosen: held-out log density and coverage over many data sets, for several priors of lengthscales and noise.
//   node priors.mjs [--sets 40] [--seed 1]
import { parseArgs } from 'node:util';
import { ConstantMean, DimensionScaledPrior, GammaPrior, GaussianProcessRegression, LogNormalPrior, Matern52, NormalPrior, RandomState } from 'matheron';

const { values: flags } = parseArgs({ options: { sets: { type: 'string', default: '40' }, seed: { type: 'string', default: '1' } } });
const rng = new RandomState(Number(flags.seed));
const list = (t) => Array.from(t.dataSync());

/** Functions of d standardized inputs, smooth to rough, sparse to dense; each drawn with its own directions. */
const families = {
  additive: (d) => {
    const w = list(rng.normal([d]));
    const f = list(rng.uniform([d], { low: 0.5, high: 2 }));
    return (x) => x.reduce((s, v, k) => s + w[k] * Math.sin(f[k] * v + k), 0);
  },
  ridge: (d) => {
    const w = list(rng.normal([d])).map((v) => v / Math.sqrt(d));
    return (x) => Math.tanh(2 * x.reduce((s, v, k) => s + w[k] * v, 0)) + 0.3 * Math.sin(3 * x[0]);
  },
  sparse: (d) => (x) => Math.sin(2 * x[0]) * (d > 1 ? Math.cos(x[1]) : 1),
  bowl: (d) => (x) => Math.log1p(x.reduce((s, v) => s + v * v, 0) / Math.sqrt(d)),
  linear: (d) => {
    const w = list(rng.normal([d]));
    return (x) => x.reduce((s, v, k) => s + w[k] * v, 0);
  },
};

function dataSet() {
  const d = [1, 2, 4, 8][rng.randint(0, 4).item()];
  const n = [12, 25, 50][rng.randint(0, 3).item()];
  const name = Object.keys(families)[rng.randint(0, 5).item()];
  const f = families[name](d);
  const X = rng.normal([n + 100, d]).toArray();
  const clean = X.map(f);
  const mean = clean.reduce((a, b) => a + b) / clean.length;
  const std = Math.sqrt(clean.reduce((s, v) => s + (v - mean) ** 2, 0) / clean.length);
  const noise = [0, 0.05, 0.3][rng.randint(0, 3).item()];
  const y = clean.map((v) => v + noise * std * rng.gauss());
  return { X: X.slice(0, n), y: y.slice(0, n), Z: X.slice(n), t: y.slice(n), std };
}

const wide = new LogNormalPrior({ mean: 0, sigma: 10 });
const lengthscales = {
  'none': undefined, 'LogNormal(0 + ½ log d, 1)': new DimensionScaledPrior({ mean: 0, sigma: 1 }), 'LogNormal(0.5 + ½ log d, 1)': new DimensionScaledPrior({ mean: 0.5, sigma: 1 }),
  'LogNormal(1 + ½ log d, 1)': new DimensionScaledPrior({ mean: 1, sigma: 1 }), 'LogNormal(1.4 + ½ log d, 1.7)': new DimensionScaledPrior({ mean: Math.SQRT2, sigma: Math.sqrt(3) }),
};
const noises = { 'none': wide, 'Gamma(0.1, 0.1)': new GammaPrior({ mean: 0.1, alpha: 0.1 }), 'LogNormal(−4, 1)': new LogNormalPrior({ mean: -4, sigma: 1 }), 'LogNormal(−4, 2)': new LogNormalPrior({ mean: -4, sigma: 2 }) };
const cases = [
  ...Object.entries(lengthscales).map(([name, prior]) => ({ lengthscale: name, noise: 'LogNormal(−4, 1)', prior, noisePrior: noises['LogNormal(−4, 1)'] })),
  ...Object.entries(noises).filter(([name]) => name !== 'LogNormal(−4, 1)').map(([name, noisePrior]) => ({ lengthscale: 'LogNormal(0.5 + ½ log d, 1)', noise: name, prior: lengthscales['LogNormal(0.5 + ½ log d, 1)'], noisePrior })),
].map((c) => ({ ...c, densities: [], inside: 0, squares: 0, points: 0 }));

for (let k = 0; k < Number(flags.sets); k++) {
  const { X, y, Z, t, std } = dataSet();
  for (const c of cases) {
    const lengthscale = { init: 1, shape: [X[0].length], bounds: [1e-3, 1e4], ...(c.prior ? { prior: c.prior } : {}) };
    const model = new GaussianProcessRegression({
      kernel: new Matern52({ lengthscale }).scale({ init: 1, bounds: [1e-4, 1e4], prior: new LogNormalPrior() }), mean: new ConstantMean({ value: { init: 0, encoding: 'identity', prior: new NormalPrior() } }),
      noiseVariance: { init: Math.exp(-4), bounds: [1e-8, 1e6], prior: c.noisePrior }, standardize: true,
    });
    await model.fit(X, y, { restarts: 1, maxIterations: 100 });
    const p = model.predict(Z, { noise: true });
    const [mean, variance] = [list(p.mean), list(p.variance)];
    let sum = 0;
    t.forEach((v, i) => {
      const z2 = (v - mean[i]) ** 2 / variance[i];
      sum -= 0.5 * (Math.log((2 * Math.PI * variance[i]) / std ** 2) + z2);
      c.inside += z2 < 1.959964 ** 2 ? 1 : 0;
      c.squares += ((v - mean[i]) / std) ** 2;
      c.points++;
    });
    c.densities.push(sum / t.length);
  }
}
const cell = (v, digits = 3) => v.toFixed(digits).replace('-', '−');
console.log('| lengthscales | noise variance | mean log density | its lower decile | 95 % coverage | RMSE / std |\n|---|---|---|---|---|---|');
for (const c of cases) {
  const sorted = [...c.densities].sort((a, b) => a - b);
  console.log(`| ${c.lengthscale} | ${c.noise} | ${cell(sorted.reduce((a, b) => a + b) / sorted.length)} | ${cell(sorted[Math.floor(sorted.length / 10)])} | ${cell(c.inside / c.points)} | ${cell(Math.sqrt(c.squares / c.points))} |`);
}
