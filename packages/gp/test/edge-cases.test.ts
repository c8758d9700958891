import { cpu } from '@matheron/backend-cpu';
import { setDefaultContext } from '@matheron/core-tensor';
import { RBF, ZeroMean } from '@matheron/gp-kernels';
import { expect, it } from 'vitest';
import { GPRegressionMCMC, GaussianProcessRegression, PosteriorState } from '../src/index.ts';
import { close } from './fixture.ts';

setDefaultContext(cpu());

it('with everything frozen a fit evaluates once a start and changes nothing', async () => {
  const model = new GaussianProcessRegression({ kernel: new RBF({ lengthscale: { init: 1, trainable: false } }), mean: new ZeroMean(), noiseVariance: 0, standardize: false });
  const report = await model.fit([1, 2, 3], [1, 0, 1], { restarts: 2 });
  expect(report.restarts.map((r) => r.evaluations)).toEqual([1, 1]);
  expect(model.getParams()).toEqual({ noise_variance: 0, kernel_lengthscale: 1 });
  // by hand: K = [[1, a, b], [a, 1, a], [b, a, 1]] with a = e^(−1/2), b = e^(−2); (1, 0, 1) lies in the span of (1, 0, 1) and (0, 1, 0)
  const [a, b] = [Math.exp(-0.5), Math.exp(-2)];
  const quadratic = 2 / (1 + b - 2 * a * a);
  const determinant = (1 - b) * (1 + b - 2 * a * a);
  close(report.logMarginalLikelihood, -0.5 * quadratic - 0.5 * Math.log(determinant) - 1.5 * Math.log(2 * Math.PI), 1e-12);
});

it('one observation is enough: its value everywhere', async () => {
  const model = new GaussianProcessRegression();
  await model.fit([[1, 2]], [3], { restarts: 1 });
  close(model.predict([[1, 2], [5, 5]]).mean, [3, 3], 1e-9);
});

it.each([1e-140, 1e-9, 1e9, 1e140])('means and deviations go with the unit of the targets, %d, and of the inputs', async (unit) => {
  const x = [0, 1, 2.5, 3, 4.5];
  const y = [0.3, -1, 0.7, 2, 1.5];
  const [plain, scaled] = [new GaussianProcessRegression(), new GaussianProcessRegression()];
  await plain.recomputeStates(x, y);
  await scaled.recomputeStates(x.map((v) => v / unit), y.map((v) => v * unit));
  const [a, b] = [plain.predict([2]), scaled.predict([2 / unit])];
  expect(b.mean.item() / unit / a.mean.item()).toBeCloseTo(1, 12);
  expect(b.std.item() / unit / a.std.item()).toBeCloseTo(1, 12);
});
it.each([1e-300, 1e-155, 1e160, 1e300])('inputs of any scale are standardized, %d', async (unit) => {
  const model = new GaussianProcessRegression();
  await model.recomputeStates([0, unit, 2 * unit], [0, 1, 0]);
  expect(model.predict([unit]).mean.item()).toBeGreaterThan(0.8);
});
it('targets whose variance no float can hold are refused, with the remedy', async () => {
  await expect(new GaussianProcessRegression().fit([1, 2, 3], [1e200, 0, 3e200])).rejects.toThrow(/standard deviation of 1.25e\+200, whose square is out of the range of float64; change their unit/);
  await expect(new GaussianProcessRegression().fit([1, 2, 3], [1e-200, 0, 3e-200])).rejects.toThrow(/out of the range/);
});
it('no inputs and nonsense in options are errors that name them', async () => {
  await expect(new GaussianProcessRegression().fit([[], []], [1, 2])).rejects.toThrow(/X has 0 columns/);
  for (const restarts of [-1, 1.5, NaN]) await expect(new GaussianProcessRegression().fit([1, 2], [1, 2], { restarts })).rejects.toThrow(/restarts: .* was given, expected an integer/);
  expect(() => new GaussianProcessRegression({ kernel: 'rbf' as never })).toThrow(/kernel: expected a Kernel, .* got 'rbf'/);
  expect(() => new GaussianProcessRegression({ kernel: RBF as never })).toThrow(/write new RBF\(\)/);
  expect(() => new GaussianProcessRegression({ mean: 3 as never })).toThrow(/mean: expected a Mean/);
  expect(() => new GaussianProcessRegression({ preset: 'synetune' as never })).toThrow(/preset: 'synetune' is not one of matheron, syne-tune/);
  expect(() => new GaussianProcessRegression({ targetTransform: 'log' as never })).toThrow(/'log' is not one of identity, box-cox/);
});
it("Box-Cox refuses targets without a logarithm, but in 'syne-tune'", async () => {
  for (const model of [new GaussianProcessRegression({ targetTransform: 'box-cox' }), new GPRegressionMCMC({ targetTransform: 'box-cox' })]) {
    await expect(model.fit([1, 2, 3], [1, -2, 3])).rejects.toThrow(/positive targets, y is -2 in row 1/);
  }
  const syneTune = new GaussianProcessRegression({ targetTransform: 'box-cox', preset: 'syne-tune' });
  await syneTune.recomputeStates([1, 2, 3], [1, -2, 3]);
  expect(syneTune.states).toHaveLength(1);
});
it('a condition checks its targets as a fit does', async () => {
  const model = new GaussianProcessRegression({ targetTransform: 'box-cox' });
  await model.recomputeStates([1, 2, 3], [1, 2, 3]);
  await expect(model.condition([4], [0])).rejects.toThrow(/condition: .* y is 0 in row 0/);
});
it('a number of samples that is none is refused everywhere', async () => {
  const model = new GaussianProcessRegression();
  await model.recomputeStates([1, 2, 3], [1, 2, 3]);
  for (const samples of [0, -1, 1.5, NaN]) {
    for (const draw of [() => model.sampleJoint([1], { samples }), () => model.sampleMarginals([1], { samples }), () => model.states[0]!.sampleJoint([1], { samples })]) expect(draw).toThrow(/samples: expected an integer of at least 1/);
    await expect(model.fantasize([1], { samples })).rejects.toThrow(/samples: expected an integer/);
  }
});
it('a posterior state has no negative noise', () => {
  expect(() => new PosteriorState([1, 2], [1, 2], new ZeroMean(), new RBF(), -1)).toThrow(/noise variance must not be negative, got -1/);
});
