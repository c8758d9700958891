import { cpu } from '@matheron/backend-cpu';
import { setDefaultContext } from '@matheron/core-tensor';
import { RBF, ZeroMean } from '@matheron/gp-kernels';
import { expect, it } from 'vitest';
import { GaussianProcessRegression } from '../src/index.ts';
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
