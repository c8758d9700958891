// What Syne Tune's own tests of gpautograd check, one block for each of its files.
import { grad } from '@matheron/autograd';
import { type Rng, type Tensor, RandomState, ShapeError, cholesky, logDetFromCholesky, tensor, triangularSolve } from '@matheron/core-tensor';
import { HybridBlock } from '@matheron/gluon-blocks';
import { Parameter, ParameterDict } from '@matheron/gluon-params';
import { ConstantMean, FabolasKernel, HorseshoePrior, LogNormalPrior, NormalPrior, type Prior, ProductKernel, SquaredDistance, SyneTuneMatern52, UniformPrior, WarpedKernel, Warping, ZeroMean, makeEncoding, parseKernel, syneTuneConstants as c } from '@matheron/gp-kernels';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BoxCoxTransform, GPRegressionMCMC, GaussianProcessRegression, MarginalLikelihood, type Posterior, PosteriorState, SliceError, rankingLosses, sliceSample } from '../src/index.ts';
import { close, flat, internalGradients } from './fixture.ts';

const matern = (d: number): number => (1 + Math.sqrt(5 * d) + (5 / 3) * d) * Math.exp(-Math.sqrt(5 * d));

describe('test_kernel', () => {
  const X = tensor([[1, 0], [0, 1]]);
  it('squared distances: unit and other bandwidths, ARD', () => {
    const iso = new SquaredDistance({ dimension: 2 });
    close(iso.call(X, X), [0, 2, 2, 0]);
    iso.setParams({ inv_bw: 1 / Math.SQRT2 });
    close(iso.call(X, X), [0, 1, 1, 0], 1e-14);
    const ard = new SquaredDistance({ dimension: 2, ard: true });
    ard.setParams({ inv_bw0: 1 / Math.SQRT2, inv_bw1: 1 });
    const Y = tensor([[2, 1], [1, 2], [0, 1]]);
    close(ard.call(Y, Y), [0, 1.5, 2, 1.5, 0, 1.5, 2, 1.5, 0], 1e-14);
  });
  it('Matérn-5/2: unit and other scales', () => {
    const kernel = new SyneTuneMatern52({ dimension: 2 });
    close(kernel.call(X, X), [1, matern(2), matern(2), 1], 1e-8);
    kernel.setParams({ covariance_scale: 0.5 });
    close(kernel.call(X, X), [0.5, matern(2) / 2, matern(2) / 2, 0.5], 1e-8);
  });
  it('encodings and sizes of hyperparameters', () => {
    for (const encoding of ['logarithm', 'positive'] as const) {
      const kernel = new SyneTuneMatern52({ dimension: 2, ard: true, encoding });
      expect(kernel.covarianceScale!.encoding).toBe(encoding);
      expect(kernel.covarianceScale!.shape).toEqual([1]);
      expect(kernel.squaredDistance.inverseBandwidths.encoding).toBe(encoding);
      expect(kernel.squaredDistance.inverseBandwidths.shape).toEqual([2]);
      expect(new FabolasKernel({ encoding }).u1.encoding).toBe(encoding);
    }
  });
  it('inputs of another dimension are refused', () => {
    const kernel = new SyneTuneMatern52({ dimension: 3, ard: true });
    const [narrow, right] = [tensor([[1, 2], [3, 4]]), tensor([[1, 2, 3]])];
    expect(() => kernel.call(narrow, narrow)).toThrow(ShapeError);
    expect(() => kernel.call(right, narrow)).toThrow(ShapeError);
    const product = new ProductKernel(new SyneTuneMatern52({ dimension: 2 }).on(0, 1), new FabolasKernel().on(2));
    expect(() => product.call(narrow, narrow)).toThrow(/2|range|index/i);
  });
});

