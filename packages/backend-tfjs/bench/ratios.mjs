// node bench/ratios.mjs: times of tfjs-node through Matheron over those of its raw binding, in one process, from dist.
//   n        sizes of gemm and Cholesky, default 1000
import { createRequire } from 'node:module';
import { cholesky, matmul, tensor } from '@matheron/core-tensor';
import { tfjs, tfjsNode } from '../dist/index.js';

const ctx = await tfjsNode();
const { binding } = createRequire(import.meta.url)('@tensorflow/tfjs-node').findBackend('tensorflow');
const type = (name, value) => ({ name, type: binding.TF_ATTR_TYPE, value });
const flag = (name, value) => ({ name, type: binding.TF_ATTR_BOOL, value });
/** A raw float64 tensor. */
const raw = (values, shape) => {
  const bits = binding.createTensor(shape, 9, new Int32Array(values.slice().buffer));
  const { id } = binding.executeOp('Bitcast', [type('T', 9), type('type', 2)], [bits], 1)[0];
  binding.deleteTensor(bits);
  return id;
};
const run = (op, attributes, inputs) => binding.deleteTensor(binding.executeOp(op, attributes, inputs, 1)[0].id);
const free = (x) => x[Symbol.dispose]();

/** Best time of each job in µs, the jobs taking turns. */
function race(jobs, rounds, inner) {
  const best = jobs.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    jobs.forEach((job, k) => {
      const started = performance.now();
      for (let i = 0; i < inner; i++) job();
      best[k] = Math.min(best[k], ((performance.now() - started) / inner) * 1000);
    });
  }
  return best;
}
const row = (name, [ours, theirs]) => console.log(`${name.padEnd(24)} ${ours.toFixed(1).padStart(10)} µs ${theirs.toFixed(1).padStart(10)} µs  ${(ours / theirs).toFixed(2)}`);

console.log(`${'float64'.padEnd(24)} ${'Matheron'.padStart(13)} ${'raw binding'.padStart(13)}  ratio`);
const small = Float64Array.from({ length: 4 }, (_, k) => k + 1);
const x = ctx.backend.upload(small, [4], 'float64');
const id = raw(small, [4]);
row('add, 4 elements', race([() => ctx.backend.dispose(ctx.backend.binary('add', x, x)), () => run('AddV2', [type('T', 2)], [id, id])], 30, 1000));
row('exp, 4 elements', race([() => ctx.backend.dispose(ctx.backend.unary('exp', x)), () => run('Exp', [type('T', 2)], [id])], 30, 1000));
const t = tensor(small, { ctx });
row('add, through Tensor', race([() => free(t.add(t)), () => run('AddV2', [type('T', 2)], [id, id])], 30, 1000));
for (const n of (process.argv[2] ?? '1000').split(',').map(Number)) {
  const g = Float64Array.from({ length: n * n }, (_, k) => Math.sin(k));
  const spd = g.map((_, k) => (k % (n + 1) === 0 ? n : Math.exp(-Math.abs(Math.floor(k / n) - (k % n)))));
  const [a, s, rawA, rawS] = [tensor(g, { ctx }).reshape(n, n), tensor(spd, { ctx }).reshape(n, n), raw(g, [n, n]), raw(spd, [n, n])];
  row(`gemm, n = ${n}`, race([() => free(matmul(a, a)), () => run('BatchMatMulV2', [type('T', 2), flag('adj_x', false), flag('adj_y', false)], [rawA, rawA])], 10, 1));
  row(`Cholesky, n = ${n}`, race([() => free(cholesky(s)), () => run('Cholesky', [type('T', 2)], [rawS])], 10, 1));
}

console.log('\nfloat32, add of 4 elements and gemm of 256 on the engines of tfjs-core');
for (const engine of ['cpu', 'wasm']) {
  const here = await tfjs(engine, { dtype: 'float32' });
  const v = here.backend.upload(Float32Array.from(small), [4], 'float32');
  const m = here.backend.upload(Float32Array.from({ length: 256 ** 2 }, (_, k) => Math.sin(k)), [256, 256], 'float32');
  const [add] = race([() => here.backend.dispose(here.backend.binary('add', v, v))], 10, 1000);
  const [gemm] = race([() => here.backend.dispose(here.backend.matmul(m, m))], 5, 1);
  console.log(`tfjs-${engine.padEnd(5)} ${add.toFixed(1).padStart(8)} µs ${gemm.toFixed(0).padStart(9)} µs`);
}
