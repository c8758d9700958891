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

/** The remainder with the sign of the divisor, from that of the magnitudes, which is exact. */
function modulo(A: Algebra, a: Handle, b: Handle): Handle {
  const [p, q] = [A.abs(a), A.abs(b)];
  // x mod Infinity is x, which kernels that divide don't know
  const rest = A.where(A.and(A.kit.unary('IsInf', q), A.kit.unary('IsFinite', p)), p, A.remainder(p, q));
  const signed = A.where(A.lt(a, 0), A.neg(rest), rest);
  const crossed = A.ne(A.mul(A.where(A.lt(a, 0), A.constant(-1, a.dtype), A.constant(1, a.dtype)), A.where(A.lt(b, 0), A.constant(-1, a.dtype), A.constant(1, a.dtype))), 1);
  return A.where(A.and(crossed, A.ne(rest, 0)), A.add(signed, b), signed);
}

/** The binary kinds on floats that aren't one kernel. */
export const floatBinary: Partial<Record<BinaryOp, (A: Algebra, a: Handle, b: Handle) => Handle>> = { mod: modulo, maximum: extreme('max'), minimum: extreme('min') };
