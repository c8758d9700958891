import { grad } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { Context, type Tensor, NotPositiveDefiniteError, RandomState, ShapeError, linspace, setDefaultContext, tensor, withContext } from '@matheron/core-tensor';
import { nn } from '@matheron/gluon-blocks';
import { ConstantMean, Kernel, Matern52, Periodic, RBF, WhiteKernel, ZeroMean } from '@matheron/gp-kernels';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BoxCoxTransform, FactorizationError, type FitReport, GaussianProcessRegression, NonFiniteDataError, NotFittedError, type Prediction, type TransformedPrediction, factorizeSync } from '../src/index.ts';
import { close, flat } from './fixture.ts';

setDefaultContext(cpu());

const rng = new RandomState(42);
const wave = (n: number, noise = 0.1): { X: Tensor; y: Tensor } => {
  const x = flat(rng.uniform([n], { high: 10 })).sort((a, b) => a - b);
  const e = flat(rng.normal([n]));
  return { X: tensor(x.map((v) => [v])), y: tensor(x.map((v, i) => Math.sin(v) + 0.3 * v + noise * e[i]!)) };
};

describe('fit and predict', () => {
  const { X, y } = wave(30);
  it('ten lines: fits, reports progress, predicts', async () => {
    const model = new GaussianProcessRegression();
    const seen: number[] = [];
    const report: FitReport = await model.fit(X, y, { onProgress: (p) => seen.push(p.restart) });
    expect(new Set(seen)).toEqual(new Set([0, 1, 2, 3, 4]));
    expect(report.restarts).toHaveLength(5);
    expect(report.criterion).toBe(Math.min(...report.restarts.map((r) => r.value)));
    expect(report.restarts[report.best]!.value).toBe(report.criterion);
    expect(report.aborted).toBe(false);
    const p = model.predict([2.5, 5]);
    expect(p.mean.shape).toEqual([2]);
    expect(Math.abs(p.mean.toArray<number[]>()[0]! - (Math.sin(2.5) + 0.75))).toBeLessThan(0.15);
    const noisy = model.predict([2.5], { noise: true });
    expect(noisy.std.item()).toBeGreaterThan(p.std.toArray<number[]>()[0]!);
    const { lower, upper } = p.interval(0.9);
    close(upper.sub(lower).div(p.std), [2 * 1.6448536269514722, 2 * 1.6448536269514722], 1e-9);
  });
  it('is repeatable, and the likelihood it reports is that of y in its own units', async () => {
    const run = async (): Promise<GaussianProcessRegression> => {
      const m = new GaussianProcessRegression();
      await m.fit(X, y, { restarts: 2 });
      return m;
    };
    const [a, b] = [await run(), await run()];
    expect(a.getParams()).toEqual(b.getParams());
    // log N(y; m, K + noise) in the units of y, from the joint prediction of nothing: by the chain rule over leave-one-in sequences it is the sum of predictive densities
    const n = X.shape[0]!;
    let sum = 0;
    const whole = a.logMarginalLikelihood().item();
    const std = Math.sqrt(flat(y).reduce((s, v) => s + (v - flat(y).reduce((p, q) => p + q) / n) ** 2, 0) / n);
    const prior = a.getParams();
    const outputscale = prior['kernel_outputscale'] as number;
    for (let i = 0; i < n; i++) {
      let mean: number;
      let variance: number;
      if (i === 0) {
        mean = flat(y).reduce((p, q) => p + q) / n + std * (prior['mean_mean_value'] as number);
        variance = std ** 2 * (outputscale + (prior['noise_variance'] as number));
      } else {
        await b.recomputeStates(X.slice([0, i]), y.slice([0, i]));
        const p = b.predict(X.slice([i, i + 1]), { noise: true });
        mean = p.mean.item();
        variance = p.variance.item();
      }
      sum -= 0.5 * Math.log(2 * Math.PI * variance) + (flat(y)[i]! - mean) ** 2 / (2 * variance);
    }
    expect(whole).toBeCloseTo(sum, 6);
  });
  it('leave-one-out equals recomputing without each point', async () => {
    const model = new GaussianProcessRegression();
    await model.fit(X, y, { restarts: 1 });
    const loo = model.leaveOneOut();
    const other = new GaussianProcessRegression();
    await other.fit(X, y, { restarts: 1 });
    for (const i of [0, 7, 29]) {
      const keep = Array.from({ length: 30 }, (_, k) => k).filter((k) => k !== i);
      await other.recomputeStates(keep.map((k) => [flat(X)[k]!]), keep.map((k) => flat(y)[k]!));
      const p = other.predict([flat(X)[i]!], { noise: true });
      close(flat(loo.mean)[i]!, p.mean.item(), 1e-8);
      close(flat(loo.variance)[i]!, p.variance.item(), 1e-8);
    }
  });
  it('joint predictions and samples agree with marginal ones', async () => {
    const model = new GaussianProcessRegression();
    await model.fit(X, y, { restarts: 1 });
    const at = [0.5, 3, 3.1, 12];
    const { mean, covariance } = model.predictJoint(at);
    const p = model.predict(at);
    close(mean, flat(p.mean), 1e-12);
    close(covariance.diagonal(), flat(p.variance), 1e-9);
    const samples = model.sampleJoint(at, { samples: 4000, rng: new RandomState(1) });
    expect(samples.shape).toEqual([4, 4000]);
    const centred = samples.sub(samples.mean(1, { keepdims: true }));
    const empirical = flat(centred.matmul(centred.T).div(4000));
    const scale = flat(p.std);
    empirical.forEach((v, k) => expect(Math.abs(v - flat(covariance)[k]!)).toBeLessThan(0.08 * scale[Math.floor(k / 4)]! * scale[k % 4]! + 1e-12));
  });
  it('the gradient in the inputs of a prediction is right', async () => {
    const model = new GaussianProcessRegression();
    await model.fit(X, y, { restarts: 1 });
    const f = (x: Tensor): Tensor => model.predict(x.reshape(1, 1)).mean.sum();
    const h = 1e-5;
    close(grad(f)(4.2), (f(tensor(4.2 + h)).item() - f(tensor(4.2 - h)).item()) / (2 * h), 1e-6);
  });
});

