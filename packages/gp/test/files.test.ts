import { cpu } from '@matheron/backend-cpu';
import { RandomState, type Tensor, pairwiseSquaredDistance, setDefaultContext } from '@matheron/core-tensor';
import { Kernel, LogNormalPrior, Matern52, Mean, RBF, WarpedKernel, Warping } from '@matheron/gp-kernels';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GPRegressionMCMC, GaussianProcessRegression, HyperTuneIndependentGP, HyperTuneJointGP, IndependentGPPerResource, LearningCurveGP, type Prediction } from '../src/index.ts';
import { close, flat } from './fixture.ts';

setDefaultContext(cpu());

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'matheron-gp-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});
const rng = new RandomState(8);
const same = (a: Prediction, b: Prediction): void => {
  close(a.mean, flat(b.mean), 1e-12);
  close(a.variance, flat(b.variance), 1e-12);
};
const x = Array.from({ length: 18 }, (_, i) => [i / 6]);
const y = x.map(([v]) => Math.exp(0.3 * Math.sin(2 * v!)) + 0.02 * rng.gauss());
const levels = x.map(([v], i) => [v!, [1, 3, 9][i % 3]!]);
const curves = Array.from({ length: 6 }, (_, i) => Array.from({ length: 3 + i }, (__, r) => ({ x: [i / 6, r + 1], y: 1 / (r + 1) + i / 6 + 0.01 * rng.gauss() }))).flat();

