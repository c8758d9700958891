// An LSTM learns the yearly numbers of sunspots from 1700 to 1929 and foretells each later year from the ones before it. Writes a picture to out/sunspots.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Generator, HybridBlock, Trainer, backward, loss, nn, record, rnn, setSeed, solve, tensor, wasm, withContext } from 'matheron';
import { picture } from './picture.mjs';

const window = 33; // three cycles of about eleven years
const firstTestYear = 1930;
const epochs = 80;

const rows = readFileSync(join(import.meta.dirname, 'data', 'sunspots.csv'), 'utf8').trim().split('\n').slice(1).map((line) => line.split(',').map(Number));
const years = rows.map(([year]) => year);
const counts = rows.map(([, count]) => count);
// Square roots make the spread even; the network sees numbers around 0.
const toNetwork = (/** @type {number} */ v) => Math.sqrt(v) / 4 - 1.5;
const fromNetwork = (/** @type {number} */ v) => Math.max(0, (v + 1.5) * 4) ** 2;
const series = counts.map(toNetwork);
const split = years.indexOf(firstTestYear);

class Forecaster extends HybridBlock {
  /** One number a year to one number a year: what the next will be. */
  constructor() {
    super();
    this.lstm = new rnn.LSTM(24, { layout: 'NTC' });
    this.head = new nn.Dense(1, { flatten: false });
  }
  forward(x) {
    return x.add(this.head.call(this.lstm.call(x)));
  }
}

withContext(wasm(0), () => {
  setSeed(3);
  const started = performance.now();
  const windows = (/** @type {readonly number[]} */ starts, shift = 0) => tensor(Float64Array.from(starts.flatMap((s) => series.slice(s + shift, s + shift + window))), { shape: [starts.length, window, 1] });
  const starts = Array.from({ length: split - window }, (_, k) => k);
  const [x, y] = [windows(starts), windows(starts, 1)];

  const net = new Forecaster();
  net.initialize({ init: 'xavier' });
  net.hybridize();
  const criterion = new loss.L2Loss();
  const batchSize = 49;
  const steps = epochs * Math.floor(starts.length / batchSize);
  const trainer = new Trainer(net.collectParams(), 'adam', { learningRate: (step) => 4e-3 * (1 + Math.cos((Math.PI * step) / steps)), clipGradient: 5 });
  const rng = new Generator(4);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = rng.permutationArray(starts.length);
    let total = 0;
    for (let k = 0; k + batchSize <= order.length; k += batchSize) {
      const chosen = tensor(order.slice(k, k + batchSize));
      const l = record(() => criterion.call(net.call(x.take(chosen)), y.take(chosen)));
      backward(l);
      trainer.step(batchSize);
      total += l.mean().item();
    }
    if (epoch % 20 === 0) console.log(`epoch ${String(epoch).padStart(2)}: loss ${(total / Math.floor(order.length / batchSize)).toFixed(5)}`);
  }

  // Each year of 1733 to 2008 from the 33 before it.
  const all = Array.from({ length: series.length - window }, (_, k) => k);
  const predicted = Array.from(net.call(windows(all)).slice([], -1, 0).dataSync(), fromNetwork);
  const actual = counts.slice(window);
  const inTest = (/** @type {number} */ k) => k + window >= split;
  const rmse = (/** @type {readonly number[]} */ p) => Math.sqrt(p.reduce((s, v, k) => s + (inTest(k) ? (v - actual[k]) ** 2 : 0), 0) / (series.length - split));
  const same = all.map((k) => counts[k + window - 1]);
  const linear = autoregression();
  console.log(`root mean square error ${firstTestYear} to ${years.at(-1)}: LSTM ${rmse(predicted).toFixed(1)}, autoregression of order 9 ${rmse(linear).toFixed(1)}, "as last year" ${rmse(same).toFixed(1)}`);
  console.log(`${((performance.now() - started) / 1000).toFixed(1)} s on wasm(0)`);

  // Eleven years ahead of the record, each forecast fed back.
  const future = series.slice(-window);
  for (let k = 0; k < 11; k++) future.push(net.call(tensor(future.slice(-window), { shape: [1, window, 1] })).slice(0, -1, 0).item());
  const out = process.argv.indexOf('--out');
  const folder = out > 0 ? process.argv[out + 1] : join(import.meta.dirname, '..', '..', 'out', 'sunspots');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'picture.svg'), picture({ years, counts, predicted, window, firstTestYear, ahead: future.slice(window).map(fromNetwork), rmse: [rmse(predicted), rmse(linear), rmse(same)] }));
  console.log(`picture: ${join(folder, 'picture.svg')}`);
  if (!(rmse(predicted) < rmse(same))) process.exitCode = 1;
});

/** Least squares on the nine years before, fitted on the same years as the network: what it has to be compared with. */
function autoregression() {
  const order = 9;
  const at = (/** @type {number} */ t) => [1, ...Array.from({ length: order }, (_, j) => counts[t - 1 - j])];
  const times = Array.from({ length: split - order }, (_, k) => k + order);
  const a = tensor(times.map(at));
  const b = tensor(times.map((t) => counts[t]));
  const weights = solve(a.T.matmul(a), a.T.matmul(b)).dataSync();
  return Array.from({ length: counts.length - window }, (_, k) => Math.max(0, at(k + window).reduce((s, v, j) => s + v * weights[j], 0)));
}
