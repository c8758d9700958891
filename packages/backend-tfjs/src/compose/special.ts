import type { UnaryOp } from '@matheron/core-tensor';
import type { Algebra } from '../algebra.ts';
import type { Handle, UnaryKernel } from '../kit.ts';
import { type Fit, cosine, digammaTail, erfRatio, expm1Ratio, lgammaRatio, log1pRatio, scaledErfcx, sineRatio, stirling } from './fits.ts';

/** A unary kind on floats as a formula of elementwise kernels. */
type Formula = (A: Algebra, x: Handle) => Handle;

const coefficients = (fit: Fit, x: Handle): readonly number[] => (x.dtype === 'float64' ? (fit.float64 ?? fit.float32) : fit.float32);

/** The kernel where the device has it and computes it well, else the formula. */
const kernelOr = (kernel: UnaryKernel, formula: Formula): Formula => (A, x) => (A.kit.quirks.composed.includes(kernel) ? formula(A, x) : A.apply(kernel, x));
const kernel = (name: UnaryKernel): Formula => (A, x) => A.apply(name, x);

/** Some kernels make Infinity of NaN. */
const exp = kernelOr('Exp', (A, x) => A.where(A.isNaN(x), x, A.exp(x)));

const expm1 = kernelOr('Expm1', (A, x) => A.where(A.lt(A.abs(x), 0.5), A.mul(x, A.polynomial(coefficients(expm1Ratio, x), x)), A.sub(exp(A, x), 1)));

/** log x = 2 artanh((x − 1)/(x + 1)) near 1; what isn't positive is not left to the kernel. */
const log = kernelOr('Log', (A, x) => {
  const s = A.div(A.sub(x, 1), A.add(x, 1));
  const near = A.mul(A.mul(s, 2), A.polynomial(coefficients(log1pRatio, x), A.square(s)));
  return A.where(A.and(A.gt(x, 0.6), A.lt(x, 1.6)), near, A.where(A.gt(x, 0), A.log(x), A.where(A.eq(x, 0), Number.NEGATIVE_INFINITY, A.constant(Number.NaN, x.dtype))));
});

/** log(1 + x) = 2 artanh(x/(2 + x)) near 0. */
const log1p = kernelOr('Log1p', (A, x) => {
  const s = A.div(x, A.add(x, 2));
  const near = A.and(A.gt(x, -0.4), A.lt(x, 0.6));
  return A.where(near, A.mul(A.mul(s, 2), A.polynomial(coefficients(log1pRatio, x), A.square(s))), log(A, A.add(x, 1)));
});

/** π/2 in pieces of 8 bits: their products with a count of quarter turns below 2¹⁶ are exact in float32 (W. Cody and W. Waite 1980). */
const quarterTurn = [201 / 2 ** 7, 253 / 2 ** 19, 170 / 2 ** 27, 136 / 2 ** 37, 2.563344151594519e-12] as const;

/** The angle within ±π/4 of a multiple of π/2, and that multiple. Beyond 2¹⁶ quarter turns digits are lost. */
function reducedAngle(A: Algebra, x: Handle): { r: Handle; turns: Handle } {
  const turns = A.apply('Round', A.mul(x, 2 / Math.PI));
  let r = x;
  for (const piece of quarterTurn) r = A.sub(r, A.mul(turns, piece));
  return { r, turns };
}
/** sin(x + shift · π/2). */
function sineFrom(A: Algebra, x: Handle, shift: 0 | 1): Handle {
  const { r, turns } = reducedAngle(A, x);
  const w = A.square(r);
  const quarter = shift === 0 ? turns : A.add(turns, 1);
  const odd = A.ne(A.sub(quarter, A.mul(A.floor(A.mul(quarter, 0.5)), 2)), 0);
  const value = A.where(odd, A.polynomial(coefficients(cosine, x), w), A.mul(r, A.polynomial(coefficients(sineRatio, x), w)));
  const half = A.floor(A.mul(quarter, 0.5));
  const negative = A.ne(A.sub(half, A.mul(A.floor(A.mul(half, 0.5)), 2)), 0);
  return A.where(negative, A.neg(value), value);
}
const sin = kernelOr('Sin', (A, x) => A.where(A.eq(x, 0), x, sineFrom(A, x, 0)));
const cos = kernelOr('Cos', (A, x) => sineFrom(A, x, 1));

