import type { CoreKernels, MatrixRoutines } from '@matheron/backend-wasm/internal';
import type { Library } from '../library.ts';
import { kernelBlocks } from './blocks.ts';
import { factorCholesky } from './cholesky.ts';
import { inverseFromFactor } from './inverse.ts';
import { type Window, multiply } from './multiply.ts';
import { type Threads, invertible } from './shared.ts';
import { type Sizes, smallProduct, smallSolve } from './thresholds.ts';
import { solveTriangular } from './triangular.ts';

/** The heavy routines of compiled plans on views of their memory; what is too small for a call, by the kernels that are instantiated there. */
export function nativeRoutines(library: Library, threads: Threads, small: Sizes, memory: WebAssembly.Memory, kernels: CoreKernels): MatrixRoutines {
  const f64 = new Float64Array(memory.buffer), f32 = new Float32Array(memory.buffer);
  const wide = (byte: number, rows: number, columns: number): Window => ({ data: f64, offset: byte / 8, rows, columns });
  const narrow = (byte: number, rows: number, columns: number): Window => ({ data: f32, offset: byte / 4, rows, columns });
  return {
    overwrites: true,
    gemm: (m, n, k, alpha, a, ar, ac, b, br, bc, c, cr, cc, lower, ws) => {
      if (smallProduct(small, m, n, k)) {
        for (let i = 0, at = c / 8; i < m; i++, at += cr) for (let j = 0; j < n; j++) f64[at + j * cc] = 0;
        kernels.gemm(m, n, k, alpha, a, ar, ac, b, br, bc, c, cr, cc, lower, ws);
      } else threads.run(Math.cbrt(m * n * k), () => multiply(library, m, n, k, alpha, wide(a, ar, ac), wide(b, br, bc), wide(c, cr, cc), false));
    },
    gemm32: (m, n, k, a, ar, ac, b, br, bc, c, cr, ws) => {
      if (smallProduct(small, m, n, k)) {
        for (let i = 0, at = c / 4; i < m; i++, at += cr) f32.fill(0, at, at + n);
        kernels.gemm32(m, n, k, a, ar, ac, b, br, bc, c, cr, ws);
      } else threads.run(Math.cbrt(m * n * k), () => multiply(library, m, n, k, 1, narrow(a, ar, ac), narrow(b, br, bc), narrow(c, cr, 1), false));
    },
    potrf: (n, a, lda, ws) => {
      if (n < small.cholesky) return kernels.potrf(n, a, lda, ws);
      return threads.run(n, () => factorCholesky(library, kernelBlocks(kernels, ws), n, f64.subarray(a / 8, a / 8 + n * lda), lda));
    },
    potri: (n, a, lda, ws) => {
      const l = f64.subarray(a / 8, a / 8 + n * lda);
      if (n < small.inverse || !invertible(n, l, lda)) kernels.potri(n, a, lda, ws);
      else threads.run(n, () => inverseFromFactor(library, kernelBlocks(kernels, ws), n, l, lda));
    },
    trsm: (upper, unit, n, m, t, tr, tc, b, br, bc, ws) => {
      const done = !smallSolve(small, n, m) && threads.run(Math.cbrt(n * n * m), () => solveTriangular(library, kernelBlocks(kernels, ws), upper !== 0, unit !== 0, n, m, wide(t, tr, tc), wide(b, br, bc)));
      if (!done) kernels.trsm(upper, unit, n, m, t, tr, tc, b, br, bc, ws);
    },
  };
}
