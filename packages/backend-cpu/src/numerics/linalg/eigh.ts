/**
 * Symmetric eigenproblem: Householder tridiagonalization, then the implicit QL iteration with Wilkinson's shift
 * (G. Golub and C. Van Loan, Matrix Computations, §8.3; A. Dubrulle, R. Martin and J. Wilkinson, Numer. Math. 12 (1968)).
 */
import { formQ, makeReflector } from './householder.ts';
import { makeRotation, rotateRows, type Rotation } from './rotations.ts';
import { hypotenuse, maxMagnitude, safeScale } from './scaling.ts';
import type { FloatArray } from './types.ts';

const EPSILON = 2 ** -53;
const SMALLEST_NORMAL = 2 ** -1022;
/** LAPACK's allowance of iterations per eigenvalue; finite matrices need about 1.7. */
const ITERATIONS = 30;

/**
 * Reduces the lower triangle of `a` [n, n] to tridiagonal form: diagonal `d`, subdiagonal `e` [n − 1], reflectors below the subdiagonal.
 */
function tridiagonalize(n: number, a: Float64Array, d: Float64Array, e: Float64Array, tau: Float64Array): void {
  const v = new Float64Array(n);
  const w = new Float64Array(n);
  for (let i = 0; i < n - 1; i++) {
    const size = n - i - 1;
    const below = (i + 1) * n + i;
    const t = makeReflector(size, a, below, n);
    d[i] = a[i * n + i]!;
    e[i] = a[below]!;
    tau[i] = t;
    if (t === 0) continue;
    v[0] = 1;
    for (let r = 1; r < size; r++) v[r] = a[below + r * n]!;
    const corner = below + 1;
    // w = τ A v from the lower triangle, then A := A − v (w − ½τ(wᵀv) v)ᵀ − (…) vᵀ.
    for (let r = 0; r < size; r++) {
      const row = corner + r * n;
      const vr = v[r]!;
      let sum = 0;
      for (let k = 0; k < r; k++) {
        const x = a[row + k]!;
        sum += x * v[k]!;
        w[k]! += x * vr;
      }
      w[r] = sum + a[row + r]! * vr;
    }
    let dot = 0;
    for (let r = 0; r < size; r++) {
      w[r]! *= t;
      dot += w[r]! * v[r]!;
    }
    const half = 0.5 * t * dot;
    for (let r = 0; r < size; r++) w[r]! -= half * v[r]!;
    for (let r = 0; r < size; r++) {
      const row = corner + r * n;
      const vr = v[r]!;
      const wr = w[r]!;
      for (let k = 0; k <= r; k++) a[row + k]! -= vr * w[k]! + wr * v[k]!;
    }
  }
  if (n > 0) d[n - 1] = a[n * n - 1]!;
}

/**
 * Diagonalizes the tridiagonal (d, e): `d` becomes the eigenvalues, and the rotations are applied to the rows of `z` [n, n]. Returns
 * false if the iteration did not converge.
 */
function implicitQl(n: number, d: Float64Array, e: Float64Array, z: Float64Array): boolean {
  const rotation: Rotation = { c: 1, s: 0, r: 0 };
  let budget = ITERATIONS * n;
  for (let low = 0; low < n; low++) {
    for (;;) {
      let high = low;
      for (; high < n - 1; high++) {
        const off = Math.abs(e[high]!);
        if (off * off <= EPSILON * EPSILON * Math.abs(d[high]!) * Math.abs(d[high + 1]!) + SMALLEST_NORMAL) {
          e[high] = 0;
          break;
        }
      }
      if (high === low) break;
      if (budget-- === 0) return false;
      const delta = (d[low + 1]! - d[low]!) / (2 * e[low]!);
      const root = hypotenuse(delta, 1);
      let g = d[high]! - d[low]! + e[low]! / (delta + (delta < 0 ? -root : root));
      let c = 1;
      let s = 1;
      let p = 0;
      for (let i = high - 1; i >= low; i--) {
        const f = s * e[i]!;
        const b = c * e[i]!;
        makeRotation(g, f, rotation);
        c = rotation.c;
        s = rotation.s;
        if (i < high - 1) e[i + 1] = rotation.r;
        const moved = d[i + 1]! - p;
        const r = (d[i]! - moved) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = moved + p;
        g = c * r - b;
        rotateRows(n, z, i * n, (i + 1) * n, c, -s);
      }
      d[low]! -= p;
      e[low] = g;
    }
  }
  return true;
}

/**
 * Eigenvalues of the symmetric `a` [n, n], ascending, into `values` [n], and orthonormal eigenvectors into the columns of `vectors`
 * [n, n], which may be `a`. Reads the lower triangle only. Their signs are unspecified. A NaN or Inf in `a`, or an iteration that does
 * not converge, makes all NaN.
 */
export function eigh(n: number, a: FloatArray, values: FloatArray, vectors: FloatArray): void {
  const x = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) x[i * n + j] = a[i * n + j]!;
  const largest = maxMagnitude(x, n * n);
  const scale = safeScale(largest);
  const d = new Float64Array(n);
  let converged = Number.isFinite(largest);
  const z = new Float64Array(n * n);
  if (converged && n > 0) {
    if (scale !== 1) for (let i = 0; i < n * n; i++) x[i]! *= scale;
    const e = new Float64Array(n);
    const tau = new Float64Array(n);
    tridiagonalize(n, x, d, e, tau);
    // z holds the transpose of the vectors, so that a rotation walks two contiguous rows.
    z[0] = 1;
    formQ(n - 1, n - 1, n - 1, x, n, n, 1, tau, z, n + 1, 1, n);
    converged = implicitQl(n, d, e, z);
  }
  if (!converged) {
    values.fill(NaN, 0, n);
    vectors.fill(NaN, 0, n * n);
    return;
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => d[i]! - d[j]!);
  for (let j = 0; j < n; j++) {
    const from = order[j]!;
    values[j] = d[from]! / scale;
    for (let i = 0; i < n; i++) vectors[i * n + j] = z[from * n + i]!;
  }
}
