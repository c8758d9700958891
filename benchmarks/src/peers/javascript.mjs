import { all, create } from 'mathjs';
import { CholeskyDecomposition, Matrix, inverse } from 'ml-matrix';
import { loadTfjs } from './tfjs.mjs';

/** ml-matrix (float64, plain JavaScript). */
export function mlMatrix(n) {
  const M = (x) => Matrix.from1DArray(n, n, x);
  const cache = new Map();
  const of = (x) => cache.get(x) ?? (cache.set(x, M(x)), cache.get(x));
  return {
    gemm: (a, b) => of(a).mmul(of(b)),
    cholesky: (a) => new CholeskyDecomposition(of(a)).lowerTriangularMatrix,
    choleskyInverse: (l) => inverse(of(l)),
  };
}

/** mathjs (float64, plain JavaScript). */
export function mathjs(n) {
  const math = create(all);
  const rows = (x) => math.matrix(Array.from({ length: n }, (_, i) => Array.from(x.subarray(i * n, (i + 1) * n))));
  const cache = new Map();
  const of = (x) => cache.get(x) ?? (cache.set(x, rows(x)), cache.get(x));
  return { gemm: (a, b) => math.multiply(of(a), of(b)), triangularSolve: undefined };
}

/** TensorFlow.js in float32, synchronous reads of nothing: what it computes stays on its engine. */
export async function tfjsEngine(engine) {
  const tf = await loadTfjs(engine);
  // One engine is shared by all copies of tfjs in a process.
  const use = () => tf.getBackend() === engine || void tf.setBackend(engine);
  return (n) => {
    use();
    const cache = new Map();
    const of = (x) => cache.get(x) ?? (cache.set(x, tf.tensor2d(Float32Array.from(x), [n, n])), cache.get(x));
    const [s, u] = [tf.tensor1d([1, 2, 3]), tf.tensor1d([4, 5, 6])];
    return {
      gemm: (a, b) => {
        use();
        const c = tf.matMul(of(a), of(b));
        c.dataSync();
        c.dispose();
      },
      tinyAdd: () => {
        use();
        tf.add(s, u).dispose();
      },
    };
  };
}

/** jax-js on its WebAssembly device; undefined where it does not start here. */
export async function loadJaxJs() {
  if (typeof Float16Array === 'undefined') {
    process.stderr.write('jax-js is left out: it needs Float16Array, which Node has from 24 on\n');
    return undefined;
  }
  try {
    const jax = await import('@jax-js/jax');
    await jax.init?.('wasm');
    jax.defaultDevice?.('wasm');
    return jax;
  } catch (error) {
    process.stderr.write(`jax-js is left out: ${error.message}\n`);
    return undefined;
  }
}

/** jax-js in float64; undefined where it does not start here. */
export async function jaxJs() {
  const jax = await loadJaxJs();
  if (!jax) return undefined;
  const { numpy: np, lax } = jax;
  return (n) => {
    const of = (x) => np.array(x, { shape: [n, n], dtype: np.float64 });
    const cache = new Map();
    const held = (x) => cache.get(x) ?? (cache.set(x, of(x)), cache.get(x));
    const read = (y) => y.dataSync();
    return {
      gemm: (a, b) => read(np.matmul(held(a).ref, held(b).ref)),
      ...(lax?.linalg?.cholesky ? { cholesky: (a) => read(lax.linalg.cholesky(held(a).ref)) } : {}),
      tinyAdd: (() => {
        const [s, u] = [np.array([1, 2, 3], { dtype: np.float64 }), np.array([4, 5, 6], { dtype: np.float64 })];
        return () => read(np.add(s.ref, u.ref));
      })(),
    };
  };
}