describe('test_gp', () => {
  const x = Array.from({ length: 50 }, (_, i) => -5 + 0.2 * i);
  const at = Array.from({ length: 49 }, (_, i) => -4.9 + 0.2 * i);
  const f = (v: number): number => (Math.abs(v) < 1e-9 ? 1 : Math.sin(v) / v);
  it('the encoding can be chosen (defect 6)', () => {
    const kernel = new SyneTuneMatern52({ dimension: 1 });
    expect(new MarginalLikelihood({ kernel, preset: 'syne-tune' }).noiseVariance.encoding).toBe('logarithm');
    expect(new GaussianProcessRegression({ kernel, preset: 'syne-tune', encoding: 'positive' }).likelihood.noiseVariance.encoding).toBe('positive');
  });
  it('without noise: the noise variance falls to its bound, and the function comes back', async () => {
    const model = new GaussianProcessRegression({ preset: 'syne-tune', kernel: new SyneTuneMatern52({ dimension: 1 }) });
    await model.fit(x, x.map(f));
    expect(model.getParams()['noise_variance']).toBeLessThan(1e-7);
    close(model.predict(x).mean, x.map(f), 1e-4);
    close(model.predict(x).variance, x.map(() => 0), 1e-4);
    close(model.predict(at).mean, at.map(f), 1e-3);
  });
  it('with noise: its variance and the function come back', async () => {
    const noise = flat(new RandomState(7).normal([50]));
    const model = new GaussianProcessRegression({ preset: 'syne-tune', kernel: new SyneTuneMatern52({ dimension: 1 }) });
    await model.fit(x, x.map((v, i) => f(v) + 0.01 * noise[i]!));
    expect(Math.abs((model.getParams()['noise_variance'] as number) - 1e-4)).toBeLessThan(1e-4);
    close(model.predict(x).mean, x.map(f), 2e-2);
    close(model.predict(at).mean, at.map(f), 2e-2);
  });
  it('ARD finds the column that matters', async () => {
    const rng = new RandomState(7);
    const [X, Z] = [rng.uniform([30, 3], { low: -5, high: 5 }), rng.uniform([30, 3], { low: -5, high: 5 })];
    const first = (t: Tensor): number[] => t.toArray<number[][]>().map((row) => f(row[0]!));
    const model = new GaussianProcessRegression({ preset: 'syne-tune', kernel: new SyneTuneMatern52({ dimension: 3, ard: true }) });
    await model.fit(X, first(X));
    const p = model.getParams() as Record<string, number>;
    expect(p['noise_variance']).toBeLessThan(1e-7);
    expect(p['kernel_inv_bw0']).toBeGreaterThan(100 * p['kernel_inv_bw1']!);
    expect(p['kernel_inv_bw1']).toBeLessThan(5e-3);
    expect(p['kernel_inv_bw2']).toBeLessThan(5e-3);
    close(model.predict(X).mean, first(X), 1e-2);
    close(model.predict(Z).mean, first(Z), 0.1);
  });
});

describe('test_comparison_gpy, against scikit-learn\'s fit', () => {
  it('Branin: the same likelihood or better, the same predictions', async () => {
    const { branin: b } = JSON.parse(readFileSync(join(import.meta.dirname, 'data', 'scikit-learn.json'), 'utf8')) as { branin: { X: number[][]; y: number[]; Z: number[][]; mean: number[]; std: number[]; logMarginalLikelihood: number } };
    const model = new GaussianProcessRegression({
      kernel: parseKernel('scale(matern52(lengthscale=[1, 1]), outputscale=1 in [0.001, 1000])'), mean: new ZeroMean(), standardize: false,
      noiseVariance: { init: 1e-3, bounds: [1e-9, 1e6], prior: new UniformPrior({ lower: 1e-9, upper: 1e6 }) },
    });
    const report = await model.fit(b.X, b.y);
    expect(report.logMarginalLikelihood).toBeGreaterThan(b.logMarginalLikelihood - 1e-3);
    const p = model.predict(b.Z);
    const rmse = (a: number[], e: number[]): number => Math.sqrt(a.reduce((s, v, i) => s + (v - e[i]!) ** 2, 0) / a.length);
    expect(rmse(flat(p.mean), b.mean)).toBeLessThan(5e-3);
    expect(rmse(flat(p.std), b.std)).toBeLessThan(2e-2);
  });
});

