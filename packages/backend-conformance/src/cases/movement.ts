import type { DType, Range, Widths } from '@matheron/core-tensor';
import { type Case, type Group, callCase } from '../bench.ts';
import { exact, expectAtMost } from '../compare.ts';
import { type Layout, conform, minimumRank } from '../layouts.ts';
import { type NdArray, array, reshaped, sample } from '../reference/array.ts';
import { broadcastTo, cast, concat, inner, pad, permute, slice } from '../reference/movement.ts';

const dtypes: readonly DType[] = ['float64', 'float32', 'int32', 'bool'];
const layouts: readonly Layout[] = ['dense', 'transposed', 'permuted', 'sliced', 'reversed', 'broadcast', 'stretched'];
const brackets = (x: readonly number[]): string => `[${x.join(', ')}]`;

/** One case a layout that fits, the first dtype for all of them and the others dense and transposed. */
function spread(name: string, shape: readonly number[], build: (name: string, x: NdArray, layout: Layout) => Case): Case[] {
  return dtypes.flatMap((dtype, k) =>
    layouts.filter((layout, i) => shape.length >= minimumRank(layout) && (k === 0 || i < 2) && (i === 0 || shape.every((s) => s > 0)))
      .map((layout) => build(`${name}, ${dtype}, ${layout}`, conform(sample(dtype, shape, 5 + k), layout), layout)));
}

const reshapes: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], [1]], [[1], []], [[1], [1, 1, 1]], [[6], [2, 3]], [[2, 3], [6]], [[2, 3], [3, 2]], [[2, 3, 4], [4, 6]], [[2, 3, 4], [2, 12]], [[4, 6], [2, 2, 3, 2]], [[2, 1, 3], [2, 3]],
  [[0], [2, 0, 3]], [[3, 0], [0]], [[2, 3, 1, 2, 2], [3, 8]],
];
const permutations: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []], [[4], [0]], [[3, 4], [1, 0]], [[3, 4], [0, 1]], [[2, 3, 4], [2, 0, 1]], [[2, 3, 4], [1, 2, 0]], [[2, 3, 4], [0, 2, 1]], [[2, 0, 3], [2, 1, 0]], [[2, 1, 3, 1, 2], [4, 2, 0, 1, 3]],
];
const broadcasts: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []], [[1], [1]], [[1], [5]], [[1], [0]], [[3, 1], [3, 4]], [[1, 4], [3, 4]], [[1, 1], [3, 4]], [[2, 1, 4], [2, 3, 4]], [[1, 3, 1], [2, 3, 4]], [[2, 1, 1, 2, 1], [2, 3, 1, 2, 2]], [[1, 0], [3, 0]],
];
const range = (start: number, stop: number, step = 1): Range => ({ start, stop, step });
const slices: readonly (readonly [readonly number[], readonly Range[]])[] = [
  [[], []], [[7], [range(0, 7)]], [[7], [range(2, 5)]], [[7], [range(1, 7, 2)]], [[7], [range(0, 7, 3)]], [[7], [range(6, -1, -1)]], [[7], [range(5, 0, -2)]], [[7], [range(3, 3)]], [[7], [range(5, 2)]],
  [[7], [range(2, 5, -1)]], [[7], [range(0, 7, 100)]], [[7], [range(4, 5)]], [[5, 6], [range(1, 4), range(0, 6, 2)]], [[5, 6], [range(4, -1, -2), range(5, 0, -3)]], [[5, 6], [range(0, 5), range(6, 6)]],
  [[3, 4, 5], [range(0, 3, 2), range(1, 3), range(4, -1, -1)]], [[2, 1, 3, 2, 2], [range(1, 2), range(0, 1), range(2, -1, -2), range(0, 2), range(1, 2)]], [[0, 3], [range(0, 0), range(0, 3, 2)]],
];
const width = (low: number, high: number, interior = 0): Widths => ({ low, high, interior });
const pads: readonly (readonly [readonly number[], readonly Widths[], number])[] = [
  [[], [], 0], [[4], [width(0, 0)], 9], [[4], [width(1, 2)], 5], [[4], [width(0, 0, 1)], 0], [[4], [width(2, 1, 2)], 1], [[4], [width(-1, 0)], 1], [[4], [width(0, -2)], 1], [[4], [width(-1, -1)], 1],
  [[4], [width(-2, 3)], 7], [[4], [width(-1, -1, 1)], 3], [[4], [width(-2, 1, 2)], 3], [[0], [width(2, 1)], 4], [[0], [width(1, 0, 3)], 4], [[1], [width(0, 0, 3)], 4], [[4], [width(-2, -2)], 4],
  [[2, 3], [width(1, 0), width(0, 2)], 1], [[2, 3], [width(0, 1, 1), width(-1, 1, 2)], 0], [[2, 3, 2], [width(0, 0), width(1, 1), width(0, 0, 1)], 1], [[2, 1, 2, 1, 2], [width(1, 0), width(0, 1), width(0, 0), width(1, 1), width(0, 0, 1)], 1],
];
const concats: readonly (readonly [readonly (readonly number[])[], number])[] = [
  [[[3]], 0], [[[3], [2]], 0], [[[3], [0], [1]], 0], [[[0], [0]], 0], [[[2, 3], [4, 3]], 0], [[[2, 3], [2, 1]], 1], [[[2, 3], [2, 0], [2, 2]], 1], [[[2, 3, 2], [2, 1, 2], [2, 2, 2]], 1],
  [[[2, 2, 3], [2, 2, 1]], 2], [[[1, 2, 1, 2, 2], [1, 2, 3, 2, 2]], 2], [[[0, 3], [0, 2]], 1],
];

