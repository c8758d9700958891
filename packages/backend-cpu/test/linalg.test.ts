/** The dense factorizations against LAPACK (tooling/oracle/linalg.py): residuals and orthogonality within ten times what it reaches. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cholesky, choleskyInverse, eigh, lu, qr, svd, triangularSolve } from '../src/numerics/index.ts';
import type { FloatArray } from '../src/numerics/index.ts';
import { departureFromOrthogonality, frobenius, identity, makeMatrix, productMinus, scaleColumns, transpose, type Recipe } from './matrices.ts';

interface Case extends Recipe {
  readonly corner: readonly number[];
  readonly lapack: Readonly<Record<string, number>> & { readonly values?: readonly number[] };
}

const cases = JSON.parse(readFileSync(new URL('./fixtures/linalg.json', import.meta.url), 'utf8')) as readonly Case[];
const label = ({ m, n, exponent, rank }: Case): string => `${m} × ${n}, condition 2^${exponent}, rank ${rank}`;
const of = (kind: Case['kind']): [string, Case][] => cases.filter((c) => c.kind === kind).map((c) => [label(c), c]);

const UNIT = { float64: 2 ** -53, float32: 2 ** -24 };
type DType = keyof typeof UNIT;
const make = (dtype: DType, values: ArrayLike<number> | number): FloatArray =>
  dtype === 'float64' ? Float64Array.from(typeof values === 'number' ? { length: values } : values, (x) => x ?? 0) : Float32Array.from(typeof values === 'number' ? { length: values } : values, (x) => x ?? 0);

/** Ten times LAPACK's residual; where that is (nearly) nothing, or in single precision, a few units per √(elements). */
function limit(dtype: DType, reached: number | undefined, size: number): number {
  const rounding = UNIT[dtype] * Math.sqrt(Math.max(1, size));
  return dtype === 'float64' ? 10 * Math.max(reached ?? 0, rounding / 4) : 20 * rounding;
}

function relative(difference: FloatArray, ...scales: FloatArray[]): number {
  const size = frobenius(difference);
  return size === 0 ? 0 : scales.reduce((x, scale) => x / frobenius(scale), size);
}

test('the recipes make the matrices that LAPACK factored', () => {
  expect(cases.length).toBeGreaterThan(75);
  for (const c of cases) {
    const a = makeMatrix(c);
    expect([a[0], a[c.m * c.n - 1], a[Math.floor(c.m / 2) * c.n + Math.floor(c.n / 3)]]).toEqual(c.corner);
  }
});

describe('symmetric positive definite', () => {
  test.each(of('spd'))('%s', (_, c) => {
    const { n, lapack } = c;
    const a = makeMatrix(c);
    const l = a.slice();
    for (let i = 0; i < n; i++) l.fill(NaN, i * n + i + 1, (i + 1) * n); // only the lower triangle may be read
    expect(cholesky(n, l)).toBe(0);
    const lt = transpose(n, n, l);
    expect(relative(productMinus(n, n, n, l, lt, a), a)).toBeLessThanOrEqual(limit('float64', lapack.cholesky, 1));
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) expect(l[i * n + j]).toBe(0);

    const inverse = l.slice();
    for (let i = 0; i < n; i++) inverse.fill(NaN, i * n + i + 1, (i + 1) * n);
    choleskyInverse(n, inverse);
    // Where LAPACK's roundings happen to cancel, half the condition times the unit stands for its residual.
    const reached = Math.max(lapack.inverse!, 2 ** (c.exponent - 54));
    expect(frobenius(productMinus(n, n, n, a, inverse, identity(n)))).toBeLessThanOrEqual(limit('float64', reached, n));
    expect(transpose(n, n, inverse)).toEqual(inverse);

    const b = makeMatrix({ kind: 'general', m: n, n: 7, exponent: 3, rank: 7 });
    for (const [transposed, lapackReached] of [[false, lapack.solve], [true, lapack.solveTransposed]] as const) {
      const x = b.slice();
      triangularSolve(n, 7, l, x, { lower: true, transpose: transposed, unitDiagonal: false, side: 'left' });
      expect(relative(productMinus(n, 7, n, transposed ? lt : l, x, b), l, x)).toBeLessThanOrEqual(limit('float64', lapackReached, 1));
    }
  });

  test.each(of('spd').filter(([, c]) => c.exponent === 7))('in single precision: %s', (_, c) => {
    const { n } = c;
    const a = make('float32', makeMatrix(c));
    const l = a.slice();
    expect(cholesky(n, l)).toBe(0);
    expect(relative(productMinus(n, n, n, l, transpose(n, n, l), a), a)).toBeLessThanOrEqual(limit('float32', 0, 1));
    choleskyInverse(n, l);
    expect(frobenius(productMinus(n, n, n, a, l, identity(n)))).toBeLessThanOrEqual(limit('float32', 0, n) * 2 ** c.exponent);
  });
});

