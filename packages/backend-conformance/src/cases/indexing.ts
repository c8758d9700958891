import { type DType, IndexError, type Window } from '@matheron/core-tensor';
import { type Case, type Group, callCase } from '../bench.ts';
import { type Tolerance, exact, expectAtMost, expectTrue } from '../compare.ts';
import { type Layout, conform } from '../layouts.ts';
import { type NdArray, array, sample } from '../reference/array.ts';
import { fold, gather, scatterAdd, unfold, unfoldedShape } from '../reference/indexing.ts';
import { inner } from '../reference/movement.ts';

const brackets = (x: readonly number[]): string => `[${x.join(', ')}]`;
const layouts: readonly Layout[] = ['dense', 'transposed', 'sliced', 'reversed', 'broadcast'];
const int32 = (values: readonly number[]): NdArray => array('int32', [values.length], values);
const ordered: Tolerance = { ulps: 4, absolute: 64 };

const picks: readonly (readonly [readonly number[], readonly number[], number])[] = [
  [[5], [0], 0], [[5], [4, 3, 2, 1, 0], 0], [[5], [-1, -5, 0, 4], 0], [[5], [2, 2, 2, 2, 2, 2, 2], 0], [[5], [], 0], [[4, 3], [3, 0, -4, 1], 0], [[4, 3], [2, -1, -3], 1], [[2, 3, 4], [1, 1, -1], 1],
  [[2, 3, 4], [-2, 0], 2], [[2, 0, 3], [1, -2], 0], [[1], [0, -1, 0], 0], [[2, 1, 3, 2, 2], [2, -3, 0, 2], 2], [[40, 3], [39, -40, 17, 17, 0], 0],
];

function gathers(): Case[] {
  return (['float64', 'float32', 'int32', 'bool'] as const).flatMap((dtype) =>
    picks.flatMap(([shape, index, axis], k) =>
      layouts.filter((layout) => layout === 'dense' || (shape.length > 1 && !shape.includes(0) && dtype === 'float64')).map((layout) => {
        const x = conform(sample(dtype, shape, k), layout);
        return callCase(`${dtype}, ${brackets(shape)} at ${brackets(index)} along ${axis}, ${layout}`, 'gather', [{ values: x, layout }, int32(index)], { axis }, gather(x, int32(index), axis), exact);
      })));
}

function stridedIndex(): Case[] {
  const x = sample('float64', [4, 3], 1);
  const index = int32([3, -1, 0, 0]);
  const updates = sample('float64', [4, 3], 2);
  return (['sliced', 'reversed', 'offset'] as const).flatMap((layout) => [
    callCase(`gather, index ${layout}`, 'gather', [x, { values: index, layout }], { axis: 0 }, gather(x, index, 0), exact),
    callCase(`scatterAdd, index ${layout}`, 'scatterAdd', [x, { values: index, layout }, updates], { axis: 0 }, scatterAdd(x, index, updates, 0), ordered),
  ]);
}

function scatters(): Case[] {
  return (['float64', 'float32', 'int32'] as const).flatMap((dtype) =>
    picks.flatMap(([shape, index, axis], k) =>
      layouts.filter((layout) => layout === 'dense' || (shape.length > 1 && !shape.includes(0) && dtype === 'float64' && index.length > 0)).map((layout) => {
        const x = conform(sample(dtype, shape, k), layout);
        const updates = conform(sample(dtype, shape.with(axis, index.length), k + 50), layout);
        return callCase(
          `${dtype}, ${brackets(shape)} at ${brackets(index)} along ${axis}, ${layout}`, 'scatterAdd', [{ values: x, layout }, int32(index), { values: updates, layout }], { axis },
          scatterAdd(x, int32(index), updates, axis), ordered,
        );
      })));
}

/** IndexError, or NaN (0 for integers) at the place, where a device can't look at its indices. */
function outside(dtype: DType, bad: number): Case {
  return {
    name: `${dtype}, index ${bad} of 5 is refused with IndexError, or gives NaN (0 for integers)`,
    dtypes: [dtype],
    async run(bench) {
      const x = bench.place(sample(dtype, [5, 2], 3));
      const index = bench.place(int32([1, bad]));
      let result: NdArray;
      try {
        result = await bench.read(bench.call('gather', [x, index], { axis: 0 })[0]!);
      } catch (error) {
        if (error instanceof IndexError) return;
        throw error;
      }
      for (const v of result.data.slice(2)) expectTrue(dtype === 'int32' || dtype === 'bool' ? v === 0 : Number.isNaN(v), `gather outside gives ${v}`);
    },
  };
}

