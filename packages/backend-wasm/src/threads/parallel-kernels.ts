import { type CoreKernels, workspaceBytes } from '../engine.ts';
import type { Attachment, Pool, Task } from './pool.ts';

/** Multiplications of a product from which it is shared out, and elements of an elementwise operation: below, waking costs more. */
const products = 2 ** 19, elements = 2 ** 15;
/** Largest diagonal block that one thread factors or inverts. */
const leaf = 128;

/**
 * The core kernels with the heavy ones shared out among `pool`. They split where single threads compute the same numbers in the same order,
 * so results are those of the single-threaded backend, bit for bit. Worker k has the workspace k + 1 behind the caller's.
 */
export function parallelKernels(core: CoreKernels, pool: Pool, on: Attachment): CoreKernels {
  type Call = { readonly name: keyof CoreKernels; readonly args: readonly number[] };
  const share = (size: number, step: number, ws: number, calls: (from: number, to: number, ws: number) => Call[], weight?: (part: number) => number): void => pool.share(
    on, size, step,
    (from, to, worker) => calls(from, to, ws + (worker + 1) * workspaceBytes).map((call): Task => ({ on, ...call })),
    (from, to) => {
      for (const { name, args } of calls(from, to, ws)) (core[name] as (...values: readonly number[]) => unknown)(...args);
    },
    weight,
  );

  const gemm: CoreKernels['gemm'] = (m, n, k, alpha, a, ar, ac, b, br, bc, c, cr, cc, lower, ws) => {
    if (m * n * k < products) return core.gemm(m, n, k, alpha, a, ar, ac, b, br, bc, c, cr, cc, lower, ws);
    const part = (r0: number, r1: number, c0: number, c1: number, low: number, w: number): Call => ({
      name: 'gemm', args: [r1 - r0, c1 - c0, k, alpha, a + 8 * r0 * ar, ar, ac, b + 8 * c0 * bc, br, bc, c + 8 * (r0 * cr + c0 * cc), cr, cc, low, w],
    });
    // rows r0 … r1 of a triangle: a rectangle and a smaller triangle
    if (lower) share(m, 4, ws, (r0, r1, w) => (r1 === r0 ? [] : [...(r0 > 0 ? [part(r0, r1, 0, r0, 0, w)] : []), part(r0, r1, r0, r1, 1, w)]), Math.sqrt);
    else if (m >= n) share(m, 4, ws, (r0, r1, w) => [part(r0, r1, 0, n, 0, w)]);
    else share(n, 4, ws, (c0, c1, w) => [part(0, m, c0, c1, 0, w)]);
  };

  const gemm32: CoreKernels['gemm32'] = (m, n, k, a, ar, ac, b, br, bc, c, cr, ws) => {
    if (m * n * k < 2 * products) return core.gemm32(m, n, k, a, ar, ac, b, br, bc, c, cr, ws);
    share(m, 4, ws, (r0, r1, w) => [{ name: 'gemm32', args: [r1 - r0, n, k, a + 4 * r0 * ar, ar, ac, b, br, bc, c + 4 * r0 * cr, cr, w] }]);
  };

  const trsm: CoreKernels['trsm'] = (upper, unit, n, m, t, tr, tc, b, br, bc, ws) => {
    if ((n * n * m) / 2 < products) return core.trsm(upper, unit, n, m, t, tr, tc, b, br, bc, ws);
    share(m, 4, ws, (c0, c1, w) => [{ name: 'trsm', args: [upper, unit, n, c1 - c0, t, tr, tc, b + 8 * c0 * bc, br, bc, w] }]);
  };
  const trmm: CoreKernels['trmm'] = (n, m, t, tr, tc, b, br, ws) => {
    if ((n * n * m) / 2 < products) return core.trmm(n, m, t, tr, tc, b, br, ws);
    share(m, 8, ws, (c0, c1, w) => [{ name: 'trmm', args: [n, c1 - c0, t, tr, tc, b + 8 * c0, br, w] }]);
  };
  const trmmRight: CoreKernels['trmmRight'] = (n, m, t, ldt, b, ldb, ws) => {
    if ((n * n * m) / 2 < products) return core.trmmRight(n, m, t, ldt, b, ldb, ws);
    share(m, 4, ws, (r0, r1, w) => [{ name: 'trmmRight', args: [n, r1 - r0, t, ldt, b + 8 * r0 * ldb, ldb, w] }]);
  };

  // the recursions of assembly/cholesky.ts, down to blocks for one thread
  const factor = (n: number, a: number, lda: number, ws: number): number => {
    if (n <= leaf) return core.potrf(n, a, lda, ws);
    const n1 = half(n, 64), n2 = n - n1, a21 = a + 8 * n1 * lda, a22 = a21 + 8 * n1;
    const info = factor(n1, a, lda, ws);
    trsm(0, 0, info ? info - 1 : n1, n2, a, lda, 1, a21, 1, lda, ws);
    if (info) return info;
    gemm(n2, n2, n1, -1, a21, lda, 1, a21, 1, lda, a22, lda, 1, 1, ws);
    const second = factor(n2, a22, lda, ws);
    return second ? second + n1 : 0;
  };
  const potrf: CoreKernels['potrf'] = (n, a, lda, ws) => {
    const info = factor(n, a, lda, ws);
    if (info) core.poison(info - 1, n, a, lda);
    return info;
  };
  const trtri: CoreKernels['trtri'] = (n, a, lda, ws) => {
    if (n <= leaf) return core.trtri(n, a, lda, ws);
    const n1 = half(n, 16), n2 = n - n1, a21 = a + 8 * n1 * lda, a22 = a21 + 8 * n1;
    trtri(n1, a, lda, ws);
    trmmRight(n1, n2, a, lda, a21, lda, ws);
    core.negate(n2, n1, a21, lda);
    trsm(0, 0, n2, n1, a22, lda, 1, a21, lda, 1, ws);
    trtri(n2, a22, lda, ws);
  };
  const lauum: CoreKernels['lauum'] = (n, a, lda, ws) => {
    if (n <= leaf) return core.lauum(n, a, lda, ws);
    const n1 = half(n, 16), n2 = n - n1, a21 = a + 8 * n1 * lda, a22 = a21 + 8 * n1;
    lauum(n1, a, lda, ws);
    gemm(n1, n1, n2, 1, a21, 1, lda, a21, lda, 1, a, lda, 1, 1, ws);
    trmm(n2, n1, a22, 1, lda, a21, lda, ws);
    lauum(n2, a22, lda, ws);
  };
  const potri: CoreKernels['potri'] = (n, a, lda, ws) => {
    trtri(n, a, lda, ws);
    lauum(n, a, lda, ws);
  };

  const map = (name: 'exp' | 'expm1' | 'log' | 'log1p' | 'tanh' | 'sigmoid' | 'softplus' | 'sin' | 'cos' | 'erf' | 'lgamma' | 'sqrt'): CoreKernels['exp'] => (n, x, y) => {
    if (n < elements) return core[name](n, x, y);
    share(n, 1024, 0, (from, to) => [{ name, args: [to - from, x + 8 * from, y + 8 * from] }]);
  };
  const pow: CoreKernels['pow'] = (n, x, y, z) => {
    if (n < elements) return core.pow(n, x, y, z);
    share(n, 1024, 0, (from, to) => [{ name: 'pow', args: [to - from, x + 8 * from, y + 8 * from, z + 8 * from] }]);
  };

  return {
    ...core, gemm, gemm32, trsm, trmm, trmmRight, potrf, trtri, lauum, potri, pow,
    exp: map('exp'), expm1: map('expm1'), log: map('log'), log1p: map('log1p'), tanh: map('tanh'), sigmoid: map('sigmoid'), softplus: map('softplus'),
    sin: map('sin'), cos: map('cos'), erf: map('erf'), lgamma: map('lgamma'), sqrt: map('sqrt'),
  };
}

/** Where the recursions of assembly/ split n: half, rounded up to a multiple of `step`. */
function half(n: number, step: number): number {
  const n1 = Math.ceil(Math.floor(n / 2) / step) * step;
  return n1 >= n ? Math.floor(n / 2) : n1;
}
