import { type ArgReduceOp, type CumulativeOp, type DType, type ReduceOp, reduceKinds } from '@matheron/core-tensor';
import { type Case, type Group, callCase } from '../bench.ts';
import type { Tolerance } from '../compare.ts';
import { type Layout, conform } from '../layouts.ts';
import { type NdArray, array, sample } from '../reference/array.ts';
import { argReduce, cumulative, reduce, reduceRows, sort, sumBound } from '../reference/reduce.ts';

const layouts: readonly Layout[] = ['transposed', 'permuted', 'sliced', 'offset', 'reversed', 'broadcast', 'stretched'];
const numbers = ['float64', 'float32', 'int32'] as const;
const brackets = (x: readonly number[]): string => `[${x.join(', ')}]`;
const nan = Number.NaN;
const inf = Number.POSITIVE_INFINITY;

function toleranceOf(op: ReduceOp, x: NdArray, axes: readonly number[]): Tolerance {
  if (op === 'sum') return { ulps: 1, bound: sumBound(x, axes) };
  return { ulps: op === 'prod' ? 2 + axes.reduce((n, a) => n * x.shape[a]!, 1) : 0 };
}

const geometry: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []], [[1], [0]], [[7], [0]], [[131], [0]], [[3, 4], [0]], [[3, 4], [1]], [[3, 4], [0, 1]], [[3, 4], []], [[2, 3, 4], [0]], [[2, 3, 4], [1]], [[2, 3, 4], [2]], [[2, 3, 4], [0, 2]], [[2, 3, 4], [1, 2]],
  [[2, 3, 4], [0, 1, 2]], [[2, 2, 3, 1, 2], [1, 4]], [[33, 9], [0]], [[9, 33], [1]],
];
const empty: readonly (readonly [readonly number[], readonly number[]])[] = [[[0], [0]], [[3, 0], [1]], [[0, 3], [1]], [[2, 0, 3], [0, 1]]];

function reductions(op: ReduceOp): Case[] {
  const dtypes: readonly DType[] = reduceKinds[op] === 'bool' ? ['bool'] : numbers;
  const one = (name: string, x: NdArray, axes: readonly number[], layout: Layout = 'dense'): Case => {
    const y = conform(x, layout);
    return callCase(name, 'reduce', [{ values: y, layout }], { op, axes }, reduce(op, y, axes), toleranceOf(op, y, axes));
  };
  return dtypes.flatMap((dtype, d) => [
    ...geometry.map(([shape, axes], k) => one(`${dtype}, ${brackets(shape)} over ${brackets(axes)}`, sample(dtype, shape, k), axes)),
    ...layouts.flatMap((layout) => [[0], [1], [2], [0, 2]].map((axes, k) => one(`${dtype}, ${layout} over ${brackets(axes)}`, sample(dtype, [3, 4, 5], 40 + k), axes, layout))),
    ...empty.filter(([shape, axes]) => !(dtype === 'int32' && (op === 'max' || op === 'min') && axes.some((a) => shape[a] === 0)))
      .map(([shape, axes]) => one(`${dtype}, ${brackets(shape)} over ${brackets(axes)}`, sample(dtype, shape, 1), axes)),
    ...(dtype === 'float64' || dtype === 'float32'
      ? [
          one(`${dtype}, NaN and ±Infinity`, array(dtype, [6, 4], [1, nan, 2, 3, nan, 1, 2, 3, 1, 2, 3, nan, inf, 1, -2, 3, -inf, 1, 2, 3, inf, -inf, 1, 2]), [1]),
          one(`${dtype}, NaN and ±Infinity, transposed`, array(dtype, [4, 6], [1, nan, 1, inf, -inf, inf, nan, 1, 2, 1, 1, -inf, 2, 2, 3, -2, 2, 1, 3, 3, nan, 3, 3, 2]), [0], 'transposed'),
        ]
      : []),
    ...(dtype === 'int32' ? [one('int32, wrapping', array(dtype, [2, 3], [2 ** 31 - 1, 2, 3, -(2 ** 31), -5, 65537]), [1])] : []),
    ...(d === 0 && dtype === 'bool' ? [one('bool, all true', array('bool', [2, 9], new Array<number>(18).fill(1)), [1]), one('bool, all false', array('bool', [2, 9], new Array<number>(18).fill(0)), [1])] : []),
  ]);
}

/** Values with ties, so that "the first" means something. */
function tied(dtype: DType, shape: readonly number[], seed: number): NdArray {
  const x = sample(dtype, shape, seed);
  return array(dtype, shape, Array.from(x.data, (v) => Math.round(v)));
}

