import { RandomState, tensor } from '@matheron/core-tensor';
import { ConstantMean, RBF, SyneTuneMatern52 } from '@matheron/gp-kernels';
import { describe, expect, it } from 'vitest';
import { HyperTuneIndependentGP, HyperTuneJointGP, distributionsOf, supportedLevels, ResourceColumn } from '../src/index.ts';
import { close, fixture, flat } from './fixture.ts';

const h = fixture('hypertune');
const f = fixture('independent');

const make = (): HyperTuneIndependentGP => new HyperTuneIndependentGP({
  preset: 'syne-tune', seed: h.config.random_seed, resources: f.resource_attr_range, rungs: h.rung_levels, distributionSamples: h.config.num_samples, brackets: h.config.num_brackets,
  kernel: new SyneTuneMatern52({ dimension: f.X[0].length - 1, ard: true, covarianceScale: false }), mean: () => new ConstantMean({ value: { shape: [1] } }),
});
const params = Object.fromEntries(Object.entries(h.params_after_fit).map(([k, v]) => [k, flat(v as number[])[0]!]));
const asObject = (m: Map<number, number>): Record<string, number> => Object.fromEntries([...m].map(([k, v]) => [String(k), v]));

describe('Hyper-Tune, independent', () => {
  it('distributions, ensemble predictions and ranking losses at the recorded hyperparameters', async () => {
    const model = make();
    model.setParams(params);
    await model.recomputeStates(f.X, f.y);
    expect(model.ensembleDistribution()).toEqual(new Map([[h.rung_levels[0], 1]]));
    await model.updateDistributions();
    expect(Object.keys(asObject(model.ensembleDistribution()))).toEqual(Object.keys(h.ensemble_distribution));
    close(Object.values(asObject(model.ensembleDistribution())), Object.values(h.ensemble_distribution), 1e-12);
    close(model.bracketDistribution(), h.bracket_distribution, 1e-12);
    const p = model.predict(h.X_test);
    close(p.mean, h.mean_test, 1e-9);
    close(p.variance, h.variance_test, 1e-9);
    const losses = await model.rankingLosses(h.ranking_losses.num_samples, new RandomState(h.ranking_losses.seed));
    losses.forEach((l, i) => close(Array.from(l), h.ranking_losses.losses[i], 1e-12, `losses of level ${i}`));
    expect(model.sampleJoint(h.X_test, { samples: 7 }).shape).toEqual([h.X_test.length, 7]);
    // the last column still picks a level
    close(model.predict([f.X[0]]).mean, flat(model.states[0]!.predict([f.X[0]]).mean), 1e-14);
  });
  it('fits to a criterion no worse than the original\'s', async () => {
    const reference = make();
    reference.setParams(params);
    const model = make();
    const report = await model.fit(f.X, f.y, { restarts: h.config.n_starts, maxIterations: h.config.maxiter });
    await reference.recomputeStates(f.X, f.y);
    const bound = reference.states[0]!.negLogLikelihood().add(reference.likelihood.negLogPrior()!).item();
    expect(report.criterion).toBeLessThanOrEqual(bound + 1e-6);
    expect([...model.ensembleDistribution().values()].reduce((a, b) => a + b)).toBeCloseTo(1, 1);
  });
});

describe('Hyper-Tune, defects of the original', () => {
  it('a joint model predicts at inputs without a resource (9), and needs no number of brackets (10)', async () => {
    const model = new HyperTuneJointGP({ preset: 'syne-tune', resources: f.resource_attr_range, rungs: f.rung_levels, distributionSamples: 20, kernel: new SyneTuneMatern52({ dimension: f.X[0].length, ard: true }) });
    await model.fit(f.X, f.y, { restarts: 1, maxIterations: 30 });
    const x: number[][] = h.X_test;
    const p = model.predict(x);
    // by hand: the levels' predictions, weighted
    const column = new ResourceColumn(f.resource_attr_range, true);
    const parts = [...model.ensembleDistribution()].map(([r, theta]) => ({ theta, p: model.predict(x.map((row) => [...row, column.encode(r)])) }));
    close(p.mean, x.map((_, i) => parts.reduce((s, q) => s + q.theta * flat(q.p.mean)[i]!, 0)), 1e-12);
    close(p.variance, x.map((_, i) => parts.reduce((s, q) => s + q.theta ** 2 * flat(q.p.variance)[i]!, 0)), 1e-12);
    expect(model.sampleMarginals(x, { samples: 5 }).shape).toEqual([x.length, 5]);
    expect(model.bracketDistribution().reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });
  it('data at a resource leaves fantasies out (11)', async () => {
    const X = Array.from({ length: 14 }, (_, i) => [i / 14, i < 7 ? 1 : 3]);
    const y = X.map(([x], i) => (i === 9 ? [x!, x! + 1] : [x!, x!]));
    const { count, top } = await supportedLevels([1, 3], tensor(X), tensor(y), new ResourceColumn([1, 9], false));
    expect(count).toBe(2);
    expect(top!.y).toHaveLength(6);
    expect(top!.X.shape).toEqual([6, 1]);
  });
  it('raw resources and standardized inputs agree with a model of the same kernel on standardized columns', async () => {
    const X = Array.from({ length: 27 }, (_, i) => [(i % 9) / 3 + 5, [1, 3, 9][i % 3]!]);
    const y = X.map(([x, r]) => Math.cos(2 * x!) + 0.1 * r!);
    const model = new HyperTuneJointGP({ resources: [1, 9], kernel: new RBF({ ard: true }).scale(), standardize: true, distributionSamples: 20 });
    await model.fit(X, y, { restarts: 1 });
    const x = [[5.4], [6.1]];
    const parts = [...model.ensembleDistribution()].map(([r, theta]) => ({ theta, p: model.predict(x.map((row) => [...row, r])) }));
    const weights = parts.reduce((s, q) => s + q.theta, 0);
    expect(weights).toBeGreaterThan(0.98);
    close(model.predict(x).mean, x.map((_, i) => parts.reduce((s, q) => s + q.theta * flat(q.p.mean)[i]!, 0) + (1 - weights) * (y.reduce((a, b) => a + b) / y.length)), 1e-9);
  });
});

it('distributions by hand: ties count for each level, shares up to 1 % are dropped, brackets weigh 1 / r', () => {
  const losses = [[0.1, 0.3, 0.2, 0.5], [0.1, 0.2, 0.4, 0.5], [0.9, 0.9, 0.9, 0.9]].map((l) => Float64Array.from(l));
  const { ensemble, bracket } = distributionsOf(losses, [1, 3, 9], 2);
  expect(ensemble).toEqual(new Map([[1, 0.5], [3, 0.5]]));
  close(bracket, [0.75, 0.25], 1e-15);
});
