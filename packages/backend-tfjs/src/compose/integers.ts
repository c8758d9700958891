import type { BinaryOp, UnaryOp } from '@matheron/core-tensor';
import type { Algebra } from '../algebra.ts';
import type { Handle } from '../kit.ts';

/** The product modulo 2³². Where it goes through a double, halves of 16 bits keep every partial product below 2⁵³. */
export function multiplyInt32(A: Algebra, a: Handle, b: Handle): Handle {
  if (!A.kit.quirks.roundedInt32Product) return A.mul(a, b);
  const low = (x: Handle): Handle => A.remainder(x, 65536);
  const [al, bl] = [low(a), low(b)];
  const high = (x: Handle, l: Handle): Handle => A.floorDiv(A.sub(x, l), 65536);
  const crossed = A.add(A.mul(high(a, al), bl), A.mul(al, high(b, bl)));
  return A.add(A.mul(al, bl), A.mul(crossed, 65536));
}

/** a to the b modulo 2³² by squaring over the 31 bits of b; negative powers truncate towards 0. */
function powerInt32(A: Algebra, a: Handle, b: Handle): Handle {
  let result: Handle = A.add(A.mul(a, 0), 1);
  let base = a;
  let e = b;
  for (let bit = 0; bit < 31; bit++) {
    const half = A.floorDiv(e, 2);
    const odd = A.ne(A.sub(e, A.mul(half, 2)), 0);
    result = A.where(odd, multiplyInt32(A, result, base), result);
    if (bit < 30) base = multiplyInt32(A, base, base);
    e = half;
  }
  const odd = A.ne(A.sub(b, A.mul(A.floorDiv(b, 2), 2)), 0);
  const reciprocal = A.where(A.eq(a, 1), 1, A.where(A.eq(a, -1), A.where(odd, -1, A.add(A.mul(a, 0), 1)), A.mul(a, 0)));
  return A.where(A.lt(b, 0), reciprocal, result);
}

function moduloInt32(A: Algebra, a: Handle, b: Handle): Handle {
  const none = A.eq(b, 0);
  return A.where(none, 0, A.remainder(a, A.where(none, 1, b)));
}

/** The binary kinds on int32 that aren't one kernel. */
export const integerBinary: Partial<Record<BinaryOp, (A: Algebra, a: Handle, b: Handle) => Handle>> = { mul: multiplyInt32, pow: powerInt32, mod: moduloInt32 };

/** The unary kinds on int32; undefined: the identity. */
export const integerUnary: Partial<Record<UnaryOp, (A: Algebra, x: Handle) => Handle>> = {
  neg: (A, x) => A.sub(0, x),
  abs: (A, x) => A.max(x, A.sub(0, x)),
  sign: (A, x) => A.where(A.gt(x, 0), 1, A.where(A.lt(x, 0), -1, x)),
  square: (A, x) => multiplyInt32(A, x, x),
  relu: (A, x) => A.max(x, 0),
};
