import { type FloatDType, epsilonOf } from '@matheron/core-tensor';
import type { Bench, Case, Group } from '../bench.ts';
import { expectAtMost, expectTrue } from '../compare.ts';
import { factorizations, spectra } from '../generated/factorization-table.ts';
import { type Layout, conform } from '../layouts.ts';
import { type NdArray, array, count } from '../reference/array.ts';
import {
  type Matrix, columnsAt, general, identity, lowerOf, matricesOf, matrix, multiply, norm, orthogonality, relativeDistance, round, rowsAt, scaleColumns, spectral, stacked, subtract, symmetric,
  transpose, upperOf, vectorsOf,
} from '../reference/matrix.ts';

type Name = 'lu' | 'qr' | 'eigh' | 'svd';
/** Relative residual of a factorization, after its shapes, dtypes and structure have been checked. */
type Check = (bench: Bench, a: NdArray, layout?: Layout) => Promise<number>;

const floats: readonly FloatDType[] = ['float64', 'float32'];
const brackets = (x: readonly number[]): string => `[${x.join(', ')}]`;
const worst = (values: readonly number[]): number => values.reduce((m, v) => (v <= m ? m : v), 0);

function expectTypes(outputs: readonly NdArray[], expected: readonly (readonly [string, string, readonly number[]])[]): void {
  for (const [k, [what, dtype, shape]] of expected.entries()) {
    const x = outputs[k]!;
    expectTrue(x.dtype === dtype && brackets(x.shape) === brackets(shape), `${what} is ${x.dtype} ${brackets(x.shape)}, expected ${dtype} ${brackets(shape)}`);
  }
}

function expectPermutation(p: Float64Array): void {
  expectTrue([...p].sort((a, b) => a - b).every((v, k) => v === k), `[${p.join(', ')}] is no permutation`);
}

async function outputs(bench: Bench, kind: Name, a: NdArray, layout: Layout, attributes: { pivot: boolean } | object = {}): Promise<NdArray[]> {
  return Promise.all(bench.call(kind, [bench.place(a, layout)], attributes as never).map((x) => bench.read(x)));
}

const sizes = (a: NdArray): { batch: readonly number[]; m: number; n: number; k: number; epsilon: number } => {
  const [m, n] = a.shape.slice(-2) as [number, number];
  return { batch: a.shape.slice(0, -2), m, n, k: Math.min(m, n), epsilon: epsilonOf(a.dtype as FloatDType) };
};

const lu: Check = async (bench, a, layout = 'dense') => {
  const { batch, n, epsilon } = sizes(a);
  const [packed, permutation, info] = (await outputs(bench, 'lu', a, layout)) as [NdArray, NdArray, NdArray];
  expectTypes([packed, permutation, info], [['lu', a.dtype, a.shape], ['permutation', 'int32', [...batch, n]], ['info', 'int32', batch]]);
  const permutations = n === 0 ? [] : vectorsOf(permutation);
  return worst(matricesOf(packed).map((m, b) => {
    if (n === 0) return 0;
    expectPermutation(permutations[b]!);
    const l = lowerOf(m, true);
    const u = upperOf(m);
    expectAtMost(Math.max(...l.data.map(Math.abs)), 1 + bench.limit(4 * epsilon), 'the largest multiplier');
    const zero = [...Array(n).keys()].find((k) => u.data[k * n + k] === 0);
    expectTrue(info.data[b] === (zero === undefined ? 0 : zero + 1), `info is ${info.data[b]}, though the first zero pivot is ${zero === undefined ? 'none' : zero + 1}`);
    return relativeDistance(multiply(l, u), rowsAt(matricesOf(a)[b]!, permutations[b]!));
  }));
};

const qrOf = (pivot: boolean): Check => async (bench, a, layout = 'dense') => {
  const { batch, m, n, k, epsilon } = sizes(a);
  const [q, r, permutation] = (await outputs(bench, 'qr', a, layout, { pivot })) as [NdArray, NdArray, NdArray];
  expectTypes([q, r, permutation], [['q', a.dtype, [...batch, m, k]], ['r', a.dtype, [...batch, k, n]], ['permutation', 'int32', [...batch, n]]]);
  const permutations = vectorsOf(permutation);
  const factors = matricesOf(q);
  return worst(matricesOf(r).map((upper, b) => {
    const order = permutations[b] ?? new Float64Array(n).map((_, j) => j);
    expectPermutation(order);
    if (!pivot) expectTrue(order.every((v, j) => v === j), 'the permutation is not the identity, though no pivoting was asked for');
    expectTrue(upper.data.every((v, p) => Math.floor(p / n) <= p % n || v === 0), 'r has entries other than 0 below its diagonal');
    if (pivot) {
      for (let i = 1; i < k; i++) {
        const [before, now] = [Math.abs(upper.data[(i - 1) * n + i - 1]!), Math.abs(upper.data[i * n + i]!)];
        expectAtMost(now, before * (1 + bench.limit(50 * epsilon)) + norm(upper) * epsilon * 10, `|r[${i}, ${i}]| of a pivoted factorization`);
      }
    }
    expectAtMost(orthogonality(factors[b]!), bench.limit(10 * (m + n + 1) * epsilon), '‖qᵀq − I‖');
    return relativeDistance(multiply(factors[b]!, upper), columnsAt(matricesOf(a)[b]!, order));
  }));
};

