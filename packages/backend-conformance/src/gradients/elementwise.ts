import type { BinaryOp, UnaryOp } from '@matheron/core-tensor';
import { type NoGradient, type Row, any, at, call } from './row.ts';

const everywhere = [-2.1, -0.7, -0.3, 0.2, 0.6, 1.4];
const positive = [0.15, 0.4, 0.9, 1.3, 2.2, 5.5];
const inside = [-0.9, -0.55, -0.2, 0.1, 0.45, 0.8];
const logical: NoGradient = { none: 'its result is bool' };

/** Where each unary kind is differentiated: away from kinks and poles. A kind without an entry does not compile. */
const unaryPoints: Readonly<Record<UnaryOp, readonly number[] | NoGradient>> = {
  neg: everywhere, abs: everywhere, sign: everywhere, square: everywhere, relu: everywhere, floor: everywhere, ceil: everywhere, round: everywhere, trunc: everywhere,
  exp: everywhere, expm1: everywhere, log: positive, log1p: [...inside, 4], log2: positive, sqrt: positive, reciprocal: everywhere,
  sin: everywhere, cos: everywhere, tan: inside, asin: inside, acos: inside, atan: everywhere, sinh: everywhere, cosh: everywhere, tanh: everywhere,
  sigmoid: everywhere, logSigmoid: everywhere, softplus: everywhere,
  erf: everywhere, erfc: everywhere, erfcx: [...everywhere, 4.5, 14], erfinv: inside, lgamma: [...positive, -0.4, -2.6, 12], digamma: [...positive, -0.4, -2.6, 12], logNormalCdf: [...everywhere, -7, 3.5],
  isnan: logical, isfinite: logical, isinf: logical, logicalNot: logical,
};

export const unaryRows: readonly Row[] = (Object.entries(unaryPoints) as [UnaryOp, readonly number[] | NoGradient][]).flatMap(([op, points]) =>
  'none' in points ? [] : [{ name: `unary ${op}`, f: call('unary', { op }), x: [at(points)] }]);

const a = any([2, 3], 41);
const b = any([2, 3], 42);
const base = at([0.4, 1.7, 2.5, 0.9, 3.1, 1.2], [2, 3]);

/** Operands of each binary kind. */
const binaryPoints: Readonly<Record<BinaryOp, readonly [typeof a, typeof a] | NoGradient>> = {
  add: [a, b], sub: [a, b], mul: [a, b], div: [a, b], pow: [base, at([2, -1.3, 0.5, 3, 1.1, -2], [2, 3])], mod: [at([5.3, -4.2, 7.1, 0.4, -0.6, 3.3], [2, 3]), at([2.2, 1.5, -3.1, 1.7, 0.8, -2.4], [2, 3])],
  atan2: [a, b], maximum: [a, b], minimum: [a, b], logicalAnd: logical, logicalOr: logical, logicalXor: logical,
};

export const binaryRows: readonly Row[] = (Object.entries(binaryPoints) as [BinaryOp, readonly [typeof a, typeof a] | NoGradient][]).flatMap(([op, points]) =>
  'none' in points
    ? []
    : [
        { name: `binary ${op}`, f: call('binary', { op }), x: [...points] },
        { name: `binary ${op} of one tensor`, f: (x) => call('binary', { op })(x, x), x: [op === 'mod' ? a : points[0]], order: op === 'maximum' || op === 'minimum' || op === 'mod' ? 1 : 2 },
      ] satisfies Row[]).filter(({ name }) => name !== 'binary mod of one tensor');
