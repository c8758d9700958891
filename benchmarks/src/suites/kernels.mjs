import { add, cholesky, choleskyInverse, exp, matmul, sum, tensor, triangularSolve } from 'matheron';
import { openblas, outOfPlace } from '../peers/openblas.mjs';
import { jaxJs, mathjs, mlMatrix, tfjsEngine } from '../peers/javascript.mjs';
import { added, mapped, naiveLoops, total } from '../peers/naive.mjs';
import { kernelMatrix, randomArray } from '../problem.mjs';
import { within } from './largest.mjs';

const sizes = { gemm: [64, 256, 512, 1000], cholesky: [64, 256, 1000, 2000], triangularSolve: [64, 256, 512, 1000], choleskyInverse: [64, 256, 1000] };

/** gemm, Cholesky, solves, the inverse from the factor, elementwise functions, reductions and tiny operations, against everything that has them. */
export async function* kernels({ contexts, has, quick }) {
  const blas = has('openblas') ? await openblas() : undefined;
  const jax = has('jax-js') ? await jaxJs() : undefined;
  const peers = [
    ...(blas ? [['openblas', (n) => outOfPlace(blas, n)]] : []),
    ...(has('ml-matrix') ? [['ml-matrix', mlMatrix]] : []),
    ...(jax ? [['jax-js', jax]] : []),
    ...(has('mathjs') ? [['mathjs', mathjs]] : []),
    ...(has('naive') ? [['naive', naiveLoops]] : []),
    ...(has('tfjs-cpu') ? [['tfjs-cpu', await tfjsEngine('cpu')]] : []),
    ...(has('tfjs-wasm') ? [['tfjs-wasm', await tfjsEngine('wasm')]] : []),
  ];
  for (const [op, all] of Object.entries(sizes)) {
    for (const n of quick ? all.slice(0, 2) : all) {
      const spd = kernelMatrix(n), a = randomArray(n * n, 1), b = randomArray(n * n, 2);
      const factor = factorOf(spd, n);
      const inputs = { gemm: [a, b], cholesky: [spd], triangularSolve: [factor, b], choleskyInverse: [factor] }[op];
      for (const [reference, make] of peers) {
        if (!within('matrices', reference, n)) continue;
        const peer = make(n)[op];
        if (!peer) continue;
        for (const [subject, ctx] of contexts) {
          if (!within('matrices', subject, n)) continue;
          const tensors = inputs.map((x) => tensor(x, { ctx, shape: [n, n] }));
          const ours = { gemm: matmul, cholesky, triangularSolve, choleskyInverse }[op];
          yield { case: op, n, dtype: 'float64', subject, reference, ours: () => ours(...tensors), theirs: () => peer(...inputs) };
        }
      }
    }
  }
  const x = Float64Array.from(randomArray(1e6, 3), (v) => 20 * v), few = Float64Array.of(1, 2, 3), others = Float64Array.of(4, 5, 6);
  for (const [subject, ctx] of contexts) {
    const t = tensor(x, { ctx }), s = tensor([1, 2, 3], { ctx }), u = tensor([4, 5, 6], { ctx });
    yield { case: 'exp', n: 1e6, dtype: 'float64', subject, reference: 'naive', ours: () => exp(t), theirs: () => mapped(x, Math.exp) };
    yield { case: 'sum', n: 1e6, dtype: 'float64', subject, reference: 'naive', ours: () => sum(t), theirs: () => total(x) };
    yield { case: 'tiny-add', n: 3, dtype: 'float64', subject, reference: 'naive', ours: () => add(s, u), theirs: () => added(few, others), inner: 1000 };
    for (const engine of ['cpu', 'wasm']) {
      const tf = has(`tfjs-${engine}`) ? await tfjsEngine(engine) : undefined;
      if (tf) yield { case: 'tiny-add', n: 3, dtype: 'float64', subject, reference: `tfjs-${engine}`, ours: () => add(s, u), theirs: tf(3).tinyAdd, inner: 200 };
    }
    if (jax) yield { case: 'tiny-add', n: 3, dtype: 'float64', subject, reference: 'jax-js', ours: () => add(s, u), theirs: jax(3).tinyAdd, inner: 50 };
  }
}

function factorOf(spd, n) {
  const l = spd.slice();
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < j; k++) l[k * n + j] = 0;
    for (let i = j; i < n; i++) {
      let v = l[i * n + j];
      for (let k = 0; k < j; k++) v -= l[i * n + k] * l[j * n + k];
      l[i * n + j] = i === j ? Math.sqrt(v) : v / l[j * n + j];
    }
  }
  return l;
}
