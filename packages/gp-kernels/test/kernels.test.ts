import { checkGradients } from '@matheron/backend-conformance';
import { cpu } from '@matheron/backend-cpu';
import { type Tensor, RandomState, pairwiseSquaredDistance, setDefaultContext, tensor } from '@matheron/core-tensor';
import { grad, hessian } from '@matheron/autograd';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Kernel, Matern12, Matern32, Matern52, Periodic, RBF, RationalQuadratic, SumKernel, WhiteKernel, kernelFromJSON, parseKernel, priorFromJSON } from '../src/index.ts';
import { withParameterData } from '@matheron/gluon-params';

setDefaultContext(cpu());

interface Case { name: string; expression: string; X: number[][]; Z: number[][]; K_XX: number[][]; K_XZ: number[][]; diagonal: number[] }
interface PriorCase { type: string; options: Record<string, number>; x: number[]; negLogDensity: number[]; meanOfSamples?: number; stdOfSamples?: number; medianOfSamples?: number }
const fixture = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'kernels.json'), 'utf8')) as { kernels: Case[]; priors: PriorCase[] };

function close(actual: Tensor | readonly number[], expected: readonly number[] | readonly (readonly number[])[], tolerance = 1e-13): void {
  const a = Array.isArray(actual) ? (actual as number[]) : Array.from((actual as Tensor).dataSync(), Number);
  const e = expected.flat();
  expect(a).toHaveLength(e.length);
  e.forEach((v, i) => expect(Math.abs(a[i]! - v), `element ${i}: ${a[i]} for ${v}`).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(v))));
}

describe('against scikit-learn', () => {
  for (const c of fixture.kernels) {
    it(c.name, () => {
      const kernel = parseKernel(c.expression);
      const [X, Z] = [tensor(c.X), tensor(c.Z)];
      close(kernel.call(X, X), c.K_XX);
      close(kernel.call(X, Z), c.K_XZ);
      close(kernel.diagonal(X), c.diagonal);
      // text and data forms come back the same
      close(parseKernel(String(kernel)).call(X, Z), c.K_XZ);
      const again = kernelFromJSON(JSON.parse(JSON.stringify(kernel)));
      close(again.call(X, X), c.K_XX);
      expect(again.getParams()).toEqual(kernel.getParams());
    });
  }
});

describe('priors against SciPy', () => {
  for (const p of fixture.priors) {
    it(p.type, () => {
      const prior = priorFromJSON({ type: p.type, ...p.options });
      p.x.forEach((v, i) => close(prior.negLogDensity(tensor([v])).reshape(1), [p.negLogDensity[i]!], 1e-12));
      close(prior.negLogDensity(tensor(p.x)).reshape(1), [p.negLogDensity.reduce((a, b) => a + b)], 1e-12);
      const draws = Array.from(prior.sample(new RandomState(3), [20_000]).dataSync(), Number);
      const mean = draws.reduce((a, b) => a + b) / draws.length;
      if (p.meanOfSamples !== undefined) expect(Math.abs(mean - p.meanOfSamples)).toBeLessThan(0.05);
      if (p.stdOfSamples !== undefined) expect(Math.abs(Math.sqrt(draws.reduce((s, v) => s + (v - mean) ** 2, 0) / draws.length) / p.stdOfSamples - 1)).toBeLessThan(0.05);
      if (p.medianOfSamples !== undefined) expect(Math.abs(Math.log(draws.sort((a, b) => a - b)[10_000]! / p.medianOfSamples))).toBeLessThan(0.05);
      expect(prior.toJSON!()).toMatchObject({ type: p.type, ...p.options });
    });
  }
  it('the uniform density is 0 outside of its support', () => {
    expect(priorFromJSON({ type: 'uniform', lower: 0, upper: 1 }).negLogDensity(tensor([0.5, 2])).item()).toBe(Infinity);
  });
});

