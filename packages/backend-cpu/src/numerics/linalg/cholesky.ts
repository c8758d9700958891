/** Cholesky factorization by recursive halving (F. Gustavson, IBM J. Res. Dev. 41 (1997)). */
import { splitPoint } from './blocks.ts';
import { addProduct } from './gemm.ts';
import { solveLower } from './triangular-solve.ts';
import type { FloatArray } from './types.ts';

const BASE = 48;

let scratch: Float64Array | undefined;

/** Factors a block of at most BASE rows; returns its 1-based failing pivot or 0. */
function factorBlock(n: number, a: FloatArray, offset: number, stride: number): number {
  scratch ??= new Float64Array(BASE * BASE);
  const l = scratch;
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) l[i * n + j] = a[offset + i * stride + j]!;
  let info = 0;
  for (let j = 0; j < n; j++) {
    const rowJ = j * n;
    let pivot = l[rowJ + j]!;
    for (let k = 0; k < j; k++) pivot -= l[rowJ + k]! * l[rowJ + k]!;
    // Written so that NaN fails too. An infinite pivot would divide its column to a finite, wrong zero.
    if (!(pivot > 0 && pivot < Infinity)) {
      info = j + 1;
      break;
    }
    const d = Math.sqrt(pivot);
    l[rowJ + j] = d;
    for (let i = j + 1; i < n; i++) {
      const rowI = i * n;
      let sum = l[rowI + j]!;
      for (let k = 0; k < j; k++) sum -= l[rowI + k]! * l[rowJ + k]!;
      l[rowI + j] = sum / d;
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a[offset + i * stride + j] = l[i * n + j]!;
  return info;
}

function factor(n: number, a: FloatArray, offset: number, stride: number): number {
  if (n <= BASE) return factorBlock(n, a, offset, stride);
  const first = splitPoint(n);
  const rest = n - first;
  const below = offset + first * stride;
  const corner = below + first;
  const info = factor(first, a, offset, stride);
  // L21 = A21 L11⁻ᵀ, as L11 L21ᵀ = A21ᵀ; after a failure for the columns that were finished.
  solveLower(info === 0 ? first : info - 1, rest, a, offset, stride, 1, false, a, below, 1, stride);
  if (info !== 0) return info;
  addProduct(rest, rest, first, -1, a, below, stride, 1, a, below, 1, stride, a, corner, stride, 1, true);
  const infoRest = factor(rest, a, corner, stride);
  return infoRest === 0 ? 0 : first + infoRest;
}

/**
 * Overwrites the symmetric `a` [n, n] with its lower Cholesky factor, a = L Lᵀ. Reads the lower triangle only; the upper becomes 0.
 * Returns 0, or the 1-based index of the first pivot that is not positive and finite: the columns before it are the factor's, it and all
 * later ones are NaN on and below the diagonal.
 */
export function cholesky(n: number, a: FloatArray): number {
  const info = factor(n, a, 0, n);
  for (let i = 0; i < n; i++) {
    if (info !== 0 && i >= info - 1) a.fill(NaN, i * n + info - 1, i * n + i + 1);
    a.fill(0, i * n + i + 1, (i + 1) * n);
  }
  return info;
}