/** exp(sign · c · x²) for x ≥ 0 and a power of two c: the square is split, since rounding it would cost x² ulps. */
function expSquare(A: Algebra, x: Handle, sign: 1 | -1, c: number): Handle {
  const [grid, limit] = x.dtype === 'float64' ? [2 ** 20, 40] : [256, 15];
  const bounded = A.min(x, limit);
  const high = A.div(A.floor(A.mul(bounded, grid)), grid);
  const rest = A.mul(A.sub(bounded, high), A.add(bounded, high));
  return A.mul(exp(A, A.mul(A.square(high), sign * c)), exp(A, A.mul(rest, sign * c)));
}

/** exp(x²) erfc(x) for x ≥ 0; a polynomial in (x − 2)/(x + 2) over the half-line, as M. Shepherd and J. Laframboise, Math. Comp. 36 (1981), have it. */
function erfcxPositive(A: Algebra, x: Handle): Handle {
  const t = A.sub(1, A.div(4, A.add(x, 2)));
  return A.div(A.polynomial(coefficients(scaledErfcx, x), t), A.add(x, 0.5));
}
const erfSmall = (A: Algebra, x: Handle): Handle => A.mul(x, A.polynomial(coefficients(erfRatio, x), A.min(A.square(x), 0.75)));
/** erfc for x ≥ 0.85. */
const erfcTail = (A: Algebra, x: Handle): Handle => A.mul(expSquare(A, x, -1, 1), erfcxPositive(A, x));

const erf = kernelOr('Erf', (A, x) => {
  const y = A.abs(x);
  const tail = A.sub(1, erfcTail(A, y));
  return A.where(A.le(y, 0.85), erfSmall(A, x), A.where(A.lt(x, 0), A.neg(tail), tail));
});
const erfc = kernelOr('Erfc', (A, x) => {
  const y = A.abs(x);
  const tail = erfcTail(A, y);
  return A.where(A.le(y, 0.85), A.sub(1, erfSmall(A, x)), A.where(A.lt(x, 0), A.sub(2, tail), tail));
});
const erfcx: Formula = (A, x) => {
  const y = A.abs(x);
  const positive = erfcxPositive(A, y);
  return A.where(A.lt(x, 0), A.sub(A.mul(expSquare(A, y, 1, 1), 2), positive), positive);
};

/**
 * log Φ. The tail ½ exp(−x²/2) erfcx(x/√2) is taken from x itself, since rounding x/√2 would cost x² ulps.
 */
const logNormalCdf: Formula = (A, x) => {
  const y = A.abs(x);
  const scaled = A.mul(erfcxPositive(A, A.mul(y, Math.SQRT1_2)), 0.5);
  const tail = A.mul(scaled, expSquare(A, y, -1, 0.5));
  const lower = A.sub(log(A, scaled), A.mul(x, A.mul(x, 0.5)));
  const centre = log1p(A, A.mul(erfc(A, A.mul(x, Math.SQRT1_2)), -0.5));
  return A.where(A.lt(x, -1), lower, A.where(A.gt(x, 1), log1p(A, A.neg(tail)), centre));
};

