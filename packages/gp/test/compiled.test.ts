// Large predictions run compiled and block by block, small ones operation by operation: both are the same posterior.
import { grad } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { RandomState, type Tensor, setDefaultContext, tensor } from '@matheron/core-tensor';
import { ConstantMean, Kernel, Matern52, RBF, ZeroMean, parseKernel } from '@matheron/gp-kernels';
import { describe, expect, it } from 'vitest';
import { GaussianProcessRegression, PosteriorState } from '../src/index.ts';

setDefaultContext(cpu());

const rng = new RandomState(5);
const X = rng.uniform([150, 3]), y = X.sum(1).mul(3).sin();
const grid = (m: number): Tensor => new RandomState(6).uniform([m, 3]);
const most = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();
/** Predictions of few points at a time, too few to compile. */
function inParts(state: PosteriorState, x: Tensor): { mean: Tensor; variance: Tensor } {
  const rows = x.shape[0]!, mean: number[] = [], variance: number[] = [];
  for (let k = 0; k < rows; k += 20) {
    const p = state.predict(x.slice([k, Math.min(rows, k + 20)]));
    mean.push(...(p.mean.dataSync() as Float64Array));
    variance.push(...(p.variance.dataSync() as Float64Array));
  }
  return { mean: tensor(mean), variance: tensor(variance) };
}

describe('large predictions', () => {
  it.each([
    'matern52(lengthscale=[0.4, 1, 2])', 'scale(rbf) * periodic[0] + rq[1, 2] + white(noise_variance=0.1)',
  ])('are those of few points: %s', (text) => {
    const state = new PosteriorState(X, y, new ConstantMean({ value: 0.3 }), parseKernel(text), 0.01, { covarianceScale: 1.7 });
    const x = grid(400), all = state.predict(x), parts = inParts(state, x);
    expect(most(all.mean, parts.mean)).toBeLessThan(1e-11);
    expect(most(all.variance, parts.variance)).toBeLessThan(1e-11);
    const joint = state.predictJoint(x);
    expect(most(joint.mean, parts.mean)).toBeLessThan(1e-11);
    expect(most(joint.covariance.diagonal(), state.predict(x).variance)).toBeLessThan(text.includes('white') ? 0.2 : 1e-10);
  });
  it('go block by block where there are many points', () => {
    const state = new PosteriorState(X, y, new ZeroMean(), new RBF({ lengthscale: 0.7 }), 0.01);
    const x = grid(30_011), last = x.slice([29_980, 30_011]);
    const p = state.predict(x), q = state.predict(last);
    expect(p.mean.shape).toEqual([30_011]);
    expect(most(p.mean.slice([29_980, 30_011]), q.mean)).toBeLessThan(1e-12);
    expect(most(p.variance.slice([29_980, 30_011]), q.variance)).toBeLessThan(1e-12);
  });
  it('keep the hyperparameters of their state, though states share plans', () => {
    const model = new GaussianProcessRegression({ kernel: new Matern52({ ard: true, lengthscale: { init: [1, 1, 1] } }), noiseVariance: 0.01, standardize: false });
    const kernel = model.likelihood.kernel, x = grid(400);
    const first = new PosteriorState(X, y, new ZeroMean(), kernel, 0.01), before = first.predict(x).mean;
    model.setParams({ ...model.getParams(), kernel_lengthscale: [0.2, 0.4, 3] });
    const second = new PosteriorState(X, y, first.mean, kernel, 0.01);
    expect(most(second.predict(x).mean, inParts(second, x).mean)).toBeLessThan(1e-11);
    expect(most(first.predict(x).mean, before)).toBe(0);
    expect(most(second.predict(x).mean, before)).toBeGreaterThan(1e-3);
  });
  it('are differentiable in the points', () => {
    const state = new PosteriorState(X, y, new ZeroMean(), new Matern52({ lengthscale: 0.8 }), 0.01);
    const x = grid(200), f = (p: Tensor): Tensor => { const { mean, variance } = state.predict(p); return mean.add(variance.sqrt()).sum(); };
    const whole = grad(f)(x), part = grad(f)(x.slice([40, 50]));
    expect(most(whole.slice([40, 50]), part)).toBeLessThan(1e-9);
  });
  it('work with kernels that look at values, which cannot be compiled', () => {
    let evaluations = 0;
    class Looking extends Kernel {
      override forward(a: Tensor, b: Tensor): Tensor {
        evaluations++;
        const scale = a.max().item() > 100 ? 2 : 1;
        return a.expandDims(1).sub(b.expandDims(0)).square().sum(2).mul(-scale).exp();
      }
      protected override diagonalOf(x: Tensor): Tensor { return x.sum(1).mul(0).add(1); }
    }
    const state = new PosteriorState(X, y, new ZeroMean(), new Looking(), 0.01), x = grid(400);
    expect(most(state.predict(x).mean, inParts(state, x).mean)).toBeLessThan(1e-11);
    expect(evaluations).toBeGreaterThan(20);
  });
});