describe('test_autograd_backprop', () => {
  it('the gradient of the negative log posterior in internal values agrees with differences, ten times', () => {
    const rng = new RandomState(12);
    for (let k = 0; k < 10; k++) {
      const [X, y] = [rng.normal([20, 5]), rng.normal([20])];
      const likelihood = new MarginalLikelihood({ kernel: new SyneTuneMatern52({ dimension: 5 }), mean: new ConstantMean({ value: { shape: [1] } }), preset: 'syne-tune' });
      const value = (): Tensor => likelihood.call(X, y).add(likelihood.negLogPrior()!);
      const parameters = likelihood.hyperparameters();
      value();
      for (const p of parameters) p.setData(flat(rng.uniform([1], { low: 0.3, high: 1.3 })));
      const { gradients } = internalGradients(likelihood, parameters.map((p) => p.name), value);
      for (const p of parameters) {
        const [at] = flat(p.data());
        const h = 1e-6;
        const move = (d: number): number => {
          p.setData([at! + d]);
          return value().item();
        };
        const numeric = (move(h) - move(-h)) / (2 * h);
        p.setData([at!]);
        close(gradients.get(p.name)!, [numeric], 1e-6, p.name);
      }
    }
  });
});

describe('test_cholesky_factorization', () => {
  it('gradients of log determinant and Mahalanobis distance agree with their closed forms', () => {
    const rng = new RandomState(4);
    for (const n of [10, 37, 120]) {
      const x = rng.normal([n, n]);
      const A = x.T.matmul(x).add(tensor(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => (i === j ? 0.01 : 0)))));
      const b = rng.normal([n]);
      const L = cholesky(A);
      const solve = (v: Tensor): Tensor => triangularSolve(L, triangularSolve(L, v), { transpose: true });
      const symmetric = (g: Tensor): Tensor => g.add(g.T).mul(0.5);
      const inverse = solve(tensor(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => Number(i === j)))));
      const scale = inverse.abs().max().item();
      close(symmetric(grad((a: Tensor) => logDetFromCholesky(cholesky(a)))(A)).div(scale), flat(inverse.div(scale)), 1e-9);
      const alpha = solve(b).reshape(n, 1);
      const expected = alpha.matmul(alpha.T).neg();
      const size = expected.abs().max().item();
      close(symmetric(grad((a: Tensor) => triangularSolve(cholesky(a), b).square().sum())(A)).div(size), flat(expected.div(size)), 1e-8);
    }
  });
});

describe('test_custom_gluon', () => {
  it('a parameter has data and a gradient, which backward fills (documented, not done in the original)', () => {
    const p = new Parameter('abc', { shape: [1] });
    p.initialize();
    expect(p.data().shape).toEqual([1]);
    close(p.grad(), [0]);
  });
  it('a dictionary makes parameters with its prefix', () => {
    const dict = new ParameterDict('pd');
    dict.initialize();
    expect(dict.get('def', { shape: [2] }).name).toBe('pddef');
  });
  it('a block registers its parameters in a name scope, and computes', () => {
    class Sum extends HybridBlock {
      readonly a: Parameter = this.params.get('a', { shape: [10], init: 'ones' });
      readonly b: Parameter = this.params.get('b', { shape: [10], init: 'zeros' });
      override forward(x: Tensor): Tensor { return x.add(this.a.data()).add(this.b.data()); }
    }
    const block = new Sum();
    block.initialize();
    expect(block.a.gradReq).toBe('write');
    block.a.setData(Array.from({ length: 10 }, () => 2));
    expect(block.a.name).toMatch(/a$/);
    close(block.call(tensor(Array.from({ length: 10 }, () => 0))), Array.from({ length: 10 }, () => 2));
  });
});

