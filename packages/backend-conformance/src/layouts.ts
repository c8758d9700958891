import type { Backend, BackendTensor, Range } from '@matheron/core-tensor';
import { type NdArray, count, element, generate } from './reference/array.ts';

/** How an operand lies in memory, on a backend that has strides. */
export type Layout = 'dense' | 'transposed' | 'permuted' | 'sliced' | 'offset' | 'reversed' | 'broadcast' | 'stretched';

/** Every layout but the plain one. */
export const views: readonly Layout[] = ['transposed', 'permuted', 'sliced', 'offset', 'reversed', 'broadcast', 'stretched'];

/** Smallest rank a layout means something for. */
export function minimumRank(layout: Layout): number {
  if (layout === 'dense') return 0;
  return layout === 'transposed' || layout === 'permuted' ? 2 : 1;
}

/** `x`, changed where a layout can't hold any values: broadcast axes are made constant. */
export function conform(x: NdArray, layout: Layout): NdArray {
  if (layout === 'broadcast') return generate(x.dtype, x.shape, ([, ...rest]) => element(x, [0, ...rest]));
  if (layout === 'stretched') return generate(x.dtype, x.shape, (index) => element(x, [...index.slice(0, -1), 0]));
  return x;
}

/** Stands where nobody may look. */
const outside = 77;

/** The values of `x` on a backend, lying as `layout` says. Each array handed over is new, since `upload` takes ownership. */
export function place<T extends BackendTensor>(backend: Backend<T>, x: NdArray, layout: Layout): T {
  const { shape, dtype } = x;
  const rank = shape.length;
  const upload = (y: NdArray): T => backend.upload(y.data.slice() as typeof y.data, y.shape, y.dtype);
  const swapped = (axes: readonly number[]): T => {
    const inner = axes.map((a) => shape[a]!);
    return backend.permute(upload(generate(dtype, inner, (index) => element(x, axes.map((_, k) => index[axes.indexOf(k)]!)))), inverse(axes));
  };
  const embedded = (stored: readonly number[], ranges: readonly Range[]): T => {
    const y = generate(dtype, stored, () => (dtype === 'bool' ? 1 : outside));
    for (let p = 0, n = count(shape); p < n; p++) {
      let q = 0;
      let rest = p;
      let stride = 1;
      for (let k = rank - 1; k >= 0; k--) {
        const i = rest % shape[k]!;
        rest = (rest - i) / shape[k]!;
        q += (ranges[k]!.start + i * ranges[k]!.step) * stride;
        stride *= stored[k]!;
      }
      y.data[q] = x.data[p]!;
    }
    return backend.slice(upload(y), ranges);
  };
  switch (layout) {
    case 'dense': return upload(x);
    case 'transposed': return swapped([...shape.keys()].map((k) => (k < rank - 2 ? k : 2 * rank - 3 - k)));
    case 'permuted': return swapped([...shape.keys()].reverse());
    case 'sliced': return embedded(shape.map((s) => 2 * s + 1), shape.map((s) => ({ start: 1, stop: 1 + 2 * s, step: 2 })));
    case 'offset': return embedded(shape.map((s) => s + 2), shape.map((s) => ({ start: 1, stop: 1 + s, step: 1 })));
    case 'reversed': return embedded(shape, shape.map((s) => ({ start: s - 1, stop: -1, step: -1 })));
    case 'broadcast':
      return backend.broadcastTo(upload(generate(dtype, [1, ...shape.slice(1)], (index) => element(x, index))), shape);
    case 'stretched':
      return backend.broadcastTo(upload(generate(dtype, [...shape.slice(0, -1), 1], (index) => element(x, index))), shape);
  }
}

function inverse(axes: readonly number[]): number[] {
  return axes.map((_, k) => axes.indexOf(k));
}