function adjoint(shape: readonly number[], ranges: readonly Range[], widths: readonly Widths[]): Case {
  const x = sample('float64', shape, 11);
  const g = sample('float64', slice(x, ranges).shape, 12);
  return {
    name: `slice and pad are adjoint, ${brackets(shape)} by ${ranges.map((r) => `${r.start}:${r.stop}:${r.step}`).join(' ')}`,
    dtypes: ['float64'],
    async run(bench) {
      const sliced = await bench.read(bench.call('slice', [bench.place(x)], { ranges })[0]!);
      const padded = await bench.read(bench.call('pad', [bench.place(g)], { widths, value: 0 })[0]!);
      expectAtMost(Math.abs(inner(sliced, g) - inner(x, padded)), bench.limit(1e-13), '⟨slice x, g⟩ − ⟨x, pad g⟩');
    },
  };
}

/** A view of a view of a view, then a kernel on it. */
function chained(dtype: DType): Case {
  const x = sample(dtype, [4, 6, 5], 21);
  const ranges = [range(1, 6, 2), range(4, -1, -1), range(0, 4)];
  const moved = permute(x, [1, 2, 0]);
  const picked = slice(moved, ranges);
  const widened = broadcastTo(reshaped(picked, [3, 1, 20]), [3, 2, 20]);
  return {
    name: `${dtype}, permute, slice, reshape, broadcastTo, permute and concat in a chain`,
    dtypes: [dtype],
    async run(bench) {
      const a = bench.call('permute', [bench.place(x)], { axes: [1, 2, 0] })[0]!;
      const b = bench.call('slice', [a], { ranges })[0]!;
      const c = bench.call('reshape', [b], { shape: [3, 1, 20] })[0]!;
      const d = bench.call('broadcastTo', [c], { shape: [3, 2, 20] })[0]!;
      const e = bench.call('permute', [d], { axes: [2, 1, 0] })[0]!;
      await bench.expect(bench.call('concat', [e, e], { axis: 1 })[0]!, concat([permute(widened, [2, 1, 0]), permute(widened, [2, 1, 0])], 1), exact);
      await bench.expect(b, picked, exact, 'an intermediate view');
      await bench.expect(a, moved, exact, 'an intermediate view');
    },
  };
}

const castValues: Record<DType, readonly number[]> = {
  float64: [0, -0, 0.5, -0.5, 1, 1.9999, -1.9999, 2.5, -7, 1e9, -1e9, 2147483647, -2147483648, 0.1, 1e-300],
  float32: [0, -0, 0.5, -0.5, 1, 1.9999, -1.9999, 2.5, -7, 1e9, -1e9, 2 ** 30, -(2 ** 31), 0.1, 1e-45],
  int32: [0, 1, -1, 2, -7, 16777217, 2147483647, -2147483648, 3, 4, 5, 6, 7, 8, 9],
  bool: [0, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0],
};
const nonFinite = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0];

