import { run1 } from '../dispatch.ts';
import { checkDType } from '../dtype.ts';
import { IndexError, ShapeError } from '../errors.ts';
import { type TensorLike, asTensor, castTo, expand, operands, raise } from '../operands.ts';
import { type Axis, type Shape, broadcastShapes, checkShape, formatShape, normalizeAxes, normalizeAxis, sameShape, sizeOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** The same elements in row-major order under another shape; one size may be −1 and is worked out. */
export function reshape(x: TensorLike, shape: Shape): Tensor {
  const t = asTensor('reshape', x);
  const target = resolveShape(t, shape);
  return sameShape(t.shape, target) ? t : run1('reshape', [t], { shape: target });
}
function resolveShape(t: Tensor, shape: Shape): Shape {
  const open = shape?.indexOf?.(-1) ?? -1;
  const known = checkShape('reshape', open < 0 ? shape : shape.filter((_, k) => k !== open));
  const rest = sizeOf(known);
  const missing = rest === 0 ? 0 : t.size / rest;
  if (open < 0 ? rest !== t.size : !Number.isInteger(missing) || (rest === 0 && t.size > 0)) {
    throw new ShapeError('reshape', `reshape: ${formatShape(t.shape)} has ${t.size} elements, which don't fill ${formatShape(shape)}`, { expected: `${t.size} elements`, actual: [t.shape, shape] });
  }
  if (open >= 0) known.splice(open, 0, missing);
  return known;
}

/** A tensor with at least two axes, [..., m, n]. */
export function rows(op: string, x: TensorLike): { t: Tensor; m: number; n: number } {
  const t = asTensor(op, x);
  if (t.ndim < 2) throw new ShapeError(op, `${op}: ${formatShape(t.shape)} is no matrix; reshape to [..., m, n]`, { expected: 'at least two axes', actual: [t.shape] });
  return { t, m: t.shape.at(-2)!, n: t.shape.at(-1)! };
}

/** Axes reordered: result axis k is axis `axes[k]`; reversed without `axes`. */
export function transpose(x: TensorLike, axes?: readonly number[]): Tensor {
  const t = asTensor('transpose', x);
  const order = (axes ?? t.shape.map((_, k) => t.ndim - 1 - k)).map((a) => normalizeAxis('transpose', a, t.ndim));
  if (new Set(order).size !== t.ndim || order.length !== t.ndim) {
    throw new ShapeError('transpose', `transpose: ${formatShape(axes ?? [])} does not name each of the ${t.ndim} axes of ${formatShape(t.shape)} once`, { expected: 'a permutation of the axes', actual: [t.shape] });
  }
  return order.every((a, k) => a === k) ? t : run1('permute', [t], { axes: order });
}
/** [..., m, n] → [..., n, m]. */
export function matrixTranspose(x: TensorLike): Tensor {
  const { t } = rows('T', x);
  return transpose(t, [...Array.from({ length: t.ndim - 2 }, (_, k) => k), t.ndim - 1, t.ndim - 2]);
}

/** New axes of size 1 at these positions of the result. */
export function expandDims(x: TensorLike, axis: Axis): Tensor {
  const t = asTensor('expandDims', x);
  const rank = t.ndim + [axis].flat().length;
  const axes = normalizeAxes('expandDims', axis, rank);
  const rest = [...t.shape];
  return reshape(t, Array.from({ length: rank }, (_, k) => (axes.includes(k) ? 1 : rest.shift()!)));
}
/** Axes of size 1 dropped: the named ones, or all. */
export function squeeze(x: TensorLike, axis?: Axis): Tensor {
  const t = asTensor('squeeze', x);
  const axes = axis === undefined ? t.shape.flatMap((s, k) => (s === 1 ? [k] : [])) : normalizeAxes('squeeze', axis, t.ndim);
  for (const k of axes) {
    if (t.shape[k] !== 1) throw new ShapeError('squeeze', `squeeze: axis ${k} of ${formatShape(t.shape)} has size ${t.shape[k]}, not 1`, { expected: 'size 1', actual: [t.shape] });
  }
  return reshape(t, t.shape.filter((_, k) => !axes.includes(k)));
}
/** Stretched to `shape` by NumPy's rules. */
export function broadcastTo(x: TensorLike, shape: Shape): Tensor {
  const t = asTensor('broadcastTo', x);
  const target = checkShape('broadcastTo', shape);
  if (!sameShape(broadcastShapes('broadcastTo', t.shape, target), target)) {
    throw new ShapeError('broadcastTo', `broadcastTo: ${formatShape(t.shape)} does not stretch to ${formatShape(target)}`, { expected: formatShape(target), actual: [t.shape] });
  }
  return expand(t, target);
}
/** The tensor repeated along each axis, as NumPy's tile. */
export function tile(x: TensorLike, repeats: readonly number[]): Tensor {
  const t = asTensor('tile', x);
  checkShape('tile', repeats);
  const rank = Math.max(t.ndim, repeats.length);
  const shape = [...new Array<number>(rank - t.ndim).fill(1), ...t.shape];
  const times = [...new Array<number>(rank - repeats.length).fill(1), ...repeats];
  const wide = reshape(t, shape.flatMap((s) => [1, s]));
  return reshape(expand(wide, shape.flatMap((s, k) => [times[k]!, s])), shape.map((s, k) => s * times[k]!));
}

/** Joined along an existing axis (0 by default). */
export function concat(xs: readonly TensorLike[], axis = 0): Tensor {
  const ts = list('concat', xs);
  const first = ts[0]!;
  const k = normalizeAxis('concat', axis, first.ndim);
  for (const t of ts) {
    if (t.ndim !== first.ndim || t.shape.some((s, a) => a !== k && s !== first.shape[a])) {
      throw new ShapeError('concat', `concat: ${formatShape(first.shape)} and ${formatShape(t.shape)} differ beside axis ${k}`, { expected: `shapes equal but for axis ${k}`, actual: ts.map((p) => p.shape) });
    }
  }
  return ts.length === 1 ? first : run1('concat', ts, { axis: k });
}
/** Joined along a new axis (0 by default). */
export function stack(xs: readonly TensorLike[], axis = 0): Tensor {
  const ts = list('stack', xs);
  for (const t of ts) {
    if (!sameShape(t.shape, ts[0]!.shape)) throw new ShapeError('stack', `stack: ${formatShape(ts[0]!.shape)} and ${formatShape(t.shape)} differ`, { expected: 'equal shapes', actual: ts.map((p) => p.shape) });
  }
  return concat(ts.map((t) => expandDims(t, axis)), axis);
}
function list(op: string, xs: readonly TensorLike[]): Tensor[] {
  if (xs.length === 0) throw new ShapeError(op, `${op}: the list is empty; pass at least one tensor`, { expected: 'at least one tensor', actual: [] });
  return operands(op, xs, 'any');
}
/** Parts along an axis (0 by default): n equal ones, or of the given sizes. */
export function split(x: TensorLike, parts: number | readonly number[], axis = 0): Tensor[] {
  const t = asTensor('split', x);
  const k = normalizeAxis('split', axis, t.ndim);
  const size = t.shape[k]!;
  if (typeof parts === 'number' && (!Number.isInteger(parts) || parts < 1 || size % parts !== 0)) {
    throw new ShapeError('split', `split: axis ${k} of size ${size} does not split into ${parts} equal parts; pass the sizes`, { expected: `a divisor of ${size}`, actual: [t.shape] });
  }
  const sizes = typeof parts === 'number' ? new Array<number>(parts).fill(size / parts) : checkShape('split', parts);
  if (sizes.reduce((a, b) => a + b, 0) !== size) {
    throw new ShapeError('split', `split: sizes ${formatShape(sizes)} don't add up to ${size}, the size of axis ${k}`, { expected: `sizes that sum to ${size}`, actual: [t.shape] });
  }
  let start = 0;
  return sizes.map((s) => {
    const part = narrow(t, k, start, s);
    start += s;
    return part;
  });
}
/** `size` positions from `start` along an axis. */
export function narrow(t: Tensor, axis: number, start: number, size: number): Tensor {
  if (start === 0 && size === t.shape[axis]) return t;
  return run1('slice', [t], { ranges: t.shape.map((s, a) => (a === axis ? { start, stop: start + size, step: 1 } : { start: 0, stop: s, step: 1 })) });
}
/** A border of `value` (0) around each axis. */
export function pad(x: TensorLike, widths: readonly (readonly [low: number, high: number])[], options?: { value?: number }): Tensor {
  const t = asTensor('pad', x);
  if (widths.length !== t.ndim) throw new ShapeError('pad', `pad: ${widths.length} pairs of widths for the ${t.ndim} axes of ${formatShape(t.shape)}`, { expected: `${t.ndim} pairs`, actual: [t.shape] });
  for (const w of widths) {
    if (checkShape('pad', w).length !== 2) throw new ShapeError('pad', `pad: widths ${formatShape(w)} of an axis; pass a pair [low, high]`, { expected: 'pairs [low, high]', actual: [w] });
  }
  if (widths.every(([low, high]) => low === 0 && high === 0)) return t;
  return run1('pad', [t], { widths: widths.map(([low, high]) => ({ low, high, interior: 0 })), value: options?.value ?? 0 });
}
/** Reversed along axes (all by default). */
export function flip(x: TensorLike, axis?: Axis): Tensor {
  const t = asTensor('flip', x);
  const axes = normalizeAxes('flip', axis, t.ndim);
  return run1('slice', [t], { ranges: t.shape.map((s, k) => (axes.includes(k) ? { start: s - 1, stop: -1, step: -1 } : { start: 0, stop: s, step: 1 })) });
}
/** Cyclic shift along an axis: element i moves to (i + shift) mod n. */
export function roll(x: TensorLike, shift: number, axis = 0): Tensor {
  const t = asTensor('roll', x);
  const k = normalizeAxis('roll', axis, t.ndim);
  const n = t.shape[k]!;
  if (!Number.isInteger(shift)) throw new IndexError('roll', `roll: a shift by ${shift}; use an integer`, shift, n);
  const by = n === 0 ? 0 : ((shift % n) + n) % n;
  return by === 0 ? t : concat([narrow(t, k, n - by, by), narrow(t, k, 0, n - by)], k);
}
/** Another dtype: floats to int32 truncate, anything to bool is `≠ 0`. Gradients pass between floats. */
export function astype(x: TensorLike, dtype: Tensor['dtype']): Tensor {
  return castTo(asTensor('astype', x), checkDType('astype', dtype));
}
/** `x` as floats: itself, or converted to the context's float dtype. */
export function asFloat(op: string, x: TensorLike): Tensor {
  const t = asTensor(op, x);
  return castTo(t, raise(t.dtype, 'float', t.ctx));
}
