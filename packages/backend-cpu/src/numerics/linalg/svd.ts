/** Reduced singular value decomposition: QR of tall matrices first, then Golub–Kahan bidiagonalization and `bidiagonalQr`. */
import { bidiagonalQr } from './bidiagonal-qr.ts';
import { addProduct } from './gemm.ts';
import { applyReflector, formQ, makeReflector } from './householder.ts';
import { factorQr } from './qr.ts';
import { maxMagnitude, safeScale } from './scaling.ts';
import type { FloatArray } from './types.ts';

/** From this ratio of rows to columns on a QR factorization first costs less (T. Chan, ACM TOMS 8 (1982)). */
const TALL = 1.6;

/** Transposes of the factors, so that rotations and sorting walk contiguous rows: `ut` [n, m], `s` [n], `vt` [n, n], unsorted. */
interface Factors {
  readonly ut: Float64Array;
  readonly s: Float64Array;
  readonly vt: Float64Array;
}

/** a [m, n], m ≥ n, is overwritten by the reflectors; `d` [n] and `e` [n − 1] are the upper bidiagonal. */
function bidiagonalize(m: number, n: number, a: Float64Array, d: Float64Array, e: Float64Array, tauLeft: Float64Array, tauRight: Float64Array): void {
  const work = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const diagonal = i * n + i;
    tauLeft[i] = makeReflector(m - i, a, diagonal, n);
    d[i] = a[diagonal]!;
    applyReflector(m - i, n - i - 1, a, diagonal, n, tauLeft[i]!, a, diagonal + 1, n, work);
    if (i >= n - 1) continue;
    const tau = makeReflector(n - i - 1, a, diagonal + 1, 1);
    tauRight[i] = tau;
    e[i] = a[diagonal + 1]!;
    if (tau === 0) continue;
    const v = diagonal + 1;
    const size = n - i - 1;
    for (let r = i + 1; r < m; r++) {
      const row = r * n + i + 1;
      let sum = a[row]!;
      for (let k = 1; k < size; k++) sum += a[row + k]! * a[v + k]!;
      sum *= tau;
      a[row]! -= sum;
      for (let k = 1; k < size; k++) a[row + k]! -= sum * a[v + k]!;
    }
  }
}

/** The decomposition for m ≥ n; `undefined` if the iteration did not converge. Overwrites `a`. */
function tallSvd(m: number, n: number, a: Float64Array): Factors | undefined {
  if (n > 0 && m > TALL * n) {
    const tau = new Float64Array(n);
    factorQr(m, n, a, tau);
    const r = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = i; j < n; j++) r[i * n + j] = a[i * n + j]!;
    const inner = tallSvd(n, n, r);
    if (!inner) return undefined;
    const q = new Float64Array(m * n);
    formQ(m, n, n, a, 0, n, 1, tau, q, 0, n, 1);
    const ut = new Float64Array(n * m);
    addProduct(n, m, n, 1, inner.ut, 0, n, 1, q, 0, 1, n, ut, 0, m, 1, false);
    return { ut, s: inner.s, vt: inner.vt };
  }
  const s = new Float64Array(n);
  const e = new Float64Array(n);
  const tauLeft = new Float64Array(n);
  const tauRight = new Float64Array(n);
  bidiagonalize(m, n, a, s, e, tauLeft, tauRight);
  const ut = new Float64Array(n * m);
  const vt = new Float64Array(n * n);
  formQ(m, n, n, a, 0, n, 1, tauLeft, ut, 0, 1, m);
  if (n > 0) {
    vt[0] = 1;
    formQ(n - 1, n - 1, n - 1, a, 1, 1, n, tauRight, vt, n + 1, 1, n);
  }
  return bidiagonalQr(n, s, e, ut, m, vt, n) ? { ut, s, vt } : undefined;
}

/**
 * The reduced singular value decomposition of `a` [m, n] (only read), k = min(m, n): writes `u` [m, k], `s` [k] descending and ≥ 0, and
 * `vt` [k, n]; a = u diag(s) vt. The columns of u and the rows of vt are orthonormal whatever the rank; their signs are unspecified.
 * A NaN or Inf in `a`, or an iteration that does not converge, makes all NaN.
 */
export function svd(m: number, n: number, a: FloatArray, u: FloatArray, s: FloatArray, vt: FloatArray): void {
  const wide = m < n;
  const long = wide ? n : m;
  const short = wide ? m : n;
  const largest = maxMagnitude(a, m * n);
  const scale = safeScale(largest);
  let factors: Factors | undefined;
  if (Number.isFinite(largest)) {
    const x = new Float64Array(m * n);
    if (wide) for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) x[j * m + i] = a[i * n + j]! * scale;
    else for (let i = 0; i < m * n; i++) x[i] = a[i]! * scale;
    factors = tallSvd(long, short, x);
  }
  if (!factors) {
    u.fill(NaN, 0, m * short);
    s.fill(NaN, 0, short);
    vt.fill(NaN, 0, short * n);
    return;
  }
  const values = factors.s;
  const order = Array.from({ length: short }, (_, i) => i).sort((i, j) => values[j]! - values[i]!);
  // Of the transpose's decomposition the factors trade places.
  const left = wide ? factors.vt : factors.ut;
  const right = wide ? factors.ut : factors.vt;
  for (let j = 0; j < short; j++) {
    const from = order[j]!;
    s[j] = values[from]! / scale;
    for (let i = 0; i < m; i++) u[i * short + j] = left[from * m + i]!;
    for (let i = 0; i < n; i++) vt[j * n + i] = right[from * n + i]!;
  }
}