describe('gradients', () => {
  const X = tensor([[0.1, -0.4], [1.3, 0.2], [-0.7, 0.9], [0.1, -0.4]]);
  const W = tensor(Array.from({ length: 16 }, (_, k) => Math.sin(3 * k + 1))).reshape(4, 4);
  const kernels: [string, () => Kernel][] = [
    ['rbf', () => new RBF({ ard: true, lengthscale: [0.8, 1.5] })], ['matern12', () => new Matern12({ lengthscale: [0.8, 1.5] })], ['matern32', () => new Matern32({ lengthscale: [0.8, 1.5] })],
    ['matern52', () => new Matern52({ lengthscale: [0.8, 1.5] })], ['rq', () => new RationalQuadratic({ lengthscale: [0.8, 1.5], alpha: 0.6 })], ['periodic', () => new Periodic({ lengthscale: [0.8, 1.5], period: 1.3 })],
    ['linear', () => parseKernel('linear(variance=0.4)')], ['polynomial', () => parseKernel('polynomial(degree=3, offset=0.5)')], ['sum', () => parseKernel('2 * rbf * periodic + rq[1] + white(noise_variance=0.1)')],
  ];
  it.each(kernels)('%s: in hyperparameters, first and second order, with equal rows in X', (_, make) => {
    const kernel = make();
    const parameters = kernel.hyperparameters();
    kernel.call(X, X);
    const f = (...values: Tensor[]): Tensor => withParameterData(new Map(parameters.map((p, i) => [p, values[i]!])), () => kernel.call(X, X).mul(W).sum());
    checkGradients(f, parameters.map((p) => p.internal()), { order: 2, modes: ['reverse'] });
  });
  it.each(kernels.filter(([name]) => name !== 'matern12'))('%s: in the inputs, finite at equal rows', (_, make) => {
    const kernel = make();
    const other = X.add(tensor([[0.3, 0.1]]));
    checkGradients((z: Tensor) => kernel.call(X, z).mul(W).sum(), [other], { modes: ['reverse'] });
    expect(grad((z: Tensor) => kernel.call(X, z).sum())(X).isfinite().all().item()).toBe(1);
  });
  it('Matérns are exact at equal rows: value 1, slope and curvature by their series', () => {
    const at = (k: Kernel) => (x: Tensor): Tensor => k.call(x.reshape(1, 1), tensor([[0]])).sum();
    for (const [k, curvature] of [[new Matern32({ lengthscale: 0.5 }), -3 / 0.25], [new Matern52({ lengthscale: 0.5 }), -5 / 3 / 0.25], [new RBF({ lengthscale: 0.5 }), -1 / 0.25]] as const) {
      expect(at(k)(tensor(0)).item()).toBe(1);
      expect(Math.abs(grad(at(k))(0).item())).toBe(0);
      expect(hessian(at(k))(0).item()).toBeCloseTo(curvature, 12);
    }
    expect(Math.abs(grad(at(new Matern12()))(0).item())).toBe(0);
  });
});

