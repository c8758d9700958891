import { cpu } from '@matheron/backend-cpu';
import { linspace, setDefaultContext, tensor } from '@matheron/core-tensor';
import { Matern12, Matern32, Matern52, RBF, RationalQuadratic, ZeroMean, type Kernel } from '@matheron/gp-kernels';
import { describe, expect, it } from 'vitest';
import { GaussianProcessRegression, MarginalLikelihood } from '../src/index.ts';

setDefaultContext(cpu());

describe('known answers', () => {
  const X = tensor([[1], [3], [5], [6], [7], [8]]);
  const y = tensor([1, 3, 5, 6, 7, 8].map((x) => x * Math.sin(x)));
  const cases: [string, Kernel, number][] = [
    ['RBF', new RBF(), -45.793793306244393], ['Matérn-1/2', new Matern12(), -51.827353689594055], ['Matérn-3/2', new Matern32(), -48.87710243882997],
    ['Matérn-5/2', new Matern52(), -47.8319771914984], ['RQ', new RationalQuadratic(), -54.75136969944573],
  ];
  it.each(cases)('scikit-learn\'s toy, %s', (_, kernel, expected) => {
    const l = new MarginalLikelihood({ kernel, mean: new ZeroMean(), noiseVariance: 0.1 });
    expect(l.call(X, y).neg().item()).toBeCloseTo(expected, 10);
  });
});

it('fits', async () => {
  const X = linspace(0, 10, 25);
  const y = X.sin().add(X.mul(0.3));
  const model = new GaussianProcessRegression();
  const report = await model.fit(X, y, { onProgress: (p) => console.log(p.restart, p.value) });
  console.log(report, model.getParams());
  const { mean, variance, std } = model.predict([2.5, 11]);
  console.log(mean.toArray(), variance.toArray(), std.toArray(), Math.sin(2.5) + 0.75);
});