function positions(op: ArgReduceOp): Case[] {
  const one = (name: string, x: NdArray, axis: number, layout: Layout = 'dense'): Case => {
    const y = conform(x, layout);
    return callCase(name, 'argReduce', [{ values: y, layout }], { op, axis }, argReduce(op, y, axis));
  };
  return numbers.flatMap((dtype) => [
    ...([[[1], 0], [[7], 0], [[67], 0], [[3, 4], 0], [[3, 4], 1], [[2, 3, 4], 1], [[2, 2, 3, 1, 2], 2], [[2, 2, 3, 1, 2], 3], [[0, 3], 1]] as const).map(([shape, axis]) => one(`${dtype}, ${brackets(shape)} along ${axis}`, tied(dtype, shape, 3), axis)),
    ...layouts.flatMap((layout) => [0, 2].map((axis) => one(`${dtype}, ${layout} along ${axis}`, tied(dtype, [4, 3, 5], 4), axis, layout))),
    ...(dtype === 'int32' ? [] : [one(`${dtype}, the first NaN`, array(dtype, [4, 4], [1, nan, 9, nan, nan, 1, 2, 3, inf, -inf, inf, -inf, 3, 2, 1, nan]), 1), one(`${dtype}, 0 and −0 are equal`, array(dtype, [2, 3], [-0, 0, -0, 0, -0, 0]), 1)]),
  ]);
}

function cumulatives(op: CumulativeOp): Case[] {
  const one = (name: string, x: NdArray, axis: number, layout: Layout = 'dense'): Case => {
    const y = conform(x, layout);
    const n = y.shape[axis]!;
    const tolerance: Tolerance = op === 'sum' ? { ulps: 1, absolute: 3 * n * n } : { ulps: n + 1 };
    return callCase(name, 'cumulative', [{ values: y, layout }], { op, axis }, cumulative(op, y, axis), tolerance);
  };
  return numbers.flatMap((dtype) => [
    ...([[[1], 0], [[0], 0], [[9], 0], [[40], 0], [[3, 4], 0], [[3, 4], 1], [[2, 3, 4], 1], [[2, 0, 3], 2], [[2, 2, 3, 1, 2], 2]] as const).map(([shape, axis]) => one(`${dtype}, ${brackets(shape)} along ${axis}`, sample(dtype, shape, 6), axis)),
    ...layouts.flatMap((layout) => [0, 1, 2].map((axis) => one(`${dtype}, ${layout} along ${axis}`, sample(dtype, [3, 4, 5], 7), axis, layout))),
    ...(dtype === 'int32'
      ? [one('int32, wrapping', array(dtype, [4], [2 ** 31 - 1, 5, 3, -7]), 0)]
      : [one(`${dtype}, NaN and ±Infinity`, array(dtype, [2, 5], [1, nan, 2, 3, 4, 1, inf, 2, -inf, 3]), 1)]),
  ]);
}

function sorts(): Case[] {
  const one = (name: string, x: NdArray, axis: number, layout: Layout = 'dense'): Case => {
    const y = conform(x, layout);
    const { values, indices } = sort(y, axis);
    return callCase(name, 'sort', [{ values: y, layout }], { axis }, [values, indices]);
  };
  return numbers.flatMap((dtype) => [
    ...([[[1], 0], [[0], 0], [[9], 0], [[70], 0], [[3, 4], 0], [[3, 4], 1], [[2, 5, 4], 1], [[2, 0, 3], 2], [[2, 2, 3, 1, 2], 2], [[2, 2, 3, 1, 2], 3]] as const)
      .flatMap(([shape, axis]) => [one(`${dtype}, ${brackets(shape)} along ${axis}`, sample(dtype, shape, 8), axis), one(`${dtype}, ${brackets(shape)} along ${axis}, with ties`, tied(dtype, shape, 9), axis)]),
    ...layouts.flatMap((layout) => [0, 2].map((axis) => one(`${dtype}, ${layout} along ${axis}`, tied(dtype, [4, 3, 5], 10), axis, layout))),
    ...(dtype === 'int32'
      ? [one('int32, extremes', array(dtype, [5], [2 ** 31 - 1, -(2 ** 31), 0, 2 ** 31 - 1, -1]), 0)]
      : [
          one(`${dtype}, NaN last and in order`, array(dtype, [8], [nan, 2, inf, nan, -inf, 1, nan, 2]), 0),
          one(`${dtype}, 0 and −0 are equal`, array(dtype, [5], [0, -0, 1, -0, 0]), 0),
        ]),
  ]);
}

/** Reductions, positions of extremes, running sums and products, sorting. */
export function reduceGroups(): Group[] {
  return [
    ...(Object.keys(reduceRows) as ReduceOp[]).map((op) => ({ name: `reduce ${op}`, cases: reductions(op) })),
    ...(['argmax', 'argmin'] as const).map((op) => ({ name: op, cases: positions(op) })),
    ...(['sum', 'prod'] as const).map((op) => ({ name: `cumulative ${op}`, cases: cumulatives(op) })),
    { name: 'sort', cases: sorts() },
  ];
}
