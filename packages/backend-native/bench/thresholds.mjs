// node bench/thresholds.mjs [ms a race] [sizes]: where a call through koffi overtakes the kernels of backend-wasm and TypeScript (src/kernels/thresholds.ts), from dist.
import { wasm } from '@matheron/backend-wasm';
import { NativeBackend, openLibrary } from '../dist/internal.js';
import { blas, kernelMatrix, race, random } from './support.mjs';

const budget = Number(process.argv[2] ?? 60);
const always = { gemm: 1, gemv: 1, solve: 1, solveVector: 1, cholesky: 1, inverse: 1, lu: 1, qr: 1, eigh: 1, svd: 1 };
const backends = [wasm().backend, new NativeBackend(openLibrary(blas.path), { threads: 1, thresholds: { eager: always, compiled: always } })];
const lower = { lower: true, transpose: false, unitDiagonal: false, side: 'left' };
for (const n of (process.argv[3] ?? '4,8,12,16,24,32,48,64,96').split(',').map(Number)) {
  const ops = {
    gemm: (x) => (b) => b.matmul(x.a, x.a), times: (x) => (b) => b.matmul(x.a, x.v), cholesky: (x) => (b) => b.cholesky(x.k), inverse: (x) => (b) => b.choleskyInverse(x.l), solve: (x) => (b) => b.triangularSolve(x.l, x.a, lower),
    solve1: (x) => (b) => b.triangularSolve(x.l, x.v, lower), lu: (x) => (b) => b.lu(x.a), qr: (x) => (b) => b.qr(x.a, { pivot: false }), eigh: (x) => (b) => b.eigh(x.k), svd: (x) => (b) => b.svd(x.a),
  };
  const line = Object.entries(ops).map(([name, op]) => {
    const jobs = backends.map((b) => {
      const up = (v, shape) => b.upload(v, shape, 'float64'), k = up(kernelMatrix(n), [n, n]);
      const f = op({ a: up(random(n * n), [n, n]), v: up(random(n), [n, 1]), k, l: b.cholesky(k).factor });
      return () => f(b);
    });
    const { best } = race(jobs, budget);
    return `${name} ${(best[0] / best[1]).toFixed(2)}`;
  });
  console.log(`n=${n}, native is so many times as fast as wasm: ${line.join(', ')}`);
}