const eigh: Check = async (bench, a, layout = 'dense') => {
  const { batch, n, epsilon } = sizes(a);
  const [values, vectors] = (await outputs(bench, 'eigh', a, layout)) as [NdArray, NdArray];
  expectTypes([values, vectors], [['values', a.dtype, [...batch, n]], ['vectors', a.dtype, a.shape]]);
  return worst(matricesOf(vectors).map((v, b) => {
    const w = values.data.slice(b * n, (b + 1) * n);
    for (let i = 1; i < n; i++) expectTrue(w[i - 1]! <= w[i]!, `eigenvalues are not ascending: ${w[i - 1]} before ${w[i]}`);
    expectAtMost(orthogonality(v), bench.limit(10 * (n + 1) * epsilon), '‖vᵀv − I‖');
    return relativeDistance(multiply(scaleColumns(v, w), transpose(v)), symmetric(matricesOf(a)[b]!));
  }));
};

const svd: Check = async (bench, a, layout = 'dense') => {
  const { batch, m, n, k, epsilon } = sizes(a);
  const [u, s, vt] = (await outputs(bench, 'svd', a, layout)) as [NdArray, NdArray, NdArray];
  expectTypes([u, s, vt], [['u', a.dtype, [...batch, m, k]], ['s', a.dtype, [...batch, k]], ['vt', a.dtype, [...batch, k, n]]]);
  const rights = matricesOf(vt);
  return worst(matricesOf(u).map((left, b) => {
    const w = s.data.slice(b * k, (b + 1) * k);
    for (let i = 0; i < k; i++) expectTrue(w[i]! >= 0 && (i === 0 || w[i - 1]! >= w[i]!), `singular values are not descending and ≥ 0: [${w.join(', ')}]`);
    expectAtMost(orthogonality(left), bench.limit(10 * (m + n + 1) * epsilon), '‖uᵀu − I‖');
    expectAtMost(orthogonality(transpose(rights[b]!)), bench.limit(10 * (m + n + 1) * epsilon), '‖vᵀv − I‖');
    return relativeDistance(multiply(scaleColumns(left, w), rights[b]!), matricesOf(a)[b]!);
  }));
};

/** A case whose residual stays within 10 (m + n) ε. */
function residual(name: string, check: Check, a: NdArray, layout: Layout = 'dense'): Case {
  return {
    name, dtypes: [a.dtype],
    async run(bench) {
      const { m, n, epsilon } = sizes(a);
      expectAtMost(await check(bench, a, layout), bench.limit(10 * (m + n + 1) * epsilon), 'the relative residual');
    },
  };
}

function batchOf(dtype: FloatDType, batch: readonly number[], m: number, n: number, isSymmetric: boolean): NdArray {
  return stacked(dtype, batch, [m, n], Array.from({ length: count(batch) }, (_, b) => {
    const g = general(m, n, 5 * m + n + b, dtype);
    return isSymmetric ? symmetric(g) : g;
  }));
}

