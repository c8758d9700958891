// The defects of the original that no fixture shows, done as its documentation says.
import { backendOf, type Tensor, RandomState, innerOf, tensor } from '@matheron/core-tensor';
import { ConstantMean, GammaPrior, Kernel, LogNormalPrior, Matern52, NormalPrior, ProductKernel, SyneTuneMatern52, UniformPrior } from '@matheron/gp-kernels';
import { describe, expect, it } from 'vitest';
import { GaussianProcessRegression, MarginalLikelihood } from '../src/index.ts';
import { close, flat } from './fixture.ts';

describe('likelihood values of the model that peers are compared on: d = 6, ARD Matérn-5/2', () => {
  const ls = [0.3, 0.5, 0.8, 1.2, 2, 4];
  const nll: [number, number][] = [[50, 31.549843378532128], [100, 51.64969671675084], [200, 61.01555047694568], [500, 70.03695161623068], [1000, 59.75266088968755]];
  it.each(nll)('n = %i', (n, expected) => {
    const r = new RandomState(0);
    const X = Array.from({ length: n }, () => Array.from({ length: 6 }, () => r.random()));
    const y = X.map((x) => Math.sin(6 * x[0]!) + Math.cos(4 * x[1]!) * x[2]! + 0.5 * x[3]! ** 2 + 0.2 * r.gauss());
    const likelihood = new MarginalLikelihood({ kernel: new SyneTuneMatern52({ dimension: 6, ard: true }), mean: new ConstantMean({ value: { shape: [1] } }), preset: 'syne-tune' });
    likelihood.setParams({ noise_variance: 0.05, mean_mean_value: 0.2, kernel_covariance_scale: 1.3, ...Object.fromEntries(ls.map((l, k) => [`kernel_inv_bw${k}`, 1 / l])) });
    expect(Math.abs(likelihood.call(tensor(X), tensor(y)).item() - expected)).toBeLessThan(1e-9);
    // the exact kernel differs by the 1e-9 under the root only
    const exact = new MarginalLikelihood({ kernel: new Matern52({ lengthscale: ls }).scale(1.3), mean: new ConstantMean({ value: 0.2 }), noiseVariance: 0.05 });
    const difference = Math.abs(exact.call(tensor(X), tensor(y)).item() - expected);
    expect(difference).toBeGreaterThan(1e-8);
    expect(difference).toBeLessThan(2e-6);
  });
});

it('3: a fit starts with the constant mean at the mean of the targets', async () => {
  // far from 0 and with one evaluation only, the optimizer can't have found the level by itself
  const x = [0, 1, 2, 3, 4, 5];
  const y = x.map((v) => 1000 + Math.sin(v));
  const model = new GaussianProcessRegression({ preset: 'syne-tune', kernel: new SyneTuneMatern52({ dimension: 1 }), mean: new ConstantMean({ value: { init: 0, prior: new NormalPrior({ sigma: 1e6 }) } }) });
  await model.fit(x, y, { restarts: 1, maxIterations: 1 });
  expect(Math.abs((model.getParams()['mean_mean_value'] as number) - 1000)).toBeLessThan(10);
});

it('4: the default noise prior keeps the noise off its lower bound, Gamma(0.1, 0.1) of the original does not', async () => {
  const x = Array.from({ length: 20 }, (_, i) => i / 4);
  const y = x.map((v) => Math.sin(v));
  const ours = new GaussianProcessRegression();
  await ours.fit(x, y, { restarts: 1 });
  expect(ours.getParams()['noise_variance']).toBeGreaterThan(1e-6);
  const theirs = new GaussianProcessRegression({ preset: 'syne-tune' });
  await theirs.fit(x, y, { restarts: 1 });
  expect(theirs.getParams()['noise_variance']).toBeLessThan(1e-8);
});

it('7: hyperparameters may be matrices; 8: after a call they hold plain values', async () => {
  class Bilinear extends Kernel {
    readonly factor = this.hyperparameter('factor', { init: [1, 0.1, 0.2, 0.9], shape: [2, 2], encoding: 'identity' });
    override forward(X1: Tensor, X2: Tensor): Tensor {
      const a = X1.matmul(this.factor.value());
      return a.matmul((X1 === X2 ? a : X2.matmul(this.factor.value())).T);
    }
  }
  const kernel = new Bilinear();
  const X = new RandomState(1).normal([30, 2]);
  const y = X.matmul([[2], [-1]]).reshape(30).add(new RandomState(2).normal([30]).mul(0.05));
  const model = new GaussianProcessRegression({ kernel, standardize: false });
  const report = await model.fit(X, y, { restarts: 2, maxIterations: 40 });
  expect(report.restarts.every((r) => r.error === undefined)).toBe(true);
  expect(kernel.factor.shape).toEqual([2, 2]);
  expect(innerOf(backendOf(kernel.factor.data()))).toBeUndefined();
  close(model.predict([[1, 1]]).mean, [1], 0.1);
});

it('13: a product hands the same tensor to its parts where both inputs are the same', () => {
  const seen: boolean[] = [];
  class Watching extends Kernel {
    override forward(X1: Tensor, X2: Tensor): Tensor {
      seen.push(X1 === X2);
      return X1.matmul(X2.T);
    }
  }
  const product = new ProductKernel(new Watching().on(0), new Watching().on(1, 2));
  const [X, Z] = [tensor([[1, 2, 3], [4, 5, 6]]), tensor([[1, 2, 3]])];
  product.call(X, X);
  product.call(X, Z);
  expect(seen).toEqual([true, true, false, false]);
});

it('14: the default Matérn-5/2 is exact where points meet, and K(X, X) agrees with diagonal()', () => {
  const X = tensor([[0.3, 1], [0.3, 1], [2, 2]]);
  const kernel = new Matern52({ lengthscale: [0.4, 3] }).scale(2.2);
  expect(flat(kernel.call(X, X).diagonal())).toEqual(flat(kernel.diagonal(X)));
  expect(flat(kernel.call(X, X))[1]).toBe(flat(kernel.diagonal(X))[0]);
  const theirs = new SyneTuneMatern52({ dimension: 2 });
  expect(1 - flat(theirs.call(X, X))[0]!).toBeGreaterThan(4e-10);
});

it('15: priors are true densities unless the original\'s values are asked for', () => {
  const x = tensor([0.5, 2]);
  const constant = 0.5 * Math.log(2 * Math.PI);
  close(new NormalPrior({ sigma: 3 }).negLogDensity(x).sub(new NormalPrior({ sigma: 3, normalized: false }).negLogDensity(x)), 2 * (constant + Math.log(3)), 1e-13);
  close(new LogNormalPrior().negLogDensity(x).sub(new LogNormalPrior({ normalized: false }).negLogDensity(x)), 2 * constant, 1e-13);
  expect(new UniformPrior({ lower: 0, upper: 1 }).negLogDensity(x).item()).toBe(Infinity);
  close(new UniformPrior({ lower: 0, upper: 2.5, normalized: false }).negLogDensity(tensor([9])), Math.log(2.5), 1e-14);
  expect(() => new GammaPrior({ mean: -1, alpha: 1 })).toThrow(/positive/);
});
