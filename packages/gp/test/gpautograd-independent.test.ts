import { type Tensor, full, tensor } from '@matheron/core-tensor';
import { ConstantMean, SyneTuneMatern52 } from '@matheron/gp-kernels';
import { describe, expect, it } from 'vitest';
import { IndependentGPPerResource } from '../src/index.ts';
import { type Json, checkParameters, close, fixture, internalGradients } from './fixture.ts';

const f = fixture('independent');

describe('one GP a resource level', () => {
  for (const key of ['separate_noise_False', 'separate_noise_True']) {
    it(key, async () => {
      const c: Json = f[key];
      const model = new IndependentGPPerResource({
        preset: 'syne-tune', resources: f.resource_attr_range, rungs: f.rung_levels, separateNoise: key.endsWith('True'),
        kernel: new SyneTuneMatern52({ dimension: f.X[0].length - 1, ard: true, covarianceScale: false }), mean: () => new ConstantMean({ alias: 'scalarmeanfunction', value: { shape: [1] } }),
      });
      const params: Record<string, number> = Object.fromEntries(Object.entries(c.params).map(([k, v]) => [k, Array.isArray(v) ? v[0] : v]));
      model.setParams(params);
      expect(Object.keys(model.getParams()).sort()).toEqual(Object.keys(params).sort());
      checkParameters(model.likelihood, c);
      await model.recomputeStates(f.X, f.y);
      const [state] = model.states;
      close(state!.negLogLikelihood(), c.criterion, 1e-10);
      const names = Object.keys(c.grad_criterion_internal);
      const levels = model['levelsOf'](tensor(f.X), tensor(f.y)).map((l) => ({ ...l, y: l.y.reshape(l.y.size) }));
      const criterion = (): Tensor => model.likelihood.negLogLikelihood(levels, full([], 0));
      const plain = internalGradients(model.likelihood, names, criterion);
      close(plain.value, c.criterion, 1e-10);
      for (const name of names) close(plain.gradients.get(name)!, c.grad_criterion_internal[name], 1e-9, name);
      const regularized = internalGradients(model.likelihood, names, () => criterion().add(model.likelihood.negLogPrior()!));
      close(regularized.value, c.criterion_with_regularizers, 1e-10);
      for (const name of names) close(regularized.gradients.get(name)!, c.grad_criterion_with_regularizers_internal[name], 1e-9, name);
      const prediction = model.predict(c.X_test);
      close(prediction.mean, c.mean_test, 1e-10);
      close(prediction.variance, c.variance_test, 1e-10);
      const g = c.backward_gradient;
      close(state!.backwardGradient(g.x, g.head, g.mean_data, g.std_data), g.grad, 1e-9);
      const joint = model.predictJoint(c.X_test);
      close(joint.covariance.diagonal(), c.variance_test, 1e-8, 'joint');
      // rows in another order are the same predictions in that order
      const reversed = model.predict([...c.X_test].reverse());
      close(reversed.mean, [...c.mean_test].reverse(), 1e-10);
    });
  }
  it('fits raw resources, and falls back to the prior where a level has no data', async () => {
    const X = Array.from({ length: 24 }, (_, i) => [(i % 8) / 8, [1, 3, 9][i % 3]!]);
    const y = X.map(([x, r]) => Math.sin(6 * x!) + r! / 9);
    const model = new IndependentGPPerResource({ resources: [1, 27], rungs: [1, 3, 9, 27] });
    const report = await model.fit(X, y, { restarts: 2 });
    expect(Number.isFinite(report.logMarginalLikelihood)).toBe(true);
    const near = model.predict([[0.25, 9]], { noise: true });
    expect(Math.abs(near.mean.item() - (Math.sin(1.5) + 1))).toBeLessThan(0.3);
    const prior = model.predict([[0.25, 27]]);
    expect(prior.std.item()).toBeGreaterThan(near.std.item());
    expect(model.sampleJoint([[0.1, 1], [0.2, 27], [0.3, 3]], { samples: 4 }).shape).toEqual([3, 4]);
    expect(() => model.predict([[0.25, 2.5]])).toThrow(/no integer in \[1, 27\]/);
  });
});