/** Matrices that algorithms stumble on. */
function awkward(n: number, dtype: FloatDType): readonly (readonly [string, Matrix])[] {
  const small = dtype === 'float64' ? 2 ** -500 : 2 ** -60;
  const g = symmetric(general(n, n, 3, dtype));
  return [
    ['zero', matrix(n, n, () => 0)], ['identity', identity(n)], ['ones', matrix(n, n, () => 1)], ['diagonal, unordered', matrix(n, n, (i, j) => (i === j ? ((i * 5) % n) - 2 : 0))],
    ['rank 2', round(matrix(n, n, (i, j) => (i + 1) * (j + 1) + ((i * i + 1) * (j * j + 1)) / 8), dtype)], ['graded', round(matrix(n, n, (i, j) => 10 ** -(i + j) * (1 + Number(i === j))), dtype)],
    ['exchange', matrix(n, n, (i, j) => Number(i + j === n - 1))], ['scaled down', { ...g, data: g.data.map((v) => v * small) }], ['scaled up', { ...g, data: g.data.map((v) => v / small) }],
    ['negative definite', matrix(n, n, (i, j) => (i === j ? -3 : -1))], ['second differences', matrix(n, n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0))],
    ['zero rows and columns', round(matrix(n, n, (i, j) => (i % 2 === 0 && j % 2 === 0 ? 1 / (i + j + 1) : 0)), dtype)],
    ['close pairs', matrix(n, n, (i, j) => (i === j ? 1 + Math.floor(i / 2) : Math.abs(i - j) === 1 ? 2 ** -20 : 0))],
  ];
}

/** NaN in, NaN out, and no endless loop. */
function withNaN(name: string, kind: Name, dtype: FloatDType, attributes: object = {}): Case {
  return {
    name: `${dtype}, ${name}NaN in the matrix gives NaN`, dtypes: [dtype],
    async run(bench) {
      for (const n of [2, 5, 34]) {
        const a = batchOf(dtype, [], n, n, true);
        a.data[0] = Number.NaN;
        const results = await outputs(bench, kind, a, 'dense', attributes);
        expectTrue(results.some((x) => x.data.some((v) => Number.isNaN(v))), `n = ${n}: every output is finite`);
      }
    },
  };
}

const square: readonly (readonly [number, number])[] = [0, 1, 2, 3, 4, 5, 8, 17, 33, 64].map((n) => [n, n] as const);
const oblong: readonly (readonly [number, number])[] = [[1, 3], [3, 1], [2, 5], [5, 2], [7, 4], [4, 7], [40, 9], [9, 40], [66, 33], [0, 3], [3, 0]];
const layouts: readonly Layout[] = ['transposed', 'permuted', 'sliced', 'offset', 'reversed', 'broadcast'];

function casesOf(kind: Name, check: Check, shapes: readonly (readonly [number, number])[], prefix = '', attributes: object = {}): Case[] {
  const isSymmetric = kind === 'eigh';
  return floats.flatMap((dtype) => [
    ...shapes.map(([m, n]) => residual(`${dtype}, ${prefix}[${m}, ${n}]`, check, batchOf(dtype, [], m, n, isSymmetric))),
    ...[[0], [1], [3], [2, 3]].map((batch) => residual(`${dtype}, ${prefix}batch ${brackets(batch)}`, check, batchOf(dtype, batch, 5, kind === 'qr' || kind === 'svd' ? 3 : 5, isSymmetric))),
    ...layouts.map((layout) => residual(`${dtype}, ${prefix}${layout}`, check, conform(batchOf(dtype, [2], 6, 6, isSymmetric), layout), layout)),
    ...[4, 9].flatMap((n) => awkward(n, dtype).map(([name, a]) => residual(`${dtype}, ${prefix}${name}, n = ${n}`, check, stacked(dtype, [], [n, n], [a])))),
    withNaN(prefix, kind, dtype, attributes),
  ]);
}

function againstLapack(kind: Name, check: Check): Case[] {
  return factorizations.map(({ n, exponent, ratio, seed, residuals }): Case => ({
    name: `float64, n = ${n}, condition 1e${exponent}: within 10 × LAPACK's residual`, dtypes: ['float64'],
    async run(bench) {
      const a = stacked('float64', [], [n, n], [spectral(n, ratio, seed, kind === 'eigh')]);
      expectAtMost(await check(bench, a), bench.limit(10 * residuals[kind]), 'the relative residual');
    },
  }));
}

/** Eigenvalues and singular values known from elsewhere, to a few ε of the largest. */
function spectrum(name: string, kind: 'eigh' | 'svd', a: Matrix, expected: readonly number[], dtype: FloatDType): Case {
  return {
    name: `${dtype}, ${name}`, dtypes: [dtype],
    async run(bench) {
      const values = (await outputs(bench, kind, stacked(dtype, [], [a.rows, a.columns], [a]), 'dense'))[kind === 'eigh' ? 0 : 1]!;
      await bench.expect(bench.place(values), array(dtype, [expected.length], expected), { absolute: 30 * Math.max(...expected.map(Math.abs)) }, 'values');
    },
  };
}

