import { RandomState, tensor } from '@matheron/core-tensor';
import { ConstantMean, SyneTuneMatern52 } from '@matheron/gp-kernels';
import { describe, expect, it } from 'vitest';
import { AdditivePosterior, type Curve, LearningCurveGP, ResourceColumn, curveTensors } from '../src/index.ts';
import { type Json, checkParameters, close, fixture, flat, internalGradients } from './fixture.ts';

const f = fixture('learncurve');
const range = new ResourceColumn([f.r_min, f.r_max], true);
const curves: Curve[] = (f.X as number[][]).map((configuration, i) => ({ configuration, targets: (f.targets_reversed_r[i] as Json[]).map((v) => flat(v)) }));
const rows = curves.flatMap(({ configuration, targets }) => targets.map((t, j) => ({ x: [...configuration, range.encode(f.r_min + j)], y: t[0]! })));

function build(name: string, preset: 'syne-tune' | 'matheron' = 'syne-tune'): LearningCurveGP {
  return new LearningCurveGP({
    preset, model: name.startsWith('issm') ? 'issm' : 'exponential-decay', resources: [f.r_min, f.r_max], encodedResources: true, gammaIsOne: name === 'issm_gamma_one', standardize: false,
    normalizeResources: name === 'expdecay_normalized', kernel: new SyneTuneMatern52({ dimension: f.X[0].length, ard: true }), mean: new ConstantMean({ alias: 'scalarmeanfunction', value: { shape: [1] } }),
  });
}

describe('learning curves', () => {
  for (const name of ['issm', 'issm_gamma_one', 'expdecay', 'expdecay_normalized']) {
    it(name, async () => {
      const c: Json = f[name];
      const model = build(name);
      model.setParams(c.params);
      expect(Object.keys(model.getParams()).sort()).toEqual(Object.keys(c.params).sort());
      for (const [key, value] of Object.entries(c.params)) close(model.getParams()[key] as number, value as number, 1e-12, key);
      checkParameters(model.likelihood, c);
      const data = curveTensors(curves, range, tensor(0));
      const names = Object.keys(c.grad_criterion_internal);
      const { value, gradients } = internalGradients(model.likelihood, names, () => model.likelihood.negLogLikelihood(data));
      close(value, c.criterion, 1e-10, 'criterion');
      for (const key of names) close(gradients.get(key)!, c.grad_criterion_internal[key], 1e-9, key);
      close(model.likelihood.negLogLikelihood(data).add(model.likelihood.negLogPrior()!), c.criterion_with_regularizers, 1e-10, 'with regularizers');
      await model.recomputeStates(rows.map((r) => r.x), rows.map((r) => r.y));
      const p = model.predict(c.X_test_extended);
      close(p.mean, c.mean_test, 1e-10, 'mean');
      close(p.variance, c.variance_test, 1e-10, 'variance');
      // gpautograd's innovations are of unit variance at the end of a curve only
      if (!name.startsWith('issm')) close(model.predictJoint(c.X_test_extended).covariance.diagonal(), c.variance_test, 1e-8, 'joint');
    });
  }
});

/** The same model with all targets in one dense Gaussian: K(x, x') + [x = x'] Cov(curve). */
function dense(model: LearningCurveGP, own: readonly Curve[]): { nll: number; mean: Float64Array; K: number[][]; y: number[] } {
  const { kernel, mean, curves: curveModel, noise } = model.likelihood.parts();
  const moments = curveModel.moments(noise);
  const R = moments.mean.size;
  const offset = flat(moments.mean);
  const cov = flat(moments.observed);
  const index = own.flatMap((curve, i) => curve.targets.map((t, j) => ({ i, j, y: t[0]! })));
  const X = tensor(own.map((curve) => [...curve.configuration]));
  const n = own.length;
  const Kx = flat(kernel.call(X, X));
  const m = flat(mean.call(X));
  const K = index.map((a) => index.map((b) => Kx[a.i * n + b.i]! + (a.i === b.i ? cov[a.j * R + b.j]! : 0)));
  const mu = index.map((a) => m[a.i]! + offset[a.j]!);
  const y = index.map((a) => a.y);
  const { nll } = gaussian(K, y.map((v, k) => v - mu[k]!));
  return { nll, mean: Float64Array.from(mu), K, y };
}
function gaussian(K: readonly (readonly number[])[], r: readonly number[]): { nll: number; alpha: number[] } {
  const n = r.length;
  const L = K.map((row) => [...row]);
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < j; k++) for (let i = j; i < n; i++) L[i]![j]! -= L[i]![k]! * L[j]![k]!;
    const root = Math.sqrt(L[j]![j]!);
    for (let i = j; i < n; i++) L[i]![j]! /= root;
  }
  const w = [...r];
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) w[i]! -= L[i]![k]! * w[k]!;
    w[i]! /= L[i]![i]!;
  }
  const alpha = [...w];
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) alpha[i]! -= L[k]![i]! * alpha[k]!;
    alpha[i]! /= L[i]![i]!;
  }
  return { nll: 0.5 * w.reduce((s, v) => s + v * v, 0) + L.reduce((s, row, i) => s + Math.log(row[i]!), 0) + 0.5 * n * Math.log(2 * Math.PI), alpha };
}

