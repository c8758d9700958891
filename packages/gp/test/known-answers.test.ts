import { cpu } from '@matheron/backend-cpu';
import { type Tensor, setDefaultContext, tensor } from '@matheron/core-tensor';
import { type Kernel, Matern12, Matern32, Matern52, Periodic, RBF, RationalQuadratic, WhiteKernel, ZeroMean } from '@matheron/gp-kernels';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GaussianProcessRegression, MarginalLikelihood } from '../src/index.ts';
import { close, internalGradients } from './fixture.ts';

setDefaultContext(cpu());

function text(name: string): string[][] {
  const [, ...lines] = readFileSync(join(import.meta.dirname, 'data', name), 'utf8').trim().split('\n');
  return lines.map((line) => line.split(','));
}
const csv = (name: string): number[][] => text(name).map((row) => row.map(Number));

describe('scikit-learn\'s toy: X = 1, 3, 5, 6, 7, 8, y = x sin x, alpha 0.1, ℓ = 1', () => {
  const x = [1, 3, 5, 6, 7, 8];
  const X = tensor(x.map((v) => [v]));
  const y = tensor(x.map((v) => v * Math.sin(v)));
  const cases: [string, Kernel, number][] = [
    ['RBF', new RBF(), -45.793793306244393], ['Matérn-1/2', new Matern12(), -51.827353689594055], ['Matérn-3/2', new Matern32(), -48.87710243882997],
    ['Matérn-5/2', new Matern52(), -47.8319771914984], ['rational quadratic', new RationalQuadratic(), -54.75136969944573],
  ];
  it.each(cases)('%s', (_, kernel, expected) => {
    const likelihood = new MarginalLikelihood({ kernel, mean: new ZeroMean(), noiseVariance: 0.1 });
    expect(Math.abs(likelihood.call(X, y).neg().item() - expected) / Math.abs(expected)).toBeLessThan(1e-12);
  });
});

it('diabetes: standardized, Matérn-5/2 ARD with ℓ = 3, scale 1, noise 0.5', () => {
  const rows = csv('diabetes.csv');
  const columns = rows[0]!.map((_, k) => {
    const values = rows.map((r) => r[k]!);
    const mean = values.reduce((a, b) => a + b) / values.length;
    const std = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / values.length);
    return values.map((v) => (v - mean) / std);
  });
  const X = tensor(rows.map((_, i) => columns.slice(0, -1).map((c) => c[i]!)));
  const likelihood = new MarginalLikelihood({ kernel: new Matern52({ ard: true, lengthscale: { init: 3, shape: [10] } }), mean: new ZeroMean(), noiseVariance: 0.5 });
  expect(likelihood.call(X, tensor(columns.at(-1)!)).neg().item()).toBeCloseTo(-509.27932470737545, 8);
});

it('scikit-learn: predictions, covariance, likelihood and its gradient of an ARD Matérn-5/2 with noise', async () => {
  const f = JSON.parse(readFileSync(join(import.meta.dirname, 'data', 'scikit-learn.json'), 'utf8')) as { X: number[][]; y: number[]; Z: number[][]; outputscale: number; lengthscale: number[]; noise: number; mean: number[]; covariance: number[][]; logMarginalLikelihood: number; gradient: number[] };
  const model = new GaussianProcessRegression({ kernel: new Matern52({ lengthscale: f.lengthscale }).scale(f.outputscale), mean: new ZeroMean(), noiseVariance: f.noise, standardize: false });
  await model.recomputeStates(f.X, f.y);
  const { mean, covariance } = model.predictJoint(f.Z);
  close(mean, f.mean, 1e-11);
  close(covariance, f.covariance, 1e-11);
  close(model.predict(f.Z).variance, f.covariance.map((row, i) => row[i]!), 1e-11);
  close(model.logMarginalLikelihood(), f.logMarginalLikelihood, 1e-11);
  const names = model.likelihood.hyperparameters().map((p) => p.name);
  const { gradients } = internalGradients(model.likelihood, names, () => model.likelihood.call(tensor(f.X), tensor(f.y)).neg());
  const of = (part: string): number[] => gradients.get(names.find((n) => n.includes(part))!)!;
  close([...of('outputscale'), ...of('lengthscale'), ...of('noise')], f.gradient, 1e-10);
});

describe('Mauna Loa CO2 (Rasmussen & Williams 2006, section 5.4.3)', () => {
  const months = new Map<string, number[]>();
  for (const [date, value] of text('co2.csv')) {
    if (value === '' || value === undefined) continue;
    const month = date!.slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), Number(value)]);
  }
  const t = [...months.keys()].map((m) => Number(m.slice(0, 4)) + (Number(m.slice(5)) - 1) / 12);
  const means = [...months.values()].map((v) => v.reduce((a, b) => a + b) / v.length);
  const mean = means.reduce((a, b) => a + b) / means.length;
  const X = tensor(t.map((v) => [v]));
  const y: Tensor = tensor(means.map((v) => v - mean));
  /** The four parts at the book's hyperparameters: long trend, decaying season, medium irregularities, correlated and white noise. */
  const book = (): Kernel => new RBF({ lengthscale: 67 }).scale(66 ** 2)
    .add(new RBF({ lengthscale: 90 }).mul(new Periodic({ lengthscale: 1.3, period: { init: 1, trainable: false } })).scale(2.4 ** 2))
    .add(new RationalQuadratic({ lengthscale: 1.2, alpha: 0.78 }).scale(0.66 ** 2))
    .add(new RBF({ lengthscale: 0.134 }).scale(0.18 ** 2))
    .add(new WhiteKernel({ noiseVariance: 0.19 ** 2 }));
  it('the log marginal likelihood at the book\'s hyperparameters', () => {
    const likelihood = new MarginalLikelihood({ kernel: book(), mean: new ZeroMean(), noiseVariance: 0 });
    expect(X.shape[0]).toBe(521);
    expect(likelihood.call(X, y).neg().item()).toBeCloseTo(-117.02263736778116, 6);
  });
});
