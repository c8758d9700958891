import type { ArgReduceOp, CumulativeOp, ReduceOp } from '../backend.ts';
import { run, run1 } from '../dispatch.ts';
import { ShapeError } from '../errors.ts';
import { type TensorLike, constant, operand } from '../operands.ts';
import { type Axis, type Shape, formatShape, normalizeAxes, normalizeAxis, sizeOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { abs, div, exp, isfinite, log, pow, sqrt, square, sub, where } from './elementwise.ts';
import { reshape, squeeze } from './movement.ts';
import type { ReduceOptions } from './names.ts';

/** A function over axes: all of them unless given. */
export type Reduce = (x: TensorLike, axis?: Axis, options?: ReduceOptions) => Tensor;

/** `x` with `axes` of size 1, from the reduced `y`. */
function keep(y: Tensor, x: Tensor, axes: readonly number[], options: ReduceOptions | undefined): Tensor {
  return options?.keepdims ? reshape(y, x.shape.map((s, k) => (axes.includes(k) ? 1 : s))) : y;
}

function nothing(op: string, shape: Shape): ShapeError {
  return new ShapeError(op, `${op}: nothing to take the ${op} of along an axis of size 0 of ${formatShape(shape)}`, { expected: 'at least one element', actual: [shape] });
}

function reduceKind(op: ReduceOp, x: TensorLike, axis: Axis | undefined, options: ReduceOptions | undefined): Tensor {
  const t = operand(op, x, op === 'any' || op === 'all' ? 'bool' : 'number');
  const axes = normalizeAxes(op, axis, t.ndim);
  if ((op === 'max' || op === 'min') && axes.some((k) => t.shape[k] === 0) && sizeOf(t.shape.filter((_, k) => !axes.includes(k))) > 0) {
    throw nothing(op, t.shape);
  }
  return keep(axes.length === 0 ? t : run1('reduce', [t], { op, axes }), t, axes, options);
}
const reduction = (op: ReduceOp): Reduce => (x, axis, options) => reduceKind(op, x, axis, options);
/** Sum over axes (all by default), pairwise or compensated; bools count as int32. */
export const sum: Reduce = /* @__PURE__ */ reduction('sum');
/** Product over axes. */
export const prod: Reduce = /* @__PURE__ */ reduction('prod');
/** Maximum over axes; NaN wins. Ties share the gradient equally. */
export const max: Reduce = /* @__PURE__ */ reduction('max');
/** Minimum over axes; NaN wins. Ties share the gradient equally. */
export const min: Reduce = /* @__PURE__ */ reduction('min');
/** Whether any element holds. */
export const any: Reduce = /* @__PURE__ */ reduction('any');
/** Whether all elements hold. */
export const all: Reduce = /* @__PURE__ */ reduction('all');

function argReduction(op: ArgReduceOp): Reduce {
  return (x, axis, options) => {
    const t = operand(op, x, 'number');
    if (axis !== undefined && typeof axis !== 'number') {
      throw new ShapeError(op, `${op}: one axis at a time, not ${formatShape(axis)}; flatten first`, { expected: 'one axis', actual: [axis] });
    }
    const flat = axis === undefined ? reshape(t, [t.size]) : t;
    const k = normalizeAxis(op, axis ?? 0, flat.ndim);
    if (flat.shape[k] === 0) throw nothing(op, flat.shape);
    return keep(run1('argReduce', [flat], { op, axis: k }), t, normalizeAxes(op, axis, t.ndim), options);
  };
}
/** int32 position of the maximum along one axis, or in the flattened tensor; the first of equals. */
export const argmax: Reduce = /* @__PURE__ */ argReduction('argmax');
/** int32 position of the minimum along one axis, or in the flattened tensor; the first of equals. */
export const argmin: Reduce = /* @__PURE__ */ argReduction('argmin');

const countOf = (x: Tensor, axes: readonly number[]): number => axes.reduce((n, k) => n * x.shape[k]!, 1);

/** Arithmetic mean; NaN over nothing. Integers are averaged as floats. */
export function mean(x: TensorLike, axis?: Axis, options?: ReduceOptions): Tensor {
  const t = operand('mean', x, 'float');
  return div(sum(t, axis, options), countOf(t, normalizeAxes('mean', axis, t.ndim)));
}
/** Mean squared deviation from the mean, over n − `correction` (0, as NumPy). */
export function variance(x: TensorLike, axis?: Axis, options?: ReduceOptions & { correction?: number }): Tensor {
  const t = operand('variance', x, 'float');
  const centred = sub(t, mean(t, axis, { keepdims: true }));
  return div(sum(square(centred), axis, options), Math.max(0, countOf(t, normalizeAxes('variance', axis, t.ndim)) - (options?.correction ?? 0)));
}
/** √variance. */
export function std(x: TensorLike, axis?: Axis, options?: ReduceOptions & { correction?: number }): Tensor {
  return sqrt(variance(x, axis, options));
}
/** (Σ |x|^ord)^(1/ord) over axes; `ord` 2 by default, Infinity the largest |x|, 0 counts what is not 0. The gradient at 0 is 0. */
export function norm(x: TensorLike, axis?: Axis, options?: ReduceOptions & { ord?: number }): Tensor {
  const t = operand('norm', x, 'float');
  const ord = options?.ord ?? 2;
  if (ord === 2) return sqrt(sum(square(t), axis, options));
  if (ord === 1) return sum(abs(t), axis, options);
  if (ord === Infinity) return max(abs(t), axis, options);
  if (ord === -Infinity) return min(abs(t), axis, options);
  if (ord === 0) return sum(where(isZero(t), constant(t.ctx, 0, [], t.dtype), constant(t.ctx, 1, [], t.dtype)), axis, options);
  return pow(sum(pow(abs(t), ord), axis, options), 1 / ord);
}
const isZero = (t: Tensor): Tensor => run1('compare', [t, constant(t.ctx, 0, t.shape, t.dtype)], { op: 'equal' });

/** log Σ eˣ over axes without overflow; −Infinity over nothing. */
export function logSumExp(x: TensorLike, axis?: Axis, options?: ReduceOptions): Tensor {
  const t = operand('logSumExp', x, 'float');
  const axes = normalizeAxes('logSumExp', axis, t.ndim);
  if (axes.some((k) => t.shape[k] === 0)) return log(sum(exp(t), axis, options));
  const shift = shiftOf(t, axes);
  const wide = log(sum(exp(sub(t, shift)), axes, { keepdims: true })).add(shift);
  return options?.keepdims ? wide : squeeze(wide, axes);
}
/** The maximum as a constant; 0 where it is infinite, so that ∞ − ∞ does not arise. */
function shiftOf(t: Tensor, axes: readonly number[]): Tensor {
  const top = max(t, axes, { keepdims: true }).detach();
  return where(isfinite(top), top, 0);
}
/** eˣ / Σ eˣ along an axis (the last by default), without overflow. */
export function softmax(x: TensorLike, axis = -1): Tensor {
  const t = operand('softmax', x, 'float');
  const k = normalizeAxis('softmax', axis, t.ndim);
  if (t.size === 0) return t;
  const e = exp(sub(t, shiftOf(t, [k])));
  return div(e, sum(e, k, { keepdims: true }));
}
/** x − logSumExp(x) along an axis (the last by default). */
export function logSoftmax(x: TensorLike, axis = -1): Tensor {
  const t = operand('logSoftmax', x, 'float');
  return t.size === 0 ? t : sub(t, logSumExp(t, axis, { keepdims: true }));
}

function cumulative(name: string, op: CumulativeOp): (x: TensorLike, axis?: number) => Tensor {
  return (x, axis = 0) => {
    const t = operand(name, x, 'number');
    return run1('cumulative', [t], { op, axis: normalizeAxis(name, axis, t.ndim) });
  };
}
/** Running sum along an axis (0 by default). */
export const cumsum: (x: TensorLike, axis?: number) => Tensor = /* @__PURE__ */ cumulative('cumsum', 'sum');
/** Running product along an axis (0 by default). */
export const cumprod: (x: TensorLike, axis?: number) => Tensor = /* @__PURE__ */ cumulative('cumprod', 'prod');

/** Values in ascending order along an axis (the last by default) and the int32 positions they came from. Stable, NaN last. */
export function sort(x: TensorLike, axis = -1): { values: Tensor; indices: Tensor } {
  const t = operand('sort', x, 'number');
  const [values, indices] = run('sort', [t], { axis: normalizeAxis('sort', axis, t.ndim) });
  return { values: values!, indices: indices! };
}
