// What every environment must do, from dist: the conformance suite on the host backends, and a small Gaussian process.
import { testBackend } from '@matheron/backend-conformance';
import { WasmBackend } from '@matheron/backend-wasm';
import { canRun } from '@matheron/backend-wasm/internal';
import { Context } from '@matheron/core-tensor';
import { cpu, GaussianProcessRegression, linspace } from 'matheron';
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
  // backend-cpu computes powers with Math.pow; that of Bun (JavaScriptCore) multiplies for whole exponents. backend-wasm has its own.
  const exceptions = 'Bun' in globalThis ? [{ case: 'binary pow: float64, table', reason: 'Math.pow of JavaScriptCore is off by 1e-14 at large whole exponents', tolerance: 1e-12 }] : [];
  describe('cpu', () => void testBackend(() => cpu(0), { describe, it, exceptions }));
  for (const build of /** @type {const} */ (['simd', 'relaxed']).filter(canRun)) {
    describe(`wasm, ${build}`, () => void testBackend(() => new Context('wasm', 0, new WasmBackend({ build })), { describe, it }));
  }
  describe('Gaussian process', () => {
    it('fits and predicts on the default context', smallFit);
  });
  return run();
};
