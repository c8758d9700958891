import { type CumulativeOp, type ReduceOp, type Tensor, tensor } from '@matheron/core-tensor';
import type { NoGradient } from '../reference/no-gradient.ts';
import { type Row, any, at, call } from './row.ts';

const spread = at([0.3, -1.2, 2.1, 0.9, -0.5, 1.6, -2.2, 0.1, 1.1, -0.8, 2.7, -1.7], [2, 3, 2]);
const unordered: NoGradient = { none: 'its operands and result are bool' };
const int32 = (x: Tensor, values: readonly number[]): Tensor => tensor(Int32Array.from(values), { ctx: x.ctx });
const bools = (x: Tensor, values: readonly number[], shape: readonly number[]): Tensor => tensor(Uint8Array.from(values), { ctx: x.ctx, shape });

export const movementRows: Readonly<Record<'cast' | 'reshape' | 'permute' | 'broadcastTo' | 'concat' | 'slice' | 'pad' | 'where', readonly Row[]>> = {
  cast: [{ name: 'cast to its own dtype', f: (x) => call('cast', { dtype: x.dtype })(x), x: [any([3], 1)] }],
  reshape: [{ name: 'reshape', f: call('reshape', { shape: [3, 4] }), x: [any([2, 3, 2], 2)] }],
  permute: [{ name: 'permute', f: call('permute', { axes: [2, 0, 1] }), x: [any([2, 3, 2], 3)] }],
  broadcastTo: [{ name: 'broadcastTo', f: call('broadcastTo', { shape: [3, 2, 4] }), x: [any([3, 1, 1], 4)] }],
  concat: [
    { name: 'concat', f: (...x) => call('concat', { axis: 1 })(...x), x: [any([2, 1], 5), any([2, 3], 6), any([2, 2], 7)] },
    { name: 'concat of one tensor twice', f: (x) => call('concat', { axis: 0 })(x, x), x: [any([2, 2], 5)] },
  ],
  slice: [
    { name: 'slice', f: call('slice', { ranges: [{ start: 1, stop: 5, step: 2 }, { start: 0, stop: 2, step: 1 }] }), x: [any([5, 3], 8)] },
    { name: 'slice backwards', f: call('slice', { ranges: [{ start: 4, stop: -1, step: -3 }, { start: 2, stop: 0, step: -1 }] }), x: [any([5, 3], 9)] },
  ],
  pad: [
    { name: 'pad', f: call('pad', { widths: [{ low: 1, high: 0, interior: 2 }, { low: 0, high: 2, interior: 0 }], value: 7 }), x: [any([2, 3], 10)] },
    { name: 'pad that crops', f: call('pad', { widths: [{ low: -1, high: 1, interior: 1 }, { low: 1, high: -1, interior: 0 }], value: 1 }), x: [any([3, 3], 11)] },
  ],
  where: [{ name: 'where', f: (x, y) => call('where', {})(bools(x, [1, 0, 0, 1, 1, 0], [2, 3]), x, y), x: [any([2, 3], 12), any([2, 3], 13)] }],
};

const reducePoints: Readonly<Record<ReduceOp, NoGradient | readonly number[]>> = { sum: [], prod: [], max: [], min: [], any: unordered, all: unordered };
export const reduceRows: readonly Row[] = (Object.keys(reducePoints) as ReduceOp[]).filter((op) => !('none' in reducePoints[op])).flatMap((op) =>
  [[1], [0, 2], [0, 1, 2]].map((axes) => ({ name: `reduce ${op} over [${axes.join(', ')}]`, f: call('reduce', { op, axes }), x: [spread] })));

const cumulativeAxes: Readonly<Record<CumulativeOp, readonly number[]>> = { sum: [0, 1, 2], prod: [0, 1, 2] };
export const cumulativeRows: readonly Row[] = (Object.keys(cumulativeAxes) as CumulativeOp[]).flatMap((op) =>
  cumulativeAxes[op].map((axis) => ({ name: `cumulative ${op} along ${axis}`, f: call('cumulative', { op, axis }), x: [spread] })));

const window = (width: number, stride = 1, dilation = 1): { width: number; stride: number; dilation: number } => ({ width, stride, dilation });

export const indexingRows: Readonly<Record<'sort' | 'gather' | 'scatterAdd' | 'unfold' | 'fold', readonly Row[]>> = {
  sort: [0, 1, 2].map((axis) => ({ name: `sort along ${axis}`, f: call('sort', { axis }), x: [spread] })),
  gather: [
    { name: 'gather, negative and repeated indices', f: (x) => call('gather', { axis: 0 })(x, int32(x, [2, -1, 0, 2])), x: [any([3, 2], 20)] },
    { name: 'gather along 1', f: (x) => call('gather', { axis: 1 })(x, int32(x, [0, 0])), x: [any([2, 3], 21)] },
  ],
  scatterAdd: [
    { name: 'scatterAdd, negative and repeated indices', f: (x, u) => call('scatterAdd', { axis: 0 })(x, int32(x, [2, -1, 0, 2]), u), x: [any([3, 2], 22), any([4, 2], 23)] },
    { name: 'scatterAdd along 1', f: (x, u) => call('scatterAdd', { axis: 1 })(x, int32(x, [1, 1]), u), x: [any([2, 3], 24), any([2, 2], 25)] },
  ],
  unfold: [
    { name: 'unfold', f: call('unfold', { windows: [window(3, 2)] }), x: [any([2, 7], 26)] },
    { name: 'unfold in two directions', f: call('unfold', { windows: [window(2), window(2, 1, 2)] }), x: [any([3, 4], 27)] },
  ],
  fold: [{ name: 'fold', f: call('fold', { windows: [window(2), window(2, 1, 2)], shape: [3, 4] }), x: [any([2, 2, 2, 2], 28)] }],
};
