import { type FloatDType, epsilonOf } from '@matheron/core-tensor';
import type { Bench, Case, Group } from '../bench.ts';
import { expectAtMost, expectTrue } from '../compare.ts';
import { factorizations } from '../generated/factorization-table.ts';
import { type Layout, conform } from '../layouts.ts';
import { type NdArray, array, count, sequence } from '../reference/array.ts';
import { type Matrix, identity, lowerOf, matricesOf, matrix, multiply, norm, positiveDefinite, relativeDistance, round, spectral, stacked, subtract, symmetric, transpose } from '../reference/matrix.ts';

const floats: readonly FloatDType[] = ['float64', 'float32'];
const layouts: readonly Layout[] = ['transposed', 'permuted', 'sliced', 'offset', 'reversed', 'broadcast'];
const brackets = (x: readonly number[]): string => `[${x.join(', ')}]`;

/** NaN above the diagonal, which nobody may read. */
const hidden = (a: Matrix): Matrix => matrix(a.rows, a.columns, (i, j) => (j > i ? Number.NaN : a.data[i * a.columns + j]!));

function batchOf(dtype: FloatDType, batch: readonly number[], n: number): NdArray {
  return stacked(dtype, batch, [n, n], Array.from({ length: count(batch) }, (_, b) => positiveDefinite(n, 31 * n + b, dtype)));
}

async function expectFactor(bench: Bench, a: NdArray, layout: Layout = 'dense'): Promise<void> {
  const dtype = a.dtype as FloatDType;
  const n = a.shape.at(-1)!;
  const [factor, info] = bench.call('cholesky', [bench.place(a, layout)], {}) as [NdArray, NdArray];
  await bench.expect(info, array('int32', a.shape.slice(0, -2), new Array<number>(count(a.shape.slice(0, -2))).fill(0)), {}, 'info');
  const read = await bench.read(factor);
  expectTrue(read.dtype === dtype && brackets(read.shape) === brackets(a.shape), `the factor is ${read.dtype} ${brackets(read.shape)}`);
  const inputs = matricesOf(a);
  for (const [b, l] of matricesOf(read).entries()) {
    expectTrue(l.data.every((v, p) => p % n <= Math.floor(p / n) || v === 0), 'the factor has entries other than 0 above its diagonal');
    expectAtMost(relativeDistance(multiply(l, transpose(l)), symmetric(inputs[b]!)), bench.limit(2 * (n + 1) * epsilonOf(dtype)), '‖l lᵀ − a‖ / ‖a‖');
  }
}

function factors(): Case[] {
  return floats.flatMap((dtype) => [
    ...[0, 1, 2, 3, 4, 5, 8, 9, 16, 31, 33, 64, 65, 100, 130].map((n): Case => ({ name: `${dtype}, n = ${n}`, dtypes: [dtype], run: (bench) => expectFactor(bench, batchOf(dtype, [], n)) })),
    ...[[0], [1], [3], [2, 3], [2, 0, 2]].flatMap((batch) => [1, 5].map((n): Case => ({ name: `${dtype}, batch ${brackets(batch)}, n = ${n}`, dtypes: [dtype], run: (bench) => expectFactor(bench, batchOf(dtype, batch, n)) }))),
    ...layouts.flatMap((layout) => [6, 40].map((n): Case => ({ name: `${dtype}, ${layout}, n = ${n}`, dtypes: [dtype], run: (bench) => expectFactor(bench, conform(batchOf(dtype, [2], n), layout), layout) }))),
    ...[2, 7, 40, 100].map((n): Case => ({
      name: `${dtype}, only the lower triangle is read, n = ${n}`, dtypes: [dtype],
      run: (bench) => expectFactor(bench, stacked(dtype, [], [n, n], [hidden(positiveDefinite(n, n, dtype))])),
    })),
  ]);
}

const known: Case = {
  name: 'float64, a matrix with an exact factor',
  dtypes: ['float64'],
  async run(bench) {
    const [factor] = bench.call('cholesky', [bench.place(array('float64', [3, 3], [4, 12, -16, 12, 37, -43, -16, -43, 98]))], {});
    await bench.expect(factor!, array('float64', [3, 3], [2, 0, 0, 6, 1, 0, -8, 5, 3]), { ulps: 2 });
  },
};

