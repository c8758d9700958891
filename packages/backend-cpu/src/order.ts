import { type ArgReduceOp, type CumulativeOp, type Shape, allocate, sizeOf } from '@matheron/core-tensor';
import { type CpuTensor, denseStrides, denseTensor } from './cpu-tensor.ts';
import { argReduceLoops, cumulativeLoops } from './generated/scan.ts';
import { makeNest, walkUnary } from './walk.ts';

const without = <T>(list: readonly T[], axis: number): T[] => list.filter((_, k) => k !== axis);

/** Calls `visit` with the offset of every line along `axis` in `x`, and in a tensor of strides `to` (those of the other axes). */
function eachLine(x: CpuTensor, axis: number, to: readonly number[], visit: (xo: number, yo: number) => void): void {
  const shape: Shape = without(x.shape, axis);
  if (sizeOf(shape) === 0) return;
  const nest = makeNest(shape, [without(x.strides, axis), to]);
  walkUnary(nest, (n, _x, xo, xs, _y, yo, ys) => {
    for (let k = 0; k < n; k++) visit(xo + k * xs, yo + k * ys);
  }, x.data, x.offset, x.data, 0);
}

/** Positions of the extremes along `axis`, or undefined for a dtype without order. The axis isn't empty. */
export function argReduced(op: ArgReduceOp, x: CpuTensor, axis: number): CpuTensor | undefined {
  const loop = argReduceLoops[op][x.dtype];
  if (!loop) return undefined;
  const shape = without(x.shape, axis);
  const out = denseTensor(allocate('int32', sizeOf(shape)), shape, 'int32');
  eachLine(x, axis, out.strides, (xo, yo) => {
    out.data[yo] = loop(x.shape[axis]!, x.data, xo, x.strides[axis]!);
  });
  return out;
}

/** Running sums or products along `axis`, or undefined for bool. */
export function accumulated(op: CumulativeOp, x: CpuTensor, axis: number): CpuTensor | undefined {
  const loop = cumulativeLoops[op][x.dtype];
  if (!loop) return undefined;
  const out = denseTensor(allocate(x.dtype, x.size), x.shape, x.dtype, denseStrides(x));
  const xs = x.strides[axis]!, ys = out.strides[axis]!;
  eachLine(x, axis, without(out.strides, axis), (xo, yo) => loop(x.shape[axis]!, x.data, xo, xs, out.data, yo, ys));
  return out;
}

/** Values in ascending order along `axis` and where they stood: stable, NaN last. */
export function sorted(x: CpuTensor, axis: number): { values: CpuTensor; indices: CpuTensor } {
  const strides = denseStrides(x);
  const values = denseTensor(allocate(x.dtype, x.size), x.shape, x.dtype, strides);
  const indices = denseTensor(allocate('int32', x.size), x.shape, 'int32', strides);
  const n = x.shape[axis]!, xs = x.strides[axis]!, ys = strides[axis]!;
  const keys = new Float64Array(n), order = new Int32Array(n), scratch = new Int32Array(n);
  eachLine(x, axis, without(strides, axis), (xo, yo) => {
    for (let k = 0; k < n; k++) {
      keys[k] = x.data[xo + k * xs]!;
      order[k] = k;
    }
    const done = mergeSort(keys, order, scratch);
    for (let k = 0; k < n; k++) {
      values.data[yo + k * ys] = keys[done[k]!]!;
      indices.data[yo + k * ys] = done[k]!;
    }
  });
  return { values, indices };
}

/** Runs of this length are sorted by insertion. */
const shortRun = 12;

/** Sorts `order` by the keys it points to, bottom up; returns the one of both buffers that holds the result. */
function mergeSort(keys: Float64Array, order: Int32Array, scratch: Int32Array): Int32Array {
  const n = order.length;
  // NaN is behind everything, also behind NaN of a lower index: equal keys keep their order.
  const behind = (p: number, q: number): boolean => p > q || (p !== p && q === q);
  for (let start = 0; start < n; start += shortRun) {
    const end = Math.min(n, start + shortRun);
    for (let i = start + 1; i < end; i++) {
      const index = order[i]!, key = keys[index]!;
      let j = i - 1;
      for (; j >= start && behind(keys[order[j]!]!, key); j--) order[j + 1] = order[j]!;
      order[j + 1] = index;
    }
  }
  let from = order, to = scratch;
  for (let width = shortRun; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width) {
      const middle = Math.min(n, start + width), end = Math.min(n, start + 2 * width);
      let p = start, q = middle;
      for (let k = start; k < end; k++) {
        if (q >= end || (p < middle && !behind(keys[from[p]!]!, keys[from[q]!]!))) to[k] = from[p++]!;
        else to[k] = from[q++]!;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