/** M. Giles, "Approximating the erfinv function", GPU Computing Gems (2010): the single precision form, for |x| where −log(1 − x²) < 5 and beyond. */
const gilesCentre = [1.50140941, 0.246640727, -0.00417768164, -0.00125372503, 0.00021858087, -4.39150654e-6, -3.5233877e-6, 3.43273939e-7, 2.81022636e-8];
const gilesTail = [2.83297682, 1.00167406, 0.00943887047, -0.0076224613, 0.00573950773, -0.00367342844, 0.00134934322, 0.000100950558, -0.000200214257];
const erfinv: Formula = (A, x) => {
  if (x.dtype === 'float64') return erfinvDouble(A, x);
  const near = A.neg(log1p(A, A.neg(A.square(x))));
  const far = A.neg(log(A, A.mul(A.sub(1, x), A.add(x, 1))));
  const v = A.where(A.lt(A.abs(x), 0.5), near, far);
  const p = A.where(A.lt(v, 5), A.polynomial(gilesCentre, A.sub(v, 2.5)), A.polynomial(gilesTail, A.sub(A.sqrt(v), 3)));
  return A.where(A.eq(A.abs(x), 1), A.mul(x, Number.POSITIVE_INFINITY), A.mul(p, x));
};
/** From seven digits, or the kernel's normal quantile in the tails, to all by one step of Halley's iteration; small x stand for themselves. */
function erfinvDouble(A: Algebra, x: Handle): Handle {
  const y = A.abs(x);
  const central = A.lt(y, 0.5);
  const v = A.neg(A.apply('Log1p', A.neg(A.square(A.min(y, 0.5)))));
  const rest = A.sub(1, y);
  const start = A.where(central, A.mul(A.polynomial(gilesCentre, A.sub(v, 2.5)), y), A.mul(A.apply('Ndtri', A.mul(rest, 0.5)), -Math.SQRT1_2));
  const excess = A.where(central, A.sub(A.apply('Erf', start), y), A.sub(rest, A.apply('Erfc', start)));
  const newton = A.mul(A.mul(excess, Math.sqrt(Math.PI) / 2), expSquare(A, start, 1, 1));
  const better = A.sub(start, A.div(newton, A.add(A.mul(newton, start), 1)));
  const limited = A.where(A.eq(y, 1), Number.POSITIVE_INFINITY, better);
  const signed = A.where(A.lt(x, 0), A.neg(limited), limited);
  return A.where(A.lt(y, 1e-10), A.mul(x, Math.sqrt(Math.PI) / 2), A.where(A.gt(y, 1), Number.NaN, signed));
}

/** log Γ: a polynomial around 2, Stirling's series from 3 on, reflection below 0. */
const lgamma = kernelOr('Lgamma', (A, x) => {
  const positive = A.where(A.lt(x, 0), A.sub(1, x), x);
  // log Γ(y) for y < 3 by t (t + 1) P(t), t = y − 2 within ±1; below 1 by log Γ(y + 1) − log y
  const small = A.lt(positive, 1);
  const t = A.where(small, A.sub(positive, 1), A.sub(A.min(positive, 3), 2));
  const centre = A.mul(A.mul(t, A.add(t, 1)), A.polynomial(coefficients(lgammaRatio, x), t));
  const near = A.where(small, A.sub(centre, log(A, positive)), centre);
  const inverse = A.div(1, positive);
  const series = A.mul(inverse, A.polynomial(coefficients(stirling, x), A.square(inverse)));
  const far = A.add(A.mul(A.sub(positive, 0.5), A.sub(log(A, positive), 1)), A.add(series, 0.5 * Math.log(2 * Math.PI) - 0.5));
  const y = A.where(A.eq(positive, Number.POSITIVE_INFINITY), positive, A.where(A.lt(positive, 3), near, far));
  const reduced = A.sub(x, A.apply('Round', x));
  const reflected = A.sub(A.neg(log(A, A.mul(A.abs(sin(A, A.mul(reduced, Math.PI))), 1 / Math.PI))), y);
  return A.where(A.lt(x, 0), reflected, y);
});

/** ψ: four steps of the recurrence up to where the asymptotic series serves, reflection below 0. */
const digamma = kernelOr('Digamma', (A, x) => {
  const positive = A.where(A.lt(x, 0), A.sub(1, x), x);
  const low = A.lt(positive, 4);
  const start = A.where(low, positive, 1);
  const steps = A.add(A.div(1, start), A.add(A.div(1, A.add(start, 1)), A.add(A.div(1, A.add(start, 2)), A.div(1, A.add(start, 3)))));
  const y = A.where(low, A.add(positive, 4), positive);
  const inverse = A.div(1, y);
  const u = A.square(inverse);
  const series = A.sub(A.sub(log(A, y), A.mul(inverse, 0.5)), A.mul(u, A.polynomial(coefficients(digammaTail, x), u)));
  const value = A.where(low, A.sub(series, steps), series);
  const angle = A.mul(A.sub(x, A.apply('Round', x)), Math.PI);
  // a pole has no sign
  const sine = A.where(A.eq(angle, 0), Number.NaN, sin(A, angle));
  const reflected = A.sub(value, A.div(A.mul(cos(A, angle), Math.PI), sine));
  return A.where(A.lt(x, 0), reflected, value);
});

