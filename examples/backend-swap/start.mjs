// One model, four configurations: the same numbers within each dtype's tolerance, and how long they took. Flags: --points n, --repeat k.
import { parseArgs } from 'node:util';
import { BackendUnavailableError, configure } from 'matheron';
import { evaluate } from './model.mjs';

const { values: flags } = parseArgs({ options: { points: { type: 'string', default: '200' }, repeat: { type: 'string', default: '3' } } });
const points = Number(flags.points);

// The swap is one line.
const configurations = [
  { backend: 'wasm' },
  { backend: 'tfjs-node' },
  { backend: 'tfjs-wasm', dtype: 'float32' },
  { backend: 'tfjs-cpu', dtype: 'float32' },
];
// The matrix has a condition number near points · 1.5 / 0.05, by which rounding errors grow.
const tolerance = { float64: 1e-10, float32: 2e-7 * points };

const rows = [];
let reference;
let failed = false;
for (const configuration of configurations) {
  let context;
  try {
    context = await configure(configuration);
  } catch (error) {
    if (!(error instanceof BackendUnavailableError)) throw error;
    rows.push([configuration.backend, '', '', 'not here: run node tooling/tfjs-node/prepare.mjs', '']);
    continue;
  }
  let numbers = await evaluate(points);
  let best = Infinity;
  for (let k = 0; k < Number(flags.repeat); k++) {
    const started = performance.now();
    numbers = await evaluate(points);
    best = Math.min(best, performance.now() - started);
  }
  reference ??= numbers;
  const difference = Math.max(...numbers.map((v, k) => Math.abs(v - reference[k]) / Math.max(1, Math.abs(reference[k]))));
  const agrees = difference <= tolerance[context.dtype];
  failed ||= !agrees;
  rows.push([configuration.backend, context.dtype, numbers[0].toPrecision(context.dtype === 'float64' ? 12 : 6), `${difference.toExponential(1)} ${agrees ? '≤' : '>'} ${tolerance[context.dtype].toExponential(0)}`, `${best.toFixed(1)} ms`]);
}

const header = ['backend', 'dtype', 'loss', 'largest difference', 'time'];
const widths = header.map((title, k) => Math.max(title.length, ...rows.map((row) => row[k].length)));
for (const row of [header, ...rows]) console.log(row.map((cell, k) => (k === 4 ? cell.padStart(widths[k]) : cell.padEnd(widths[k]))).join('  '));
console.log(`\nA Gaussian process on ${points} points: loss, gradient, five predictions with their deviations; the best of ${flags.repeat}.`);
process.exitCode = failed ? 1 : 0;
