import { RandomState, tensor } from '@matheron/core-tensor';
import { ConstantMean, SyneTuneMatern52 } from '@matheron/gp-kernels';
import { describe, expect, it } from 'vitest';
import { GaussianProcessRegression, PosteriorState } from '../src/index.ts';
import { close, fixture, flat, toleranceFor } from './fixture.ts';
import { conditionOf } from './models.ts';

describe('posterior state', () => {
  const f = fixture('posterior');
  const kernel = new SyneTuneMatern52({ dimension: f.X[0].length, ard: true });
  const mean = new ConstantMean({ value: { shape: [1] } });
  const model = new GaussianProcessRegression({ preset: 'syne-tune', kernel, mean });
  model.setParams(f.params);
  const noise = model.likelihood.noiseVariance.value();
  const X = tensor(f.X);
  const tolerance = toleranceFor(conditionOf(kernel.call(X, X), flat(noise)[0]!));
  const state = new PosteriorState(X, f.y, mean, kernel, noise);
  const test = tensor(f.X_test);
  const predicts = (s: PosteriorState, e: { mean: number[]; variance: number[] }, what: string): void => {
    const p = s.predict(test);
    close(p.mean, e.mean, tolerance, `${what}: mean`);
    close(p.variance, e.variance, tolerance, `${what}: variance`);
  };
  it('factor, whitened targets, predictions, likelihood', () => {
    close(state.factor, f.chol_fact, tolerance);
    close(state.whitened, f.pred_mat, tolerance);
    predicts(state, f, 'state');
    close(state.negLogLikelihood(), f.neg_log_likelihood, tolerance);
    expect([state.numData, state.numFeatures, state.numFantasies]).toEqual([f.X.length, f.X[0].length, 1]);
  });
  it('gradients in the inputs', () => {
    for (const g of f.backward_gradient) close(state.backwardGradient(g.x, g.head, g.mean_data, g.std_data), g.grad, tolerance * 10);
  });
  it('samples with the recorded draws', () => {
    const marginals = f.sample_marginals;
    close(state.sampleMarginals(test, { samples: marginals.num_samples, rng: new RandomState(marginals.seed) }), marginals.samples, tolerance);
    const joint = f.sample_joint;
    // L of the posterior covariance + 1e-5 I has a condition number of its own
    close(state.sampleJoint(test, { samples: joint.num_samples, rng: new RandomState(joint.seed) }), joint.samples, tolerance * 100);
  });
  it('incremental update', () => {
    const next = state.update(f.update.feature, f.update.target);
    close(next.factor, f.update.chol_fact, tolerance);
    close(next.whitened, f.update.pred_mat, tolerance);
    predicts(next, f.update, 'update');
  });
  it('fantasies', () => {
    const s = f.sample_and_update;
    const { target, state: next } = state.expandFantasies(s.num_fantasies).sampleAndUpdate(s.feature, { rng: new RandomState(s.seed), meanImputeMask: s.mean_impute_mask });
    close(target, s.target, tolerance);
    close(next.whitened.slice(-1), flat(s.pred_mat_last_row), tolerance);
    predicts(next, s, 'fantasies');
    expect(next.numFantasies).toBe(s.num_fantasies);
  });
  it('several target columns', () => {
    const m = f.multi_target;
    const several = new PosteriorState(X, m.Y, mean, kernel, noise);
    predicts(several, m, 'columns');
    expect(() => several.negLogLikelihood()).toThrow(/one target column/);
  });
  it('a kernel with a scale', () => {
    const t = f.kernel_tuple_covscale;
    const scaled = new PosteriorState(X, f.y, mean, kernel, noise, { covarianceScale: t.covariance_scale });
    predicts(scaled, t, 'scaled');
    close(scaled.negLogLikelihood(), t.nll, tolerance);
  });
});
