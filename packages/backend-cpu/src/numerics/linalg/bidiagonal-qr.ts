/**
 * Singular values of a bidiagonal matrix by implicit QR sweeps, shifted or with zero shift where the shift would cost relative accuracy:
 * J. Demmel and W. Kahan, "Accurate singular values of bidiagonal matrices", SIAM J. Sci. Stat. Comput. 11 (1990).
 */
import { makeRotation, rotateRows, type Rotation } from './rotations.ts';

const EPSILON = 2 ** -53;
const SMALLEST_NORMAL = 2 ** -1022;
/** Sweeps per singular value; about two are needed. */
const SWEEPS = 60;

/** The matrix with diagonal d and superdiagonal e, and the transposed factors its rotations are applied to. */
interface Bidiagonal {
  readonly d: Float64Array;
  readonly e: Float64Array;
  readonly ut: Float64Array;
  readonly uLength: number;
  readonly vt: Float64Array;
  readonly vLength: number;
}

/** The smaller singular value of [[f, g], [0, h]]: |f h| over the larger one, without overflow or cancellation. */
function smallerSingularValue(f: number, g: number, h: number): number {
  const a = Math.abs(f);
  const b = Math.abs(g);
  const c = Math.abs(h);
  const low = Math.min(a, c);
  const high = Math.max(a, c);
  if (low === 0) return 0;
  const sum = 1 + low / high;
  const difference = (high - low) / high;
  if (b <= high) {
    const square = (b / high) ** 2;
    return (2 * low) / (Math.sqrt(sum * sum + square) + Math.sqrt(difference * difference + square));
  }
  const ratio = high / b;
  const x = sum * ratio;
  const y = difference * ratio;
  return (2 * low * ratio) / (Math.sqrt(1 + x * x) + Math.sqrt(1 + y * y));
}

/** One sweep with zero shift over rows low … high, which keeps every singular value to full relative accuracy. */
function zeroShiftSweep(matrix: Bidiagonal, low: number, high: number): void {
  const { d, e, ut, uLength, vt, vLength } = matrix;
  const right: Rotation = { c: 1, s: 0, r: 0 };
  const left: Rotation = { c: 1, s: 0, r: 0 };
  for (let i = low; i < high; i++) {
    makeRotation(d[i]! * right.c, e[i]!, right);
    if (i > low) e[i - 1] = left.s * right.r;
    makeRotation(left.c * right.r, d[i + 1]! * right.s, left);
    d[i] = left.r;
    rotateRows(vLength, vt, i * vLength, (i + 1) * vLength, right.c, right.s);
    rotateRows(uLength, ut, i * uLength, (i + 1) * uLength, left.c, left.s);
  }
  const last = d[high]! * right.c;
  d[high] = last * left.c;
  e[high - 1] = last * left.s;
}

/** One sweep with shift σ over rows low … high, chasing the bulge down. */
function shiftedSweep(matrix: Bidiagonal, low: number, high: number, shift: number): void {
  const { d, e, ut, uLength, vt, vLength } = matrix;
  const rotation: Rotation = { c: 1, s: 0, r: 0 };
  const first = d[low]!;
  let f = (Math.abs(first) - shift) * (Math.sign(first) + shift / first);
  let g = e[low]!;
  for (let i = low; i < high; i++) {
    makeRotation(f, g, rotation);
    if (i > low) e[i - 1] = rotation.r;
    let { c, s } = rotation;
    f = c * d[i]! + s * e[i]!;
    e[i] = c * e[i]! - s * d[i]!;
    g = s * d[i + 1]!;
    d[i + 1]! *= c;
    rotateRows(vLength, vt, i * vLength, (i + 1) * vLength, c, s);
    makeRotation(f, g, rotation);
    d[i] = rotation.r;
    ({ c, s } = rotation);
    f = c * e[i]! + s * d[i + 1]!;
    d[i + 1] = c * d[i + 1]! - s * e[i]!;
    if (i < high - 1) {
      g = s * e[i + 1]!;
      e[i + 1]! *= c;
    }
    rotateRows(uLength, ut, i * uLength, (i + 1) * uLength, c, s);
  }
  e[high - 1] = f;
}

/**
 * Makes the upper bidiagonal (d [n], e [n − 1]) diagonal: `d` becomes its singular values, ≥ 0 and unsorted, and the rows of `ut`
 * [n, uLength] and `vt` [n, vLength] the singular vectors. Returns false if 60 n sweeps were not enough.
 */
export function bidiagonalQr(n: number, d: Float64Array, e: Float64Array, ut: Float64Array, uLength: number, vt: Float64Array, vLength: number): boolean {
  const matrix: Bidiagonal = { d, e, ut, uLength, vt, vLength };
  let budget = SWEEPS * n;
  let high = n - 1;
  while (high > 0) {
    let low = high;
    let singular = d[high] === 0;
    for (; low > 0; low--) {
      const off = Math.abs(e[low - 1]!);
      if (off <= EPSILON * (Math.abs(d[low - 1]!) + Math.abs(d[low]!)) + SMALLEST_NORMAL) {
        e[low - 1] = 0;
        break;
      }
      if (d[low - 1] === 0) singular = true;
    }
    if (low === high) {
      high--;
      continue;
    }
    if (budget-- === 0) return false;
    const shift = singular ? 0 : smallerSingularValue(d[high - 1]!, e[high - 1]!, d[high]!);
    // A shift whose square vanishes beside d² changes nothing but the accuracy.
    if ((shift / d[low]!) ** 2 > EPSILON) shiftedSweep(matrix, low, high, shift);
    else zeroShiftSweep(matrix, low, high);
  }
  for (let i = 0; i < n; i++) {
    if (d[i]! < 0) {
      d[i] = -d[i]!;
      for (let k = i * vLength; k < (i + 1) * vLength; k++) vt[k] = -vt[k]!;
    } else if (d[i] === 0) {
      d[i] = 0; // not −0
    }
  }
  return true;
}