/** `info` names the pivot; NaN stands from it on; what comes before is the factor of the leading block. */
async function expectFailure(bench: Bench, a: NdArray, pivots: readonly number[]): Promise<void> {
  const n = a.shape.at(-1)!;
  const [factor, info] = bench.call('cholesky', [bench.place(a)], {});
  await bench.expect(info!, array('int32', a.shape.slice(0, -2), pivots), {}, 'info');
  for (const [b, l] of matricesOf(await bench.read(factor!)).entries()) {
    const pivot = pivots[b]!;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const v = l.data[i * n + j]!;
        if (j > i) expectTrue(v === 0, `factor ${b}: [${i}, ${j}] above the diagonal is ${v}`);
        else if (pivot > 0 && j >= pivot - 1) expectTrue(Number.isNaN(v), `factor ${b}: [${i}, ${j}] is ${v}, though pivot ${pivot} failed`);
        else if (i < pivot - 1 || pivot === 0) expectTrue(Number.isFinite(v), `factor ${b}: [${i}, ${j}] is ${v}, before pivot ${pivot}`);
      }
    }
    const size = pivot === 0 ? n : pivot - 1;
    const block = (m: Matrix): Matrix => matrix(size, size, (i, j) => m.data[i * n + j]!);
    const leading = block(lowerOf(l));
    expectAtMost(relativeDistance(multiply(leading, transpose(leading)), block(symmetric(matricesOf(a)[b]!))), bench.limit(2 * (n + 1) * epsilonOf(a.dtype as FloatDType)), 'the residual of the leading block');
  }
}

/** Positive definite but for the pivot `k` (1-based), which is far below 0. */
function indefinite(n: number, k: number, dtype: FloatDType): Matrix {
  const a = positiveDefinite(n, n + k, dtype);
  return matrix(n, n, (i, j) => a.data[i * n + j]! - (i === j && i === k - 1 ? 3 : 0));
}

function failures(): Case[] {
  return floats.flatMap((dtype) => [
    ...([[1, 1], [2, 1], [2, 2], [5, 1], [5, 3], [5, 5], [40, 1], [40, 17], [40, 33], [40, 40], [100, 64], [100, 65], [100, 97]] as const).map(([n, k]): Case => ({
      name: `${dtype}, pivot ${k} of ${n} is negative`, dtypes: [dtype],
      run: (bench) => expectFailure(bench, stacked(dtype, [], [n, n], [round(indefinite(n, k, dtype), dtype)]), [k]),
    })),
    { name: `${dtype}, pivot 2 is 0`, dtypes: [dtype], run: (bench) => expectFailure(bench, array(dtype, [2, 2], [1, 1, 1, 1]), [2]) },
    { name: `${dtype}, the zero matrix`, dtypes: [dtype], run: (bench) => expectFailure(bench, array(dtype, [3, 3], new Array<number>(9).fill(0)), [1]) },
    ...[[1, 1], [5, 3], [16, 6], [100, 64], [100, 97], [200, 131]].map(([n, k]): Case => ({
      name: `${dtype}, pivot ${k} of ${n} is infinite`, dtypes: [dtype],
      run: (bench) => expectFailure(bench, stacked(dtype, [], [n!, n!], [matrix(n!, n!, (i, j) => (i !== j ? 0 : i === k! - 1 ? Infinity : 4))]), [k!]),
    })),
    {
      name: `${dtype}, one of a batch fails`, dtypes: [dtype],
      run: (bench) => expectFailure(bench, stacked(dtype, [4], [6, 6], [positiveDefinite(6, 1, dtype), round(indefinite(6, 4, dtype), dtype), positiveDefinite(6, 2, dtype), round(indefinite(6, 1, dtype), dtype)]), [0, 4, 0, 1]),
    },
    ...[[0, 0], [4, 4], [4, 1], [39, 2], [20, 20]].map(([i, j]): Case => ({
      name: `${dtype}, NaN at [${i}, ${j}]`, dtypes: [dtype],
      async run(bench) {
        const n = Math.max(6, i! + 1);
        const a = positiveDefinite(n, 5, dtype);
        a.data[i! * n + j!] = Number.NaN;
        const [factor, info] = bench.call('cholesky', [bench.place(stacked(dtype, [], [n, n], [a]))], {});
        await bench.expect(info!, array('int32', [], [i! + 1]), {}, 'info');
        const [l] = matricesOf(await bench.read(factor!)) as [Matrix];
        for (let p = i!; p < n; p++) for (let q = i!; q <= p; q++) expectTrue(Number.isNaN(l.data[p * n + q]!), `[${p}, ${q}] is finite beyond a NaN`);
      },
    })),
  ]);
}