describe('every model is written and read whole', () => {
  it('regression with Box-Cox and a warped kernel', async () => {
    const model = new GaussianProcessRegression({ kernel: new WarpedKernel(new Matern52({ lengthscale: 0.4 }), new Warping({ dimension: 1 })).scale(), targetTransform: 'box-cox' });
    await model.fit(x.map(([v]) => v! / 3), y, { restarts: 1, maxIterations: 15 });
    await model.save(join(root, 'a'));
    const again = await GaussianProcessRegression.load(join(root, 'a'));
    same(again.predict([0.2, 0.9]), model.predict([0.2, 0.9]));
    expect(again.getParams()).toEqual(model.getParams());
    close(again.logMarginalLikelihood(), model.logMarginalLikelihood().item(), 1e-12);
  });
  it('MCMC, with its samples', async () => {
    const model = new GPRegressionMCMC({ mcmc: { samples: 14, burnIn: 6, thinning: 2 } });
    await model.fit(x, y);
    await model.save(join(root, 'b'));
    const again = await GPRegressionMCMC.load(join(root, 'b'));
    expect(again.states).toHaveLength(4);
    expect(again.samples).toEqual(model.samples);
    same(again.predict(x), model.predict(x));
    same(again.leaveOneOut(), model.leaveOneOut());
    // the mixture's likelihood lies between those of its states
    const each = model.states.map((s) => -s.negLogLikelihood().item() - y.length * Math.log(Math.sqrt(y.reduce((q, v) => q + (v - y.reduce((a, b) => a + b) / 18) ** 2, 0) / 18)));
    expect(model.logMarginalLikelihood().item()).toBeLessThanOrEqual(Math.max(...each) + 1e-9);
    expect(model.logMarginalLikelihood().item()).toBeGreaterThanOrEqual(Math.min(...each) - 1e-9);
    close(again.logMarginalLikelihood(), model.logMarginalLikelihood().item(), 1e-12);
  });
  it('one GP a level', async () => {
    const model = new IndependentGPPerResource({ resources: [1, 9], separateNoise: true });
    await model.fit(levels, y, { restarts: 1, maxIterations: 15 });
    await model.save(join(root, 'c'));
    const again = await IndependentGPPerResource.load(join(root, 'c'));
    same(again.predict([[0.4, 3], [1.1, 9]]), model.predict([[0.4, 3], [1.1, 9]]));
    // leave-one-out by hand for one row
    const loo = model.leaveOneOut();
    const keep = levels.map((_, i) => i).filter((i) => i !== 4);
    await again.recomputeStates(keep.map((i) => levels[i]!), keep.map((i) => y[i]!));
    const p = again.predict([levels[4]!], { noise: true });
    close(flat(loo.mean)[4]!, p.mean.item(), 1e-9);
    close(flat(loo.variance)[4]!, p.variance.item(), 1e-9);
  });
  it('Hyper-Tune, with its distributions', async () => {
    for (const [name, Model] of [['d', HyperTuneIndependentGP], ['e', HyperTuneJointGP]] as const) {
      const model = new Model({ resources: [1, 9], distributionSamples: 30, brackets: 2 });
      await model.fit(levels, y, { restarts: 1, maxIterations: 15 });
      await model.save(join(root, name));
      const again = await Model.load(join(root, name));
      expect(again.ensembleDistribution()).toEqual(model.ensembleDistribution());
      expect(again.bracketDistribution()).toEqual(model.bracketDistribution());
      same(again.predict([[0.7]]), model.predict([[0.7]]));
    }
  });
  it('learning curves', async () => {
    for (const [name, kind] of [['f', 'issm'], ['g', 'exponential-decay']] as const) {
      const model = new LearningCurveGP({ model: kind, resources: [1, 9] });
      await model.fit(curves.map((c) => c.x), curves.map((c) => c.y), { restarts: 1, maxIterations: 15 });
      await model.save(join(root, name));
      const again = await LearningCurveGP.load(join(root, name));
      same(again.predict([[0.3, 5]]), model.predict([[0.3, 5]]));
      expect(() => model.leaveOneOut()).toThrow(/no closed form/);
      close(again.logMarginalLikelihood(), model.logMarginalLikelihood().item(), 1e-12);
    }
  });
  it('files that don\'t fit are refused by name', async () => {
    await expect(GPRegressionMCMC.load(join(root, 'a'))).rejects.toThrow(/holds a GaussianProcessRegression, not a GPRegressionMCMC/);
    const json = JSON.parse(await readFile(join(root, 'a', 'model.json'), 'utf8')) as Record<string, unknown>;
    await writeFile(join(root, 'a', 'model.json'), JSON.stringify({ ...json, kernel: null }));
    await expect(GaussianProcessRegression.load(join(root, 'a'))).rejects.toThrow(/a class of its own; pass it/);
    await writeFile(join(root, 'a', 'model.json'), JSON.stringify({ ...json, schema: 'other/2' }));
    await expect(GaussianProcessRegression.load(join(root, 'a'))).rejects.toThrow(/schema 'other\/2'/);
    await writeFile(join(root, 'a', 'model.json'), '{');
    await expect(GaussianProcessRegression.load(join(root, 'a'))).rejects.toThrow(/is not JSON/);
    await writeFile(join(root, 'a', 'model.json'), JSON.stringify({ ...json, parameters: ['nothing'] }));
    await expect(GaussianProcessRegression.load(join(root, 'a'))).rejects.toThrow(/don't belong together/);
  });
});

it('the bounds and the prior of the noise come back, so that a fit goes on as it would have', async () => {
  const folder2 = await mkdtemp(join(tmpdir(), 'matheron-noise-'));
  try {
    const model = new GaussianProcessRegression({ noiseVariance: { init: 1e-10, bounds: [1e-12, 1e-9], prior: new LogNormalPrior({ mean: -22, sigma: 0.5 }) } });
    const x = [0, 1, 2, 3, 4.5];
    const y = [0, 0.8, 0.9, 0.1, -1];
    await model.fit(x, y, { restarts: 1 });
    await model.save(folder2);
    const again = await GaussianProcessRegression.load(folder2);
    expect(again.likelihood.noiseVariance.bounds).toEqual([1e-12, 1e-9]);
    expect(again.getParams()).toEqual(model.getParams());
    const [a, b] = [await model.fit(x, y, { restarts: 1 }), await again.fit(x, y, { restarts: 1 })];
    expect(b.criterion).toBe(a.criterion);
    await writeFile(join(folder2, 'model.json'), 'null');
    await expect(GaussianProcessRegression.load(folder2)).rejects.toThrow(/has the schema 'undefined'/);
  } finally {
    await rm(folder2, { recursive: true });
  }
});

it("a sum or product with a kernel of one's own, and a mean of one's own, are read with what is passed", async () => {
  class Cosine extends Kernel {
    readonly period = this.hyperparameter('period', { init: 2 });
    override forward(X1: Tensor, X2: Tensor): Tensor {
      return pairwiseSquaredDistance(X1, X2).sqrt().mul(2 * Math.PI).div(this.period.value()).cos();
    }
  }
  class Three extends Mean {
    override forward(X: Tensor): Tensor {
      return X.slice([], 0).mul(0).add(3);
    }
  }
  const make = () => ({ kernel: new RBF().mul(new Cosine()).scale(2), mean: new Three() });
  const own = await mkdtemp(join(tmpdir(), 'matheron-own-'));
  try {
    const model = new GaussianProcessRegression({ ...make(), standardize: false });
    await model.fit([0, 1, 2, 3], [3, 4, 3, 2.5], { restarts: 1 });
    await model.save(own);
    await expect(GaussianProcessRegression.load(own)).rejects.toThrow(/the model's kernel \(scale\(rbf.*Cosine.*is a class of its own; pass it: load\(directory, \{ kernel \}\)/);
    await expect(GaussianProcessRegression.load(own, { kernel: make().kernel })).rejects.toThrow(/the model's mean \(Three\)/);
    const again = await GaussianProcessRegression.load(own, make());
    close(again.predict([0.5, 9]).mean, flat(model.predict([0.5, 9]).mean), 1e-14);
  } finally {
    await rm(own, { recursive: true });
  }
});
