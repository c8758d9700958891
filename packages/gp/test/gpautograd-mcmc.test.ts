import { RandomState, tensor } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';
import { GPRegressionMCMC, sliceSample } from '../src/index.ts';
import { ConstantMean, SyneTuneMatern52 } from '@matheron/gp-kernels';
import { close, fixture, flat } from './fixture.ts';

const f = fixture('slice');

describe('slice sampler', () => {
  it('reproduces the recorded chain', async () => {
    const s = f.slice;
    const P: number[][] = s.inv_cov;
    const logDensity = (x: Float64Array): number => -0.5 * P.reduce((sum, row, i) => sum + x[i]! * row.reduce((r, v, j) => r + v * x[j]!, 0), 0);
    const { samples } = await sliceSample(logDensity, Float64Array.from(s.init), { samples: s.num_samples, burnIn: s.burn, thinning: s.thin, scale: s.scale, rng: new RandomState(s.seed) });
    samples.forEach((x, i) => close(Array.from(x), s.samples[i], 1e-9, `sample ${i}`));
    expect(samples).toHaveLength(Math.floor((s.num_samples - s.burn) / s.thin));
  });
});

describe('hyperparameters by slice sampling', () => {
  it('reproduces the recorded chain and its predictions', async () => {
    const m = f.mcmc;
    const d = m.X[0].length;
    // the order of the chain's coordinates is that of the names
    const ard = m.samples[0].length - 3 > 1;
    const model = new GPRegressionMCMC({
      preset: 'syne-tune', seed: m.random_seed, kernel: new SyneTuneMatern52({ dimension: d, ard }), mean: new ConstantMean({ value: { shape: [1] } }),
      mcmc: { samples: m.config.n_samples, burnIn: m.config.n_burnin, thinning: m.config.n_thinning },
    });
    const report = await model.fit(m.X, m.y);
    expect(report.aborted).toBe(false);
    const kept = Math.floor((m.config.n_samples - m.config.n_burnin) / m.config.n_thinning);
    expect(model.samples).toHaveLength(kept);
    const bandwidths = ard ? Array.from({ length: d }, (_, k) => `kernel_inv_bw${k}`) : ['kernel_inv_bw'];
    model.samples.forEach((s, i) => close(['noise_variance', 'kernel_covariance_scale', ...bandwidths, 'mean_mean_value'].map((name) => s[name] as number), m.samples[i], 1e-7, `sample ${i}`));
    const predictions = model.predictStates(m.X_test);
    expect(predictions).toHaveLength(kept);
    predictions.forEach((p, i) => {
      close(p.mean, m.predictions[i].mean, 1e-7, `mean of state ${i}`);
      close(p.variance, m.predictions[i].variance, 1e-7, `variance of state ${i}`);
    });
    // the mixture's moments
    const mean = flat(predictions[0]!.mean).map((_, j) => predictions.reduce((s, p) => s + flat(p.mean)[j]!, 0) / kept);
    close(model.predict(m.X_test).mean, mean, 1e-12);
    close(model.predict(m.X_test).variance, mean.map((mu, j) => predictions.reduce((s, p) => s + flat(p.variance)[j]! + (flat(p.mean)[j]! - mu) ** 2, 0) / kept), 1e-12);
    // fantasies: as many columns for each state, its own
    const fantasy = await model.fantasize(m.X_test.slice(0, 2), { samples: 3 });
    expect(fantasy.states).toHaveLength(kept);
    expect(fantasy.predict(m.X_test).mean.shape).toEqual([m.X_test.length, 3]);
    const more = await model.condition(m.X_test.slice(0, 1), tensor([0.5]));
    expect(more.states[0]!.numData).toBe(m.X.length + 1);
  });
});
