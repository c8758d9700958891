import type { UnaryOp } from '@matheron/core-tensor';
import type { Tolerance } from '../compare.ts';

const { NaN: nan, Infinity: inf } = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY };
const half = Math.PI / 2;
const ln2 = Math.LN2;

/**
 * What a unary kind must do. `special`: values at NaN, ∞, −∞, 0 and −0 (undefined: not prescribed). `exactly`: its
 * definition, where that is exact; the others are held against the table of mpmath. `integer`: the definition on int32.
 */
export interface UnaryRow {
  readonly special: readonly (number | undefined)[];
  readonly tolerance: Tolerance;
  readonly exactly?: (x: number) => number;
  readonly integer?: (x: number) => number;
}

const correct: Tolerance = { ulps: 0, signedZero: true };
const unsigned: Tolerance = { ulps: 0 };
const elementary: Tolerance = { ulps: 4, signedZero: true };
const special: Tolerance = { ulps: 16, signedZero: true };
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
  neg: { special: [nan, -inf, inf, -0, 0], tolerance: correct, exactly: (x) => -x, integer: (x) => -x | 0 },
  abs: { special: [nan, inf, inf, 0, 0], tolerance: correct, exactly: (x) => (x < 0 || Object.is(x, -0) ? -x : x), integer: (x) => (x < 0 ? -x | 0 : x) },
  sign: { special: [nan, 1, -1, 0, 0], tolerance: unsigned, exactly: (x) => (x > 0 ? 1 : x < 0 ? -1 : x), integer: (x) => (x > 0 ? 1 : x < 0 ? -1 : 0) },
  square: { special: [nan, inf, inf, 0, 0], tolerance: correct, exactly: (x) => x * x, integer: (x) => Math.imul(x, x) },
  relu: { special: [nan, inf, 0, 0, 0], tolerance: unsigned, exactly: (x) => (x > 0 || x !== x ? x : 0), integer: (x) => (x > 0 ? x : 0) },
  floor: { special: [nan, inf, -inf, 0, -0], tolerance: correct, exactly: Math.floor, integer: identity },
  ceil: { special: [nan, inf, -inf, 0, -0], tolerance: correct, exactly: Math.ceil, integer: identity },
  round: { special: [nan, inf, -inf, 0, -0], tolerance: correct, exactly: roundHalfEven, integer: identity },
  trunc: { special: [nan, inf, -inf, 0, -0], tolerance: correct, exactly: Math.trunc, integer: identity },
  exp: { special: [nan, inf, 0, 1, 1], tolerance: elementary },
  expm1: { special: [nan, inf, -1, 0, -0], tolerance: elementary },
  log: { special: [nan, inf, nan, -inf, -inf], tolerance: elementary },
  log1p: { special: [nan, inf, nan, 0, -0], tolerance: elementary },
  log2: { special: [nan, inf, nan, -inf, -inf], tolerance: elementary },
  sqrt: { special: [nan, inf, nan, 0, -0], tolerance: { ulps: 1, signedZero: true } },
  reciprocal: { special: [nan, 0, -0, inf, -inf], tolerance: { ulps: 1, signedZero: true } },
  sin: { special: [nan, nan, nan, 0, -0], tolerance: elementary },
  cos: { special: [nan, nan, nan, 1, 1], tolerance: elementary },
  tan: { special: [nan, nan, nan, 0, -0], tolerance: elementary },
  asin: { special: [nan, nan, nan, 0, -0], tolerance: elementary },
  acos: { special: [nan, nan, nan, half, half], tolerance: elementary },
  atan: { special: [nan, half, -half, 0, -0], tolerance: elementary },
  sinh: { special: [nan, inf, -inf, 0, -0], tolerance: elementary },
  cosh: { special: [nan, inf, inf, 1, 1], tolerance: elementary },
  tanh: { special: [nan, 1, -1, 0, -0], tolerance: elementary },
  sigmoid: { special: [nan, 1, 0, 0.5, 0.5], tolerance: elementary },
  logSigmoid: { special: [nan, 0, -inf, -ln2, -ln2], tolerance: { ulps: 4 } },
  softplus: { special: [nan, inf, 0, ln2, ln2], tolerance: { ulps: 4 } },
  erf: { special: [nan, 1, -1, 0, -0], tolerance: special },
  erfc: { special: [nan, 0, 2, 1, 1], tolerance: special },
  erfcx: { special: [nan, 0, inf, 1, 1], tolerance: special },
  erfinv: { special: [nan, nan, nan, 0, -0], tolerance: special },
  lgamma: { special: [nan, inf, undefined, inf, inf], tolerance: { ulps: 16, absolute: 4 } },
  digamma: { special: [nan, inf, undefined, undefined, undefined], tolerance: { ulps: 16, absolute: 8 } },
  logNormalCdf: { special: [nan, 0, -inf, -ln2, -ln2], tolerance: { ulps: 16 } },
  isnan: { special: [1, 0, 0, 0, 0], tolerance: correct, exactly: (x) => Number(x !== x) },
  isfinite: { special: [0, 0, 0, 1, 1], tolerance: correct, exactly: (x) => Number(x - x === 0) },
  isinf: { special: [0, 1, 1, 0, 0], tolerance: correct, exactly: (x) => Number(x === inf || x === -inf) },
  logicalNot: { special: [], tolerance: correct, exactly: (x) => Number(x === 0) },
};
