import { readFileSync } from 'node:fs';
import { data, d, lengthscales, mean, noise, outputscale } from '../problem.mjs';

/**
 * The limit: one negative log marginal likelihood with its nine gradients, fused by hand for exactly this kernel and dimension, on WebAssembly kernels (plain
 * SIMD; limit/assembly) or, for the factorization and the inverse, on OpenBLAS over the same memory. Returns [value, d log ℓ…, d log s, d log v, d mean].
 */
export function limit(n, blas) {
  const memory = new WebAssembly.Memory({ initial: 512, maximum: 65536 });
  const module = new WebAssembly.Module(readFileSync(new URL('../../limit/kernels.wasm', import.meta.url)));
  const { exports: w } = new WebAssembly.Instance(module, { env: { memory, abort: () => { throw new Error('abort'); } } });
  let top = 65536;
  const workspace = top;
  top += 4 << 20;
  const alloc = (size) => {
    const at = top;
    top += (size * 8 + 63) & ~63;
    return at;
  };
  const ld = (n + 2) & ~1;
  const [K, W, Xt, alpha, g] = [n * n + 2, n * n + 2, d * ld, n, 8].map(alloc);
  const missing = top - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  const view = (at, size) => new Float64Array(memory.buffer, at, size);
  const [vK, vX, va, vg] = [view(K, n * n), view(Xt, d * ld), view(alpha, n), view(g, d)];
  const { X, y } = data(n);
  const N = blas?.int(n), info = blas?.int(0);
  return () => {
    for (let q = 0; q < d; q++) for (let i = 0; i < n; i++) vX[q * ld + i] = X[i * d + q] / lengthscales[q];
    w.matern(n, d, Xt, ld, outputscale, noise, K, W);
    for (let i = 0; i < n; i++) va[i] = y[i] - mean;
    if (blas) {
      blas.potrf('U', N, vK, N, info);
      blas.trsm(101, 141, 122, 111, 131, n, 1, 1, vK, n, va, 1);
      blas.trsm(101, 141, 122, 112, 131, n, 1, 1, vK, n, va, 1);
    } else {
      w.potrf(n, K, n, workspace);
      w.trsm(0, n, 1, K, n, 1, alpha, 1, 1, workspace);
      w.trsm(1, n, 1, K, 1, n, alpha, 1, 1, workspace);
    }
    let logDet = 0;
    for (let i = 0; i < n; i++) logDet += Math.log(vK[i * n + i]);
    if (blas) blas.potri('U', N, vK, N, info);
    else {
      w.trtri(n, K, n, workspace);
      w.lauum(n, K, n, workspace);
    }
    vg.fill(0);
    w.gradc6(n, Xt, ld, K, alpha, W, g);
    let [ya, aa, sa, trace] = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      ya += (y[i] - mean) * va[i];
      aa += va[i] * va[i];
      sa += va[i];
      trace += vK[i * n + i];
    }
    const dNoise = 0.5 * noise * (trace - aa);
    return [0.5 * ya + logDet + 0.5 * n * Math.log(2 * Math.PI), ...vg, 0.5 * (n - ya) - dNoise, dNoise, -sa];
  };
}
