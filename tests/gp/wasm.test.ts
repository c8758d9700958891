// Gaussian processes on WebAssembly, where fits run as compiled graphs: the same numbers as on the reference backend.
import { valueAndGrad } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { wasm } from '@matheron/backend-wasm';
import { compile } from '@matheron/compiler';
import { type Context, RandomState, type Tensor, setDefaultContext, tensor, withContext } from '@matheron/core-tensor';
import { FitObjective, GaussianProcessRegression, HyperTuneIndependentGP, LearningCurveGP, MarginalLikelihood } from '@matheron/gp';
import { type Kernel, LinearMean, SyneTuneMatern52, WarpedKernel, Warping, ZeroMean, parseKernel } from '@matheron/gp-kernels';
import { withParameterData } from '@matheron/gluon-params';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

setDefaultContext(cpu());

const rng = new RandomState(3);
const host = (shape: readonly number[]): number[][] => rng.uniform([...shape]).toArray<number[][]>();
const X = host([45, 3]);
const y = X.map((x, i) => Math.sin(5 * x[0]!) + x[1]! ** 2 + 0.1 * Math.cos(40 * i));

async function objectiveOn(ctx: Context, make: () => Kernel): Promise<{ value: number; gradient: number[] }> {
  const parts = withContext(ctx, () => {
    const likelihood = new MarginalLikelihood({ kernel: make(), mean: new LinearMean(), noiseVariance: 0.05 });
    const data = [tensor(X), tensor(y)] as const;
    likelihood.call(...data);
    return { likelihood, data };
  });
  const { likelihood, data } = parts;
  const objective = new FitObjective({ block: likelihood, data, evaluate: (jitter, x, t) => likelihood.forward(x!, t!, jitter), covariances: () => [] });
  const start = (await objective.start()).map((v, i) => v + 0.1 * Math.sin(i));
  const { value, gradient } = await objective.evaluate(start);
  return { value, gradient: Array.from(gradient) };
}

/** The names of the steps of a likelihood's compiled value and gradient. */
function planOf(kernel: string): readonly string[] {
  return withContext(wasm(), () => {
    const likelihood = new MarginalLikelihood({ kernel: parseKernel(kernel), mean: new ZeroMean(), noiseVariance: 0.05 });
    const data = [tensor(host([100, 3])), tensor(host([100, 1])).reshape(100)] as const;
    likelihood.call(...data);
    const parameters = likelihood.hyperparameters();
    const f = compile(valueAndGrad((values: readonly Tensor[], x: Tensor, t: Tensor) => withParameterData(new Map(parameters.map((p, k) => [p, values[k]!])), () => likelihood.forward(x, t, tensor(0)))));
    return f.explain(parameters.map((p) => p.data()), ...data).kernels.map(({ name }) => name);
  });
}

describe('plans of compiled objectives', () => {
  it.each([
    'matern52(lengthscale=[1, 1, 1])', 'scale(rbf) * periodic[0] + rq[1, 2] + matern52[2] + white(noise_variance=0.01)',
  ])('touch the lower triangle alone: %s', (kernel) => {
    const names = planOf(kernel);
    const covariances = names.filter((name) => name.startsWith('kernel of 2 loops') && !name.includes('lower triangle'));
    expect(covariances).toEqual(names.includes('kernel of 2 loops') ? ['kernel of 2 loops'] : []);
    expect(names.filter((name) => name.startsWith('kernel of 2 loops, lower triangle')).length).toBe(2);
    expect(names).toContain('cholesky, lower triangle');
    expect(names).toContain('choleskyInverse, lower triangle');
    expect(names).not.toContain('matmul');
  });
});

describe('compiled objectives: value and gradient agree with the reference backend', () => {
  const kernels: [string, () => Kernel][] = [
    ...['rbf', 'scale(matern12(ard=true))', 'matern32(ard=true)', '2 * matern52(ard=true)', 'rq(ard=true, alpha=0.7)', 'periodic(ard=true, period=0.8)', 'linear + constant', 'polynomial(degree=3)',
      'scale(rbf) * periodic[0] + rq[1, 2] + matern52[2] + white(noise_variance=0.01)'].map((text): [string, () => Kernel] => [text, () => parseKernel(text)]),
    ['gpautograd\'s Matérn-5/2', () => new SyneTuneMatern52({ dimension: 3, ard: true })],
    ['warped', () => new WarpedKernel(parseKernel('matern52(lengthscale=[1, 1, 1])'), new Warping({ dimension: 3, ranges: [[0, 2]] }))],
  ];
  it.each(kernels)('%s', async (_, make) => {
    const [a, b] = [await objectiveOn(cpu(), make), await objectiveOn(wasm(), make)];
    expect(Math.abs(a.value - b.value)).toBeLessThan(1e-9 * Math.max(1, Math.abs(a.value)));
    b.gradient.forEach((g, i) => expect(Math.abs(g - a.gradient[i]!), `gradient ${i}`).toBeLessThan(1e-8 * Math.max(1, Math.abs(a.gradient[i]!))));
  });
});

