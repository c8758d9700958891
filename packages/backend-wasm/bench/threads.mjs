// node bench/threads.mjs [threads]: speed of the threaded backend over one thread, best of several, from dist.
import { WasmBackend } from '../dist/index.js';
import { ThreadedBackend } from '../dist/threads.js';

const threads = Number(process.argv[2] ?? 2), one = new WasmBackend(), many = new ThreadedBackend(threads);
await many.started();
const race = (...jobs) => {
  const best = jobs.map(() => Infinity), stop = performance.now() + 1500;
  do {
    jobs.forEach((f, k) => {
      const t = performance.now();
      f();
      best[k] = Math.min(best[k], performance.now() - t);
    });
  } while (performance.now() < stop);
  return best;
};
const row = (name, f) => {
  const [a, b] = race(() => f(one), () => f(many));
  console.log(`${name.padEnd(24)} ${a.toFixed(2).padStart(9)} ms ${b.toFixed(2).padStart(9)} ms   × ${(a / b).toFixed(2)}`);
};
console.log(process.version, one.build, `${threads} threads`);
for (const n of [128, 256, 512, 1000]) {
  const x = one.upload(Float64Array.from({ length: n * n }, () => Math.random() - 0.5), [n, n], 'float64');
  const spd = one.binary('add', one.matmul(x, one.permute(x, [1, 0])), one.upload(Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) ? 0 : n)), [n, n], 'float64'));
  const { factor } = one.cholesky(spd);
  row(`matmul ${n}`, (b) => b.matmul(x, x));
  row(`cholesky ${n}`, (b) => b.cholesky(spd));
  row(`solve ${n}`, (b) => b.triangularSolve(factor, x, { lower: true, transpose: false, unitDiagonal: false, side: 'left' }));
  row(`inverse ${n}`, (b) => b.choleskyInverse(factor));
}
const x = one.upload(Float64Array.from({ length: 1e6 }, () => Math.random() * 20 - 10), [1e6], 'float64');
for (const op of ['exp', 'tanh', 'erf', 'lgamma']) row(`${op} of 1e6`, (b) => b.unary(op, x));
