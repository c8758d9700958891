import type { Shape, Window } from '@matheron/core-tensor';
import { type NdArray, array, element, generate, indexAt, position } from './array.ts';

export function gather(x: NdArray, index: NdArray, axis: number): NdArray {
  const n = x.shape[axis]!;
  const shape = x.shape.with(axis, index.shape[0]!);
  return generate(x.dtype, shape, (at) => {
    const i = index.data[at[axis]!]!;
    return element(x, at.with(axis, i < 0 ? i + n : i));
  });
}

export function scatterAdd(x: NdArray, index: NdArray, updates: NdArray, axis: number): NdArray {
  const n = x.shape[axis]!;
  const sums = Array.from(x.data);
  for (let p = 0; p < updates.data.length; p++) {
    const at = indexAt(updates.shape, p);
    const i = index.data[at[axis]!]!;
    const q = position(x.shape, at.with(axis, i < 0 ? i + n : i));
    sums[q] = x.dtype === 'int32' ? (sums[q]! + updates.data[p]!) | 0 : sums[q]! + updates.data[p]!;
  }
  return array(x.dtype, x.shape, sums);
}

/** Positions of a window on an axis, by sliding it. */
function positions(size: number, w: Window): number {
  let n = 0;
  while (n * w.stride + w.dilation * (w.width - 1) < size) n++;
  return n;
}

/** For each element of the unfolded array, the index it comes from. */
function source(index: readonly number[], lead: number, windows: readonly Window[]): number[] {
  return [...index.slice(0, lead), ...windows.map((w, k) => index[lead + k]! * w.stride + index[lead + windows.length + k]! * w.dilation)];
}

export function unfoldedShape(shape: Shape, windows: readonly Window[]): number[] {
  const lead = shape.length - windows.length;
  return [...shape.slice(0, lead), ...windows.map((w, k) => positions(shape[lead + k]!, w)), ...windows.map((w) => w.width)];
}

export function unfold(x: NdArray, windows: readonly Window[]): NdArray {
  const lead = x.shape.length - windows.length;
  return generate(x.dtype, unfoldedShape(x.shape, windows), (index) => element(x, source(index, lead, windows)));
}

export function fold(y: NdArray, windows: readonly Window[], shape: Shape): NdArray {
  const lead = shape.length - windows.length;
  const sums = new Array<number>(shape.reduce((n, s) => n * s, 1)).fill(0);
  for (let p = 0; p < y.data.length; p++) {
    const q = position(shape, source(indexAt(y.shape, p), lead, windows));
    sums[q]! += y.data[p]!;
  }
  return array(y.dtype, shape, sums);
}
