import { IndexError, type Shape, allocate } from '@matheron/core-tensor';
import { compact, copyOf } from './copy.ts';
import { type CpuTensor, denseTensor, viewOf } from './cpu-tensor.ts';
import { addToLoops } from './generated/move.ts';

/** Row-major sizes before and after an axis. */
function around(shape: Shape, axis: number): { outer: number; inner: number } {
  const product = (list: Shape): number => list.reduce((n, s) => n * s, 1);
  return { outer: product(shape.slice(0, axis)), inner: product(shape.slice(axis + 1)) };
}

/** Positions in [0, n); IndexError where an index lies outside of [−n, n). */
function positions(op: string, index: CpuTensor, n: number, axis: number): Int32Array {
  const list = copyOf(index) as Int32Array;
  for (let k = 0; k < list.length; k++) {
    const i = list[k]!;
    if (i < -n || i >= n) {
      throw new IndexError(op, `${op}: index ${i} at position ${k} is outside of axis ${axis}, which has ${n} elements; use integers in [${-n}, ${n})`, i, n);
    }
    if (i < 0) list[k] = i + n;
  }
  return list;
}

/** Below this a loop beats `set` of a part. */
const shortRun = 32;

/** The slices of `x` at `index` along `axis`. */
export function gathered(x: CpuTensor, index: CpuTensor, axis: number): CpuTensor {
  const n = x.shape[axis]!;
  const at = positions('gather', index, n, axis);
  const shape = x.shape.map((s, k) => (k === axis ? at.length : s));
  if (x.step === 0) return viewOf(x, shape, x.strides, x.offset);
  const { outer, inner } = around(x.shape, axis);
  const source = compact(x), out = allocate(x.dtype, outer * at.length * inner);
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < at.length; k++, to += inner) {
      const from = (o * n + at[k]!) * inner;
      if (inner < shortRun) for (let i = 0; i < inner; i++) out[to + i] = source[from + i]!;
      else out.set(source.subarray(from, from + inner), to);
    }
  }
  return denseTensor(out, shape, x.dtype);
}

/** `x` with `updates` added to its slices at `index` along `axis`; undefined for a dtype that doesn't add. */
export function scatterAdded(x: CpuTensor, index: CpuTensor, updates: CpuTensor, axis: number): CpuTensor | undefined {
  const loop = addToLoops[x.dtype];
  if (!loop) return undefined;
  const n = x.shape[axis]!;
  const at = positions('scatterAdd', index, n, axis);
  const { outer, inner } = around(x.shape, axis);
  const source = compact(updates), out = copyOf(x);
  let from = 0;
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < at.length; k++, from += inner) loop(inner, source, from, 1, out, (o * n + at[k]!) * inner, 1);
  }
  return denseTensor(out, x.shape, x.dtype);
}
