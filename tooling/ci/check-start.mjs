// node tooling/ci/check-start.mjs <folder>: did `pnpm start` write what it promises, with figures that make sense?
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { finish, readJson } from '../workspace/index.mjs';

const folder = process.argv[2] ?? 'out/co2';
const problems = ['report.json', 'plot.svg', 'plot.html', 'model.json', 'model.safetensors']
  .filter((file) => !existsSync(join(folder, file)) || statSync(join(folder, file)).size === 0)
  .map((file) => `${file} is missing or empty`);
let summary = '';
if (!problems.length) {
  const report = readJson(join(folder, 'report.json'));
  // The optimum of the book's model by SciPy from the book's start is −115.0503.
  if (!(report.logMarginalLikelihood >= -115.0503)) problems.push(`logMarginalLikelihood is ${report.logMarginalLikelihood}, worse than −115.0503`);
  if (!(report.forecast?.rmse > 0) || !(report.forecast?.coverage95 >= 0)) problems.push(`forecast is ${JSON.stringify(report.forecast)}`);
  if (typeof report.backend !== 'string' || !(report.seconds > 0) || !report.hyperparameters) problems.push('backend, seconds or hyperparameters are missing');
  if (!readFileSync(join(folder, 'plot.svg'), 'utf8').includes('<svg')) problems.push('plot.svg is no SVG');
  summary = `log marginal likelihood ${report.logMarginalLikelihood}, forecast rmse ${report.forecast?.rmse}, ${report.seconds} s on ${report.backend}`;
}
finish('start', problems, summary);
