/** Sizes 0 and 1, strides, extreme magnitudes, failing pivots, NaN and Inf; expected values are exact or have closed forms. */
import { describe, expect, test } from 'vitest';
import { cholesky, choleskyInverse, eigh, gemm, lu, matmul, qr, svd, triangularSolve } from '../src/numerics/index.ts';
import { departureFromOrthogonality, frobenius, identity, makeMatrix, productMinus, scaleColumns, transpose } from './matrices.ts';

const allNaN = (x: ArrayLike<number>): boolean => Array.from(x).every(Number.isNaN);
const spd = (n: number): Float64Array => makeMatrix({ kind: 'spd', m: n, n, exponent: 6, rank: n });
const general = (m: number, n: number): Float64Array => makeMatrix({ kind: 'general', m, n, exponent: 6, rank: Math.min(m, n) });
/** Integers of at most 3 digits: their products and sums are exact. */
const integers = (length: number): Float64Array => Float64Array.from({ length }, (_, i) => ((i * 7919) % 201) - 100);

function exactProduct(m: number, n: number, k: number, a: Float64Array, b: Float64Array): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) for (let l = 0; l < k; l++) c[i * n + j]! += a[i * k + l]! * b[l * n + j]!;
  return c;
}

describe('gemm', () => {
  const shapes: [number, number, number][] = [[1, 1, 1], [2, 4, 3], [3, 5, 7], [1, 9, 300], [9, 1, 300], [70, 1, 70], [65, 66, 67], [64, 8, 256], [67, 13, 600], [5, 517, 9], [130, 515, 3]];
  test.each(shapes)('%i × %i, %i terms, in all strides', (m, n, k) => {
    const a = integers(m * k);
    const b = integers(k * n);
    const expected = exactProduct(m, n, k, a, b);
    const c = new Float64Array(m * n).fill(NaN);
    matmul(m, n, k, a, b, c);
    expect(c).toEqual(expected);
    const left = [{ data: a, offset: 0, rowStride: k, columnStride: 1 }, { data: transpose(m, k, a), offset: 0, rowStride: 1, columnStride: m }];
    const right = [{ data: b, offset: 0, rowStride: n, columnStride: 1 }, { data: Float64Array.from(b).reverse(), offset: k * n - 1, rowStride: -n, columnStride: -1 }];
    for (const x of left) {
      for (const y of right) {
        const out = new Float64Array(2 * m * n + 1).fill(7);
        gemm(m, n, k, 1, x, y, { data: out, offset: 1, rowStride: 2, columnStride: 2 * m }, false);
        expect(expected.map((_, p) => out[1 + 2 * Math.floor(p / n) + 2 * m * (p % n)]!)).toEqual(expected);
        expect(out.filter((_, p) => p % 2 === 0).every((v) => v === 7)).toBe(true);
      }
    }
    const sum = new Float64Array(m * n).fill(3);
    gemm(m, n, k, -2, left[0]!, right[0]!, { data: sum, offset: 0, rowStride: n, columnStride: 1 }, true);
    expect(sum).toEqual(expected.map((v) => 3 - 2 * v));
    const single = new Float32Array(m * n);
    matmul(m, n, k, Float32Array.from(a), Float32Array.from(b), single);
    expect(single).toEqual(Float32Array.from(expected));
  });

  test('no terms give zero, and nothing is skipped at zeros', () => {
    const c = new Float64Array(4).fill(NaN);
    matmul(2, 2, 0, new Float64Array(0), new Float64Array(0), c);
    expect([...c]).toEqual([0, 0, 0, 0]);
    matmul(1, 1, 2, Float64Array.of(0, 1), Float64Array.of(Infinity, 1), c);
    expect(c[0]).toBeNaN();
  });
});

