import type { BinaryOp, UnaryOp } from '@matheron/core-tensor';
import { type NoGradient, boolResult } from '../reference/no-gradient.ts';
import { type UnaryRow, unaryRows } from '../reference/unary.ts';
import { type Row, any, at, call } from './row.ts';

export const unaryGradients: readonly Row[] = (Object.entries(unaryRows) as [UnaryOp, UnaryRow][]).flatMap(([op, { points }]) =>
  'none' in points ? [] : [{ name: `unary ${op}`, f: call('unary', { op }), x: [at(points)] }]);

const a = any([2, 3], 41);
const b = any([2, 3], 42);
const base = at([0.4, 1.7, 2.5, 0.9, 3.1, 1.2], [2, 3]);

/** Operands of each binary kind. */
const binaryPoints: Readonly<Record<BinaryOp, readonly [typeof a, typeof a] | NoGradient>> = {
  add: [a, b], sub: [a, b], mul: [a, b], div: [a, b], pow: [base, at([2, -1.3, 0.5, 3, 1.1, -2], [2, 3])], mod: [at([5.3, -4.2, 7.1, 0.4, -0.6, 3.3], [2, 3]), at([2.2, 1.5, -3.1, 1.7, 0.8, -2.4], [2, 3])],
  atan2: [a, b], maximum: [a, b], minimum: [a, b], logicalAnd: boolResult, logicalOr: boolResult, logicalXor: boolResult,
};

export const binaryRows: readonly Row[] = (Object.entries(binaryPoints) as [BinaryOp, readonly [typeof a, typeof a] | NoGradient][]).flatMap(([op, points]): Row[] => {
  if ('none' in points) return [];
  const f = call('binary', { op });
  const apart: Row = { name: `binary ${op}`, f, x: [...points] };
  // x mod x jumps at every x
  return op === 'mod' ? [apart] : [apart, { name: `binary ${op} of one tensor`, f: (x) => f(x, x), x: [points[0]] }];
});