describe('learning curves against one dense Gaussian', () => {
  for (const name of ['issm', 'expdecay']) {
    // gpautograd's ISSM takes innovations between a curve's end and its asymptote for unit variance: the default is the documented model
    const model = build(name, 'matheron');
    model.setParams(f[name].params);
    it(`${name}: likelihood`, () => {
      // s² carries 1e-9 of jitter, as the original's
      close(model.likelihood.negLogLikelihood(curveTensors(curves, range, tensor(0))), dense(model, curves).nll, 1e-7);
    });
    it(`${name}: curves sampled given a partial one have its conditional moments`, async () => {
      await model.recomputeStates(rows.map((r) => r.x), rows.map((r) => r.y));
      const partial = curves[3]!;
      const seen = partial.targets.length;
      const samples = model.sampleCurves([[...partial.configuration]], { samples: 4000, rng: new RandomState(11) });
      const R = f.r_max - f.r_min + 1;
      expect(samples.shape).toEqual([1, R, 4000]);
      const values = flat(samples);
      for (let j = 0; j < seen; j++) expect(values[j * 4000]).toBeCloseTo(partial.targets[j]![0]!, 10);
      // the first unobserved target given everything: condition the dense Gaussian with one more target at it
      const longer = curves.map((curve) => (curve === partial ? { ...curve, targets: [...curve.targets, [0]] } : curve));
      const d = dense(model, longer);
      const at = longer.slice(0, 3).reduce((s, curve) => s + curve.targets.length, 0) + seen;
      const rest = d.y.map((_, k) => k).filter((k) => k !== at);
      const { alpha } = gaussian(rest.map((a) => rest.map((b) => d.K[a]![b]!)), rest.map((k) => d.y[k]! - d.mean[k]!));
      const mean = d.mean[at]! + rest.reduce((s, k, q) => s + d.K[at]![k]! * alpha[q]!, 0);
      const { alpha: beta } = gaussian(rest.map((a) => rest.map((b) => d.K[a]![b]!)), rest.map((k) => d.K[at]![k]!));
      const std = Math.sqrt(d.K[at]![at]! - rest.reduce((s, k, q) => s + d.K[at]![k]! * beta[q]!, 0));
      const drawn = values.slice(seen * 4000, (seen + 1) * 4000);
      const average = drawn.reduce((a, b) => a + b) / 4000;
      const spread = Math.sqrt(drawn.reduce((s, v) => s + (v - average) ** 2, 0) / 4000);
      expect(Math.abs(average - mean)).toBeLessThan((5 * std) / Math.sqrt(4000));
      expect(Math.abs(spread / std - 1)).toBeLessThan(0.06);
    });
    it(`${name}: an incremental update equals the state from scratch`, () => {
      const parts = model.likelihood.parts();
      const all = new AdditivePosterior(parts, curves, range, tensor(0));
      const last = curves.at(-1)!;
      const updated = new AdditivePosterior(parts, curves.slice(0, -1), range, tensor(0)).update(last.configuration, last.targets.map((t) => t[0]!));
      const X = f[name].X_test_extended;
      close(updated.predict(X).mean, flat(all.predict(X).mean), 1e-7);
      close(updated.predict(X).variance, flat(all.predict(X).variance), 1e-7);
      const { targets, state } = all.sampleAndUpdate([{ configuration: last.configuration, pending: 2 }, { configuration: [0.5, 0.5], pending: 3 }], { rng: new RandomState(3) });
      expect(targets.map((t) => t.length)).toEqual([2, 3]);
      expect(state.numData).toBe(all.numData + 5);
      expect(all.sampleJoint([[0.2, 0.3, range.encode(2)], [0.2, 0.3, range.encode(4)]], { samples: 3, rng: new RandomState(5) }).shape).toEqual([2, 3]);
    });
  }
});

it('fits curves given as rows with raw resources, and refuses gaps', async () => {
  const x: number[][] = [];
  const y: number[] = [];
  for (let i = 0; i < 7; i++) {
    const a = i / 7;
    for (let r = 1; r <= 3 + i; r++) {
      x.push([a, r]);
      y.push(1 + Math.sin(3 * a) + 2 / r + 0.01 * Math.sin(17 * r + i));
    }
  }
  for (const model of ['issm', 'exponential-decay'] as const) {
    const gp = new LearningCurveGP({ model, resources: [1, 12] });
    const report = await gp.fit(x, y, { restarts: 2, maxIterations: 100 });
    expect(report.restarts.every((r) => r.error === undefined)).toBe(true);
    const p = gp.predict([[3 / 7, 12]]);
    expect(Math.abs(p.mean.item() - (1 + Math.sin(9 / 7) + 2 / 12))).toBeLessThan(0.5);
    expect(gp.sampleCurves([[0.1], [0.9]], { samples: 5 }).shape).toEqual([2, 12, 5]);
  }
  const gp = new LearningCurveGP({ model: 'issm', resources: [1, 12] });
  await expect(gp.fit([[0, 1], [0, 3]], [1, 2])).rejects.toThrow(/without gaps; the one in rows 0, 1 of X has 1, 3, so 2 is missing/);
  await expect(gp.fit([[5, 1], [0, 1], [0, 1]], [1, 2, 3])).rejects.toThrow(/rows 1, 2 of X has 1, 1, so 1 is there twice/);
  expect(() => new LearningCurveGP({ model: 'decay' as never, resources: [1, 3] })).toThrow(/model: 'decay' is not one of issm, exponential-decay/);
  expect(() => new LearningCurveGP({ model: 'issm' } as never)).toThrow(/resources: expected \[min, max\]/);
  await expect(gp.fit([[0, 1], [0, 1]], [1, 2])).rejects.toThrow(/so 2 is missing|there twice/);
});