function casts(from: DType, to: DType): Case[] {
  const x = array(from, [3, 5], castValues[from]);
  const cases = (['dense', 'transposed', 'sliced', 'broadcast'] as const).map((layout) => {
    const y = conform(x, layout);
    return callCase(`${from} to ${to}, ${layout}`, 'cast', [{ values: y, layout }], { dtype: to }, cast(y, to), exact);
  });
  const float = from === 'float64' || from === 'float32';
  if (float && to !== 'int32') {
    const y = array(from, [5], nonFinite);
    cases.push(callCase(`${from} to ${to}, NaN, ±Infinity, ±0`, 'cast', [y], { dtype: to }, cast(y, to), exact));
  }
  if (from === 'float64' && to === 'float32') {
    const y = array(from, [6], [1e39, -1e300, 3.4028235e38, 1e-50, -1e-46, 1.4e-45]);
    cases.push(callCase('float64 to float32, beyond its range and below it', 'cast', [y], { dtype: to }, cast(y, to), exact));
  }
  for (const shape of [[], [0], [2, 0, 3]]) {
    const y = sample(from, shape, 2);
    cases.push(callCase(`${from} to ${to}, shape ${brackets(shape)}`, 'cast', [y], { dtype: to }, cast(y, to), exact));
  }
  return cases;
}

/** Everything that moves elements without changing them. */
export function movementGroups(): Group[] {
  return [
    { name: 'reshape', cases: reshapes.flatMap(([from, to]) => spread(`${brackets(from)} to ${brackets(to)}`, from, (name, x, layout) => callCase(name, 'reshape', [{ values: x, layout }], { shape: to }, reshaped(x, to), exact))) },
    { name: 'permute', cases: permutations.flatMap(([shape, axes]) => spread(`${brackets(shape)} by ${brackets(axes)}`, shape, (name, x, layout) => callCase(name, 'permute', [{ values: x, layout }], { axes }, permute(x, axes), exact))) },
    { name: 'broadcastTo', cases: broadcasts.flatMap(([from, to]) => spread(`${brackets(from)} to ${brackets(to)}`, from, (name, x, layout) => callCase(name, 'broadcastTo', [{ values: x, layout }], { shape: to }, broadcastTo(x, to), exact))) },
    {
      name: 'slice',
      cases: slices.flatMap(([shape, ranges]) => spread(`${brackets(shape)} by ${ranges.map((r) => `${r.start}:${r.stop}:${r.step}`).join(' ')}`, shape, (name, x, layout) => callCase(name, 'slice', [{ values: x, layout }], { ranges }, slice(x, ranges), exact))),
    },
    {
      name: 'pad',
      cases: [
        ...pads.flatMap(([shape, widths, value]) =>
          spread(`${brackets(shape)} by ${widths.map((w) => `${w.low}/${w.high}/${w.interior}`).join(' ')}`, shape, (name, x, layout) => {
            const v = x.dtype === 'bool' ? Number(value > 0) : value;
            return callCase(name, 'pad', [{ values: x, layout }], { widths, value: v }, pad(x, widths, v), exact);
          })),
        ...[Number.NaN, Number.NEGATIVE_INFINITY, -0].map((value) => {
          const x = sample('float64', [2, 3], 8);
          const widths = [width(1, 1), width(0, 1, 1)];
          return callCase(`float64, with ${Object.is(value, -0) ? '-0' : value}`, 'pad', [x], { widths, value }, pad(x, widths, value), exact);
        }),
        adjoint([9], [range(1, 8, 3)], [width(1, 1, 2)]), adjoint([9], [range(2, 7)], [width(2, 2)]), adjoint([9], [range(0, 9, 4)], [width(0, 0, 3)]), adjoint([5, 7], [range(1, 5), range(0, 7, 2)], [width(1, 0), width(0, 0, 1)]),
      ],
    },
    {
      name: 'concat',
      cases: concats.flatMap(([shapes, axis]) =>
        dtypes.flatMap((dtype) =>
          (['dense', 'transposed', 'sliced', 'reversed'] as const).filter((layout) => layout === 'dense' || shapes.every((s) => s.length >= minimumRank(layout) && !s.includes(0))).map((layout) => {
            const xs = shapes.map((shape, k) => sample(dtype, shape, 30 + k));
            return callCase(`${shapes.map(brackets).join(' ')} along ${axis}, ${dtype}, ${layout}`, 'concat', xs.map((values) => ({ values, layout })), { axis }, concat(xs, axis), exact);
          }))),
    },
    { name: 'views of views', cases: dtypes.map(chained) },
    { name: 'cast', cases: dtypes.flatMap((from) => dtypes.flatMap((to) => casts(from, to))) },
  ];
}