function scatterOutside(bad: number): Case {
  return {
    name: `scatterAdd, index ${bad} of 5 is refused with IndexError, or changes nothing but to NaN`,
    dtypes: ['float64'],
    async run(bench) {
      const x = sample('float64', [5], 3);
      let result: NdArray;
      try {
        result = await bench.read(bench.call('scatterAdd', [bench.place(x), bench.place(int32([bad])), bench.place(array('float64', [1], [1]))], { axis: 0 })[0]!);
      } catch (error) {
        if (error instanceof IndexError) return;
        throw error;
      }
      for (const [k, v] of result.data.entries()) expectTrue(Number.isNaN(v) || v === x.data[k], `scatterAdd outside changes element ${k} to ${v}`);
    },
  };
}

const window = (width: number, stride = 1, dilation = 1): Window => ({ width, stride, dilation });
const windows: readonly (readonly [readonly number[], readonly Window[]])[] = [
  [[5], [window(1)]], [[5], [window(5)]], [[5], [window(2)]], [[5], [window(3, 2)]], [[7], [window(3, 1, 2)]], [[7], [window(2, 3, 2)]], [[7], [window(2, 4)]], [[3], [window(5)]], [[0], [window(2)]],
  [[2, 6], [window(3)]], [[4, 5], [window(2), window(3)]], [[4, 5], [window(2, 2), window(2, 1, 2)]], [[2, 3, 5, 6], [window(3, 2), window(2, 2)]], [[2, 4, 3, 4], [window(2), window(2), window(2, 2)]],
  [[1, 1, 1], [window(1), window(1)]], [[2, 2, 7], [window(2, 2, 3)]], [[3, 4], []], [[6, 6], [window(2, 3), window(3, 3)]],
];

function windowCases(): Case[] {
  const cases: Case[] = [];
  for (const [k, [shape, ws]] of windows.entries()) {
    const what = `${brackets(shape)} by ${ws.map((w) => `${w.width}/${w.stride}/${w.dilation}`).join(' ') || 'nothing'}`;
    for (const dtype of ['float64', 'float32'] as const) {
      for (const layout of layouts) {
        if (layout !== 'dense' && (dtype === 'float32' || shape.length < 2 || shape.includes(0))) continue;
        const x = conform(sample(dtype, shape, k), layout);
        cases.push(callCase(`unfold ${dtype}, ${what}, ${layout}`, 'unfold', [{ values: x, layout }], { windows: ws }, unfold(x, ws), exact));
        const unfolded = unfoldedShape(shape, ws);
        if (layout !== 'dense' && unfolded.includes(0)) continue;
        const y = conform(sample(dtype, unfolded, k + 20), layout);
        cases.push(callCase(`fold ${dtype}, ${what}, ${layout}`, 'fold', [{ values: y, layout }], { windows: ws, shape }, fold(y, ws, shape), ordered));
      }
    }
    cases.push(adjoint(`unfold and fold are adjoint, ${what}`, shape, ws));
  }
  const x = sample('int32', [2, 6], 4);
  cases.push(callCase('unfold int32, [2, 6] by 3/1/1', 'unfold', [x], { windows: [window(3)] }, unfold(x, [window(3)]), exact));
  return cases;
}

function adjoint(name: string, shape: readonly number[], ws: readonly Window[]): Case {
  const x = sample('float64', shape, 31);
  const y = sample('float64', unfoldedShape(shape, ws), 32);
  return {
    name,
    dtypes: ['float64'],
    async run(bench) {
      const unfolded = await bench.read(bench.call('unfold', [bench.place(x)], { windows: ws })[0]!);
      const folded = await bench.read(bench.call('fold', [bench.place(y)], { windows: ws, shape })[0]!);
      expectAtMost(Math.abs(inner(unfolded, y) - inner(x, folded)), bench.limit(1e-12), '⟨unfold x, y⟩ − ⟨x, fold y⟩');
    },
  };
}

/** gather, scatterAdd, unfold, fold. */
export function indexingGroups(): Group[] {
  return [
    { name: 'gather', cases: [...gathers(), ...(['float64', 'float32', 'int32', 'bool'] as const).flatMap((dtype) => [5, -6, 2 ** 31 - 1, -(2 ** 31)].map((bad) => outside(dtype, bad)))] },
    { name: 'scatterAdd', cases: [...scatters(), ...[5, -6, 1e9].map(scatterOutside)] },
    { name: 'strided indices', cases: stridedIndex() },
    { name: 'windows', cases: windowCases() },
  ];
}
