import type { UnaryOp } from '@matheron/core-tensor';
import type { Tolerance } from '../compare.ts';
import { type NoGradient, boolResult } from './no-gradient.ts';

const { NaN: nan, Infinity: inf } = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY };
const half = Math.PI / 2;
const ln2 = Math.LN2;

/**
 * What a unary kind must do. `special`: values at NaN, ∞, −∞, 0 and −0 (undefined: not prescribed). `definition`:
 * a formula that holds within `tolerance`; a kind without one is held against the table of mpmath. `integer`: its definition on int32.
 * `points`: where it is differentiated, away from kinks and poles.
 */
export interface UnaryRow {
  readonly special: readonly (number | undefined)[];
  readonly tolerance: Tolerance;
  readonly definition?: (x: number) => number;
  readonly integer?: (x: number) => number;
  readonly points: readonly number[] | NoGradient;
}

const correct: Tolerance = { ulps: 0, signedZero: true };
const unsigned: Tolerance = { ulps: 0 };
const elementary: Tolerance = { ulps: 4, signedZero: true };
const special: Tolerance = { ulps: 16, signedZero: true };
const everywhere = [-2.1, -0.7, -0.3, 0.2, 0.6, 1.4];
const positive = [0.15, 0.4, 0.9, 1.3, 2.2, 5.5];
const inside = [-0.9, -0.55, -0.2, 0.1, 0.45, 0.8];
const identity = (x: number): number => x;

/** Half to even, as IEEE 754 and NumPy round. */
export function roundHalfEven(x: number): number {
  if (!Number.isFinite(x) || Math.abs(x) >= 2 ** 52) return x;
  const low = Math.floor(x);
  const rest = x - low;
  const y = rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
  return y === 0 && (x < 0 || Object.is(x, -0)) ? -0 : y;
}

/** One row a unary kind; a kind without a row does not compile. */
export const unaryRows: Readonly<Record<UnaryOp, UnaryRow>> = {
  neg: { special: [nan, -inf, inf, -0, 0], tolerance: correct, definition: (x) => -x, integer: (x) => -x | 0, points: everywhere },
  abs: { special: [nan, inf, inf, 0, 0], tolerance: correct, definition: (x) => (x < 0 || Object.is(x, -0) ? -x : x), integer: (x) => (x < 0 ? -x | 0 : x), points: everywhere },
  sign: { special: [nan, 1, -1, 0, 0], tolerance: unsigned, definition: (x) => (x > 0 ? 1 : x < 0 ? -1 : x), integer: (x) => (x > 0 ? 1 : x < 0 ? -1 : 0), points: everywhere },
  square: { special: [nan, inf, inf, 0, 0], tolerance: correct, definition: (x) => x * x, integer: (x) => Math.imul(x, x), points: everywhere },
  relu: { special: [nan, inf, 0, 0, 0], tolerance: unsigned, definition: (x) => (x > 0 || x !== x ? x : 0), integer: (x) => (x > 0 ? x : 0), points: everywhere },
  floor: { special: [nan, inf, -inf, 0, -0], tolerance: correct, definition: Math.floor, integer: identity, points: everywhere },
  ceil: { special: [nan, inf, -inf, 0, -0], tolerance: correct, definition: Math.ceil, integer: identity, points: everywhere },
  round: { special: [nan, inf, -inf, 0, -0], tolerance: correct, definition: roundHalfEven, integer: identity, points: everywhere },
  trunc: { special: [nan, inf, -inf, 0, -0], tolerance: correct, definition: Math.trunc, integer: identity, points: everywhere },
  exp: { special: [nan, inf, 0, 1, 1], tolerance: elementary, points: everywhere },
  expm1: { special: [nan, inf, -1, 0, -0], tolerance: elementary, points: everywhere },
  log: { special: [nan, inf, nan, -inf, -inf], tolerance: elementary, points: positive },
  log1p: { special: [nan, inf, nan, 0, -0], tolerance: elementary, points: [...inside, 4] },
  log2: { special: [nan, inf, nan, -inf, -inf], tolerance: elementary, points: positive },
  sqrt: { special: [nan, inf, nan, 0, -0], tolerance: { ulps: 1, signedZero: true }, points: positive },
  reciprocal: { special: [nan, 0, -0, inf, -inf], tolerance: { ulps: 1, signedZero: true }, points: everywhere },
  sin: { special: [nan, nan, nan, 0, -0], tolerance: elementary, points: everywhere },
  cos: { special: [nan, nan, nan, 1, 1], tolerance: elementary, points: everywhere },
  tan: { special: [nan, nan, nan, 0, -0], tolerance: elementary, points: inside },
  asin: { special: [nan, nan, nan, 0, -0], tolerance: elementary, points: inside },
  acos: { special: [nan, nan, nan, half, half], tolerance: elementary, points: inside },
  atan: { special: [nan, half, -half, 0, -0], tolerance: elementary, points: everywhere },
  sinh: { special: [nan, inf, -inf, 0, -0], tolerance: elementary, points: everywhere },
  cosh: { special: [nan, inf, inf, 1, 1], tolerance: elementary, points: everywhere },
  tanh: { special: [nan, 1, -1, 0, -0], tolerance: elementary, points: everywhere },
  sigmoid: { special: [nan, 1, 0, 0.5, 0.5], tolerance: elementary, points: everywhere },
  logSigmoid: { special: [nan, 0, -inf, -ln2, -ln2], tolerance: { ulps: 4 }, points: everywhere },
  softplus: { special: [nan, inf, 0, ln2, ln2], tolerance: { ulps: 4 }, points: everywhere },
  erf: { special: [nan, 1, -1, 0, -0], tolerance: special, points: everywhere },
  erfc: { special: [nan, 0, 2, 1, 1], tolerance: special, points: everywhere },
  erfcx: { special: [nan, 0, inf, 1, 1], tolerance: special, points: [...everywhere, 4.5, 14] },
  erfinv: { special: [nan, nan, nan, 0, -0], tolerance: special, points: inside },
  lgamma: { special: [nan, inf, undefined, inf, inf], tolerance: { ulps: 16, absolute: 4 }, points: [...positive, -0.4, -2.6, 12] },
  digamma: { special: [nan, inf, undefined, undefined, undefined], tolerance: { ulps: 16, absolute: 8 }, points: [...positive, -0.4, -2.6, 12] },
  logNormalCdf: { special: [nan, 0, -inf, -ln2, -ln2], tolerance: { ulps: 16 }, points: [...everywhere, -7, 3.5] },
  isnan: { special: [1, 0, 0, 0, 0], tolerance: correct, definition: (x) => Number(x !== x), points: boolResult },
  isfinite: { special: [0, 0, 0, 1, 1], tolerance: correct, definition: (x) => Number(x - x === 0), points: boolResult },
  isinf: { special: [0, 1, 1, 0, 0], tolerance: correct, definition: (x) => Number(x === inf || x === -inf), points: boolResult },
  logicalNot: { special: [], tolerance: correct, definition: (x) => Number(x === 0), points: boolResult },
};
