// The limit: the same objective fused by hand on the same kernels and instruction set.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import { bestBuild, instantiateCore, workspaceBytes } from '@matheron/backend-wasm/internal';

async function compileLimit(build) {
  let binary;
  const flags = build === 'relaxed' ? ['--enable', 'relaxed-simd'] : [];
  const { error, stderr } = await asc.main(
    ['limit.as.ts', '--outFile', 'out.wasm', '-O3', '--enable', 'simd', '--importMemory', '--noExportMemory', '--runtime', 'stub', '--use', 'abort=', ...flags],
    { readFile: (name) => { try { return readFileSync(join(import.meta.dirname, name), 'utf8'); } catch { return null; } }, writeFile: (_name, contents) => { binary = contents; }, listFiles: () => [] },
  );
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return new WebAssembly.Module(binary);
}
const build = bestBuild();
const module = await compileLimit(build);

/** () → [value, 6 log lengthscales, log variance, log noise, mean]. */
export function handFused({ n, d, X, y, lengthscales, variance, noise, mean }) {
  const start = 65536 + workspaceBytes;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((start + (2 * n * n + 30 * n + 1000) * 8) / 65536) });
  const core = instantiateCore(memory, build);
  const { matern, gradient6 } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const ws = 65536, view = (at, size) => new Float64Array(memory.buffer, at, size);
  let top = start;
  const take = (size) => { const at = top; top += (size * 8 + 63) & ~63; return at; };
  const ldx = (n + 2) & ~1, K = take(n * n + 2), W = take(n * n + 2), Xt = take(d * ldx), alpha = take(n), g = take(8);
  const vK = view(K, n * n), vX = view(Xt, d * ldx), vAlpha = view(alpha, n), vg = view(g, 6);
  return () => {
    for (let q = 0; q < d; q++) for (let i = 0; i < n; i++) vX[q * ldx + i] = X[i * d + q] / lengthscales[q];
    matern(n, d, Xt, ldx, variance, noise, K, W);
    for (let i = 0; i < n; i++) vAlpha[i] = y[i] - mean;
    core.potrf(n, K, n, ws);
    core.trsm(0, 0, n, 1, K, n, 1, alpha, 1, 1, ws);
    core.trsm(1, 0, n, 1, K, 1, n, alpha, 1, 1, ws);
    let logDet = 0;
    for (let i = 0; i < n; i++) logDet += Math.log(vK[i * n + i]);
    core.potri(n, K, n, ws);
    vg.fill(0);
    gradient6(n, Xt, ldx, K, alpha, W, g);
    let trace = 0, ya = 0, aa = 0, sa = 0;
    for (let i = 0; i < n; i++) {
      trace += vK[i * n + i];
      ya += (y[i] - mean) * vAlpha[i];
      aa += vAlpha[i] * vAlpha[i];
      sa += vAlpha[i];
    }
    const dNoise = 0.5 * noise * (trace - aa);
    return [0.5 * ya + logDet + 0.5 * n * Math.log(2 * Math.PI), ...vg, 0.5 * (n - ya) - dNoise, dNoise, -sa];
  };
}
