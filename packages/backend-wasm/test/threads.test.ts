import { BackendUnavailableError, ContextError } from '@matheron/core-tensor';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { withSharedMemory } from '../src/memory-sharing.ts';
import { ThreadedBackend, wasmThreads } from '../src/threads.ts';
import { WasmBackend } from '../src/wasm-backend.ts';
import { builds, product, sameBits, transposed, uniform } from './builds.ts';

describe.each(builds)('threads, the %s build', (build) => {
  const one = new WasmBackend({ build });
  let many: ThreadedBackend;
  beforeAll(async () => {
    many = new ThreadedBackend(3, { build });
    await many.started();
  });
  afterAll(() => many.terminate());

  function spd(n: number): Float64Array {
    const x = uniform(n * 8, n), a = product(n, 8, n, x, transposed(n, 8, x));
    for (let i = 0; i < n; i++) a[i * n + i]! += n;
    return a;
  }

  it.each([40, 127, 130, 256, 301, 450])('the results of size %i are those of one thread, bit for bit', (n) => {
    const run = (backend: WasmBackend) => {
      const up = (values: Float64Array, shape: number[]) => backend.upload(values, shape, 'float64');
      const a = up(uniform(n * n, 1), [n, n]), b = up(uniform(n * (n + 3), 2), [n, n + 3]), s = up(spd(n), [n, n]);
      const { factor, info } = backend.cholesky(s), bad = spd(n), p = Math.floor(n * 0.7);
      bad[p * n + p] = -1;
      const failed = backend.cholesky(up(bad, [n, n])), options = { lower: true, transpose: true, unitDiagonal: false, side: 'left' } as const;
      const e = backend.eigh(s), f = backend.lu(a);
      return [
        backend.matmul(a, b), backend.matmul(backend.permute(b, [1, 0]), a), backend.matmul(backend.cast(a, 'float32'), backend.cast(b, 'float32')), factor, info, failed.factor, failed.info,
        backend.triangularSolve(factor, b, options), backend.triangularSolve(factor, backend.permute(b, [1, 0]), { ...options, side: 'right' }), backend.choleskyInverse(factor), e.values, e.vectors, f.lu, f.permutation,
      ].map((x) => backend.readSync(x));
    };
    const wanted = run(one), before = many.handed;
    expect(run(many).map((x, k) => sameBits(x, wanted[k]!))).toEqual(wanted.map(() => true));
    expect(many.handed > before).toBe(n > 80);
  });

  it('elementwise operations too', () => {
    const n = 300_001, x = uniform(n, 3).map((v) => 5 * v + 5.1);
    for (const dtype of ['float64', 'float32'] as const) {
      const a = one.cast(one.upload(x, [n], 'float64'), dtype);
      for (const op of ['exp', 'expm1', 'log', 'log1p', 'tanh', 'sigmoid', 'softplus', 'sin', 'cos', 'erf', 'lgamma'] as const) {
        expect(sameBits(many.readSync(many.unary(op, a)), one.readSync(one.unary(op, a))), op).toBe(true);
      }
      expect(sameBits(many.readSync(many.binary('pow', a, a)), one.readSync(one.binary('pow', a, a)))).toBe(true);
    }
  });

  it('survives a memory that is dropped and replaced', async () => {
    const n = 32, m = 1_200_000, t = one.upload(Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) ? 0 : 2)), [n, n], 'float64'), b = one.full(3, [n, m], 'float64');
    for (let k = 0; k < 2; k++) {
      const x = many.readSync(many.triangularSolve(t, b, { lower: true, transpose: false, unitDiagonal: false, side: 'left' }));
      expect(x.every((v) => v === 1.5)).toBe(true);
      const a = one.upload(uniform(300 * 300, 4), [300, 300], 'float64');
      expect(sameBits(many.readSync(many.matmul(a, a)), one.readSync(one.matmul(a, a)))).toBe(true);
      await many.started();
    }
  });

  it('works before its workers have started, and after they have ended', async () => {
    const early = new ThreadedBackend(2, { build }), a = one.upload(uniform(200 * 200, 5), [200, 200], 'float64'), wanted = one.readSync(one.matmul(a, a));
    expect(sameBits(early.readSync(early.matmul(a, a)), wanted)).toBe(true);
    await early.started();
    expect(sameBits(early.readSync(early.matmul(a, a)), wanted)).toBe(true);
    early.terminate();
    expect(sameBits(early.readSync(early.matmul(a, a)), wanted)).toBe(true);
  });
});

describe('wasmThreads()', () => {
  it('is one context an id', () => {
    const context = wasmThreads({ id: 1, threads: 2 });
    expect(wasmThreads({ id: 1 })).toBe(context);
    expect(String(context)).toBe('wasm-threads(1)');
    expect(() => wasmThreads({ id: 1, threads: 3 })).toThrow(ContextError);
    (context.backend as ThreadedBackend).terminate();
  });

  it('refuses ids and numbers of threads that are none', () => {
    for (const options of [{ id: -1 }, { id: 2, threads: 0 }, { id: 2, threads: 1.5 }]) expect(() => wasmThreads(options)).toThrow(ContextError);
  });

  it('says what to do where this thread may not wait', () => {
    const wait = vi.spyOn(Atomics, 'wait').mockImplementation(() => {
      throw new TypeError('Atomics.wait cannot be called in this context');
    });
    try {
      expect(() => wasmThreads({ id: 9, threads: 2 })).toThrow(ContextError);
      expect(() => wasmThreads({ id: 9, threads: 2 })).toThrow(/inside a Worker/);
    } finally {
      wait.mockRestore();
    }
  });

  it('says what to do without shared memory', () => {
    vi.stubGlobal('SharedArrayBuffer', undefined);
    try {
      expect(() => wasmThreads({ id: 9, threads: 2 })).toThrow(BackendUnavailableError);
      expect(() => wasmThreads({ id: 9, threads: 2 })).toThrow(/Cross-Origin-Opener-Policy/);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('a module without imports has no memory to share', () => {
    expect(() => withSharedMemory(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))).toThrow(/import section/);
  });
});
