import { type Shape, type TypedArray, allocate } from '@matheron/core-tensor';
import { CpuTensor, denseStrides, denseTensor } from './cpu-tensor.ts';
import { castLoops } from './generated/move.ts';
import { makeNest, walkUnary } from './walk.ts';

/** Side of the squares in which a transposed matrix is copied, so that lines of both sides stay in the cache. */
const tile = 32;

/** Writes `x` to `y`, where its elements stand at `offset` and `strides`; dtypes are equal. */
export function copyInto(x: CpuTensor, y: TypedArray, strides: readonly number[], offset: number): void {
  if (x.size === 0) return;
  const loop = castLoops[x.dtype][x.dtype];
  const nest = makeNest(x.shape, [x.strides, strides]);
  const { sizes, steps: [from, to] } = nest as { sizes: readonly number[]; steps: readonly [readonly number[], readonly number[]] };
  if (sizes.length === 2 && from[0] === 1 && from[1] !== 1 && sizes[0]! > tile && sizes[1]! > tile) {
    for (let i = 0; i < sizes[0]!; i += tile) {
      const rows = Math.min(i + tile, sizes[0]!);
      for (let j = 0; j < sizes[1]!; j += tile) {
        const n = Math.min(tile, sizes[1]! - j);
        for (let r = i; r < rows; r++) loop(n, x.data, x.offset + r + j * from[1]!, from[1]!, y, offset + r * to[0]! + j * to[1]!, to[1]!);
      }
    }
  } else walkUnary(nest, loop, x.data, x.offset, y, offset);
}

/** A fresh copy of the elements in row-major order. */
export function copyOf(x: CpuTensor): TypedArray {
  if (x.step === 1) return x.data.slice(x.offset, x.offset + x.size);
  const data = allocate(x.dtype, x.size);
  if (x.step === 0) data.fill(x.data[x.offset]!);
  else copyInto(x, data, denseStrides(x), 0);
  return data;
}

/** The elements in row-major order, nothing else in the array: the buffer itself or a part of it where `x` is dense, else a copy. Not to be written to. */
export function compact(x: CpuTensor): TypedArray {
  if (x.step !== 1) return copyOf(x);
  return x.offset === 0 && x.data.length === x.size ? x.data : x.data.subarray(x.offset, x.offset + x.size);
}

/** `x` where it is dense (at any offset), else a dense copy. */
export function contiguous(x: CpuTensor): CpuTensor {
  return x.step === 1 ? x : denseTensor(copyOf(x), x.shape, x.dtype);
}

/** `x` in another shape of the same size: a view where the strides allow it, else a copy. */
export function reshaped(x: CpuTensor, shape: Shape): CpuTensor {
  x.origin = undefined;
  if (x.step === 1) return new CpuTensor(x.data, shape, x.dtype, spread(shape, 1), x.offset, x.size, 1);
  if (x.step !== undefined) return new CpuTensor(x.data, shape, x.dtype, spread(shape, x.step), x.offset, x.size, x.step);
  const strides = reshapedStrides(x, shape);
  return strides ? new CpuTensor(x.data, shape, x.dtype, strides, x.offset, x.size, undefined) : denseTensor(copyOf(x), shape, x.dtype);
}

function spread(shape: Shape, step: number): number[] {
  const strides = new Array<number>(shape.length);
  for (let k = shape.length - 1; k >= 0; k--) {
    strides[k] = step;
    step *= shape[k]!;
  }
  return strides;
}

/** The strides of the new shape, found run by run of axes with equal products of sizes; undefined where a run isn't evenly spaced. */
function reshapedStrides(x: CpuTensor, shape: Shape): number[] | undefined {
  const strides = new Array<number>(shape.length).fill(0);
  const old = x.shape.flatMap((n, k) => (n === 1 ? [] : [{ n, s: x.strides[k]! }]));
  let i = 0, j = 0;
  while (i < old.length) {
    let from = i, left = old[i]!.n, right = 1;
    const start = j;
    i++;
    do {
      while (right < left) right *= shape[j++]!;
      while (left < right) left *= old[i++]!.n;
    } while (left !== right);
    for (; from < i - 1; from++) if (old[from]!.s !== old[from + 1]!.s * old[from + 1]!.n) return undefined;
    let step = old[i - 1]!.s;
    for (let k = j - 1; k >= start; k--) {
      strides[k] = step;
      step *= shape[k]!;
    }
  }
  return strides;
}