describe('more data', () => {
  it('conditioning equals computing from scratch, to 1e-9, and leaves the receiver alone', async () => {
    for (const preset of ['matheron', 'syne-tune'] as const) {
      const X = rng.uniform([40, 3]);
      const y = X.sum(1).sin().add(rng.normal([40]).mul(0.1));
      const model = new GaussianProcessRegression({ preset });
      await model.fit(X, y, { restarts: 1, maxIterations: 60 });
      const more = { X: rng.uniform([7, 3]), y: rng.normal([7]) };
      const test = rng.uniform([20, 3]);
      const before = flat(model.predict(test).mean);
      const next = await model.condition(more.X, more.y);
      expect(flat(model.predict(test).mean)).toEqual(before);
      const scratch = await next.condition(more.X.slice([0, 0]), more.y.slice([0, 0]));
      expect(scratch.states[0]!.numData).toBe(47);
      await model.recomputeStates([...X.toArray<number[][]>(), ...more.X.toArray<number[][]>()], [...flat(y), ...flat(more.y)]);
      close(next.predict(test).mean, flat(model.predict(test).mean), 1e-9, 'mean');
      close(next.predict(test).variance, flat(model.predict(test).variance), 1e-9, 'variance');
      close(next.logMarginalLikelihood(), model.logMarginalLikelihood().item(), 1e-9, 'likelihood');
    }
  });
  it('fantasies are columns, with the posterior\'s spread', async () => {
    const { X, y } = wave(20);
    const model = new GaussianProcessRegression();
    await model.fit(X, y, { restarts: 1 });
    const fantasy = await (await model.condition([11, 12], [2.3, 3.1])).fantasize([13], { samples: 20 });
    expect(fantasy.states).toHaveLength(1);
    expect(fantasy.predict([14]).mean.shape).toEqual([1, 20]);
    expect(fantasy.predict([14]).interval().lower.shape).toEqual([1, 20]);
    expect(new Set(flat(fantasy.predict([13]).mean)).size).toBe(20);
    expect(() => fantasy.leaveOneOut()).toThrow(ShapeErrorOrGP);
    expect(fantasy.sampleJoint([1, 2], { samples: 2 }).shape).toEqual([2, 20, 2]);
  });
  it('1,000 rounds of predicting and updating hold memory flat', async () => {
    const { X, y } = wave(15);
    const model = new GaussianProcessRegression();
    await model.fit(X, y, { restarts: 1 });
    const round = async (k: number): Promise<void> => {
      const next = await model.condition([10 + (k % 7)], [0.1 * (k % 5)]);
      next.predict(linspace(0, 20, 20));
      if (k % 100 === 0) await model.fit(X, y, { restarts: 1, maxIterations: 3 });
    };
    for (let k = 0; k < 200; k++) await round(k);
    const collect = (globalThis as { gc?: () => void }).gc;
    collect?.();
    const before = process.memoryUsage().heapUsed;
    for (let k = 0; k < 1000; k++) await round(k);
    collect?.();
    const after = process.memoryUsage().heapUsed;
    // without --expose-gc the heap breathes by tens of megabytes; a state kept a round would be 1,000 · 16² · 8 B and its graph many times that
    expect(after - before).toBeLessThan(collect ? 8e6 : 1.2e8);
  });
});
const ShapeErrorOrGP = /one target column/;