describe('models: the same fit on both', () => {
  const levels = X.map((x, i) => [x[0]!, x[1]!, [1, 3, 9][i % 3]!]);
  const curves = Array.from({ length: 7 }, (_, i) => Array.from({ length: 3 + i }, (__, r) => [i / 7, r + 1])).flat();
  const losses = curves.map(([a, r], i) => a! + 1 / r! + 0.02 * Math.cos(9 * i));
  const cases: [string, (ctx: Context) => Promise<{ criterion: number; mean: number }>][] = [
    ['regression', async (ctx) => {
      const m = new GaussianProcessRegression({ ctx });
      const { criterion } = await m.fit(X, y, { restarts: 1, maxIterations: 25 });
      return { criterion, mean: m.predict([[0.3, 0.4, 0.5]]).mean.item() };
    }],
    ['Box-Cox', async (ctx) => {
      const m = new GaussianProcessRegression({ ctx, targetTransform: 'box-cox' });
      const { criterion } = await m.fit(X, y.map((v) => Math.exp(v)), { restarts: 1, maxIterations: 25 });
      return { criterion, mean: m.predict([[0.3, 0.4, 0.5]]).mean.item() };
    }],
    ['Hyper-Tune', async (ctx) => {
      const m = new HyperTuneIndependentGP({ ctx, resources: [1, 9], distributionSamples: 20 });
      const { criterion } = await m.fit(levels, y, { restarts: 1, maxIterations: 25 });
      return { criterion, mean: m.predict([[0.3, 0.4]]).mean.item() };
    }],
    ...(['issm', 'exponential-decay'] as const).map((model): [string, (ctx: Context) => Promise<{ criterion: number; mean: number }>] => [model, async (ctx) => {
      const m = new LearningCurveGP({ ctx, model, resources: [1, 10] });
      const { criterion } = await m.fit(curves, losses, { restarts: 1, maxIterations: 25 });
      return { criterion, mean: m.predict([[0.3, 7]]).mean.item() };
    }]),
  ];
  it.each(cases)('%s', async (_, run) => {
    const [a, b] = [await run(cpu()), await run(wasm())];
    expect(Math.abs(a.criterion - b.criterion)).toBeLessThan(1e-4 * Math.max(1, Math.abs(a.criterion)));
    expect(Math.abs(a.mean - b.mean)).toBeLessThan(5e-3);
  });
});

it('the optimum of Mauna Loa CO2 (Rasmussen & Williams 2006, section 5.4.3)', async () => {
  const months = new Map<string, number[]>();
  for (const line of readFileSync(join(import.meta.dirname, '../../packages/gp/test/data/co2.csv'), 'utf8').trim().split('\n').slice(1)) {
    const [date, value] = line.split(',');
    if (!value) continue;
    const month = date!.slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), Number(value)]);
  }
  const t = [...months.keys()].map((m) => [Number(m.slice(0, 4)) + (Number(m.slice(5)) - 1) / 12]);
  const means = [...months.values()].map((v) => v.reduce((a, b) => a + b) / v.length);
  const mean = means.reduce((a, b) => a + b) / means.length;
  const kernel = parseKernel('4356 * rbf(lengthscale=67) + 5.76 * rbf(lengthscale=90) * periodic(lengthscale=1.3, period=fixed(1)) + 0.4356 * rq(lengthscale=1.2, alpha=0.78) + 0.0324 * rbf(lengthscale=0.134) + white(noise_variance=0.0361)');
  const model = new GaussianProcessRegression({ ctx: wasm(), kernel, mean: new ZeroMean(), standardize: false });
  const report = await model.fit(t, means.map((v) => v - mean), { restarts: 1 });
  expect(report.logMarginalLikelihood).toBeGreaterThan(-115.0503);
}, 300_000);
