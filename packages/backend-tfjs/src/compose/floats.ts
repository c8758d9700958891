import type { BinaryOp } from '@matheron/core-tensor';
import type { Algebra } from '../algebra.ts';
import type { Handle } from '../kit.ts';

/** NaN where either operand is, on kernels that may lose one. */
function extreme(kernel: 'max' | 'min') {
  return (A: Algebra, a: Handle, b: Handle): Handle => {
    if (!A.kit.quirks.losesNaN) return A[kernel](a, b);
    return A.where(A.isNaN(a), a, A.where(A.isNaN(b), b, A[kernel](a, b)));
  };
}

/** A remainder is below its divisor, also where the quotient is too large for its digits to mean anything. */
function within(A: Algebra, rest: Handle, q: Handle): Handle {
  return A.where(A.or(A.lt(rest, 0), A.ge(rest, q)), 0, rest);
}

/** The remainder with the sign of the divisor, from that of the magnitudes, which is exact. */
function modulo(A: Algebra, a: Handle, b: Handle): Handle {
  const [p, q] = [A.abs(a), A.abs(b)];
  // x mod Infinity is x, which kernels that divide don't know
  const rest = A.where(A.and(A.kit.unary('IsInf', q), A.kit.unary('IsFinite', p)), p, A.kit.quirks.graphics ? within(A, A.remainder(p, q), q) : A.remainder(p, q));
  const signed = A.where(A.lt(a, 0), A.neg(rest), rest);
  const crossed = A.ne(A.mul(A.where(A.lt(a, 0), A.constant(-1, a.dtype), A.constant(1, a.dtype)), A.where(A.lt(b, 0), A.constant(-1, a.dtype), A.constant(1, a.dtype))), 1);
  return A.where(A.and(crossed, A.ne(rest, 0)), A.add(signed, b), signed);
}

/** By the reciprocal where the divisor is 0 or ±Infinity, on kernels that take equal operands for a quotient of 1. */
function quotient(A: Algebra, a: Handle, b: Handle): Handle {
  if (!A.kit.quirks.graphics) return A.div(a, b);
  const inverse = A.apply('Reciprocal', b);
  return A.where(A.isNaN(A.mul(b, inverse)), A.mul(a, inverse), A.div(a, b));
}

/** Kernels of shading languages take powers of positive numbers; signs, poles and NaN are seen to here. */
function power(A: Algebra, a: Handle, b: Handle): Handle {
  if (!A.kit.quirks.graphics) return A.kit.binary('Pow', a, b);
  const y = A.kit.binary('Pow', A.abs(a), b);
  const half = A.mul(b, 0.5);
  const whole = A.eq(A.floor(b), b);
  const odd = A.and(whole, A.ne(A.floor(half), half));
  const inverse = A.apply('Reciprocal', a);
  const ofZero = A.where(A.lt(b, 0), A.where(odd, inverse, A.abs(inverse)), A.abs(a));
  const ofNegative = A.where(odd, A.neg(y), A.where(A.or(whole, A.eq(a, Number.NEGATIVE_INFINITY)), y, Number.NaN));
  const known = A.where(A.lt(a, 0), ofNegative, A.where(A.and(A.eq(a, 0), A.ne(b, 0)), ofZero, y));
  const lost = A.or(A.isNaN(b), A.and(A.isNaN(a), A.ne(b, 0)));
  return A.where(lost, A.add(a, b), known);
}

/** The angle of a point on the axis is 0 or π with the sign of y, by the sign of x, also of a zero. */
function angle(A: Algebra, y: Handle, x: Handle): Handle {
  const plain = A.kit.binary('Atan2', y, x);
  if (!A.kit.quirks.graphics) return plain;
  const behind = A.or(A.lt(x, 0), A.lt(A.apply('Reciprocal', x), 0));
  const straight = A.where(A.lt(A.apply('Reciprocal', y), 0), A.constant(-Math.PI, x.dtype), A.constant(Math.PI, x.dtype));
  return A.where(A.and(A.eq(y, 0), A.not(A.isNaN(x))), A.where(behind, straight, y), plain);
}

/** The binary kinds on floats that aren't one kernel everywhere. */
export const floatBinary: Partial<Record<BinaryOp, (A: Algebra, a: Handle, b: Handle) => Handle>> = { mod: modulo, maximum: extreme('max'), minimum: extreme('min'), div: quotient, pow: power, atan2: angle };