/** exp(−|x|), at most 1. */
const decay = (A: Algebra, x: Handle): Handle => exp(A, A.neg(A.abs(x)));
const withSignOf = (A: Algebra, x: Handle, y: Handle): Handle => A.where(A.lt(x, 0), A.neg(y), y);

/** Every unary kind on floats. */
export const formulas: Readonly<Record<UnaryOp, Formula>> = {
  neg: kernel('Neg'),
  abs: kernel('Abs'),
  sign: (A, x) => A.where(A.gt(x, 0), 1, A.where(A.lt(x, 0), -1, x)),
  square: (A, x) => A.square(x),
  relu: (A, x) => A.where(A.le(x, 0), 0, x),
  floor: kernel('Floor'),
  ceil: kernel('Ceil'),
  // kernels lose the sign of a zero
  round: (A, x) => {
    const y = A.apply('Round', x);
    return A.where(A.eq(y, 0), A.mul(x, 0), y);
  },
  trunc: (A, x) => A.where(A.lt(x, 0), A.apply('Ceil', x), A.floor(x)),
  exp,
  expm1,
  log,
  log1p,
  log2: (A, x) => A.mul(log(A, x), Math.LOG2E),
  sqrt: kernel('Sqrt'),
  reciprocal: kernelOr('Reciprocal', (A, x) => A.div(1, x)),
  sin,
  cos,
  tan: kernelOr('Tan', (A, x) => A.div(sin(A, x), cos(A, x))),
  asin: kernel('Asin'),
  acos: kernelOr('Acos', (A, x) => A.mul(A.kit.binary('Atan2', A.sqrt(A.sub(1, x)), A.sqrt(A.add(x, 1))), 2)),
  atan: kernel('Atan'),
  sinh: kernelOr('Sinh', (A, x) => {
    const y = A.abs(x);
    const u = expm1(A, y);
    const half = exp(A, A.mul(y, 0.5));
    const small = A.mul(A.add(u, A.div(u, A.add(u, 1))), 0.5);
    return withSignOf(A, x, A.where(A.lt(y, 1), A.where(A.eq(y, 0), y, small), A.sub(A.mul(A.mul(half, 0.5), half), A.mul(exp(A, A.neg(y)), 0.5))));
  }),
  cosh: kernelOr('Cosh', (A, x) => {
    const half = exp(A, A.mul(A.abs(x), 0.5));
    return A.add(A.mul(A.mul(half, 0.5), half), A.mul(decay(A, x), 0.5));
  }),
  tanh: kernelOr('Tanh', (A, x) => {
    const u = expm1(A, A.mul(A.abs(x), -2));
    const y = A.div(A.neg(u), A.add(u, 2));
    return A.where(A.eq(x, 0), x, withSignOf(A, x, y));
  }),
  sigmoid: kernelOr('Sigmoid', (A, x) => {
    const e = decay(A, x);
    return A.div(A.where(A.lt(x, 0), e, 1), A.add(e, 1));
  }),
  logSigmoid: (A, x) => A.sub(A.where(A.lt(x, 0), x, 0), log1p(A, decay(A, x))),
  softplus: (A, x) => A.add(A.where(A.gt(x, 0), x, 0), log1p(A, decay(A, x))),
  erf, erfc, erfcx, erfinv, lgamma, digamma, logNormalCdf,
  isnan: kernel('IsNan'),
  isfinite: kernel('IsFinite'),
  isinf: kernel('IsInf'),
  logicalNot: kernel('LogicalNot'),
};