describe('files', () => {
  it('saves and loads: JSON and safetensors, the same predictions', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'matheron-gp-'));
    try {
      const { X, y } = wave(20);
      const model = new GaussianProcessRegression({ kernel: new Matern52({ ard: true }).scale().add(new Periodic({ period: { init: 3, bounds: [1, 10] } }).mul(new RBF()).on(0)).add(new WhiteKernel({ noiseVariance: 0.1 })) });
      await model.fit(X, y, { restarts: 1, maxIterations: 20 });
      await model.save(folder);
      expect((await readdir(folder)).sort()).toEqual(['model.json', 'model.safetensors']);
      const again = await GaussianProcessRegression.load(folder);
      expect(again.getParams()).toEqual(model.getParams());
      expect(String(again.kernel)).toBe(String(model.kernel));
      close(again.predict([1, 2, 30]).mean, flat(model.predict([1, 2, 30]).mean), 1e-13);
      close(again.predict([1, 2, 30]).variance, flat(model.predict([1, 2, 30]).variance), 1e-13);
      close(again.logMarginalLikelihood(), model.logMarginalLikelihood().item(), 1e-12);
      // a fit goes on from there
      const report = await again.fit(X, y, { restarts: 1, maxIterations: 5 });
      expect(report.criterion).toBeLessThanOrEqual(model.likelihood.negLogPrior() ? Infinity : -model.logMarginalLikelihood().item());
      await expect(GaussianProcessRegression.load(join(folder, 'nowhere'))).rejects.toThrow(/ENOENT/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('bad input', () => {
  const model = new GaussianProcessRegression();
  it('is refused by name', async () => {
    expect(() => model.predict([1])).toThrow(NotFittedError);
    await expect(model.fit([1, NaN, 3], [1, 2, 3])).rejects.toMatchObject({ argument: 'X', count: 1, rows: [1] });
    await expect(model.fit([[1, 2], [3, 4]], [Infinity, NaN])).rejects.toThrow(NonFiniteDataError);
    await expect(model.fit([1, 2, 3], [1, 2])).rejects.toThrow(ShapeError);
    await expect(model.fit([1, 2], [[1, 2], [3, 4]])).rejects.toThrow(/one target column/);
    await expect(model.fit([], [])).rejects.toThrow(/no data/);
    await expect(model.fit([[[1]]], [1])).rejects.toThrow(/\[n, d\] or \[n\]/);
  });
  it('columns of a prediction are checked', async () => {
    await model.fit([[1, 2], [3, 4], [5, 6]], [1, 2, 3], { restarts: 1 });
    expect(() => model.predict([[1, 2, 3]])).toThrow(/X has 3 columns, the model was fitted on 2/);
    expect(() => model.predict([1, 2])).toThrow(/a single point is/);
  });
});

describe('hard cases', () => {
  it('constant targets: the mean is theirs, and predictions are finite', async () => {
    const model = new GaussianProcessRegression();
    const report = await model.fit([1, 2, 3, 4], [5, 5, 5, 5], { restarts: 2 });
    expect(Number.isFinite(report.logMarginalLikelihood)).toBe(true);
    const p = model.predict([2.5, 9]);
    close(p.mean, [5, 5], 1e-6);
    expect(flat(p.variance).every((v) => v > 0 && Number.isFinite(v))).toBe(true);
  });
  it('duplicate inputs with no noise at all: a jitter, reported', async () => {
    const model = new GaussianProcessRegression({ kernel: new RBF({ lengthscale: 2 }), mean: new ZeroMean(), noiseVariance: 0, standardize: false });
    const report = await model.fit([1, 1, 2, 3], [1, 1, 0, -1], { restarts: 1 });
    expect(report.jitter).toBeGreaterThan(0);
    expect(flat(model.predict([1, 1.5]).variance).every((v) => v >= 0)).toBe(true);
  });
  it('a failed factorization names pivot, jitter and the closest rows, with the cause', () => {
    const A = tensor([[1, 2, 0], [2, 1, 0], [0, 0, -1e9]]);
    const error = ((): unknown => {
      try {
        return factorizeSync(A, { X: tensor([[0, 0], [3, 4], [3, 4.5]]) });
      } catch (e) {
        return e;
      }
    })();
    expect(error).toBeInstanceOf(FactorizationError);
    const e = error as FactorizationError;
    expect(e.closestRows).toEqual({ rows: [1, 2], distance: 0.5 });
    expect(e.jitter).toBeGreaterThan(100);
    expect(e.cause).toBeInstanceOf(NotPositiveDefiniteError);
    expect(e.message).toMatch(/closest rows are 1 and 2/);
    expect(() => factorizeSync(tensor([[1, NaN], [NaN, 1]]))).toThrow(/2 values that are NaN or infinite, in rows 0, 1/);
  });
  it('variances are positive over 10,000 random, duplicated and nearly singular designs', async () => {
    const kernel = new RBF({ lengthscale: 1 }).scale();
    const model = new GaussianProcessRegression({ kernel, mean: new ZeroMean(), noiseVariance: { init: 1e-9, bounds: [1e-12, 1] }, standardize: false });
    for (let k = 0; k < 10_000; k++) {
      const n = 2 + (k % 7);
      const scale = [1, 1e-3, 1e-6, 0, 1e3][k % 5]!;
      const x = flat(rng.uniform([n])).map((v) => [v * scale]);
      if (k % 3 === 0) x.push(x[0]!);
      await model.recomputeStates(x, x.map((_, i) => i % 2));
      const variance = flat(model.predict([...x, [0.3 * scale], [scale + 1e-9]]).variance);
      if (!variance.every((v) => v > 0 && Number.isFinite(v))) throw new Error(`design ${k}: ${String(variance)} at ${String(x)}`);
    }
  }, 240_000);
  it('an aborted fit keeps the best point so far; without any it rejects', async () => {
    const { X, y } = wave(30);
    const model = new GaussianProcessRegression();
    const controller = new AbortController();
    const values: number[] = [];
    const report = await model.fit(X, y, { signal: controller.signal, onProgress: (p) => {
      values.push(p.value);
      if (values.length === 4) controller.abort();
    } });
    expect(report.aborted).toBe(true);
    expect(report.restarts.at(-1)!.reason).toBe('aborted');
    expect(report.criterion).toBeCloseTo(Math.min(...values), 10);
    expect(model.predict([1]).mean.shape).toEqual([1]);
    const fresh = new GaussianProcessRegression();
    await expect(fresh.fit(X, y, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    expect(() => fresh.predict([1])).toThrow(NotFittedError);
  });
});

describe('as blocks', () => {
  it('a frozen hyperparameter stays in fits', async () => {
    const { X, y } = wave(20);
    const kernel = new RBF().mul(new Periodic({ period: 2 })).scale();
    kernel.collectParams('.*period').setattr('gradReq', 'null');
    const model = new GaussianProcessRegression({ kernel });
    await model.fit(X, y, { restarts: 2, maxIterations: 20 });
    const params = model.getParams();
    expect(Object.entries(params).find(([name]) => name.endsWith('period'))![1]).toBe(2);
    expect(params['kernel_outputscale']).not.toBe(1);
  });
  it('hybridized kernels give the same fit', async () => {
    const { X, y } = wave(15);
    const make = async (hybrid: boolean): Promise<number> => {
      const model = new GaussianProcessRegression();
      if (hybrid) model.likelihood.hybridize();
      return (await model.fit(X, y, { restarts: 1, maxIterations: 15 })).criterion;
    };
    expect(await make(true)).toBeCloseTo(await make(false), 9);
  });
  it('a network inside a kernel is trained with it, from seeded weights, and states keep theirs', async () => {
    class Deep extends Kernel {
      readonly net = this.nameScope(() => new nn.HybridSequential(new nn.Dense(6, { activation: 'tanh', weightInitializer: (shape) => rng.normal(shape) }), new nn.Dense(2, { weightInitializer: (shape) => rng.normal(shape) })));
      readonly inner = new RBF();
      override forward(X1: Tensor, X2: Tensor): Tensor {
        const a = this.net.call(X1);
        return this.inner.call(a, X1 === X2 ? a : this.net.call(X2));
      }
    }
    // a step, which a stationary kernel can't know
    const x = Array.from({ length: 40 }, (_, i) => i / 20 - 1);
    const y = x.map((v) => (v < 0.1 ? 0 : 1) + 0.02 * rng.gauss());
    const deep = new Deep();
    const model = new GaussianProcessRegression({ kernel: deep.scale(), noiseVariance: { init: 0.01, bounds: [1e-6, 1] } });
    await model.recomputeStates(x, y);
    const before = model.logMarginalLikelihood().item();
    const [state] = model.states;
    const weights = flat([...deep.net.collectParams('.*weight').values()][0]!.data());
    const held = flat(state!.predict([[0.05]]).mean);
    await model.fit(x, y, { restarts: 1, maxIterations: 60 });
    expect(model.logMarginalLikelihood().item()).toBeGreaterThan(before + 5);
    expect(flat([...deep.net.collectParams('.*weight').values()][0]!.data())).not.toEqual(weights);
    expect(flat(state!.predict([[0.05]]).mean)).toEqual(held);
  });
  it('parameters go to files and back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'matheron-gp-'));
    try {
      const kernel = new Matern52({ lengthscale: 3 }).scale(2);
      kernel.matrix([1, 2]);
      await kernel.saveParameters(join(folder, 'k.safetensors'));
      const other = new Matern52().scale();
      other.matrix([1, 2]);
      await other.loadParameters(join(folder, 'k.safetensors'));
      close(other.getParams()['lengthscale'] as number, 3, 1e-14);
      close(other.getParams()['outputscale'] as number, 2, 1e-14);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('options', () => {
  it('Box-Cox targets are fitted on their own scale', async () => {
    const x = Array.from({ length: 60 }, (_, i) => i / 8);
    const y = x.map((v, i) => Math.exp(1 + 2 * Math.sin(v) + 0.05 * Math.cos(31 * i)));
    const model = new GaussianProcessRegression({ targetTransform: 'box-cox', mean: new ConstantMean() });
    await model.fit(x, y, { restarts: 1 });
    expect(model.likelihood.ytrans).toBeInstanceOf(BoxCoxTransform);
    // log y is what is stationary here
    expect(Math.abs(model.getParams()['ytrans_boxcox_lambda'] as number)).toBeLessThan(0.25);
    // predictions are of y: positive, skewed, of the stated probability and moments
    const p = model.predict([2, 5], { noise: true }) as TransformedPrediction;
    const { lower, upper } = p.interval();
    expect(flat(lower).every((v) => v > 0)).toBe(true);
    flat(upper).forEach((u, i) => expect(u - flat(p.median)[i]!).toBeGreaterThan(flat(p.median)[i]! - flat(lower)[i]!));
    const draws = model.sampleMarginals([2, 5], { samples: 40_000, rng: new RandomState(9) });
    const latentOnly = model.predict([2, 5]);
    close(draws.mean(1).div(latentOnly.mean), [1, 1], 0.01);
    close(draws.variance(1).div(latentOnly.variance), [1, 1], 0.1);
    flat(model.leaveOneOut().mean).forEach((v, i) => expect(Math.abs(Math.log(v / y[i]!))).toBeLessThan(0.5));
    // fantasies are targets, in the units of y
    const fantasy = await model.fantasize([20], { samples: 200, rng: new RandomState(4) });
    const drawn = flat(fantasy.predict([20]).mean);
    expect(drawn.every((v) => v > 0)).toBe(true);
    expect(Math.max(...drawn)).toBeGreaterThan(2 * Math.min(...drawn));
    const plain = new GaussianProcessRegression({ targetTransform: 'box-cox' });
    const few = await plain.fit([1, 2, 3], [1, 2, 3], { restarts: 1 });
    expect(few.aborted).toBe(false);
    expect(plain.getParams()['ytrans_boxcox_lambda']).toBe(0.5);
    expect(() => new GaussianProcessRegression({ targetTransform: 'box-cox', standardize: true })).toThrow(/must keep their units/);
  });
  it('float32 contexts work, to their precision', async () => {
    const ctx = new Context('cpu', 7, cpu(7).backend, { dtype: 'float32' });
    const { X, y } = wave(25);
    const double = new GaussianProcessRegression();
    await double.fit(X, y, { restarts: 1 });
    await withContextAsync(ctx, async () => {
      const single = new GaussianProcessRegression({ ctx });
      const report = await single.fit(flat(X), flat(y), { restarts: 1, tolerance: 1e-3 });
      expect(Number.isFinite(report.logMarginalLikelihood)).toBe(true);
      const p: Prediction = single.predict([2, 5]);
      expect(p.mean.dtype).toBe('float32');
      close(p.mean, flat(double.predict([2, 5]).mean), 0.05);
    });
  });
});
async function withContextAsync(ctx: Context, fn: () => Promise<void>): Promise<void> {
  let done: Promise<void> | undefined;
  withContext(ctx, () => {
    done = fn();
  });
  await done;
}
