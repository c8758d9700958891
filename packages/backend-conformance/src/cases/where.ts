import type { DType } from '@matheron/core-tensor';
import { type Case, type Group, callCase } from '../bench.ts';
import { exact } from '../compare.ts';
import { type Layout, conform } from '../layouts.ts';
import { type NdArray, array, sample } from '../reference/array.ts';

const triples: readonly (readonly [Layout, Layout, Layout])[] = [
  ['dense', 'dense', 'dense'], ['transposed', 'dense', 'dense'], ['dense', 'transposed', 'dense'], ['dense', 'dense', 'transposed'], ['broadcast', 'dense', 'sliced'], ['dense', 'broadcast', 'stretched'],
  ['stretched', 'reversed', 'dense'], ['sliced', 'permuted', 'offset'],
];

function where(c: NdArray, a: NdArray, b: NdArray): NdArray {
  return array(a.dtype, a.shape, Array.from(c.data, (v, k) => (v === 0 ? b.data[k]! : a.data[k]!)));
}

/** `where`: every dtype, every layout of the condition and of the branches, NaN in the branch not taken. */
export function whereGroups(): Group[] {
  const cases = (['float64', 'float32', 'int32', 'bool'] as const satisfies readonly DType[]).flatMap((dtype): Case[] => {
    const one = (name: string, shape: readonly number[], layouts: readonly [Layout, Layout, Layout], seed: number): Case => {
      const [c, a, b] = [conform(sample('bool', shape, seed), layouts[0]), conform(sample(dtype, shape, seed + 1), layouts[1]), conform(sample(dtype, shape, seed + 2), layouts[2])];
      return callCase(name, 'where', [c, a, b].map((values, k) => ({ values, layout: layouts[k]! })), {}, where(c, a, b), exact);
    };
    return [
      ...triples.map((layouts, k) => one(`${dtype}, ${layouts.join(', ')}`, [2, 3, 5], layouts, 3 * k)),
      ...[[], [1], [0], [2, 0], [131], [2, 1, 2, 1, 3]].map((shape, k) => one(`${dtype}, shape [${shape.join(', ')}]`, shape, ['dense', 'dense', 'dense'], 50 + k)),
    ];
  });
  const c = array('bool', [6], [1, 0, 1, 0, 1, 0]);
  const awkward = (['float64', 'float32'] as const).map((dtype) => {
    const a = array(dtype, [6], [1, Number.NaN, -0, Number.POSITIVE_INFINITY, Number.NaN, 0]);
    const b = array(dtype, [6], [Number.NaN, 2, Number.NaN, -0, 0, Number.NEGATIVE_INFINITY]);
    return callCase(`${dtype}, NaN, ±Infinity and ±0 in either branch`, 'where', [c, a, b], {}, where(c, a, b), exact);
  });
  return [{ name: 'where', cases: [...cases, ...awkward] }];
}