describe('triangular systems', () => {
  const flags = [false, true];
  const variants = (['left', 'right'] as const).flatMap((side) =>
    flags.flatMap((lower) => flags.flatMap((transposed) => flags.map((unitDiagonal) => ({ side, lower, transpose: transposed, unitDiagonal })))),
  );
  test.each(variants)('%o', (options) => {
    for (const dtype of ['float64', 'float32'] as const) {
      for (const n of [1, 4, 33, 70]) {
        for (const m of [1, 3, 140]) {
          // The factor of a well conditioned matrix, its unread half NaN; a unit diagonal asks for small elements beside it.
          const full = makeMatrix({ kind: 'spd', m: n, n, exponent: 3, rank: n });
          cholesky(n, full);
          const t = make(dtype, options.lower ? full : transpose(n, n, full));
          const read = t.slice();
          for (let i = 0; i < n; i++) {
            for (let j = 0; j < n; j++) if (options.lower ? j > i : j < i) t[i * n + j] = NaN;
            if (!options.unitDiagonal) continue;
            t[i * n + i] = NaN;
            read[i * n + i] = 1;
          }
          const [rows, columns] = options.side === 'left' ? [n, m] : [m, n];
          const b = make(dtype, makeMatrix({ kind: 'general', m: rows, n: columns, exponent: 4, rank: n }));
          const x = b.slice();
          triangularSolve(rows, columns, t, x, options);
          const op = options.transpose ? transpose(n, n, read) : read;
          const difference = options.side === 'left' ? productMinus(n, m, n, op, x, b) : productMinus(m, n, n, x, op, b);
          expect(relative(difference, op, x)).toBeLessThanOrEqual(limit(dtype, 0, 1));
        }
      }
    }
  });
});

describe.each(['float64', 'float32'] as const)('general, %s', (dtype) => {
  test.each(of('general'))('%s', (_, c) => {
    const { m, n, lapack } = c;
    const k = Math.min(m, n);
    const a = make(dtype, makeMatrix(c));
    const before = a.slice();
    const bound = (key: string, size = 1): number => limit(dtype, lapack[key], size);

    const packed = a.slice();
    const rows = new Int32Array(m);
    expect(lu(m, n, packed, rows)).toBe(c.rank === 0 ? 1 : 0);
    const l = new Float64Array(m * k);
    const u = new Float64Array(k * n);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        if (j < i && j < k) l[i * k + j] = packed[i * n + j]!;
        else if (i < k) u[i * n + j] = packed[i * n + j]!;
      }
      if (i < k) l[i * k + i] = 1;
    }
    const permuted = new Float64Array(m * n);
    rows.forEach((row, i) => permuted.set(a.subarray(row * n, (row + 1) * n), i * n));
    expect([...rows].sort((x, y) => x - y)).toEqual(Array.from({ length: m }, (_unused, i) => i));
    expect(relative(productMinus(m, n, k, l, u, permuted), a)).toBeLessThanOrEqual(bound('lu', 4));
    expect(Math.max(...l.map(Math.abs))).toBeLessThanOrEqual(1);

    for (const pivoted of [false, true]) {
      const q = make(dtype, m * k);
      const r = make(dtype, k * n);
      const columns = new Int32Array(n);
      qr(m, n, a, q, r, pivoted ? columns : undefined);
      const chosen = pivoted ? Float64Array.from(a, (_unused, p) => a[Math.floor(p / n) * n + columns[p % n]!]!) : a;
      expect(relative(productMinus(m, n, k, q, r, chosen), a)).toBeLessThanOrEqual(bound(pivoted ? 'pivotedQr' : 'qr', 4));
      expect(departureFromOrthogonality(m, k, q)).toBeLessThanOrEqual(bound(pivoted ? 'pivotedQrOrthogonality' : 'qrOrthogonality', k));
      for (let i = 0; i < k; i++) for (let j = 0; j < Math.min(i, n); j++) expect(r[i * n + j]).toBe(0);
      if (pivoted) {
        for (let i = 1; i < k; i++) {
          const above = Math.abs(r[(i - 1) * n + i - 1]!);
          expect(Math.abs(r[i * n + i]!)).toBeLessThanOrEqual(above * (1 + 1e-6) + 10 * UNIT[dtype]);
        }
      }
    }

    const us = make(dtype, m * k);
    const s = make(dtype, k);
    const vt = make(dtype, k * n);
    svd(m, n, a, us, s, vt);
    expect(relative(productMinus(m, n, k, scaleColumns(m, k, us, s), vt, a), a)).toBeLessThanOrEqual(bound('svd', 4));
    expect(departureFromOrthogonality(m, k, us)).toBeLessThanOrEqual(bound('leftOrthogonality', k));
    expect(departureFromOrthogonality(n, k, transpose(k, n, vt))).toBeLessThanOrEqual(bound('rightOrthogonality', k));
    for (let i = 0; i < k; i++) {
      expect(Math.abs(s[i]! - lapack.values![i]!)).toBeLessThanOrEqual(40 * UNIT[dtype]);
      expect(s[i]).toBeGreaterThanOrEqual(0);
      if (i > 0) expect(s[i]).toBeLessThanOrEqual(s[i - 1]!);
    }
    expect(a).toEqual(before);
  });
});

describe.each(['float64', 'float32'] as const)('symmetric, %s', (dtype) => {
  test.each(of('symmetric'))('%s', (_, c) => {
    const { n, lapack } = c;
    const a = make(dtype, makeMatrix(c));
    const lower = a.slice();
    for (let i = 0; i < n; i++) lower.fill(NaN, i * n + i + 1, (i + 1) * n);
    const values = make(dtype, n);
    const vectors = make(dtype, n * n);
    eigh(n, lower, values, vectors);
    expect(relative(productMinus(n, n, n, a, vectors, scaleColumns(n, n, vectors, values)), a)).toBeLessThanOrEqual(limit(dtype, lapack.residual, 4));
    expect(departureFromOrthogonality(n, n, vectors)).toBeLessThanOrEqual(limit(dtype, lapack.orthogonality, n));
    for (let i = 0; i < n; i++) {
      expect(Math.abs(values[i]! - lapack.values![i]!)).toBeLessThanOrEqual(40 * UNIT[dtype]);
      if (i > 0) expect(values[i]).toBeGreaterThanOrEqual(values[i - 1]!);
    }
  });
});