function spectraOf(kind: 'eigh' | 'svd'): Case[] {
  return floats.flatMap((dtype) => {
    const differences = matrix(12, 12, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0));
    const exact = Array.from({ length: 12 }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / 13));
    const descending = (values: readonly number[]): number[] => values.map(Math.abs).sort((p, q) => q - p);
    const hilbert = matrix(10, 10, (i, j) => 1 / (i + j + 1));
    const wilkinson = matrix(21, 21, (i, j) => (i === j ? Math.abs(i - 10) : Number(Math.abs(i - j) === 1)));
    const symmetricCases: readonly (readonly [string, Matrix, readonly number[]])[] = [['second differences', differences, exact], ['Hilbert', hilbert, spectra.hilbert], ['Wilkinson W21+', wilkinson, spectra.wilkinson]];
    if (kind === 'eigh') return symmetricCases.map(([name, a, values]) => spectrum(name, kind, a, values, dtype));
    return [...symmetricCases.map(([name, a, values]) => spectrum(name, kind, a, descending(values), dtype)), spectrum('Vandermonde', kind, matrix(8, 5, (i, j) => i ** j), spectra.vandermonde, dtype)];
  });
}

function hiddenTriangle(dtype: FloatDType, n: number): Case {
  const a = symmetric(general(n, n, 9, dtype));
  const shown = matrix(n, n, (i, j) => (j > i ? Number.NaN : a.data[i * n + j]!));
  return residual(`${dtype}, only the lower triangle is read, n = ${n}`, eigh, stacked(dtype, [], [n, n], [shown]));
}

function singular(name: string, values: readonly number[], info: number): Case {
  const n = Math.sqrt(values.length);
  return {
    name: `float64, ${name}: info is ${info}`, dtypes: ['float64'],
    async run(bench) {
      const a = array('float64', [n, n], values);
      expectAtMost(await lu(bench, a), bench.limit(1e-15), 'the relative residual');
      await bench.expect(bench.call('lu', [bench.place(a)], {})[2]!, array('int32', [], [info]), {}, 'info');
    },
  };
}

/** A solution by the packed factors, its residual against LAPACK's. */
function luSolve(): Case[] {
  return factorizations.filter(({ n }) => n === 50).map(({ n, exponent, ratio, seed, residuals }): Case => ({
    name: `float64, solution at condition 1e${exponent} within 10 × LAPACK's residual`, dtypes: ['float64'],
    async run(bench) {
      const a = spectral(n, ratio, seed, false);
      const b = general(n, 1, seed);
      const [packed, permutation] = bench.call('lu', [bench.place(stacked('float64', [], [n, n], [a]))], {});
      const right = bench.call('gather', [bench.place(stacked('float64', [], [n, 1], [b])), permutation!], { axis: 0 })[0]!;
      const y = bench.call('triangularSolve', [packed!, right], { lower: true, transpose: false, unitDiagonal: true, side: 'left' })[0]!;
      const [x] = matricesOf(await bench.read(bench.call('triangularSolve', [packed!, y], { lower: false, transpose: false, unitDiagonal: false, side: 'left' })[0]!)) as [Matrix];
      expectAtMost(norm(subtract(multiply(a, x), b)) / (norm(a) * norm(x)), bench.limit(10 * residuals.luSolve), '‖a x − b‖ / ‖a‖ ‖x‖');
    },
  }));
}

/** lu, qr, eigh, svd: by residual, orthogonality and structure, so that signs don't matter. */
export function factorizationGroups(): Group[] {
  const qr = qrOf(false);
  return [
    {
      name: 'lu',
      cases: [
        ...casesOf('lu', lu, square), ...againstLapack('lu', lu), ...luSolve(), singular('a repeated row', [1, 2, 1, 2], 2), singular('zero', [0, 0, 0, 0], 1), singular('an exchange', [0, 1, 1, 0], 0),
        singular('a zero column', [1, 0, 2, 3, 0, 4, 5, 0, 7], 2),
      ],
    },
    { name: 'qr', cases: [...casesOf('qr', qr, [...square, ...oblong]), ...againstLapack('qr', qr)] },
    { name: 'qr with pivoting', cases: [...casesOf('qr', qrOf(true), [...square, ...oblong], 'pivoted, ', { pivot: true }), ...againstLapack('qr', qrOf(true))] },
    { name: 'eigh', cases: [...casesOf('eigh', eigh, square), ...againstLapack('eigh', eigh), ...spectraOf('eigh'), ...floats.flatMap((dtype) => [3, 8, 40].map((n) => hiddenTriangle(dtype, n)))] },
    { name: 'svd', cases: [...casesOf('svd', svd, [...square, ...oblong]), ...againstLapack('svd', svd), ...spectraOf('svd')] },
  ];
}