describe('test_posterior_state', () => {
  it('ten incremental updates in a row equal a state from scratch', async () => {
    const rng = new RandomState(298424);
    const f = (v: number): number => (v === 0 ? 1 : Math.sin(v) / v);
    for (let k = 0; k < 10; k++) {
      const [n, m] = [5 + (k % 10), 1 + (k % 6)];
      const x = flat(rng.uniform([n + m], { low: -1, high: 1 }));
      const y = x.map((v) => f(v) + 0.01 * rng.gauss());
      const model = new GaussianProcessRegression({ preset: 'syne-tune', kernel: new SyneTuneMatern52({ dimension: 1 }) });
      await model.fit(x.slice(0, n), y.slice(0, n), { restarts: 1 });
      let [state] = model.states;
      for (let i = n; i < n + m; i++) state = state!.update([x[i]!], [y[i]!]);
      const scratch = new PosteriorState(x, y, model.mean, model.kernel, state!.noiseVariance);
      close(state!.factor, flat(scratch.factor), 1e-6);
      close(state!.whitened, flat(scratch.whitened), 1e-5);
      close(state!.noiseVariance, [model.getParams()['noise_variance'] as number], 1e-15);
    }
  });
});

describe('test_hypertune_ranking', () => {
  it.each([[10, 20], [5, 5], [2, 1], [10, 1], [60, 40]])('losses of %i points and %i samples are the shares of discordant pairs', async (n, samples) => {
    const rng = new RandomState(31415927);
    const y = flat(rng.normal([n]));
    let drawn: number[] = [];
    const state = { sampleJoint: (X: Tensor, options: { samples?: number; rng?: Rng } = {}) => {
      const t = options.rng!.normal([X.shape[0]!, options.samples!]);
      drawn = flat(t);
      return t;
    } } as unknown as Posterior;
    const losses = await rankingLosses(state, { X: rng.normal([n, 2]), y }, samples, rng);
    const expected = Array.from({ length: samples }, (_, s) => {
      let wrong = 0;
      for (let j = 0; j < n - 1; j++) for (let k = j + 1; k < n; k++) wrong += Number(y[j]! < y[k]! !== drawn[j * samples + s]! < drawn[k * samples + s]!);
      return (2 * wrong) / (n * (n - 1));
    });
    close(Array.from(losses), expected, 1e-12);
  });
});

describe('test_mcmc', () => {
  const logDensity = (prior: Prior, x: number): number => -prior.negLogDensity(tensor([x])).item();
  it('densities: level, mode and support of the priors', () => {
    const uniform = new UniformPrior({ lower: 0, upper: 1 });
    expect(logDensity(uniform, 0.2)).toBe(logDensity(uniform, 0.3));
    expect(logDensity(uniform, 2)).toBe(-Infinity);
    expect(logDensity(uniform, -1)).toBe(-Infinity);
    const normal = new NormalPrior();
    expect(logDensity(normal, 0)).toBeGreaterThan(logDensity(normal, 0.1));
    expect(logDensity(normal, 0)).toBeGreaterThan(logDensity(normal, -0.1));
    const logNormal = new LogNormalPrior();
    expect(logDensity(logNormal, 1)).toBeGreaterThan(logDensity(logNormal, 1.1));
    expect(logDensity(logNormal, 1)).toBeLessThan(logDensity(logNormal, 0.9));
    const horseshoe = new HorseshoePrior({ scale: 0.1 });
    expect(logDensity(horseshoe, 0.01)).toBeGreaterThan(logDensity(horseshoe, 0.1));
  });
  it('the slice sampler draws a standard normal', async () => {
    const { samples } = await sliceSample((x) => -0.5 * x[0]! ** 2, new Float64Array(1), { samples: 5000, burnIn: 1, thinning: 1, rng: new RandomState(0) });
    const values = samples.map((s) => s[0]!);
    const mean = values.reduce((a, b) => a + b) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(Math.abs(Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / values.length) - 1)).toBeLessThan(0.05);
  });
  it('a slice without an end, and one without a point, are errors', async () => {
    await expect(sliceSample(() => 0, new Float64Array(1), { samples: 2, burnIn: 0, thinning: 1, rng: new RandomState(0) })).rejects.toThrow(SliceError);
    let calls = 0;
    await expect(sliceSample(() => (calls++ === 0 ? 0 : -1e9), new Float64Array(1), { samples: 2, burnIn: 0, thinning: 1, rng: new RandomState(0) })).rejects.toThrow(/no point of the slice|shrank/);
  });
  it('keeps the floor of the thinned count (defect 12)', async () => {
    const { samples } = await sliceSample((x) => -0.5 * x[0]! ** 2, new Float64Array(1), { samples: 30, burnIn: 10, thinning: 3, rng: new RandomState(0) });
    expect(samples).toHaveLength(6);
  });
  it('hyperparameters come and go by name', () => {
    const make = (): GPRegressionMCMC => new GPRegressionMCMC({ preset: 'syne-tune', noiseVariance: 1e-6, kernel: new WarpedKernel(new SyneTuneMatern52({ dimension: 1 }), new Warping({ dimension: 1 })), mean: new ConstantMean({ value: { shape: [1] } }) });
    const [a, b] = [make(), make()];
    const start = { noise_variance: 1e-6, kernel_kernel_covariance_scale: 1, kernel_kernel_inv_bw: 1, kernel_warping_power_a: 1, kernel_warping_power_b: 1, mean_mean_value: 0 };
    expect(a.getParams()).toEqual(start);
    expect(b.getParams()).toEqual(start);
    const values = { noise_variance: 1e-2, kernel_kernel_covariance_scale: 0.5, kernel_kernel_inv_bw: 0.3, kernel_warping_power_a: 0.3, kernel_warping_power_b: 1.1, mean_mean_value: 1 };
    a.setParams(values);
    for (const [name, v] of Object.entries(values)) close(a.getParams()[name] as number, v, 1e-14, name);
    expect(b.getParams()).toEqual(start);
    expect(() => a.setParams({ kernel_warping_power_a: 0.2 })).toThrow(/outside \[0.25, 4\]/);
  });
});