describe('kernels as blocks', () => {
  class Cosine extends Kernel {
    readonly period = this.hyperparameter('period', { init: 1, bounds: [1e-2, 1e2] });
    override forward(X1: Tensor, X2: Tensor): Tensor {
      return pairwiseSquaredDistance(X1, X2).sqrt().mul(2 * Math.PI).div(this.period.value()).cos();
    }
  }
  it('one of your own is its formula', () => {
    const kernel = new Matern52({ ard: true, lengthscale: { init: 0.5, bounds: [1e-3, 1e3] } }).scale().add(new Cosine().mul(new RBF())).add(new WhiteKernel());
    const K = kernel.matrix([[0, 1], [2, 3]]);
    expect(K.shape).toEqual([2, 2]);
    close(K.diagonal(), [3, 3]);
    close(kernel.diagonal(tensor([[0, 1], [2, 3], [4, 4]])), [3, 3, 3]);
    expect(kernel.getParams()).toEqual({ kernel1_outputscale: 1, kernel1_lengthscale: [0.5, 0.5], kernel2_kernel1_period: 1, kernel2_kernel2_lengthscale: 1, kernel3_noise_variance: 1 });
    expect([...kernel.collectParams('.*period').keys()]).toHaveLength(1);
    expect(() => JSON.stringify(kernel)).toThrow(/pass it to load/);
    expect(String(kernel)).toContain('Cosine(period=1)');
  });
  it('hyperparameters speak external values and keep their bounds', () => {
    const kernel = new RBF({ lengthscale: { init: 2, bounds: [0.5, 4] } });
    expect(kernel.lengthscale.name).toMatch(/^rbf\d+_lengthscale_internal$/);
    kernel.setParams({ lengthscale: 3 });
    close(kernel.lengthscale.value().reshape(1), [3], 1e-15);
    close(kernel.lengthscale.data().reshape(1), [Math.log(3)], 1e-15);
    expect(() => kernel.setParams({ lengthscale: 5 })).toThrow(/5 is outside \[0.5, 4\]/);
    expect(() => kernel.setParams({ lenghtscale: 3 })).toThrow(/did you mean 'lengthscale'/);
    expect(() => new RBF({ lengthscale: 0 })).toThrow(/must be positive|outside/);
    kernel.resetParams();
    close(kernel.getParams()['lengthscale'] === undefined ? [] : [kernel.getParams()['lengthscale'] as number], [2], 1e-15);
    expect(kernel.lengthscale.pretty()).toBe(`${kernel.lengthscale.name}: 2.000000`);
  });
  it('sums and products flatten, and columns stay with their part', () => {
    const kernel = new SumKernel(new RBF().add(new RBF()), new RBF().on(1));
    expect(Object.keys(kernel.getParams())).toEqual(['kernel1_lengthscale', 'kernel2_lengthscale', 'kernel3_lengthscale']);
    const X = tensor([[0, 5], [1, 5]]);
    expect(kernel.call(X, X).toArray<number[][]>()[0]![1]).toBeCloseTo(2 * Math.exp(-0.5) + 1, 14);
    expect(() => new RBF().on()).toThrow(/columns/);
  });
  it('columns that X does not have are an error, in a run and elsewhere', () => {
    const X = tensor([[0, 5], [1, 5]]);
    expect(() => new RBF().on(2).call(X, X)).toThrow(/rbf\[2\]: X has 2 columns, there is no column 2/);
    expect(() => new RBF().on(1, 2).diagonal(X)).toThrow(/no column 2/);
    expect(() => new RBF().on(0, 3).matrix([1, 2])).toThrow(/X has 1 column, there is no column 3/);
  });
  it('lengthscales of one a column refuse other columns, also a single one', () => {
    for (const kernel of [new RBF({ ard: true }), new Periodic({ ard: true })]) {
      kernel.matrix([1, 2]);
      expect(() => kernel.matrix([[1, 2], [3, 4]])).toThrow(/there is 1 lengthscale for X of 2 columns/);
    }
    expect(() => new RBF({ lengthscale: [1, 2] }).matrix([[1, 2, 3]])).toThrow(/are 2 lengthscales for X of 3 columns; give one for each/);
  });
  it('what is no kernel, no number, not finite is refused by name', () => {
    expect(() => new RBF().add(3 as never)).toThrow(/the number 3 is no kernel; scale\(3\) multiplies/);
    expect(() => new RBF().mul(undefined as never)).toThrow(/expected kernels, got undefined/);
    expect(() => new RBF().setParams({ lengthscale: 'a' as never })).toThrow(/must be a number or numbers, got a string/);
    expect(() => new RBF({ lengthscale: Infinity })).toThrow(/Infinity is outside/);
    expect(() => new RBF({ lengthscale: { shape: [3], init: [1, 2] } })).toThrow(/init has 2 values for shape \[3\]/);
  });
  it('white noise is where a point meets itself, not where rows are equal', () => {
    const X = tensor([[1], [1]]);
    close(new WhiteKernel().call(X, X), [1, 0, 0, 1]);
    close(new WhiteKernel().call(X, tensor([[1], [1]])), [0, 0, 0, 0]);
  });
  it('is positive semidefinite on random points', () => {
    const rng = new RandomState(5);
    const kernel = parseKernel('rbf + matern12 * periodic(period=0.7) + rq[1] * linear + polynomial(degree=2)');
    for (let k = 0; k < 20; k++) {
      const X = rng.normal([8, 2]);
      const K = kernel.matrix(X);
      const v = rng.normal([8, 30]);
      expect(v.mul(K.matmul(v)).sum(0).min().item()).toBeGreaterThan(-1e-10);
    }
  });
});
