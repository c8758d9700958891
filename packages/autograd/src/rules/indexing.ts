import { type Tensor, sizeOf } from '@matheron/core-tensor';
import { add, broadcast, fold, gather, iota, like, mul, permute, reshape, scatterAdd, unfold } from './algebra.ts';
import { RowUpdates } from './rows.ts';
import type { KindRule } from './rule.ts';

/** The adjoint of gathering: along axis 0 it can stay a list of rows, for leaves that keep sparse gradients. */
export const gatherRule: KindRule<'gather'> = ([g], [x, index], _y, { axis }) => [
  axis === 0 ? new RowUpdates(x!.shape, index!, g!) : () => scatterAdd(like(g!, 0, x!.shape), index!, g!, axis),
  undefined,
];
export const scatterAddRule: KindRule<'scatterAdd'> = ([g], [, index], _y, { axis }) => [g, undefined, () => gather(g!, index!, axis)];
export const unfoldRule: KindRule<'unfold'> = ([g], [x], _y, { windows }) => [fold(g!, windows, x!.shape)];
export const foldRule: KindRule<'fold'> = ([g], _x, _y, { windows }) => [unfold(g!, windows)];

/** `values`, each put at its own place of its own row: [..., n] with int32 positions [..., n] along the last axis. */
export function scatterRows(values: Tensor, positions: Tensor): Tensor {
  const n = values.shape.at(-1)!;
  const size = sizeOf(values.shape);
  const rows = n === 0 ? 0 : size / n;
  const start = broadcast(reshape(mul(iota(positions, rows), n), [rows, 1]), [rows, n]);
  const index = reshape(add(start, reshape(positions, [rows, n])), [size]);
  return reshape(scatterAdd(like(values, 0, [size]), index, reshape(values, [size]), 0), values.shape);
}

/** Values go back where they came from. */
export const sortRule: KindRule<'sort'> = ([g], [x], [, indices], { axis }) => {
  if (!g) return [undefined];
  const order = [...x!.shape.flatMap((_, k) => (k === axis ? [] : [k])), axis];
  const placed = scatterRows(permute(g, order), permute(indices!, order));
  return [permute(placed, order.map((_, k) => order.indexOf(k)))];
};
