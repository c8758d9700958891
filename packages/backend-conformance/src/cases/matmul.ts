import type { FloatDType } from '@matheron/core-tensor';
import { type Case, type Group, callCase } from '../bench.ts';
import { type Layout, conform } from '../layouts.ts';
import { type NdArray, array, generate, map, sample } from '../reference/array.ts';

const brackets = (x: readonly number[]): string => `[${x.join(', ')}]`;
const floats: readonly FloatDType[] = ['float64', 'float32'];

/** Σₖ a[..., i, k] b[..., k, j], in double precision. */
function multiply(a: NdArray, b: NdArray, dtype = a.dtype): NdArray {
  const [m, depth] = a.shape.slice(-2) as [number, number];
  const n = b.shape.at(-1)!;
  const shape = [...a.shape.slice(0, -1), n];
  let p = 0;
  return generate(dtype, shape, () => {
    const j = p % n;
    const i = Math.floor(p / n) % m;
    const batch = Math.floor(p / (m * n));
    p++;
    let s = 0;
    for (let k = 0; k < depth; k++) s += a.data[(batch * m + i) * depth + k]! * b.data[(batch * depth + k) * n + j]!;
    return s;
  });
}

/** depth · |a| · |b|: what any order of summation keeps within, in units of epsilon. */
function bound(a: NdArray, b: NdArray): Float64Array {
  const depth = a.shape.at(-1)!;
  const finite = (x: NdArray): NdArray => map(x, (v) => (Number.isFinite(v) ? Math.abs(v) : 0), 'float64');
  return (multiply(finite(a), finite(b)).data as Float64Array).map((v) => v * depth);
}

function product(name: string, a: NdArray, b: NdArray, layouts: readonly [Layout, Layout] = ['dense', 'dense']): Case {
  const p = conform(a, layouts[0]);
  const q = conform(b, layouts[1]);
  return callCase(name, 'matmul', [{ values: p, layout: layouts[0] }, { values: q, layout: layouts[1] }], {}, multiply(p, q), { ulps: 1, bound: bound(p, q) });
}

const geometry: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[1, 1], [1, 1]], [[2, 3], [3, 4]], [[1, 7], [7, 1]], [[7, 1], [1, 5]], [[5, 5], [5, 5]], [[16, 16], [16, 16]], [[17, 33], [33, 9]], [[64, 64], [64, 64]], [[70, 130], [130, 67]], [[1, 200], [200, 3]], [[129, 2], [2, 131]],
  [[3, 2, 4], [3, 4, 5]], [[2, 3, 4, 2], [2, 3, 2, 3]], [[2, 1, 2, 3, 4], [2, 1, 2, 4, 2]], [[1, 3, 3], [1, 3, 3]], [[2, 33, 17], [2, 17, 40]],
  [[0, 3], [3, 4]], [[2, 0], [0, 4]], [[2, 3], [3, 0]], [[0, 2, 3], [0, 3, 2]], [[2, 0, 3], [2, 3, 0]],
];
const layouts: readonly Layout[] = ['dense', 'transposed', 'permuted', 'sliced', 'offset', 'reversed', 'broadcast', 'stretched'];

function remainders(dtype: FloatDType, m: number): Case {
  return {
    name: `${dtype}, [${m}, k] · [k, n] for k and n up to 9`,
    dtypes: [dtype],
    async run(bench) {
      for (let k = 1; k <= 9; k++) {
        for (let n = 1; n <= 9; n++) {
          const a = sample(dtype, [m, k], m + 10 * k);
          const b = sample(dtype, [k, n], n + 10 * k + 1);
          await bench.expect(bench.call('matmul', [bench.place(a), bench.place(b)], {})[0]!, multiply(a, b), { ulps: 1, bound: bound(a, b) }, `[${m}, ${k}] · [${k}, ${n}]`);
        }
      }
    },
  };
}

function gram(dtype: FloatDType): Case {
  const a = sample(dtype, [7, 5], 3);
  const at = generate(dtype, [5, 7], ([i, j]) => a.data[j! * 5 + i!]!);
  return {
    name: `${dtype}, one tensor and its transpose`,
    dtypes: [dtype],
    async run(bench) {
      const x = bench.place(a);
      const t = bench.call('permute', [x], { axes: [1, 0] })[0]!;
      await bench.expect(bench.call('matmul', [x, t], {})[0]!, multiply(a, at), { ulps: 1, bound: bound(a, at) });
      await bench.expect(bench.call('matmul', [t, x], {})[0]!, multiply(at, a), { ulps: 1, bound: bound(at, a) });
    },
  };
}

function nonFinite(dtype: FloatDType, n: number): Case {
  const a = generate(dtype, [n, n], ([i, j]) => (i === 0 && j === 1 ? Number.NaN : i === 1 && j === 0 ? Number.POSITIVE_INFINITY : Number(i === j) * 2));
  const b = generate(dtype, [n, n], ([i, j]) => (i === 1 ? 0 : j === 2 && i === 0 ? 0 : 1 + i! + j!));
  return product(`${dtype}, NaN and Infinity times 0 are NaN, n = ${n}`, a, b);
}

/** Matrix products: sizes around tiles, batches, every pair of layouts, NaN. */
export function matmulGroups(): Group[] {
  return [
    {
      name: 'matmul',
      cases: floats.flatMap((dtype) => [
        ...geometry.map(([a, b], k) => product(`${dtype}, ${brackets(a)} · ${brackets(b)}`, sample(dtype, a, k), sample(dtype, b, k + 40))),
        ...layouts.flatMap((p) => layouts.filter((q) => p !== 'dense' || q !== 'dense').map((q) => product(`${dtype}, ${p} · ${q}`, sample(dtype, [2, 3, 5], 7), sample(dtype, [2, 5, 4], 8), [p, q]))),
        ...(['transposed', 'sliced', 'reversed', 'stretched'] as const).map((layout) => product(`${dtype}, large, ${layout}`, sample(dtype, [66, 40], 5), sample(dtype, [40, 35], 6), [layout, layout])),
        ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((m) => remainders(dtype, m)),
        gram(dtype), nonFinite(dtype, 3), nonFinite(dtype, 40),
        product(`${dtype}, exact integers`, array(dtype, [2, 2], [1, 2, 3, 4]), array(dtype, [2, 2], [5, 6, 7, 8])),
      ]),
    },
  ];
}
