// A walk through Gaussian processes, a picture a section: node walk.mjs [--out folder]
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  GaussianProcessRegression, LearningCurveGP, Matern12, Matern52, Periodic, RBF, RandomState, WarpedKernel, Warping, cholesky, eye, linspace, tensor,
} from 'matheron';
import { plotSvg } from '@matheron/gp/plot';
import { chart } from './chart.mjs';

const { values: flags } = parseArgs({ options: { out: { type: 'string', default: join(import.meta.dirname, 'pictures') } } });
const rng = new RandomState(2);
const list = (t) => Array.from(t.dataSync());
const grid = (low, high, n) => list(linspace(low, high, n));

/** Functions drawn from the prior of a kernel: the factor of its matrix times independent normals. */
function priorSamples() {
  const x = grid(0, 10, 200);
  const draw = (kernel, count) => {
    const L = cholesky(kernel.matrix(x).add(eye(x.length).mul(1e-9)));
    return L.matmul(rng.normal([x.length, count])).T.toArray();
  };
  const kinds = [['a', 'squared exponential, ℓ = 1', new RBF(), 3], ['b', 'Matérn-1/2, ℓ = 1', new Matern12(), 1], ['c', 'periodic, p = 2.5', new Periodic({ period: 2.5 }), 1]];
  const series = kinds.flatMap(([color, label, kernel, count]) => draw(kernel, count).map((y, i) => ({ kind: 'line', x, y, color, width: 1.6, ...(i === 0 ? { label } : {}) })));
  return chart({ title: 'Functions from three priors', xLabel: 'x', yLabel: 'f(x)', series });
}

/** The same after seeing data: samples pass through what is known and spread where nothing is. */
async function posteriorSamples() {
  const x = [0.4, 0.9, 1.6, 2.1, 2.7, 3.3, 6.4, 6.8, 7.5, 8.8];
  const y = x.map((v) => Math.sin(1.3 * v) + 0.25 * v + 0.06 * rng.gauss());
  const model = new GaussianProcessRegression();
  const report = await model.fit(x, y);
  console.log(`posterior: log marginal likelihood ${report.logMarginalLikelihood.toFixed(3)}, ${report.restarts.length} starts`);
  return await plotSvg(model, { X: x, y, at: linspace(0, 10, 250), samples: 6, title: 'Ten observations and what may lie between', xLabel: 'x', yLabel: 'f(x)' });
}

/** Automatic relevance determination: a lengthscale for each input; those that don't matter grow long. */
async function relevance() {
  const names = ['x₁', 'x₂', 'x₃', 'x₄', 'x₅', 'x₆'];
  const X = rng.uniform([90, 6]);
  const y = X.toArray().map((r) => Math.sin(6 * r[0]) + 2 * (r[3] - 0.4) ** 2 + 0.4 * r[4] + 0.05 * rng.gauss());
  const model = new GaussianProcessRegression();
  await model.fit(X, y, { restarts: 2 });
  const lengthscales = model.getParams().kernel_lengthscale;
  console.log(`relevance: lengthscales ${lengthscales.map((l) => l.toPrecision(3)).join(', ')}`);
  return chart({ title: 'Which inputs matter: sin 6x₁ + 2 (x₄ − 0.4)² + 0.4 x₅', xLabel: 'input', yLabel: '1 / lengthscale', series: [{ kind: 'bars', x: names, y: lengthscales.map((l) => 1 / l) }] });
}

/** Warping: a function that is busy at one end. A learned map of the input makes it stationary. */
async function warping() {
  const x = list(rng.uniform([45])).sort((a, b) => a - b);
  const f = (v) => Math.sin(9 * (1 - v) ** 4 * Math.PI) * (1 - 0.3 * v);
  const y = x.map((v) => f(v) + 0.05 * rng.gauss());
  const settings = { standardize: { inputs: false, targets: true } };
  const plain = new GaussianProcessRegression({ ...settings, kernel: new Matern52({ lengthscale: 0.2 }).scale() });
  const warp = new Warping({ dimension: 1 });
  const warped = new GaussianProcessRegression({ ...settings, kernel: new WarpedKernel(new Matern52({ lengthscale: 0.2 }), warp).scale() });
  const [a, b] = [await plain.fit(x, y), await warped.fit(x, y)];
  console.log(`warping: log marginal likelihood ${a.logMarginalLikelihood.toFixed(2)} without, ${b.logMarginalLikelihood.toFixed(2)} with`);
  const at = grid(0, 1, 250);
  const [p, q] = [plain.predict(at), warped.predict(at)];
  const band = q.interval();
  const picture = chart({
    title: 'A function that is busy on the left', xLabel: 'x', yLabel: 'f(x)',
    series: [
      { kind: 'band', x: at, lower: list(band.lower), upper: list(band.upper), color: 'a' },
      { kind: 'line', x: at, y: list(p.mean), color: 'b', label: `stationary (${a.logMarginalLikelihood.toFixed(1)})`, dashed: true },
      { kind: 'line', x: at, y: list(q.mean), color: 'a', label: `warped (${b.logMarginalLikelihood.toFixed(1)})` },
      { kind: 'dots', x, y, color: 'c', label: 'data' },
    ],
  });
  const map = chart({ title: 'The warping it learned', xLabel: 'x', yLabel: 'w(x)', series: [{ kind: 'line', x: at, y: at, color: 'c', dashed: true, label: 'none' }, { kind: 'line', x: at, y: list(warp.call(tensor(at).reshape(at.length, 1))), label: 'Kumaraswamy' }] });
  return [picture, map];
}