describe('test_target_transform', () => {
  const cases: [number, (y: number) => number][] = [
    [1, (y) => y - 1], [0, Math.log], [0.5, (y) => 2 * (Math.sqrt(y) - 1)], [-1, (y) => 1 - 1 / y], [-0.5, (y) => 2 * (1 - 1 / Math.sqrt(y))], [2, (y) => 0.5 * (y * y - 1)],
    [1e-4, (y) => Math.log(y) * (5e-5 * Math.log(y) + 1)], [-1e-4, (y) => Math.log(y) * (-5e-5 * Math.log(y) + 1)],
  ];
  it.each(cases)('λ = %f', (lambda, compare) => {
    const y = flat(new RandomState(5).normal([100], { mean: 1 })).map((v) => Math.max(Math.exp(v), 1e-10));
    const t = new BoxCoxTransform();
    t.setParams({ boxcox_lambda: lambda });
    close(t.call(tensor(y)), y.map(compare), 1e-6);
    close(t.inverse(t.call(tensor(y))), y, 1e-9);
    // the Jacobian is the derivative
    close(t.negLogJacobian(tensor(y)), -flat(grad((v: Tensor) => t.call(v).sum())(y)).reduce((s, v) => s + Math.log(v), 0), 1e-9);
  });
});

describe('test_warping', () => {
  it('encodings and start values', () => {
    const warping = new Warping({ dimension: 2, encoding: 'positive' });
    expect(warping.powerA.encoding).toBe('positive');
    expect(new Warping({ dimension: 2 }).powerA.encoding).toBe('logarithm');
    close(new Warping({ dimension: 1 }).call(tensor([[0], [0.5], [1]])), [c.numericalJitter, 0.5, 1 - c.numericalJitter], 1e-12);
  });
  it('powers 2 and 1/2 give 1 − √(1 − x²), in their columns only', () => {
    const warping = new Warping({ dimension: 3, ranges: [[0, 1], [2, 3]] });
    warping.setParams({ power_a_0: 2, power_b_0: 0.5 });
    const jitter = c.numericalJitter;
    const g = (x: number): number => 1 - Math.sqrt(1 - x * x);
    const out = warping.call(tensor([[0, 1, 0], [0.5, 2, 0.5], [1, 0, 1]]));
    close(out, [g(jitter), 1, jitter, 0.5 - 0.5 + g(0.5), 2, 0.5, g(1 - jitter), 0, 1 - jitter], 1e-7);
    expect(makeEncoding('positive', [0.25, 4]).bounds).toEqual([0.25, 4]);
  });
});