test('known factors', () => {
  const l = Float64Array.of(4, NaN, NaN, 2, 5, NaN, 6, 7, 19);
  expect(cholesky(3, l)).toBe(0);
  expect([...l]).toEqual([2, 0, 0, 1, 2, 0, 3, 2, Math.sqrt(6)]);
  const inverse = Float64Array.of(2, NaN, 1, 2);
  choleskyInverse(2, inverse); // of [[4, 2], [2, 5]]
  expect([...inverse]).toEqual([0.3125, -0.125, -0.125, 0.25]);
  const a = Float64Array.of(1, 2, 4, 2);
  const rows = new Int32Array(2);
  expect(lu(2, 2, a, rows)).toBe(0);
  expect([[...a], [...rows]]).toEqual([[4, 2, 0.25, 1.5], [1, 0]]);
});

describe('cholesky refuses', () => {
  test.each([[5, 3], [48, 48], [100, 1], [100, 40], [100, 90], [200, 130]])('%i × %i at pivot %i: NaN from that column on', (n, pivot) => {
    const a = spd(n);
    const good = a.slice();
    cholesky(n, good);
    a[(pivot - 1) * (n + 1)] = -1;
    expect(cholesky(n, a)).toBe(pivot);
    for (let i = 0; i < n; i++) {
      const row = a.subarray(i * n, i * n + i + 1);
      expect(allNaN(row.subarray(pivot - 1))).toBe(true);
      row.subarray(0, pivot - 1).forEach((x, j) => expect(Math.abs(x - good[i * n + j]!)).toBeLessThan(1e-13));
      expect(a.subarray(i * n + i + 1, (i + 1) * n).every((x) => x === 0)).toBe(true);
    }
  });

  test.each([NaN, Infinity, -Infinity, 0])('%d on the diagonal or below', (bad) => {
    for (const n of [1, 3, 60]) {
      const a = spd(n);
      a[n * n - 1] = bad;
      expect(cholesky(n, a)).toBe(n);
      expect(a[n * n - 1]).toBeNaN();
    }
    if (bad === 0) return;
    const a = spd(60);
    a[40 * 60 + 7] = bad;
    expect(cholesky(60, a)).toBe(41);
  });

  test('a rank-one matrix at its second pivot', () => {
    expect(cholesky(3, new Float64Array(9).fill(1))).toBe(2);
    expect(cholesky(3, new Float32Array(9).fill(1))).toBe(2);
  });
});

test('a zero on the diagonal of a triangle divides, a unit one is not read', () => {
  const b = Float64Array.of(1, 1);
  triangularSolve(2, 1, Float64Array.of(0, 0, 1, 1), b, { lower: true, transpose: false, unitDiagonal: false, side: 'left' });
  expect([...b]).toEqual([Infinity, -Infinity]);
});

test('lu names the first zero pivot and still factors', () => {
  const a = Float64Array.of(1, 2, 3, 2, 4, 6, 1, 1, 1);
  expect(lu(3, 3, a, new Int32Array(3))).toBe(3);
  expect(a[8]).toBe(0);
  const b = Float64Array.of(0, 1, 0, 1);
  expect(lu(2, 2, b, new Int32Array(2))).toBe(1);
});

describe('size 0', () => {
  test('nothing to do', () => {
    const e = (): Float64Array => new Float64Array(0);
    expect(cholesky(0, e())).toBe(0);
    choleskyInverse(0, e());
    eigh(0, e(), e(), e());
    expect(lu(0, 0, e(), new Int32Array(0))).toBe(0);
    for (const [m, n] of [[0, 0], [0, 3], [3, 0]] as const) {
      const columns = new Int32Array(n);
      const rows = new Int32Array(m);
      qr(m, n, e(), e(), e());
      qr(m, n, e(), e(), e(), columns);
      svd(m, n, e(), e(), e(), e());
      expect(lu(m, n, e(), rows)).toBe(0);
      expect([[...columns], [...rows]]).toEqual([[0, 1, 2].slice(0, n), [0, 1, 2].slice(0, m)]);
      triangularSolve(m, n, new Float64Array(m * m), e(), { lower: true, transpose: false, unitDiagonal: false, side: 'left' });
      triangularSolve(m, n, new Float64Array(n * n), e(), { lower: false, transpose: true, unitDiagonal: false, side: 'right' });
      matmul(m, n, 2, new Float64Array(2 * m), new Float64Array(2 * n), e());
    }
  });
});

