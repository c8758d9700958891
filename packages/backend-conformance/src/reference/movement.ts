import type { DType, Range, Shape, Widths } from '@matheron/core-tensor';
import { type NdArray, array, count, element, generate, indexAt, position } from './array.ts';

/** Conversion as the interface states it: truncation to int32, `!== 0` to bool, rounding to float32. */
export function cast(x: NdArray, dtype: DType): NdArray {
  const f = dtype === 'int32' ? Math.trunc : dtype === 'bool' ? (v: number) => Number(v !== 0) : (v: number) => v;
  return array(dtype, x.shape, Array.from(x.data, f));
}

export function permute(x: NdArray, axes: readonly number[]): NdArray {
  return generate(x.dtype, axes.map((a) => x.shape[a]!), (index) => {
    const from = new Array<number>(axes.length);
    axes.forEach((a, k) => (from[a] = index[k]!));
    return element(x, from);
  });
}

export function broadcastTo(x: NdArray, shape: Shape): NdArray {
  return generate(x.dtype, shape, (index) => element(x, index.map((i, k) => (x.shape[k] === 1 ? 0 : i))));
}

export function concat(xs: readonly NdArray[], axis: number): NdArray {
  const shape = xs[0]!.shape.map((s, k) => (k === axis ? xs.reduce((n, x) => n + x.shape[axis]!, 0) : s));
  return generate(xs[0]!.dtype, shape, (index) => {
    let i = index[axis]!;
    let k = 0;
    while (i >= xs[k]!.shape[axis]!) i -= xs[k++]!.shape[axis]!;
    return element(xs[k]!, index.map((j, a) => (a === axis ? i : j)));
  });
}

/** How many elements a range picks, by walking it. */
function walk({ start, stop, step }: Range): number[] {
  const picked: number[] = [];
  for (let i = start; step > 0 ? i < stop : i > stop; i += step) picked.push(i);
  return picked;
}

export function slice(x: NdArray, ranges: readonly Range[]): NdArray {
  const picked = ranges.map(walk);
  return generate(x.dtype, picked.map((p) => p.length), (index) => element(x, index.map((i, k) => picked[k]![i]!)));
}

export function pad(x: NdArray, widths: readonly Widths[], value: number): NdArray {
  const shape = widths.map(({ low, high, interior }, k) => low + high + x.shape[k]! + Math.max(0, x.shape[k]! - 1) * interior);
  const y = generate(x.dtype, shape, () => value);
  for (let p = 0; p < x.data.length; p++) {
    const target = indexAt(x.shape, p).map((i, k) => widths[k]!.low + i * (widths[k]!.interior + 1));
    if (target.every((i, k) => i >= 0 && i < shape[k]!)) y.data[position(shape, target)] = x.data[p]!;
  }
  return y;
}

/** Σ aᵢ bᵢ, for adjointness: ⟨slice(x), g⟩ = ⟨x, pad(g)⟩. */
export function inner(a: NdArray, b: NdArray): number {
  let s = 0;
  for (let p = 0; p < count(a.shape); p++) s += a.data[p]! * b.data[p]!;
  return s;
}
