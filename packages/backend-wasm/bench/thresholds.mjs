// node bench/thresholds.mjs: microseconds of the TypeScript backend and of this one at small sizes, from dist. A size at which the second
// column isn't smaller belongs below its threshold in src/matrix-kernels.ts, src/decompositions.ts or src/elementwise.ts.
import { CpuBackend } from '@matheron/backend-cpu';
import { WasmBackend } from '../dist/index.js';

const cpu = new CpuBackend(), wasm = new WasmBackend();
const random = (n) => Float64Array.from({ length: n }, () => Math.random() + 0.1);
function time(f) {
  let n = 1;
  for (;;) {
    const t = performance.now();
    for (let i = 0; i < n; i++) f();
    if (performance.now() - t > 2) break;
    n *= 2;
  }
  let best = Infinity;
  for (let k = 0; k < 15; k++) {
    const t = performance.now();
    for (let i = 0; i < n; i++) f();
    best = Math.min(best, (performance.now() - t) / n);
  }
  return best * 1000;
}
const row = (name, f) => {
  const a = time(() => f(cpu)), b = time(() => f(wasm));
  console.log(`${name.padEnd(28)} ${a.toFixed(2).padStart(10)} ${b.toFixed(2).padStart(10)} ${(a / b).toFixed(2).padStart(7)}`);
};
console.log(process.version, wasm.build);
for (const n of [4, 6, 8, 10, 12, 16, 24, 32]) {
  const a = cpu.upload(random(n * n), [n, n], 'float64'), spd = cpu.binary('add', cpu.matmul(a, cpu.permute(a, [1, 0])), cpu.upload(Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) ? 0 : n)), [n, n], 'float64'));
  const { factor } = cpu.cholesky(spd);
  row(`matmul ${n}`, (b) => b.matmul(a, a));
  row(`matmul ${n} float32`, ((x) => (b) => b.matmul(x, x))(cpu.cast(a, 'float32')));
  row(`cholesky ${n}`, (b) => b.cholesky(spd));
  row(`inverse ${n}`, (b) => b.choleskyInverse(factor));
  row(`solve ${n}, ${n} right sides`, (b) => b.triangularSolve(factor, a, { lower: true, transpose: false, unitDiagonal: false, side: 'left' }));
  row(`lu ${n}`, (b) => b.lu(a));
  row(`qr ${n}`, (b) => b.qr(a, { pivot: false }));
  row(`eigh ${n}`, (b) => b.eigh(spd));
  row(`svd ${n}`, (b) => b.svd(a));
}
for (const [m, n, k] of [[1, 300, 300], [2, 300, 300], [4, 300, 300], [8, 300, 300], [300, 1, 300], [300, 4, 300], [300, 300, 1], [300, 300, 2], [300, 300, 4], [1000, 4, 6]]) {
  const a = cpu.upload(random(m * k), [m, k], 'float64'), b = cpu.upload(random(k * n), [k, n], 'float64');
  row(`matmul ${m}×${k}×${n}`, (w) => w.matmul(a, b));
}
for (const n of [30, 100, 300]) for (const m of [1, 2, 3, 4, 8]) {
  const l = cpu.upload(random(n * n).map((v, k) => (k % (n + 1) ? v / n : 1)), [n, n], 'float64'), b = cpu.upload(random(n * m), [n, m], 'float64');
  row(`solve ${n}, ${m} right sides`, (w) => w.triangularSolve(l, b, { lower: true, transpose: false, unitDiagonal: false, side: 'left' }));
}
for (const op of ['exp', 'expm1', 'log', 'log1p', 'tanh', 'sigmoid', 'softplus', 'sin', 'cos', 'erf', 'lgamma', 'pow']) {
  for (const n of [16, 32, 64, 128, 256, 1024, 100000]) {
    const x = cpu.upload(random(n), [n], 'float64');
    row(`${op} ${n}`, (w) => (op === 'pow' ? w.binary(op, x, x) : w.unary(op, x)));
  }
}
