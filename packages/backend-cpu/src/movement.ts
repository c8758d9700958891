import { type Range, type Shape, type Widths, type Window, allocate, rangeSize, rowMajorStrides, sizeOf, windowCount } from '@matheron/core-tensor';
import { copyInto } from './copy.ts';
import { type CpuTensor, denseTensor, viewOf } from './cpu-tensor.ts';
import { addToLoops } from './generated/move.ts';
import { makeNest, walkUnary } from './walk.ts';

/** Axis k of the result is axis `axes[k]` of `x`. A view. */
export function permuted(x: CpuTensor, axes: readonly number[]): CpuTensor {
  return viewOf(x, axes.map((k) => x.shape[k]!), axes.map((k) => x.strides[k]!), x.offset);
}

/** Axes of size 1 repeated up to `shape`. A view. */
export function broadcast(x: CpuTensor, shape: Shape): CpuTensor {
  return viewOf(x, shape, x.strides.map((s, k) => (x.shape[k] === shape[k] ? s : 0)), x.offset);
}

/** One range an axis. A view. */
export function sliced(x: CpuTensor, ranges: readonly Range[]): CpuTensor {
  let { offset } = x;
  for (let k = 0; k < ranges.length; k++) offset += ranges[k]!.start * x.strides[k]!;
  return viewOf(x, ranges.map(rangeSize), ranges.map((r, k) => x.strides[k]! * r.step), offset);
}

/** One tensor after the other along `axis`. */
export function concatenated(xs: readonly CpuTensor[], axis: number): CpuTensor {
  const first = xs[0]!;
  if (xs.length === 1) return first;
  const shape = [...first.shape];
  shape[axis] = xs.reduce((n, x) => n + x.shape[axis]!, 0);
  const out = denseTensor(allocate(first.dtype, sizeOf(shape)), shape, first.dtype);
  let offset = 0;
  for (const x of xs) {
    copyInto(x, out.data, out.strides, offset);
    offset += x.shape[axis]! * out.strides[axis]!;
  }
  return out;
}

/** `x` cropped where widths are negative, spread by `interior`, in a frame of `value`. */
export function padded(x: CpuTensor, widths: readonly Widths[], value: number): CpuTensor {
  const shape = widths.map((w, k) => Math.max(0, w.low + w.high + spreadSize(x.shape[k]!, w.interior)));
  const out = denseTensor(allocate(x.dtype, sizeOf(shape)), shape, x.dtype);
  if (!Object.is(value, 0)) out.data.fill(value);
  // The elements of x that stay: those whose place low + k · (interior + 1) lies within the result.
  const ranges = widths.map((w, k): Range => {
    const step = w.interior + 1;
    const start = Math.max(0, Math.ceil(-w.low / step));
    const stop = Math.min(x.shape[k]!, Math.ceil((shape[k]! - w.low) / step));
    return { start, stop: Math.max(start, stop), step: 1 };
  });
  const offset = widths.reduce((o, w, k) => o + (w.low + ranges[k]!.start * (w.interior + 1)) * out.strides[k]!, 0);
  copyInto(sliced(x, ranges), out.data, out.strides.map((s, k) => s * (widths[k]!.interior + 1)), offset);
  return out;
}
function spreadSize(n: number, interior: number): number {
  return n + Math.max(0, n - 1) * interior;
}

/** Sliding windows over the last axes: positions first, then the places within a window. A view. */
export function unfolded(x: CpuTensor, windows: readonly Window[]): CpuTensor {
  const { shape, strides } = windowLayout(x.shape, x.strides, windows);
  return viewOf(x, shape, strides, x.offset);
}

function windowLayout(shape: Shape, strides: readonly number[], windows: readonly Window[]): { shape: number[]; strides: number[] } {
  const lead = shape.length - windows.length, inner = strides.slice(lead);
  return {
    shape: [...shape.slice(0, lead), ...windows.map((w, k) => windowCount(shape[lead + k]!, w)), ...windows.map((w) => w.width)],
    strides: [...strides.slice(0, lead), ...windows.map((w, k) => inner[k]! * w.stride), ...windows.map((w, k) => inner[k]! * w.dilation)],
  };
}

/** The windows of `x` summed back into `shape`; undefined for a dtype that doesn't add. */
export function folded(x: CpuTensor, windows: readonly Window[], shape: Shape): CpuTensor | undefined {
  const loop = addToLoops[x.dtype];
  if (!loop) return undefined;
  const out = denseTensor(allocate(x.dtype, sizeOf(shape)), shape, x.dtype, rowMajorStrides(shape));
  if (x.size > 0) {
    const layout = windowLayout(shape, out.strides, windows);
    walkUnary(makeNest(layout.shape, [x.strides, layout.strides]), loop, x.data, x.offset, out.data, 0);
  }
  return out;
}