describe('extreme magnitudes', () => {
  test.each([1e-320, 1e-300, 1e-200, 1e-120, 1e120, 1e200, 1e300])('scaled by %d', (scale) => {
    // A subnormal matrix has few digits, its factors' orthogonality all.
    const unit = Math.max(2 ** -53, 2 ** -1074 / scale);
    const [m, n] = [9, 6];
    const a = general(m, n).map((x) => x * scale);
    const symmetric = makeMatrix({ kind: 'symmetric', m: n, n, exponent: 6, rank: n }).map((x) => x * scale);
    const back = (x: Float64Array): Float64Array => x.map((y) => y / scale);

    for (const columns of [undefined, new Int32Array(n)]) {
      const q = new Float64Array(m * n);
      const r = new Float64Array(n * n);
      qr(m, n, a, q, r, columns);
      expect(departureFromOrthogonality(m, n, q)).toBeLessThan(1e-14);
      const chosen = columns ? a.map((_, p) => a[Math.floor(p / n) * n + columns[p % n]!]!) : a;
      expect(frobenius(productMinus(m, n, n, q, back(r), back(chosen)))).toBeLessThan(200 * unit);
    }
    const u = new Float64Array(m * n);
    const s = new Float64Array(n);
    const vt = new Float64Array(n * n);
    svd(m, n, a, u, s, vt);
    expect(departureFromOrthogonality(m, n, u)).toBeLessThan(1e-14);
    expect(frobenius(productMinus(m, n, n, scaleColumns(m, n, u, back(s)), vt, back(a)))).toBeLessThan(200 * unit);
    const values = new Float64Array(n);
    const vectors = new Float64Array(n * n);
    eigh(n, symmetric, values, vectors);
    expect(departureFromOrthogonality(n, n, vectors)).toBeLessThan(1e-14);
    expect(frobenius(productMinus(n, n, n, back(symmetric), vectors, scaleColumns(n, n, vectors, back(values))))).toBeLessThan(200 * unit);
  });

  test('columns of very different size keep q orthogonal', () => {
    const a = general(8, 6);
    for (let i = 0; i < 8; i++) for (let j = 0; j < 6; j++) a[i * 6 + j]! *= 10 ** (-60 * j);
    const q = new Float64Array(48);
    qr(8, 6, a, q, new Float64Array(36));
    expect(departureFromOrthogonality(8, 6, q)).toBeLessThan(1e-14);
    const u = new Float64Array(48);
    const vt = new Float64Array(36);
    svd(8, 6, a, u, new Float64Array(6), vt);
    expect(departureFromOrthogonality(8, 6, u)).toBeLessThan(1e-14);
    expect(departureFromOrthogonality(6, 6, transpose(6, 6, vt))).toBeLessThan(1e-14);
  });
});

