import type { BinaryOp, Tensor, UnaryOp } from '@matheron/core-tensor';
import {
  add, cos, cosh, digamma, div, equal, exp, greater, less, floor, like, log, mul, neg, over, pow, reciprocal, sigmoid, sign, sin, sinh, sqrt,
  square, sub, times, where,
} from './algebra.ts';
import { erfcxDerivative, normalHazard, trigamma } from './special.ts';

/** From the gradient of the output, the input and the output to the gradient of the input. */
type UnaryRule = (g: Tensor, x: Tensor, y: Tensor) => Tensor;
/** From the gradient of the output, the operands and the output to the gradients of the operands, each computed only if asked for. */
type BinaryRule = (g: Tensor, a: Tensor, b: Tensor, y: Tensor) => readonly [() => Tensor, () => Tensor];

/** Piecewise constant: the derivative is 0 wherever there is one. */
const flat: UnaryRule = (g) => like(g, 0);
/** The result is bool: there is nothing to differentiate. */
const none = undefined;
const root = (x: Tensor): Tensor => sqrt(mul(sub(1, x), add(1, x)));

/**
 * Where a derivative is infinite or does not exist: sqrt has 0 at 0, abs and sign 0 at 0, relu 0 at 0; elsewhere an infinite
 * derivative meets a gradient of 0 as 0 (see `times`).
 */
export const unaryRules: Readonly<Record<UnaryOp, UnaryRule | undefined>> = {
  neg: (g) => neg(g),
  abs: (g, x) => mul(g, sign(x)),
  sign: flat,
  square: (g, x) => mul(g, mul(x, 2)),
  relu: (g, x) => where(greater(x, 0), g, 0),
  floor: flat,
  ceil: flat,
  round: flat,
  trunc: flat,
  exp: (g, _x, y) => times(g, y),
  expm1: (g, x) => times(g, exp(x)),
  log: (g, x) => over(g, x),
  log1p: (g, x) => over(g, add(x, 1)),
  log2: (g, x) => over(g, mul(x, Math.LN2)),
  sqrt: (g, x, y) => times(g, div(0.5, where(equal(x, 0), Infinity, y))),
  reciprocal: (g, _x, y) => times(g, neg(square(y))),
  sin: (g, x) => mul(g, cos(x)),
  cos: (g, x) => neg(mul(g, sin(x))),
  tan: (g, _x, y) => mul(g, add(square(y), 1)),
  asin: (g, x) => times(g, reciprocal(root(x))),
  acos: (g, x) => neg(times(g, reciprocal(root(x)))),
  atan: (g, x) => div(g, add(square(x), 1)),
  sinh: (g, x) => times(g, cosh(x)),
  cosh: (g, x) => times(g, sinh(x)),
  tanh: (g, _x, y) => mul(g, mul(sub(1, y), add(1, y))),
  sigmoid: (g, x, y) => mul(g, mul(y, sigmoid(neg(x)))),
  logSigmoid: (g, x) => mul(g, sigmoid(neg(x))),
  softplus: (g, x) => mul(g, sigmoid(x)),
  erf: (g, x) => mul(g, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))),
  erfc: (g, x) => mul(g, mul(exp(neg(square(x))), -2 / Math.sqrt(Math.PI))),
  erfcx: (g, x, y) => times(g, erfcxDerivative(x, y)),
  erfinv: (g, _x, y) => times(g, mul(exp(square(y)), Math.sqrt(Math.PI) / 2)),
  lgamma: (g, x) => times(g, digamma(x)),
  digamma: (g, x) => times(g, trigamma(x)),
  logNormalCdf: (g, x) => mul(g, normalHazard(x)),
  isnan: none,
  isfinite: none,
  isinf: none,
  logicalNot: none,
};

/** The share of `a` in max(a, b) or min(a, b): 1, 0, or a half at ties. */
const share = (g: Tensor, wins: Tensor, ties: Tensor): Tensor => where(wins, g, where(ties, mul(g, 0.5), 0));
/** The denominator a² + b² of atan2, its zero replaced: at the origin the gradient is 0. */
const radius2 = (a: Tensor, b: Tensor): Tensor => {
  const r = add(square(a), square(b));
  return where(equal(r, 0), 1, r);
};

/** pow at base 0: a gradient of 0 towards the exponent, and none towards the base where the exponent is 0. maximum and minimum share ties. */
export const binaryRules: Readonly<Record<BinaryOp, BinaryRule | undefined>> = {
  add: (g) => [() => g, () => g],
  sub: (g) => [() => g, () => neg(g)],
  mul: (g, a, b) => [() => mul(g, b), () => mul(g, a)],
  div: (g, _a, b, y) => [() => over(g, b), () => neg(times(over(g, b), y))],
  pow: (g, a, b, y) => [
    () => times(g, mul(b, pow(a, where(equal(b, 0), 1, sub(b, 1))))),
    () => times(g, mul(y, log(where(equal(a, 0), 1, a)))),
  ],
  mod: (g, a, b) => [() => g, () => neg(times(g, floor(div(a, b))))],
  atan2: (g, a, b) => [() => div(mul(g, b), radius2(a, b)), () => neg(div(mul(g, a), radius2(a, b)))],
  maximum: (g, a, b) => [() => share(g, greater(a, b), equal(a, b)), () => share(g, less(a, b), equal(a, b))],
  minimum: (g, a, b) => [() => share(g, less(a, b), equal(a, b)), () => share(g, greater(a, b), equal(a, b))],
  logicalAnd: none,
  logicalOr: none,
  logicalXor: none,
};
