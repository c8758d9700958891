// What gradient rules are written in: calls on tensors of one shape and dtype, without the checks of the public functions.
// Constants are made on the level of the tensor beside them, so that rules are differentiable and traceable themselves.
import {
  type BinaryOp, type CompareOp, type DType, type Shape, type Tensor, type TriangularSolveOptions, type UnaryOp, type Window, backendOf, run1, wrapTensor,
} from '@matheron/core-tensor';

type Operand = Tensor | number;

/** `value` everywhere, on the level of `x`. */
export function like(x: Tensor, value: number, shape: Shape = x.shape, dtype: DType = x.dtype): Tensor {
  const b = backendOf(x);
  return wrapTensor(b, b.full(value, shape, dtype), x.ctx);
}
/** 0, 1, … on the level of `x`. */
export function iota(x: Tensor, size: number, dtype: DType = 'int32'): Tensor {
  const b = backendOf(x);
  return wrapTensor(b, b.iota(size, dtype), x.ctx);
}

function pair(a: Operand, b: Operand): [Tensor, Tensor] {
  return typeof a === 'number' ? [like(b as Tensor, a), b as Tensor] : [a, typeof b === 'number' ? like(a, b) : b];
}
const unary = (op: UnaryOp) => (x: Tensor): Tensor => run1('unary', [x], { op });
const binary = (op: BinaryOp) => (a: Operand, b: Operand): Tensor => run1('binary', pair(a, b), { op });
const compare = (op: CompareOp) => (a: Operand, b: Operand): Tensor => run1('compare', pair(a, b), { op });
type Unary = (x: Tensor) => Tensor;
type Binary = (a: Operand, b: Operand) => Tensor;

export const neg: Unary = unary('neg');
export const abs: Unary = unary('abs');
export const exp: Unary = unary('exp');
export const log: Unary = unary('log');
export const sqrt: Unary = unary('sqrt');
export const square: Unary = unary('square');
export const reciprocal: Unary = unary('reciprocal');
export const sin: Unary = unary('sin');
export const cos: Unary = unary('cos');
export const sinh: Unary = unary('sinh');
export const cosh: Unary = unary('cosh');
export const sign: Unary = unary('sign');
export const floor: Unary = unary('floor');
export const round: Unary = unary('round');
export const sigmoid: Unary = unary('sigmoid');
export const erfc: Unary = unary('erfc');
export const erfcx: Unary = unary('erfcx');
export const digamma: Unary = unary('digamma');
export const isfinite: Unary = unary('isfinite');
export const add: Binary = binary('add');
export const sub: Binary = binary('sub');
export const mul: Binary = binary('mul');
export const div: Binary = binary('div');
export const pow: Binary = binary('pow');
export const or: Binary = binary('logicalOr');
export const equal: Binary = compare('equal');
const notEqual: Binary = compare('notEqual');
export const less: Binary = compare('less');
export const greater: Binary = compare('greater');

/** `a` where `condition`, else `b`; one of the two is a tensor. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  const [p, q] = pair(a, b);
  return run1('where', [condition, p, q], {});
}

/**
 * g · d for a local derivative d that may be infinite or NaN: 0 where g is 0, so that a branch that `where` (or a product with 0)
 * switched off hands on nothing. Finite d are multiplied as they stand, hence higher orders stay right.
 */
export function times(g: Tensor, d: Tensor): Tensor {
  return mul(g, where(or(isfinite(d), notEqual(g, 0)), d, 0));
}
/** g / b in the same sense: 0 where g is 0 and b is 0 or NaN. */
export function over(g: Tensor, b: Tensor): Tensor {
  return div(g, where(or(greater(abs(b), 0), notEqual(g, 0)), b, 1));
}

export function reshape(x: Tensor, shape: Shape): Tensor {
  return run1('reshape', [x], { shape });
}
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  return run1('permute', [x], { axes });
}
export function broadcast(x: Tensor, shape: Shape): Tensor {
  return run1('broadcastTo', [x], { shape });
}
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : run1('cast', [x], { dtype });
}
export function concat(xs: readonly Tensor[], axis: number): Tensor {
  return run1('concat', xs, { axis });
}
/** Elements `start`, `start + step`, … along one axis, the others whole. */
export function sliceAxis(x: Tensor, axis: number, start: number, stop: number, step = 1): Tensor {
  return run1('slice', [x], { ranges: x.shape.map((size, k) => (k === axis ? { start, stop, step } : { start: 0, stop: size, step: 1 })) });
}
/** Zeros before and after along one axis. */
export function padAxis(x: Tensor, axis: number, low: number, high: number, value = 0): Tensor {
  return run1('pad', [x], { widths: x.shape.map((_, k) => (k === axis ? { low, high, interior: 0 } : { low: 0, high: 0, interior: 0 })), value });
}
/** Reversed along the axes. */
export function flip(x: Tensor, axes: readonly number[]): Tensor {
  return axes.length === 0 ? x : run1('slice', [x], {
    ranges: x.shape.map((size, k) => (axes.includes(k) ? { start: size - 1, stop: -1, step: -1 } : { start: 0, stop: size, step: 1 })),
  });
}

