import { ThreadedBackend } from '@matheron/backend-wasm/threads';
import { WasmBackend } from '@matheron/backend-wasm';
import { canRun } from '@matheron/backend-wasm/internal';
import { testBackend } from '@matheron/backend-conformance';
import { compile } from '@matheron/compiler';
import { Context, type Tensor, cholesky, choleskyInverse, linspace, tensor, withContext } from '@matheron/core-tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Elementwise groups, sums over rows, columns and everything, a triangle, products, Cholesky and its inverse, comparisons. */
function everything(x: Tensor, y: Tensor, noise: Tensor): Tensor[] {
  const n = x.size, d = x.reshape(n, 1).sub(y.reshape(1, n)).abs(), k = d.mul(-2.2).exp().mul(d.mul(2.2).add(1)), l = cholesky(k.add(noise));
  return [k.sum(1), k.sum(0), k.sum(), l, choleskyInverse(l), k.matmul(k), k.greater(0.5), k.transpose(1, 0).tanh(), d.max(1)];
}

for (const build of (['relaxed', 'simd'] as const).filter(canRun).slice(0, 1)) {
  describe(`threads, ${build}`, () => {
    const backend = new ThreadedBackend(3, { build }), context = new Context('wasm-threads', 0, backend);
    beforeAll(() => backend.started());
    afterAll(() => backend.terminate());

    testBackend(() => context, { describe, it });

    it('compiled functions give the same bits as on one thread, and workers take part', async () => {
      const n = 520;
      const run = (ctx: Context): (() => Tensor[]) => withContext(ctx, () => {
        const noise = tensor(Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) ? 0 : 1)), { shape: [n, n] }), x = linspace(0, 5, n), y = linspace(0, 5, n), f = compile(everything);
        return () => withContext(ctx, () => f(x, y, noise));
      });
      const wanted = run(new Context('wasm', 0, new WasmBackend({ build })))(), threaded = run(context);
      threaded();
      await backend.started(); // the workers have the function's module
      const before = backend.handed, got = threaded();
      expect(backend.handed).toBeGreaterThan(before + 10);
      wanted.forEach((x, k) => {
        const a = x.dataSync(), b = got[k]!.dataSync();
        expect(b.every((v, i) => Object.is(v, a[i]))).toBe(true);
      });
    });
  });
}
