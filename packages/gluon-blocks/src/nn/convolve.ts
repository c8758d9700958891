import { type Tensor, type Window, matmul, pad, run1, sizeOf, slice, transpose } from '@matheron/core-tensor';

/** One entry a spatial axis. */
export interface Spatial {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

export function windowsOf({ kernel, strides, dilation }: Spatial): Window[] {
  return kernel.map((width, k) => ({ width, stride: strides[k]!, dilation: dilation[k]! }));
}

/**
 * Cross-correlation: x [n, c, …sizes], w [o, c/groups, …kernel] → [n, o, …positions]. Windows are unfolded and multiplied as one matrix
 * product a group.
 */
export function convolve(x: Tensor, w: Tensor, spatial: Spatial, groups: number): Tensor {
  const d = spatial.kernel.length;
  const [n, c] = x.shape as [number, number];
  const o = w.shape[0]!;
  const padded = spatial.padding.some((p) => p > 0) ? pad(x, [[0, 0], [0, 0], ...spatial.padding.map((p): [number, number] => [p, p])]) : x;
  const u = run1('unfold', [padded], { windows: windowsOf(spatial) });
  const out = u.shape.slice(2, 2 + d);
  const columns = (c / groups) * sizeOf(spatial.kernel);
  // [n, g, c/g, …out, …k] → [g, n · out, c/g · k]
  const axes = Array.from({ length: d }, (_, k) => k);
  const rows = transpose(u.reshape(n, groups, c / groups, ...u.shape.slice(2)), [1, 0, ...axes.map((k) => 3 + k), 2, ...axes.map((k) => 3 + d + k)]).reshape(groups, n * sizeOf(out), columns);
  const y = matmul(rows, w.reshape(groups, o / groups, columns).T);
  // [g, n, …out, o/g] → [n, g, o/g, …out]
  return transpose(y.reshape(groups, n, ...out, o / groups), [1, 0, 2 + d, ...axes.map((k) => 2 + k)]).reshape(n, o, ...out);
}

/** Sizes that a transposed convolution gives to `sizes`, its padding not yet cut off. */
export function transposedSizes(sizes: readonly number[], { kernel, strides, dilation }: Spatial, outputPadding: readonly number[]): number[] {
  return sizes.map((n, k) => (n - 1) * strides[k]! + dilation[k]! * (kernel[k]! - 1) + 1 + outputPadding[k]!);
}

/**
 * The adjoint of a convolution: x [n, c, …sizes], w [c, o/groups, …kernel] → [n, o, …(size − 1) · stride − 2 padding + dilation (kernel − 1) + 1 + outputPadding].
 */
export function convolveTransposed(x: Tensor, w: Tensor, spatial: Spatial, groups: number, outputPadding: readonly number[]): Tensor {
  const d = spatial.kernel.length;
  const [n, c] = x.shape as [number, number];
  const sizes = x.shape.slice(2);
  const perGroup = w.shape[1]!;
  const o = perGroup * groups;
  const axes = Array.from({ length: d }, (_, k) => k);
  const rows = transpose(x.reshape(n, groups, c / groups, ...sizes), [1, 0, ...axes.map((k) => 3 + k), 2]).reshape(groups, n * sizeOf(sizes), c / groups);
  const y = matmul(rows, w.reshape(groups, c / groups, perGroup * sizeOf(spatial.kernel)));
  // [g, n, …sizes, o/g, …k] → [n, g, o/g, …sizes, …k]
  const windows = transpose(y.reshape(groups, n, ...sizes, perGroup, ...spatial.kernel), [1, 0, 2 + d, ...axes.map((k) => 2 + k), ...axes.map((k) => 3 + d + k)]).reshape(n, o, ...sizes, ...spatial.kernel);
  const full = transposedSizes(sizes, spatial, outputPadding);
  const folded = run1('fold', [windows], { windows: windowsOf(spatial), shape: [n, o, ...full] });
  if (spatial.padding.every((p) => p === 0)) return folded;
  return slice(folded, [], [], ...spatial.padding.map((p, k): [number, number] => [p, full[k]! - p]));
}

/** Axes that bring a layout such as 'NHWC' to channels first, and back. */
export function layoutAxes(layout: string): { toFirst: number[]; back: number[] } | undefined {
  const channel = layout.indexOf('C');
  if (channel === 1) return undefined;
  const spatial = [...layout].map((_, k) => k).filter((k) => k !== 0 && k !== channel);
  const toFirst = [0, channel, ...spatial];
  return { toFirst, back: toFirst.map((_, k) => toFirst.indexOf(k)) };
}
