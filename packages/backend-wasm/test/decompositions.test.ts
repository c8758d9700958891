import { AllocationError } from '@matheron/core-tensor';
import type { CpuTensor } from '@matheron/backend-cpu';
import { describe, expect, it } from 'vitest';
import { WasmBackend } from '../src/wasm-backend.ts';
import { builds, distance, product, transposed, uniform } from './builds.ts';

const sizes = [1, 5, 9, 10, 16, 17, 31, 32, 33, 64, 65, 97, 128, 130];
const eps = 2 ** -52;
const identity = (n: number): Float64Array => Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));
const scaled = (m: number, n: number, a: ArrayLike<number>, s: ArrayLike<number>): Float64Array => Float64Array.from({ length: m * n }, (_, k) => a[k]! * s[k % n]!);

/** max |a| */
function size(a: ArrayLike<number>): number {
  let most = 0;
  for (let k = 0; k < a.length; k++) most = Math.max(most, Math.abs(a[k]!));
  return most;
}
/** Columns (m×n) are orthonormal. */
function expectOrthonormal(m: number, n: number, q: ArrayLike<number>): void {
  expect(distance(product(n, m, n, transposed(m, n, q), q), identity(n))).toBeLessThan(20 * Math.max(m, n) * eps);
}

describe.each(builds)('the %s build', (build) => {
  const backend = new WasmBackend({ build });
  const up = (m: number, n: number, a: Float64Array): CpuTensor => backend.upload(a, [m, n], 'float64');
  const values = (x: CpuTensor): Float64Array => backend.readSync(x) as Float64Array;

  it.each(sizes)('LU of size %i', (n) => {
    const a = uniform(n * n, n), { lu, permutation, info } = backend.lu(up(n, n, a)), packed = values(lu), order = backend.readSync(permutation);
    expect(backend.readSync(info)[0]).toBe(0);
    const lower = packed.map((v, k) => (k % n < Math.floor(k / n) ? v : k % (n + 1) === 0 ? 1 : 0)), upper = packed.map((v, k) => (k % n >= Math.floor(k / n) ? v : 0));
    expect(size(lower)).toBe(1); // partial pivoting
    const wanted = Float64Array.from({ length: n * n }, (_, k) => a[order[Math.floor(k / n)]! * n + (k % n)]!);
    expect(distance(product(n, n, n, lower, upper), wanted)).toBeLessThan(8 * n * eps);
    expect([...order].sort((p, q) => p - q)).toEqual(Array.from({ length: n }, (_, i) => i));
  });

  it('LU of a singular matrix says at which pivot, and still multiplies to it', () => {
    const n = 40, a = uniform(n * n, 1);
    for (let i = 0; i < n; i++) a[i * n + 20] = 0; // a column of zeros
    const { lu, permutation, info } = backend.lu(up(n, n, a)), packed = values(lu), order = backend.readSync(permutation);
    expect(backend.readSync(info)[0]).toBe(21);
    const lower = packed.map((v, k) => (k % n < Math.floor(k / n) ? v : k % (n + 1) === 0 ? 1 : 0)), upper = packed.map((v, k) => (k % n >= Math.floor(k / n) ? v : 0));
    const wanted = Float64Array.from({ length: n * n }, (_, k) => a[order[Math.floor(k / n)]! * n + (k % n)]!);
    expect(distance(product(n, n, n, lower, upper), wanted)).toBeLessThan(8 * n * eps);
  });

  for (const pivot of [false, true]) {
    it.each(sizes)(`QR of size %i, ${pivot ? 'pivoted' : 'plain'}`, (size_) => {
      for (const [m, n] of [[size_, size_], [2 * size_ + 1, size_], [size_, 2 * size_ + 1]] as const) {
        const a = uniform(m * n, 3), k = Math.min(m, n), { q, r, permutation } = backend.qr(up(m, n, a), { pivot }), R = values(r), order = backend.readSync(permutation);
        expectOrthonormal(m, k, values(q));
        const wanted = Float64Array.from({ length: m * n }, (_, i) => a[Math.floor(i / n) * n + order[i % n]!]!);
        expect(distance(product(m, k, n, values(q), R), wanted)).toBeLessThan(20 * Math.max(m, n) * eps);
        for (let i = 0; i < k; i++) for (let j = 0; j < i; j++) expect(R[i * n + j]).toBe(0);
        if (pivot) for (let i = 1; i < k; i++) expect(Math.abs(R[i * n + i]!)).toBeLessThanOrEqual(Math.abs(R[(i - 1) * n + i - 1]!) * (1 + 1e-12));
        else expect([...order]).toEqual(Array.from({ length: n }, (_, i) => i));
      }
    });
  }

  it.each(sizes)('eigenvalues and vectors of size %i', (n) => {
    const x = uniform(n * n, 4), a = x.map((v, k) => v + x[(k % n) * n + Math.floor(k / n)]!), { values: w, vectors } = backend.eigh(up(n, n, a)), v = values(vectors), d = values(w);
    expectOrthonormal(n, n, v);
    expect(distance(product(n, n, n, a, v), scaled(n, n, v, d))).toBeLessThan(20 * n * eps);
    for (let i = 1; i < n; i++) expect(d[i]!).toBeGreaterThanOrEqual(d[i - 1]!);
    const lower = a.map((value, k) => (k % n > Math.floor(k / n) ? NaN : value)); // the upper triangle is not read
    expect(values(backend.eigh(up(n, n, lower)).values)).toEqual(d);
  });

  it('the second difference has eigenvalues 4 sin²(kπ/2(n + 1))', () => {
    const n = 300, a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      a[i * n + i] = 2;
      if (i > 0) a[i * n + i - 1] = -1;
    }
    const wanted = Float64Array.from({ length: n }, (_, k) => 4 * Math.sin(((k + 1) * Math.PI) / (2 * (n + 1))) ** 2);
    expect(distance(values(backend.eigh(up(n, n, a)).values), wanted)).toBeLessThan(20 * eps);
  });

  it('multiple eigenvalues, zeros, huge and tiny matrices', () => {
    const n = 60, q = values(backend.qr(up(n, n, uniform(n * n, 5)), { pivot: false }).q), d = Float64Array.from({ length: n }, (_, k) => (k < 20 ? -1 : k < 40 ? 0 : 2));
    for (const factor of [1, 1e-200, 1e200, 1e-300]) {
      const a = product(n, n, n, scaled(n, n, q, d), transposed(n, n, q)).map((v) => v * factor), { values: w, vectors } = backend.eigh(up(n, n, a));
      expect(distance(values(w).map((v) => v / factor), d)).toBeLessThan(100 * eps);
      expectOrthonormal(n, n, values(vectors));
      const { u, s, vt } = backend.svd(up(n, n, a));
      const wanted = d.map(Math.abs).sort((p, r) => r - p);
      expect(distance(values(s).map((v) => v / factor), wanted)).toBeLessThan(100 * eps);
      expectOrthonormal(n, n, values(u));
      expectOrthonormal(n, n, transposed(n, n, values(vt)));
    }
    const zero = backend.eigh(backend.full(0, [n, n], 'float64'));
    expect(size(values(zero.values))).toBe(0);
    expectOrthonormal(n, n, values(zero.vectors));
    expect(values(backend.svd(backend.full(0, [n, n], 'float64')).s)).toEqual(new Float64Array(n));
  });

  it.each(sizes)('singular values of size %i', (size_) => {
    for (const [m, n] of [[size_, size_], [size_ + 2, size_], [2 * size_ + 1, size_], [size_, 2 * size_ + 1]] as const) {
      const a = uniform(m * n, 6), k = Math.min(m, n), { u, s, vt } = backend.svd(up(m, n, a)), d = values(s);
      expectOrthonormal(m, k, values(u));
      expectOrthonormal(n, k, transposed(k, n, values(vt)));
      expect(distance(product(m, k, n, scaled(m, k, values(u), d), values(vt)), a)).toBeLessThan(30 * Math.max(m, n) * eps);
      for (let i = 0; i < k; i++) expect(d[i]!).toBeGreaterThanOrEqual(i + 1 < k ? d[i + 1]! : 0);
    }
  });

  it('small singular values of a bidiagonal matrix keep their relative accuracy', () => {
    // d = 1, e = x: upper bidiagonal whose inverse is known; σ_min is 1/‖B⁻¹‖. Here graded: diag 10^-k, e = diag/2.
    const n = 20, a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      a[i * n + i] = 10 ** -i;
      if (i + 1 < n) a[i * n + i + 1] = 0.5 * 10 ** -i;
    }
    const s = values(backend.svd(up(n, n, a)).s), determinant = 10 ** -((n * (n - 1)) / 2);
    expect(Math.abs(s.reduce((p, v) => p * v, 1) / determinant - 1)).toBeLessThan(1e-13);
  });

  it('long sweeps are applied in several records', () => {
    const n = 420, x = uniform(n * n, 8), a = x.map((v, k) => v + x[(k % n) * n + Math.floor(k / n)]!), { values: w, vectors } = backend.eigh(up(n, n, a)), v = vectors;
    const residual = backend.binary('sub', backend.matmul(up(n, n, a), v), up(n, n, scaled(n, n, values(v), values(w))));
    expect(size(values(residual))).toBeLessThan(20 * n * eps);
    const { u, s, vt } = backend.svd(up(n, n, x)), again = backend.matmul(up(n, n, scaled(n, n, values(u), values(s))), vt);
    expect(distance(values(again), x)).toBeLessThan(30 * n * eps);
  });

  it('NaN and infinity make every result NaN', () => {
    for (const bad of [NaN, Infinity]) {
      const n = 20, a = uniform(n * n, 9);
      a[5 * n + 2] = bad;
      const x = up(n, n, a), e = backend.eigh(x), d = backend.svd(x), f = backend.qr(x, { pivot: true });
      for (const y of [e.values, e.vectors, d.u, d.s, d.vt, f.q, f.r]) expect(values(y).every(Number.isNaN)).toBe(true);
    }
  });

  it('float32 is computed in double', () => {
    const n = 50, x = uniform(n * n, 10), a = Float32Array.from(x, (v, k) => v + x[(k % n) * n + Math.floor(k / n)]!);
    const single = backend.eigh(backend.upload(a, [n, n], 'float32')), double = backend.eigh(up(n, n, Float64Array.from(a)));
    expect(backend.readSync(single.values)).toEqual(Float32Array.from(values(double.values)));
    const f = backend.svd(backend.upload(a, [n, n], 'float32')), g = backend.svd(up(n, n, Float64Array.from(a)));
    expect(backend.readSync(f.s)).toEqual(Float32Array.from(values(g.s)));
    const p = backend.lu(backend.upload(a, [n, n], 'float32')), q = backend.lu(up(n, n, Float64Array.from(a)));
    expect(backend.readSync(p.lu)).toEqual(Float32Array.from(values(q.lu)));
  });

  it('what does not fit 4 GiB is refused before it is copied', () => {
    const large = backend.full(1, [24000, 24000], 'float64');
    for (const run of [() => backend.lu(large), () => backend.qr(large, { pivot: false }), () => backend.eigh(large), () => backend.svd(large)]) expect(run).toThrow(AllocationError);
  });
});
