// Fits the four-part kernel of Rasmussen & Williams (Gaussian Processes for Machine Learning, 2006, section 5.4.3) to the Mauna Loa CO2 record up to
// 2001 and forecasts to 2020, where a later record says what happened. Flags of `matheron fit` are passed on: --out, --backend, --quiet, …
import { join } from 'node:path';
import { main } from '@matheron/cli';

const kernel = [
  '4356 * rbf(lengthscale=67)', // the long-term rise, 66² and 67 years
  '5.76 * rbf(lengthscale=90) * periodic(lengthscale=1.3, period=1)', // the seasons, whose form drifts
  '0.4356 * rq(lengthscale=1.2, alpha=0.78)', // medium-term irregularities
  '0.0324 * rbf(lengthscale=0.134) + white(noise_variance=0.0361)', // correlated and independent noise
].join(' + ');

const data = join(import.meta.dirname, 'data');
const flags = process.argv.slice(2);
const root = join(import.meta.dirname, '..', '..');
const has = (flag) => flags.some((f) => f === flag || f.startsWith(`${flag}=`));
const controller = new AbortController();
process.once('SIGINT', () => {
  controller.abort();
  process.once('SIGINT', () => process.exit(130));
});

if (!has('--json') && !has('--quiet')) {
  process.stderr.write('Fitting a Gaussian process to the monthly CO2 record of Mauna Loa, 1958 to 2001, and forecasting to 2020\n');
}
process.exitCode = await main(
  [
    'fit', join(data, 'co2_monthly.csv'),
    '--y', 'co2_ppm', '--x', 'decimal_year',
    '--kernel', kernel, '--mean', 'average', '--no-standardize', '--restarts', '1', '--max-iterations', '200',
    '--holdout', join(data, 'co2_1958_2020.csv'), '--holdout-x', 'Date', '--holdout-y', 'CO2', '--holdout-from', '2002',
    '--title', 'CO2 at Mauna Loa: fitted to 2001, forecast to 2020', '--x-label', 'year', '--y-label', 'CO2 / ppm',
    ...(has('--out') ? [] : ['--out', join(root, 'out', 'co2')]),
    '--force',
    ...flags,
  ],
  { stdout: process.stdout, stderr: process.stderr, signal: controller.signal },
);
