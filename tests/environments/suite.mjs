// What every environment must do, from dist: the conformance suite on the host backends, and a small Gaussian process.
import { testBackend } from '@matheron/backend-conformance';
import { cpu, GaussianProcessRegression, linspace, wasm } from 'matheron';
import { collector } from './runner.mjs';

const assert = (/** @type {boolean} */ condition, /** @type {string} */ message) => {
  if (!condition) throw new Error(message);
};

/** Noise-free values of a smooth function are recovered between the points, and the variance grows outside. */
const smallFit = async () => {
  const X = linspace(0, 6, 13);
  const model = new GaussianProcessRegression({ seed: 1 });
  const report = await model.fit(X, X.sin(), { restarts: 0 });
  assert(Number.isFinite(report.logMarginalLikelihood), `log marginal likelihood ${report.logMarginalLikelihood}`);
  const { mean, variance } = model.predict([2.25, 9]);
  const [inside = NaN] = await mean.data();
  const [near = NaN, far = NaN] = await variance.data();
  assert(Math.abs(inside - Math.sin(2.25)) < 0.02, `predicted sin(2.25) as ${inside}`);
  assert(near >= 0 && far > near, `variances ${near} inside and ${far} outside`);
};

/** @returns {Promise<{ passed: number, failures: string[] }>} */
export const runSuite = () => {
  const { describe, it, run } = collector();
  for (const [name, make] of Object.entries({ cpu, wasm })) {
    describe(name, () => void testBackend(() => make(0), { describe, it }));
  }
  describe('Gaussian process', () => {
    it('fits and predicts on the default context', smallFit);
  });
  return run();
};
