// A Gaussian process with a plot in ten lines
import { GaussianProcessRegression, linspace, tensor } from 'matheron';
import { plotSvg } from '@matheron/gp/plot';
import { writeFile } from 'node:fs/promises';

const X = linspace(0, 10, 25), y = X.sin().add(X.mul(0.3));
const model = new GaussianProcessRegression();
const report = await model.fit(X, y, { onProgress: (p) => console.log(p.restart, p.value) });
const { mean, variance, std } = model.predict([2.5, 11]);
console.log(report.logMarginalLikelihood, mean.toArray<number[]>(), variance.dataSync()[0], std.max().item());
await writeFile('gp.svg', await plotSvg(model, { X, y, xLabel: 'time / s' }));
