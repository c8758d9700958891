import { readFileSync } from 'node:fs';
import { AllocationError } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';
import { instantiateCore, workspaceBytes } from '../src/engine.ts';
import { WasmBackend } from '../src/wasm-backend.ts';
import { builds, decodeFloats, distance, product, transposed, uniform } from './builds.ts';

// around the edges of tiles (4), blocks (16, 24, 32, 64) and panels (64, 384, 512)
const sizes = [1, 3, 7, 8, 16, 25, 31, 64, 65, 66, 127, 130, 200];
const eps = 2 ** -52;

/** x xᵀ/n + I, well conditioned. */
function positiveDefinite(n: number): Float64Array {
  const x = uniform(n * n, n), a = product(n, n, n, x, transposed(n, n, x)).map((v) => v / n);
  for (let i = 0; i < n; i++) a[i * n + i]! += 1;
  return a;
}
function lowerOf(n: number, a: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: n * n }, (_, k) => (k % n <= Math.floor(k / n) ? a[k]! : 0));
}

describe.each(builds)('the %s build', (build) => {
  const backend = new WasmBackend({ build });

  it.each(sizes)('products of size %i, dense, transposed, sliced, broadcast and batched', (n) => {
    const m = n + 2, k = n + 5, a = uniform(m * k, 1), b = uniform(k * n, 2), wanted = product(m, k, n, a, b), tolerance = 2 * k * eps;
    const A = backend.upload(a, [m, k], 'float64'), B = backend.upload(b, [k, n], 'float64');
    expect(distance(backend.readSync(backend.matmul(A, B)), wanted)).toBeLessThan(tolerance);
    const At = backend.permute(backend.upload(transposed(m, k, a), [k, m], 'float64'), [1, 0]), Bt = backend.permute(backend.upload(transposed(k, n, b), [n, k], 'float64'), [1, 0]);
    for (const [p, q] of [[At, B], [A, Bt], [At, Bt]] as const) expect(distance(backend.readSync(backend.matmul(p, q)), wanted)).toBeLessThan(tolerance);
    const all = (size: number) => ({ start: 0, stop: size, step: 1 }), back = (size: number) => ({ start: size - 1, stop: -1, step: -1 });
    const reversed = backend.readSync(backend.matmul(backend.slice(A, [back(m), all(k)]), backend.slice(B, [all(k), back(n)])));
    expect(distance(reversed.reverse(), wanted)).toBeLessThan(tolerance);
    const every = backend.slice(A, [all(m), { start: 0, stop: k, step: 4 }]), rows = backend.slice(B, [{ start: 0, stop: k, step: 4 }, all(n)]);
    const some = product(m, every.shape[1]!, n, backend.readSync(every), backend.readSync(rows));
    expect(distance(backend.readSync(backend.matmul(every, rows)), some)).toBeLessThan(tolerance);
    const column = backend.broadcastTo(backend.upload(uniform(m, 3), [m, 1], 'float64'), [m, k]);
    expect(distance(backend.readSync(backend.matmul(column, B)), product(m, k, n, backend.readSync(column), b))).toBeLessThan(tolerance);
    const batch = backend.readSync(backend.matmul(backend.broadcastTo(backend.reshape(A, [1, m, k]), [3, m, k]), backend.broadcastTo(backend.reshape(B, [1, k, n]), [3, k, n])));
    for (let i = 0; i < 3; i++) expect(distance(batch.slice(i * m * n, (i + 1) * m * n), wanted)).toBeLessThan(tolerance);
    const single = backend.readSync(backend.matmul(backend.cast(At, 'float32'), backend.cast(B, 'float32')));
    expect(distance(single, wanted)).toBeLessThan(2 * k * 2 ** -23);
  });

  it('a product with sides beyond every panel', () => {
    const m = 70, k = 800, n = 530, a = uniform(m * k, 1), b = uniform(k * n, 2), wanted = product(m, k, n, a, b);
    for (const dtype of ['float64', 'float32'] as const) {
      const got = backend.matmul(backend.cast(backend.upload(a, [m, k], 'float64'), dtype), backend.cast(backend.upload(b, [k, n], 'float64'), dtype));
      expect(distance(backend.readSync(got), wanted)).toBeLessThan(2 * k * (dtype === 'float64' ? eps : 2 ** -23));
    }
  });

  it('NaN and infinity go through a product as IEEE 754 says', () => {
    const n = 20, a = uniform(n * n, 1), b = uniform(n * n, 2);
    a[3 * n + 4] = NaN;
    b[5 * n + 6] = Infinity;
    a[7 * n + 5] = 0;
    const got = backend.readSync(backend.matmul(backend.upload(a, [n, n], 'float64'), backend.upload(b, [n, n], 'float64')));
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const v = got[i * n + j]!;
        if (i === 3 || (i === 7 && j === 6)) expect(v).toBeNaN();
        else expect(Number.isFinite(v)).toBe(j !== 6);
      }
    }
  });

  it.each(sizes)('the Cholesky factor of size %i', (n) => {
    const a = positiveDefinite(n), asymmetric = lowerOf(n, a);
    for (const [input, dtype] of [[a, 'float64'], [asymmetric, 'float64'], [a, 'float32']] as const) {
      const { factor, info } = backend.cholesky(backend.cast(backend.upload(input, [n, n], 'float64'), dtype)), l = backend.readSync(factor);
      expect(backend.readSync(info)[0]).toBe(0);
      expect(distance(l, lowerOf(n, l))).toBe(0);
      expect(distance(product(n, n, n, l, transposed(n, n, l)), a)).toBeLessThan(8 * n * (dtype === 'float64' ? eps : 2 ** -23));
    }
  });

  it.each([1, 8, 9, 20, 64, 66, 130])('a failing pivot of a matrix of size %i', (n) => {
    for (const pivot of new Set([1, 2, 3, Math.ceil(n / 3), Math.ceil(n / 2), n - 1, n].filter((p) => p >= 1 && p <= n))) {
      for (const bad of [-1, 0, NaN]) {
        const good = positiveDefinite(n), a = good.slice(), p = pivot - 1;
        a[p * n + p] = bad;
        const { factor, info } = backend.cholesky(backend.upload(a, [n, n], 'float64')), l = backend.readSync(factor);
        expect(backend.readSync(info)[0]).toBe(pivot);
        const whole = backend.readSync(backend.cholesky(backend.upload(good, [n, n], 'float64')).factor);
        const wanted = whole.map((v, k) => (k % n > Math.floor(k / n) ? 0 : k % n >= p ? NaN : v));
        expect(distance(l, wanted), `pivot ${pivot}, ${bad}`).toBeLessThan(1e-12);
      }
    }
  });

  it.each(sizes)('triangular solves of size %i', (n) => {
    const l = backend.readSync(backend.cholesky(backend.upload(positiveDefinite(n), [n, n], 'float64')).factor) as Float64Array, filled = uniform(n * n, 5);
    for (const lower of [true, false]) for (const transpose of [true, false]) for (const unitDiagonal of [true, false]) for (const side of ['left', 'right'] as const) for (const m of [1, 4, 9]) {
      // what must not be read holds other numbers
      const t = Float64Array.from({ length: n * n }, (_, k) => {
        const i = Math.floor(k / n), j = k % n;
        return i === j && unitDiagonal ? 77 : (lower ? j <= i : j >= i) ? (lower ? l[k]! : l[j * n + i]!) * (unitDiagonal && i !== j ? 1 / n : 1) : filled[k]!;
      });
      const b = uniform(n * m, 6), [rows, columns] = side === 'left' ? [n, m] : [m, n];
      const x = backend.readSync(backend.triangularSolve(backend.upload(t, [n, n], 'float64'), backend.upload(b, [rows!, columns!], 'float64'), { lower, transpose, unitDiagonal, side })) as Float64Array;
      const effective = Float64Array.from({ length: n * n }, (_, k) => {
        const i = Math.floor(k / n), j = k % n;
        return i === j && unitDiagonal ? 1 : (lower ? j <= i : j >= i) ? t[k]! : 0;
      });
      const op = transpose ? transposed(n, n, effective) : effective;
      const again = side === 'left' ? product(n, n, m, op, x) : product(m, n, n, x, op);
      const size = x.reduce((s, v) => Math.max(s, Math.abs(v)), 1);
      expect(distance(again, b), JSON.stringify({ n, m, lower, transpose, unitDiagonal, side })).toBeLessThan(20 * n * eps * size);
    }
  });

  it.each(sizes)('the inverse from the factor of size %i', (n) => {
    const a = positiveDefinite(n), { factor } = backend.cholesky(backend.upload(a, [n, n], 'float64'));
    const inverse = backend.readSync(backend.choleskyInverse(factor));
    expect(distance(inverse, transposed(n, n, inverse))).toBe(0);
    const identity = Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));
    expect(distance(product(n, n, n, a, inverse), identity)).toBeLessThan(40 * n * eps);
  });

  it.each([2 ** -1000, 2 ** 1000])('the factor of a matrix times %s', (scale) => {
    const n = 23, a = positiveDefinite(n), factorOf = (x: Float64Array): Float64Array => backend.readSync(backend.cholesky(backend.upload(x, [n, n], 'float64')).factor) as Float64Array;
    expect(distance(factorOf(a.map((v) => v * scale)).map((v) => v / Math.sqrt(scale)), factorOf(a))).toBeLessThan(100 * eps);
  });

  it('the inverse at condition 1e10 is as accurate as LAPACK’s', () => {
    const { n, condition, factor, inverse, lapackError } = JSON.parse(readFileSync(new URL('fixtures/inverse.json', import.meta.url), 'utf8')) as {
      n: number; condition: number; factor: string; inverse: string; lapackError: number;
    };
    expect(condition).toBeGreaterThan(0.9e10);
    const wanted = decodeFloats(inverse), got = backend.readSync(backend.choleskyInverse(backend.upload(decodeFloats(factor), [n, n], 'float64')));
    const scale = wanted.reduce((s, v) => Math.max(s, Math.abs(v)), 0);
    expect(distance(got, wanted) / scale).toBeLessThan(2 * lapackError);
  });

  it('what does not fit 4 GiB is refused before it is copied, and the error names the native backend', () => {
    const n = 24000, large = backend.full(1, [n, n], 'float64');
    for (const run of [
      () => backend.cholesky(large), () => backend.choleskyInverse(large),
      () => backend.triangularSolve(large, large, { lower: true, transpose: false, unitDiagonal: false, side: 'left' }),
    ]) {
      expect(run).toThrow(AllocationError);
      expect(run).toThrow(/native/);
    }
  });

  it('the kernels run in place on a memory of the caller’s, and touch nothing beside it', () => {
    const n = 90, memory = new WebAssembly.Memory({ initial: 64 }), kernels = instantiateCore(memory, build), at = 65536, ws = at + 8 * (n * n + 8);
    const bytes = new Uint8Array(memory.buffer);
    bytes.fill(0xa5);
    const a = positiveDefinite(n), view = new Float64Array(memory.buffer, at, n * n);
    view.set(a);
    expect(kernels.potrf(n, at, n, ws)).toBe(0);
    kernels.zeroUpper(n, at, n);
    expect(distance(product(n, n, n, view, transposed(n, n, view)), a)).toBeLessThan(8 * n * eps);
    const untouched = (from: number, to: number): boolean => bytes.subarray(from, to).every((b) => b === 0xa5);
    expect([untouched(0, at), untouched(at + 8 * n * n, ws), untouched(ws + workspaceBytes, bytes.length)]).toEqual([true, true, true]);
  });

  it('sums in pairs: the error stays at a few ulp over a million terms', () => {
    const n = 1_000_003, memory = new WebAssembly.Memory({ initial: 256 }), kernels = instantiateCore(memory, build), x = new Float64Array(memory.buffer, 1024, n);
    x.fill(0.1);
    expect(Math.abs(kernels.sum(n, 1024) / (n * 0.1) - 1)).toBeLessThan(4 * eps);
    expect(Math.abs(kernels.dot(n, 1024, 1024) / (n * 0.1 * 0.1) - 1)).toBeLessThan(6 * eps);
  });
});
