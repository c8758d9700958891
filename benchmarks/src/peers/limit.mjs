import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bestBuild, instantiateCore, workspaceBytes } from '@matheron/backend-wasm/internal';
import asc from 'assemblyscript/asc';
import { d, data, lengthscales, mean, noise, outputscale } from '../problem.mjs';

const source = 'limit.as.ts';
const folder = join(import.meta.dirname, '../../limit');
const modules = new Map();

/** The fused part, built for the instruction set that the backend runs on. */
async function fused(build) {
  if (!modules.has(build)) {
    let binary;
    const flags = build === 'relaxed' ? ['--enable', 'relaxed-simd'] : [];
    const { error, stderr } = await asc.main(
      [source, '--outFile', 'out.wasm', '-O3', '--enable', 'simd', '--importMemory', '--noExportMemory', '--runtime', 'stub', '--use', 'abort=', ...flags],
      { readFile: (name) => (name === source ? readFileSync(join(folder, source), 'utf8') : null), writeFile: (_name, contents) => { binary = contents; }, listFiles: () => [] },
    );
    if (error) throw new Error(`${error.message}\n${stderr}`);
    modules.set(build, new WebAssembly.Module(binary));
  }
  return modules.get(build);
}

/**
 * The limit: one negative log marginal likelihood with its nine gradients, fused by hand for exactly this kernel and dimension, on the kernels of
 * backend-wasm and their instruction set; or, for factorization, solves and inverse, on OpenBLAS over the same memory. Resolves to a function that
 * returns [value, d log ℓ…, d log s, d log v, d mean].
 */
export async function limit(n, blas) {
  const build = bestBuild();
  const module = await fused(build);
  const workspace = 65536;
  const start = workspace + workspaceBytes;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((start + (2 * n * n + 30 * n + 1000) * 8) / 65536) });
  const core = instantiateCore(memory, build);
  const { matern, gradient6 } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  let top = start;
  const take = (size) => {
    const at = top;
    top += (size * 8 + 63) & ~63;
    return at;
  };
  const view = (at, size) => new Float64Array(memory.buffer, at, size);
  const ld = (n + 2) & ~1;
  const [K, W, Xt, alpha, g] = [n * n + 2, n * n + 2, d * ld, n, 8].map(take);
  const [vK, vX, va, vg] = [view(K, n * n), view(Xt, d * ld), view(alpha, n), view(g, d)];
  const { X, y } = data(n);
  const N = blas?.int(n), info = blas?.int(0);
  return () => {
    for (let q = 0; q < d; q++) for (let i = 0; i < n; i++) vX[q * ld + i] = X[i * d + q] / lengthscales[q];
    matern(n, d, Xt, ld, outputscale, noise, K, W);
    for (let i = 0; i < n; i++) va[i] = y[i] - mean;
    if (blas) {
      blas.potrf('U', N, vK, N, info);
      blas.trsm(101, 141, 122, 111, 131, n, 1, 1, vK, n, va, 1);
      blas.trsm(101, 141, 122, 112, 131, n, 1, 1, vK, n, va, 1);
    } else {
      core.potrf(n, K, n, workspace);
      core.trsm(0, 0, n, 1, K, n, 1, alpha, 1, 1, workspace);
      core.trsm(1, 0, n, 1, K, 1, n, alpha, 1, 1, workspace);
    }
    let logDet = 0;
    for (let i = 0; i < n; i++) logDet += Math.log(vK[i * n + i]);
    if (blas) blas.potri('U', N, vK, N, info);
    else core.potri(n, K, n, workspace);
    vg.fill(0);
    gradient6(n, Xt, ld, K, alpha, W, g);
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