/** Sum over axes, which are dropped. */
export function sum(x: Tensor, axes: readonly number[]): Tensor {
  return axes.length === 0 ? x : run1('reduce', [x], { op: 'sum', axes });
}
/** Puts dropped axes back and stretches them: the adjoint of `sum`. */
export function stretch(x: Tensor, axes: readonly number[], shape: Shape): Tensor {
  return broadcast(reshape(x, shape.map((s, k) => (axes.includes(k) ? 1 : s))), shape);
}
export function cumulative(op: 'sum' | 'prod', x: Tensor, axis: number): Tensor {
  return run1('cumulative', [x], { op, axis });
}
export function gather(x: Tensor, index: Tensor, axis: number): Tensor {
  return run1('gather', [x, index], { axis });
}
export function scatterAdd(x: Tensor, index: Tensor, updates: Tensor, axis: number): Tensor {
  return run1('scatterAdd', [x, index, updates], { axis });
}
export function fold(x: Tensor, windows: readonly Window[], shape: Shape): Tensor {
  return run1('fold', [x], { windows, shape });
}
export function unfold(x: Tensor, windows: readonly Window[]): Tensor {
  return run1('unfold', [x], { windows });
}

export function matmul(a: Tensor, b: Tensor): Tensor {
  return run1('matmul', [a, b], {});
}
/** The last two axes swapped. */
export function transpose(x: Tensor): Tensor {
  const n = x.ndim;
  return permute(x, [...Array.from({ length: n - 2 }, (_, k) => k), n - 1, n - 2]);
}
export function triangularSolve(l: Tensor, b: Tensor, options: TriangularSolveOptions): Tensor {
  return run1('triangularSolve', [l, b], options);
}

/** Whether row − column compares so with `offset`, as [..., m, n] like `x`. */
function byDiagonal(x: Tensor, op: 'equal' | 'greater' | 'less', offset = 0): Tensor {
  const m = x.shape.at(-2)!;
  const n = x.shape.at(-1)!;
  const rows = broadcast(reshape(iota(x, m), [m, 1]), [m, n]);
  const columns = broadcast(reshape(iota(x, n), [1, n]), [m, n]);
  const mask = compare(op)(rows, offset === 0 ? columns : add(columns, offset));
  return x.ndim === 2 ? mask : broadcast(reshape(mask, [...x.shape.slice(0, -2).map(() => 1), m, n]), x.shape);
}
/** Lower triangle with the diagonal. */
export function tril(x: Tensor): Tensor {
  return where(byDiagonal(x, 'greater', -1), x, 0);
}
/** Lower triangle without the diagonal. */
export function strictTril(x: Tensor): Tensor {
  return where(byDiagonal(x, 'greater'), x, 0);
}
/** Upper triangle with the diagonal. */
export function triu(x: Tensor): Tensor {
  return where(byDiagonal(x, 'less', 1), x, 0);
}
/** Upper triangle without the diagonal. */
export function strictTriu(x: Tensor): Tensor {
  return where(byDiagonal(x, 'less'), x, 0);
}
/** True on the diagonal, shaped like the matrices `x`. */
export function diagonalMask(x: Tensor): Tensor {
  return byDiagonal(x, 'equal');
}
/** Lower triangle, its diagonal halved: Φ. */
export function halfTril(x: Tensor): Tensor {
  return where(byDiagonal(x, 'greater'), x, where(byDiagonal(x, 'equal'), mul(x, 0.5), 0));
}
/** Each row of [..., m, n] times v_i, v [..., m]. */
export function scaleRows(x: Tensor, v: Tensor): Tensor {
  return mul(x, broadcast(reshape(v, [...v.shape, 1]), x.shape));
}
/** Each column of [..., m, n] times v_j, v [..., n]. */
export function scaleColumns(x: Tensor, v: Tensor): Tensor {
  return mul(x, broadcast(reshape(v, [...v.shape.slice(0, -1), 1, v.shape.at(-1)!]), x.shape));
}
