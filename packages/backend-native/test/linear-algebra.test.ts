import type { CpuTensor } from '@matheron/backend-wasm/internal';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NativeCallError } from '../src/index.ts';
import { int, lapack, openLibrary } from '../src/internal.ts';
import { backendOn, distance, eps, identity, kernelMatrix, libraries, planOn, product, random, transpose, withBlas } from './support.ts';

const lower = { lower: true, transpose: false, unitDiagonal: false, side: 'left' } as const;

withBlas('linear algebra of native', () => {
  for (const { path, integers, vendor } of libraries) describe(`${vendor}, ${integers} bits, ${path}`, () => {
    const backend = backendOn(path, 2);
    const up = (x: Float64Array, ...shape: number[]): CpuTensor => backend.upload(x, shape, 'float64');
    const down = (x: CpuTensor): Float64Array => backend.readSync(x) as Float64Array;

    // 530: several threads, and more than one block of any algorithm.
    it.each([33, 150, 530])('Cholesky, solves and the inverse of size %i', (n) => {
      const a = kernelMatrix(n), { factor, info } = backend.cholesky(up(a, n, n)), l = down(factor);
      expect(Array.from(down(info))).toEqual([0]);
      expect(distance(product(n, n, n, l, transpose(n, n, l)), a)).toBeLessThan(20 * n * eps);
      for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) if (l[i * n + j] !== 0) throw new Error(`(${i}, ${j}) of the factor is ${l[i * n + j]}`);
      for (const m of [1, 7, Math.min(n, 150)]) {
        const b = random(n * m, 3), x = down(backend.triangularSolve(factor, up(b, n, m), lower));
        expect(distance(product(n, m, n, l, x), b)).toBeLessThan(50 * n * eps);
        const y = down(backend.triangularSolve(factor, up(b, n, m), { ...lower, transpose: true }));
        expect(distance(product(n, m, n, transpose(n, n, l), y), b)).toBeLessThan(50 * n * eps);
        const z = down(backend.triangularSolve(factor, up(b, m, n), { ...lower, side: 'right' }));
        expect(distance(product(m, n, n, z, l), b)).toBeLessThan(50 * n * eps);
      }
      const inverse = down(backend.choleskyInverse(factor));
      expect(distance(inverse, transpose(n, n, inverse))).toBe(0);
      expect(distance(product(n, n, n, a, inverse), identity(n))).toBeLessThan(100 * n * eps);
    });

    // Eagerly with blocks by the library, in a plan with blocks by the kernels on its memory.
    describe.each([
      {
        where: 'eagerly',
        cholesky: (n: number, a: Float64Array) => {
          const { factor, info } = backend.cholesky(up(a, n, n));
          return { l: down(factor), info: down(info)[0]! };
        },
        inverse: (n: number, l: Float64Array) => down(backend.choleskyInverse(up(l, n, n))),
      },
      { where: 'in a plan', ...planOn(path, 17) },
    ])('$where', ({ where, cholesky, inverse }) => {
      it.each([33, 150, 401])('the factor and its inverse of size %i', (n) => {
        const a = kernelMatrix(n), { l, info } = cholesky(n, a.slice());
        expect(info).toBe(0);
        expect(distance(product(n, n, n, l, transpose(n, n, l)), a)).toBeLessThan(20 * n * eps);
        expect(distance(product(n, n, n, a, inverse(n, l)), identity(n))).toBeLessThan(100 * n * eps);
      });

      it('the recursive inverse at condition 1e10 is as accurate as LAPACK’s', () => {
        const fixture = JSON.parse(readFileSync(new URL('fixtures/inverse.json', import.meta.url), 'utf8')) as {
          n: number; condition: number; lowerFactor: string; columns: number[]; inverse: string[]; lapackError: number;
        };
        const { n, columns } = fixture, packed = floats(fixture.lowerFactor), l = new Float64Array(n * n);
        for (let i = 0, k = 0; i < n; i++) for (let j = 0; j <= i; j++, k++) l[i * n + j] = packed[k]!;
        expect(fixture.condition).toBeGreaterThan(0.9e10);
        const got = inverse(n, l), wanted = fixture.inverse.map(floats);
        const scale = Math.max(...wanted.flatMap((column) => Array.from(column, Math.abs)));
        const error = Math.max(...columns.map((c, k) => distance(Float64Array.from({ length: n }, (_, i) => got[i * n + c]!), wanted[k]!)));
        expect(error / scale).toBeLessThan(2 * fixture.lapackError);
      });

      it('a failing pivot behind the first blocks: its number, what is known before it, NaN after', () => {
        const n = 300, bad = 200, a = kernelMatrix(n), whole = cholesky(n, a.slice()).l;
        for (const value of [-1, NaN, Infinity]) {
          const broken = a.slice();
          broken[bad * n + bad] = value;
          const { l, info } = cholesky(n, broken);
          expect(info).toBe(bad + 1);
          for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) {
            const v = l[i * n + j]!;
            // In a plan the rows from there on are NaN: backend-wasm then factors once more.
            if (j > i ? v !== 0 : j >= bad || (i >= bad && where === 'in a plan') ? !Number.isNaN(v) : !(Math.abs(v - whole[i * n + j]!) < 1e-12)) throw new Error(`${value}: (${i}, ${j}) is ${v}`);
          }
        }
      });
    });

    it.each([[40, 40], [230, 230], [520, 530]])('products of %i×%i, also of views', (m, n) => {
      const k = 37, a = random(m * k, 1), b = random(k * n, 2), wanted = product(m, n, k, a, b);
      const A = up(a, m, k), B = up(b, k, n), turned = (x: CpuTensor): CpuTensor => backend.permute(up(transpose(x.shape[0]!, x.shape[1]!, down(x)), x.shape[1]!, x.shape[0]!), [1, 0]);
      for (const x of [A, turned(A)]) for (const y of [B, turned(B)]) expect(distance(down(backend.matmul(x, y)), wanted)).toBeLessThan(4 * k * eps);
      const reversed = backend.slice(B, [{ start: 0, stop: k, step: 1 }, { start: n - 1, stop: -1, step: -1 }]);
      expect(distance(down(backend.matmul(A, reversed)), down(backend.slice(up(wanted, m, n), [{ start: 0, stop: m, step: 1 }, { start: n - 1, stop: -1, step: -1 }])))).toBeLessThan(4 * k * eps);
      const column = backend.slice(B, [{ start: 0, stop: k, step: 1 }, { start: 3, stop: 4, step: 1 }]);
      expect(distance(down(backend.matmul(A, column)), Float64Array.from({ length: m }, (_, i) => wanted[i * n + 3]!))).toBeLessThan(4 * k * eps);
      const narrow = (x: CpuTensor): CpuTensor => backend.cast(x, 'float32');
      expect(distance(down(backend.matmul(narrow(A), narrow(B))), wanted)).toBeLessThan(4 * k * 2 ** -23);
    });

    it.each([[250, 250], [40, 90], [90, 40]])('LU, QR, eigenvalues and singular values of %i×%i', (m, n) => {
      const size = Math.min(m, n), a = random(m * n, 5), tolerance = 100 * Math.max(m, n) * eps;
      if (m === n) {
        const { lu, permutation, info } = backend.lu(up(a, n, n)), f = down(lu), p = down(permutation);
        const l = f.map((v, k) => (Math.floor(k / n) > k % n ? v : Math.floor(k / n) === k % n ? 1 : 0)), u = f.map((v, k) => (Math.floor(k / n) <= k % n ? v : 0));
        expect(Array.from(down(info))).toEqual([0]);
        expect(distance(product(n, n, n, l, u), Float64Array.from({ length: n * n }, (_, k) => a[p[Math.floor(k / n)]! * n + (k % n)]!))).toBeLessThan(tolerance);
        const s = kernelMatrix(n), { values, vectors } = backend.eigh(up(s, n, n)), v = down(vectors), w = down(values);
        expect(w.every((x, k) => k === 0 || x >= w[k - 1]!)).toBe(true);
        expect(distance(product(n, n, n, s, v), v.map((x, k) => x * w[k % n]!))).toBeLessThan(n * tolerance);
        expect(distance(product(n, n, n, transpose(n, n, v), v), identity(n))).toBeLessThan(tolerance);
      }
      for (const pivot of [false, true]) {
        const { q, r, permutation } = backend.qr(up(a, m, n), { pivot }), Q = down(q), R = down(r), p = down(permutation);
        expect(distance(product(m, n, size, Q, R), Float64Array.from({ length: m * n }, (_, k) => a[Math.floor(k / n) * n + p[k % n]!]!))).toBeLessThan(tolerance);
        expect(distance(product(size, size, m, transpose(m, size, Q), Q), identity(size))).toBeLessThan(tolerance);
      }
      const { u, s, vt } = backend.svd(up(a, m, n)), U = down(u), w = down(s);
      expect(w.every((x, k) => x >= 0 && (k === 0 || x <= w[k - 1]!))).toBe(true);
      expect(distance(product(m, n, size, U.map((x, k) => x * w[k % size]!), down(vt)), a)).toBeLessThan(tolerance);
    });

    // The reference implementation ends the process there.
    it.runIf(vendor !== 'LAPACK')('an argument that LAPACK refuses is our defect, reported with all of them', () => {
      const library = openLibrary(path), a = new Float64Array(9);
      const call = (): number => lapack(library, 'potrf', Uint8Array.of(85), int(0, 3), a, int(1, 2));
      expect(call).toThrow(NativeCallError);
      expect(call).toThrow('dpotrf: LAPACK refuses argument 4 of (U, 3, 9 numbers, 2); this is a defect of @matheron/backend-native');
    });
  });
});

function floats(text: string): Float64Array {
  const bytes = Buffer.from(text, 'base64');
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}