describe('spectra in closed form', () => {
  test('second differences: 2 − 2 cos(kπ/(n + 1))', () => {
    const n = 150;
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      a[i * n + i] = 2;
      if (i > 0) a[i * n + i - 1] = -1;
    }
    const values = new Float64Array(n);
    eigh(n, a, values, new Float64Array(n * n));
    values.forEach((x, k) => expect(Math.abs(x - 4 * Math.sin(((k + 1) * Math.PI) / (2 * (n + 1))) ** 2)).toBeLessThan(1e-14));
  });

  test('equal eigenvalues, diagonal and zero matrices, vectors in the place of the matrix', () => {
    const n = 12;
    const ones = new Float64Array(n * n).fill(1);
    const values = new Float64Array(n);
    eigh(n, ones, values, ones);
    expect(values[n - 1]).toBeCloseTo(n, 13);
    values.subarray(0, n - 1).forEach((x) => expect(Math.abs(x)).toBeLessThan(1e-14));
    expect(departureFromOrthogonality(n, n, ones)).toBeLessThan(1e-14);

    const three = new Float64Array(3);
    const vectors = new Float64Array(9);
    eigh(3, Float64Array.of(3, 0, 0, 0, -1, 0, 0, 0, 2), three, vectors);
    expect([...three]).toEqual([-1, 2, 3]);
    expect(vectors.map(Math.abs)).toEqual(Float64Array.of(0, 0, 1, 1, 0, 0, 0, 1, 0));
    eigh(3, new Float64Array(9), three, vectors);
    expect([[...three], [...vectors]]).toEqual([[0, 0, 0], [...identity(3)]]);
  });

  test('bidiagonal matrices with zeros on the diagonal', () => {
    for (const d of [[0, 0, 0, 0], [1, 0, 2, 0], [0, 1, 2, 3], [1, 2, 3, 0]]) {
      const a = new Float64Array(16);
      d.forEach((x, i) => {
        a[5 * i] = x;
        if (i < 3) a[5 * i + 1] = 1;
      });
      const u = new Float64Array(16);
      const s = new Float64Array(4);
      const vt = new Float64Array(16);
      svd(4, 4, a, u, s, vt);
      expect(frobenius(productMinus(4, 4, 4, scaleColumns(4, 4, u, s), vt, a))).toBeLessThan(5e-15);
      expect(departureFromOrthogonality(4, 4, u)).toBeLessThan(5e-15);
      expect(s[3]).toBeLessThan(1e-15);
    }
  });

  test('a nilpotent shift has singular values 1 … 1, 0', () => {
    const n = 30;
    const a = new Float64Array(n * n);
    for (let i = 0; i + 1 < n; i++) a[i * n + i + 1] = 1;
    const s = new Float64Array(n);
    svd(n, n, a, new Float64Array(n * n), s, new Float64Array(n * n));
    expect([...s]).toEqual([...new Float64Array(n - 1).fill(1), 0]);
  });
});

describe('NaN and Inf end in NaN', () => {
  test.each([NaN, Infinity, -Infinity])('%d', (bad) => {
    for (const n of [1, 2, 40]) {
      const a = spd(n);
      a[n * n - 1] = bad;
      const values = new Float64Array(n);
      const vectors = new Float64Array(n * n);
      eigh(n, a, values, vectors);
      expect(allNaN(values) && allNaN(vectors)).toBe(true);
      for (const [m, k] of [[n, n], [n + 3, n], [n, n + 3]] as const) {
        const size = Math.min(m, k);
        const b = general(m, k);
        b[m * k - 1] = bad;
        const u = new Float64Array(m * size);
        const s = new Float64Array(size);
        const vt = new Float64Array(size * k);
        svd(m, k, b, u, s, vt);
        expect(allNaN(u) && allNaN(s) && allNaN(vt)).toBe(true);
        for (const columns of [undefined, new Int32Array(k)]) {
          const q = new Float64Array(m * size);
          const r = new Float64Array(size * k);
          qr(m, k, b, q, r, columns);
          expect(allNaN(q) && allNaN(r)).toBe(true);
        }
        const rows = new Int32Array(m);
        lu(m, k, b, rows);
        expect([...rows].sort((x, y) => x - y)).toEqual(Array.from({ length: m }, (_, i) => i));
      }
    }
  });

  test('in a Cholesky factor', () => {
    for (const n of [1, 40]) {
      const l = spd(n);
      cholesky(n, l);
      l[n * n - 1] = NaN;
      choleskyInverse(n, l);
      expect(allNaN(l)).toBe(true);
    }
  });
});