/** Box-Cox: positive targets whose scatter grows with their size. λ is fitted beside the rest; predictions are of y, and not symmetric. */
async function boxCox() {
  const x = list(rng.uniform([60], { low: 0, high: 6 })).sort((a, b) => a - b);
  const y = x.map((v) => Math.exp(1.2 + Math.sin(v) + 0.35 * rng.gauss()));
  const model = new GaussianProcessRegression({ targetTransform: 'box-cox' });
  await model.fit(x, y);
  console.log(`Box-Cox: λ = ${model.getParams().ytrans_boxcox_lambda.toFixed(3)}`);
  const at = grid(0, 6, 200);
  const p = model.predict(at, { noise: true });
  const band = p.interval();
  return chart({
    title: `Positive targets: Box-Cox with λ = ${model.getParams().ytrans_boxcox_lambda.toFixed(2)}`, xLabel: 'x', yLabel: 'y',
    series: [
      { kind: 'band', x: at, lower: list(band.lower), upper: list(band.upper), label: '95 % of observations' },
      { kind: 'line', x: at, y: list(p.median), label: 'median' },
      { kind: 'dots', x, y, color: 'c', label: 'data' },
    ],
  });
}

/** Learning curves: trainings stopped early, continued by samples. */
async function learningCurves() {
  const last = 27;
  const rows = [];
  const targets = [];
  const configurations = Array.from({ length: 12 }, (_, i) => [(i + 0.5) / 12, list(rng.uniform([1]))[0]]);
  const truth = ([a, b], r) => 0.25 + 0.5 * (a - 0.6) ** 2 + 0.1 * b + 0.6 * r ** -(0.7 + 0.3 * b);
  const lengths = configurations.map((_, i) => (i % 3 === 0 ? last : i % 3 === 1 ? 9 : 4));
  configurations.forEach((c, i) => {
    for (let r = 1; r <= lengths[i]; r++) {
      rows.push([...c, r]);
      targets.push(truth(c, r) + 0.004 * rng.gauss());
    }
  });
  const model = new LearningCurveGP({ model: 'exponential-decay', resources: [1, last] });
  const report = await model.fit(rows, targets, { restarts: 2 });
  console.log(`learning curves: log marginal likelihood ${report.logMarginalLikelihood.toFixed(2)}, ${rows.length} observations of ${configurations.length} curves`);
  const r = Array.from({ length: last }, (_, k) => k + 1);
  const shown = [1, 5, 10];
  const samples = model.sampleCurves(shown.map((i) => configurations[i]), { samples: 200 }).toArray();
  const quantile = (values, p) => [...values].sort((a, b) => a - b)[Math.round(p * (values.length - 1))];
  const series = shown.flatMap((i, k) => {
    const color = 'abc'[k];
    const seen = lengths[i];
    const observed = targets.slice(lengths.slice(0, i).reduce((s, v) => s + v, 0)).slice(0, seen);
    const beyond = r.slice(seen - 1);
    return [
      { kind: 'band', x: beyond, lower: beyond.map((v) => quantile(samples[k][v - 1], 0.025)), upper: beyond.map((v) => quantile(samples[k][v - 1], 0.975)), color },
      { kind: 'line', x: beyond, y: beyond.map((v) => quantile(samples[k][v - 1], 0.5)), color, label: `stopped at ${seen}` },
      { kind: 'line', x: beyond, y: beyond.map((v) => truth(configurations[i], v)), color, dashed: true, width: 1.2 },
      { kind: 'dots', x: r.slice(0, seen), y: observed, color },
    ];
  });
  return chart({ title: 'Trainings that were stopped, and how they would go on (dashed: the truth)', xLabel: 'epoch', yLabel: 'loss', series });
}

await mkdir(flags.out, { recursive: true });
const save = async (name, svg) => writeFile(join(flags.out, `${name}.svg`), svg);
await save('prior', priorSamples());
await save('posterior', await posteriorSamples());
await save('relevance', await relevance());
const [picture, map] = await warping();
await save('warping', picture);
await save('warping-map', map);
await save('box-cox', await boxCox());
await save('learning-curves', await learningCurves());
console.log(`seven pictures in ${flags.out}`);
