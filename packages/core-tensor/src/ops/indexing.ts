import { create, run1 } from '../dispatch.ts';
import { DTypeError, ShapeError } from '../errors.ts';
import { type TensorLike, asTensor, castTo, constant, expand, operand, operands } from '../operands.ts';
import { type Shape, broadcastShapes, checkShape, formatShape, normalizeAxis, rowMajorStrides, sameShape, sizeOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import type { TensorOptions } from './creation.ts';
import { add, equal, greaterEqual, lessEqual, mul, where } from './elementwise.ts';
import { narrow, reshape, rows } from './movement.ts';
import { sum, sort } from './reduce.ts';

/** Index operands: int32, bools refused, floats only where every value is meant as an integer (they are truncated). */
function indexOperand(op: string, indices: TensorLike, beside: Tensor): Tensor {
  const t = asTensor(op, indices, beside.ctx);
  if (t.dtype === 'bool') throw new DTypeError(op, 'bool', `${op}: indices are bool; pass integers, or choose with where`);
  return castTo(t, 'int32');
}

/**
 * Elements at `indices` along an axis (0 by default): [..., n, ...] → [..., ...indices.shape, ...]. Negative indices count from the
 * end. IndexError outside [−n, n).
 */
export function take(x: TensorLike, indices: TensorLike, axis = 0): Tensor {
  const t = asTensor('take', x);
  const k = normalizeAxis('take', axis, t.ndim);
  const index = indexOperand('take', indices, t);
  const flat = run1('gather', [t, reshape(index, [index.size])], { axis: k });
  return reshape(flat, [...t.shape.slice(0, k), ...index.shape, ...t.shape.slice(k + 1)]);
}

/** `x` with `updates`, of shape [..., ...indices.shape, ...], added at `indices` along an axis: the adjoint of `take`. Repeated indices add up. */
export function scatterAdd(x: TensorLike, indices: TensorLike, updates: TensorLike, axis = 0): Tensor {
  const [t, u] = operands('scatterAdd', [x, updates], 'number') as [Tensor, Tensor];
  const k = normalizeAxis('scatterAdd', axis, t.ndim);
  const index = indexOperand('scatterAdd', indices, t);
  const shape = [...t.shape.slice(0, k), ...index.shape, ...t.shape.slice(k + 1)];
  if (!sameShape(broadcastShapes('scatterAdd', u.shape, shape), shape)) {
    throw new ShapeError('scatterAdd', `scatterAdd: updates of ${formatShape(u.shape)} don't fit indices of ${formatShape(index.shape)} along axis ${k} of ${formatShape(t.shape)}, which take ${formatShape(shape)}`, { expected: formatShape(shape), actual: [u.shape] });
  }
  const flat = reshape(expand(u, shape), [...t.shape.slice(0, k), index.size, ...t.shape.slice(k + 1)]);
  return run1('scatterAdd', [t, reshape(index, [index.size]), flat], { axis: k });
}

/** One element an index, axis by axis equal to `indices`: y[i][j] = x[indices[i][j]][j] for axis 0 (the last axis by default). NumPy's take_along_axis. */
export function takeAlongAxis(x: TensorLike, indices: TensorLike, axis = -1): Tensor {
  const t = asTensor('takeAlongAxis', x);
  const k = normalizeAxis('takeAlongAxis', axis, t.ndim);
  const index = indexOperand('takeAlongAxis', indices, t);
  if (index.ndim !== t.ndim) {
    throw new ShapeError('takeAlongAxis', `takeAlongAxis: indices of ${formatShape(index.shape)} have ${index.ndim} axes, the tensor ${formatShape(t.shape)} has ${t.ndim}`, { expected: `${t.ndim} axes`, actual: [index.shape, t.shape] });
  }
  const beside = (s: Shape): Shape => s.map((n, a) => (a === k ? 1 : n));
  const lead = broadcastShapes('takeAlongAxis', beside(t.shape), beside(index.shape));
  const shape = lead.map((s, a) => (a === k ? index.shape[k]! : s));
  const source = expand(t, lead.map((s, a) => (a === k ? t.shape[k]! : s)));
  return reshape(run1('gather', [reshape(source, [source.size]), flatIndex(expand(index, shape), source.shape, k)], { axis: 0 }), shape);
}

/**
 * Positions in the flattened tensor of `shape`, for indices along `axis` at every place beside it. An index outside of the axis becomes a
 * position outside of the tensor: it must not reach the elements of the next row.
 */
function flatIndex(index: Tensor, shape: Shape, axis: number): Tensor {
  const strides = rowMajorStrides(shape);
  const size = shape[axis]!;
  const forward = where(index.less(0), add(index, size), index);
  let at = mul(forward, strides[axis]!);
  for (let a = 0; a < shape.length; a++) {
    if (a === axis || index.shape[a] === 1) continue;
    const steps = mul(iota(index, index.shape[a]!), strides[a]!);
    at = add(at, reshape(steps, index.shape.map((_, b) => (a === b ? -1 : 1))));
  }
  return reshape(where(forward.greaterEqual(0).logicalAnd(forward.less(size)), at, sizeOf(shape)), [sizeOf(index.shape)]);
}
const iota = (beside: Tensor, size: number, dtype: Tensor['dtype'] = 'int32'): Tensor => create('iota', beside.ctx, { size, dtype });

/** The k largest along an axis (the last by default), descending, and their positions; of equals the first comes first. NaN counts as the largest. */
export function topK(x: TensorLike, k: number, axis = -1): { values: Tensor; indices: Tensor } {
  const t = operand('topK', x, 'number');
  const a = normalizeAxis('topK', axis, t.ndim);
  const n = t.shape[a]!;
  if (!Number.isInteger(k) || k < 0 || k > n) throw new ShapeError('topK', `topK: k = ${k} of an axis of size ${n}; use an integer in [0, ${n}]`, { expected: `0 to ${n}`, actual: [t.shape] });
  // Reversing before and after keeps the first of equals first in descending order.
  const reversed = run1('slice', [t], { ranges: t.shape.map((s, b) => (a === b ? { start: s - 1, stop: -1, step: -1 } : { start: 0, stop: s, step: 1 })) });
  const { indices } = sort(reversed, a);
  const last = narrow(indices, a, n - k, k);
  const descending = run1('slice', [last], { ranges: last.shape.map((s, b) => (a === b ? { start: s - 1, stop: -1, step: -1 } : { start: 0, stop: s, step: 1 })) });
  const original = mul(descending, -1).add(n - 1);
  return { values: takeAlongAxis(t, original, a), indices: original };
}

/** A vector for each index, [..., depth]: 1 there, 0 elsewhere; all 0 for an index outside [0, depth). Floats by default. */
export function oneHot(x: TensorLike, depth: number, options?: TensorOptions): Tensor {
  const t = asTensor('oneHot', x, options?.ctx);
  checkShape('oneHot', [depth]);
  const index = castTo(t, 'int32');
  return castTo(equal(reshape(index, [...index.shape, 1]), iota(t, depth)), options?.dtype ?? t.ctx.dtype);
}

/** j − i on an m × n grid compared with `offset`, as a mask [m, n]. */
function band(t: Tensor, m: number, n: number, offset: number, compare: (a: TensorLike, b: TensorLike) => Tensor): Tensor {
  return compare(iota(t, n), add(reshape(iota(t, m), [m, 1]), offset));
}
const zeroLike = (t: Tensor): Tensor => constant(t.ctx, 0, [], t.dtype);
/** The part on and below diagonal `offset` of [..., m, n], zeros above. */
export function tril(x: TensorLike, offset = 0): Tensor {
  const { t, m, n } = rows('tril', x);
  return where(band(t, m, n, offset, lessEqual), t, zeroLike(t));
}
/** The part on and above diagonal `offset` of [..., m, n], zeros below. */
export function triu(x: TensorLike, offset = 0): Tensor {
  const { t, m, n } = rows('triu', x);
  return where(band(t, m, n, offset, greaterEqual), t, zeroLike(t));
}
/** Diagonal `offset` of [..., m, n] → [..., k]. */
export function diagonal(x: TensorLike, offset = 0): Tensor {
  const { t, m, n } = rows('diagonal', x);
  const [i, j] = [Math.max(0, -offset), Math.max(0, offset)];
  const size = Math.max(0, Math.min(m - i, n - j));
  const square = narrow(narrow(t, t.ndim - 2, i, size), t.ndim - 1, j, size);
  return castTo(sum(where(band(square, size, size, 0, equal), square, zeroLike(t)), -1), t.dtype);
}
/** A square matrix [..., n, n] with the vector [..., n] on its diagonal. */
export function diag(v: TensorLike): Tensor {
  const t = asTensor('diag', v);
  if (t.ndim < 1) throw new ShapeError('diag', 'diag: a scalar has no diagonal; pass a vector [..., n]', { expected: 'at least one axis', actual: [t.shape] });
  const n = t.shape.at(-1)!;
  return where(band(t, n, n, 0, equal), reshape(t, [...t.shape, 1]), zeroLike(t));
}
/** Sum of the diagonal: [..., m, n] → [...]. */
export function trace(x: TensorLike): Tensor {
  return sum(diagonal(x), -1);
}
/** Repeats each element along an axis: [a, b] → [a, a, b, b] for 2. */
export function repeat(x: TensorLike, count: number, axis = 0): Tensor {
  const t = asTensor('repeat', x);
  const k = normalizeAxis('repeat', axis, t.ndim);
  checkShape('repeat', [count]);
  const wide = reshape(t, [...t.shape.slice(0, k + 1), 1, ...t.shape.slice(k + 1)]);
  return reshape(expand(wide, wide.shape.map((s, a) => (a === k + 1 ? count : s))), t.shape.map((s, a) => (a === k ? s * count : s)));
}
