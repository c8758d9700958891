import type { Attributes, ReduceOp, Tensor } from '@matheron/core-tensor';
import { add, cast, concat, cumulative, equal, flip, like, mul, over, padAxis, permute, reshape, sliceAxis, stretch, sum, where } from './algebra.ts';
import type { KindRule } from './rule.ts';

type ReduceRule = (g: Tensor, x: Tensor, y: Tensor, axes: readonly number[]) => Tensor;

/** Ties share equally. */
const extreme: ReduceRule = (g, x, y, axes) => {
  const hit = equal(x, stretch(y, axes, x.shape));
  const count = sum(cast(hit, x.dtype), axes);
  return where(hit, stretch(over(g, count), axes, x.shape), 0);
};

/** ∏_{k<i} x_k along the last axis: 1 first. */
function before(x: Tensor): Tensor {
  const axis = x.ndim - 1;
  const n = x.shape[axis]!;
  if (n === 0) return x;
  return concat([like(x, 1, [...x.shape.slice(0, -1), 1]), sliceAxis(cumulative('prod', x, axis), axis, 0, n - 1)], axis);
}
/** The product of all others along the last axis, without a division: right where elements are 0, and to any order. */
const others = (x: Tensor): Tensor => mul(before(x), flip(before(flip(x, [x.ndim - 1])), [x.ndim - 1]));

const product: ReduceRule = (g, x, _y, axes) => {
  const kept = x.shape.flatMap((_, k) => (axes.includes(k) ? [] : [k]));
  const order = [...kept, ...axes];
  const moved = permute(x, order);
  const rows = reshape(moved, [...kept.map((k) => x.shape[k]!), axes.reduce((n, k) => n * x.shape[k]!, 1)]);
  const back = permute(reshape(others(rows), moved.shape), order.map((_, k) => order.indexOf(k)));
  return mul(stretch(g, axes, x.shape), back);
};

const reduceRules: Readonly<Record<ReduceOp, ReduceRule | undefined>> = {
  sum: (g, x, _y, axes) => stretch(g, axes, x.shape),
  prod: product,
  max: extreme,
  min: extreme,
  any: undefined,
  all: undefined,
};

export const reduceRule: KindRule<'reduce'> = ([g], [x], [y], { op, axes }) => [reduceRules[op]!(g!, x!, y!, axes)];

/**
 * r_i = g_i + a_i r_{i+1} along `axis`, by doubling (Hillis and Steele 1986): log₂ n steps of ordinary operations.
 */
function recurrence(a: Tensor, g: Tensor, axis: number): Tensor {
  const n = g.shape[axis]!;
  const ahead = (x: Tensor, s: number): Tensor => padAxis(sliceAxis(x, axis, s, n), axis, 0, s);
  let r = g;
  for (let s = 1; s < n; s *= 2) {
    r = add(r, mul(a, ahead(r, s)));
    if (2 * s < n) a = mul(a, ahead(a, s));
  }
  return r;
}

/** x̄_i = ∏_{k<i} x_k · Σ_{j≥i} g_j ∏_{i<k≤j} x_k: no division, so zeros are no exception. */
function cumulativeProduct(g: Tensor, x: Tensor, axis: number): Tensor {
  const n = x.shape[axis]!;
  if (n === 0) return g;
  const next = padAxis(sliceAxis(x, axis, 1, n), axis, 0, 1);
  const ones = like(x, 1, x.shape.map((size, k) => (k === axis ? 1 : size)));
  const left = concat([ones, sliceAxis(cumulative('prod', x, axis), axis, 0, n - 1)], axis);
  return mul(left, recurrence(next, g, axis));
}

const cumulativeRules = {
  sum: (g, _x, axis) => flip(cumulative('sum', flip(g, [axis]), axis), [axis]),
  prod: cumulativeProduct,
} as const satisfies Record<Attributes['cumulative']['op'], (g: Tensor, x: Tensor, axis: number) => Tensor>;

export const cumulativeRule: KindRule<'cumulative'> = ([g], [x], _y, { op, axis }) => [cumulativeRules[op](g!, x!, axis)];