function inverses(): Case[] {
  const expectInverse = async (bench: Bench, a: NdArray, layout: Layout = 'dense', hide = false): Promise<void> => {
    const dtype = a.dtype as FloatDType;
    const n = a.shape.at(-1)!;
    const inputs = matricesOf(a);
    const lower = stacked(dtype, a.shape.slice(0, -2), [n, n], inputs.map((m) => factor(m, dtype)));
    const shown = hide ? stacked(dtype, a.shape.slice(0, -2), [n, n], matricesOf(lower).map(hidden)) : lower;
    const result = await bench.read(bench.call('choleskyInverse', [bench.place(shown, layout)], {})[0]!);
    expectTrue(result.dtype === dtype && brackets(result.shape) === brackets(a.shape), `the inverse is ${result.dtype} ${brackets(result.shape)}`);
    for (const [b, inverse] of matricesOf(result).entries()) {
      expectTrue(inverse.data.every((v, p) => v === inverse.data[(p % n) * n + Math.floor(p / n)]), 'the inverse is not symmetric');
      const l = lowerOf(matricesOf(lower)[b]!);
      expectAtMost(norm(subtract(multiply(multiply(l, transpose(l)), inverse), identity(n))), bench.limit(1000 * (n + 1) * epsilonOf(dtype)), '‖l lᵀ inverse − I‖');
    }
  };
  return floats.flatMap((dtype) => [
    ...[0, 1, 2, 3, 5, 8, 17, 33, 64, 70, 130].map((n): Case => ({ name: `choleskyInverse ${dtype}, n = ${n}`, dtypes: [dtype], run: (bench) => expectInverse(bench, batchOf(dtype, [], n)) })),
    ...[[0], [3], [2, 2]].map((batch): Case => ({ name: `choleskyInverse ${dtype}, batch ${brackets(batch)}`, dtypes: [dtype], run: (bench) => expectInverse(bench, batchOf(dtype, batch, 5)) })),
    ...(['transposed', 'sliced', 'reversed'] as const).map((layout): Case => ({ name: `choleskyInverse ${dtype}, ${layout}`, dtypes: [dtype], run: (bench) => expectInverse(bench, batchOf(dtype, [2], 6), layout) })),
    ...[5, 40].map((n): Case => ({ name: `choleskyInverse ${dtype}, only the lower triangle is read, n = ${n}`, dtypes: [dtype], run: (bench) => expectInverse(bench, batchOf(dtype, [], n), 'dense', true) })),
  ]);
}

/** Cholesky–Banachiewicz, entry by entry. */
function factor(a: Matrix, dtype: FloatDType): Matrix {
  const n = a.rows;
  const l = matrix(n, n, () => 0);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let s = a.data[i * n + j]!;
      for (let k = 0; k < j; k++) s -= l.data[i * n + k]! * l.data[j * n + k]!;
      l.data[i * n + j] = i === j ? Math.sqrt(s) : s / l.data[j * n + j]!;
    }
  }
  return round(l, dtype);
}

/** Residuals within 10 times those of LAPACK, conditions 1e2 to 1e12. */
function againstLapack(): Case[] {
  return factorizations.map(({ n, exponent, ratio, seed, checksum, residuals }): Case => ({
    name: `float64, n = ${n}, condition 1e${exponent}: factor and solution within 10 × LAPACK's residual`,
    dtypes: ['float64'],
    async run(bench) {
      const a = spectral(n, ratio, seed, true);
      const g = spectral(n, ratio, seed, false);
      const sum = a.data.reduce((s, v, i) => s + ((i % 7) + 1) * v, 0) + g.data.reduce((s, v, i) => s + ((i % 5) + 1) * v, 0);
      expectAtMost(Math.abs(sum - checksum), 1e-9, 'the difference to the matrix that LAPACK was given');
      const next = sequence(seed + 7);
      const b = matrix(n, 1, next);
      const [l] = bench.call('cholesky', [bench.place(stacked('float64', [], [n, n], [a]))], {});
      const [lower] = matricesOf(await bench.read(l!)) as [Matrix];
      expectAtMost(relativeDistance(multiply(lower, transpose(lower)), a), bench.limit(10 * residuals.cholesky), '‖l lᵀ − a‖ / ‖a‖');
      const options = { lower: true, unitDiagonal: false, side: 'left' } as const;
      const [y] = bench.call('triangularSolve', [l!, bench.place(stacked('float64', [], [n, 1], [b]))], { ...options, transpose: false });
      const [x] = matricesOf(await bench.read(bench.call('triangularSolve', [l!, y!], { ...options, transpose: true })[0]!)) as [Matrix];
      expectAtMost(norm(subtract(multiply(a, x), b)) / (norm(a) * norm(x)), bench.limit(10 * residuals.choleskySolve), '‖a x − b‖ / ‖a‖ ‖x‖');
    },
  }));
}

/** cholesky and choleskyInverse. */
export function choleskyGroups(): Group[] {
  return [
    { name: 'cholesky', cases: [...factors(), known, ...againstLapack()] },
    { name: 'cholesky failures', cases: failures() },
    { name: 'choleskyInverse', cases: inverses() },
  ];
}
