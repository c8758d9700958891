// Symmetric eigenproblem: blocked Householder tridiagonalization (Dongarra, Hammarling & Sorensen, J. Comput. Appl. Math. 27, 1989; LAPACK's
// sytrd), then the implicit QL iteration with Wilkinson's shift (Golub & Van Loan, Matrix Computations, §8.3).
import { BLOCK, formQ, gemm, hypotenuse, makeReflector } from "./householder";
import { CAPACITY, applyRotations, makeRotation, rotationC, rotationR, rotationS } from "./rotations";
import { dot } from "./reduce";
import { axpy, copy, multiplySymmetric, scale } from "./vector";

const EPSILON: f64 = 1.1102230246251565e-16;
const SMALLEST_NORMAL: f64 = 2.2250738585072014e-308;
/** LAPACK's allowance of iterations per eigenvalue; finite matrices need about 1.7. */
const ITERATIONS: i32 = 30;

@inline function get(p: usize, i: i32): f64 { return load<f64>(p + (<usize>i << 3)); }
@inline function put(p: usize, i: i32, v: f64): void { store<f64>(p + (<usize>i << 3), v); }

/**
 * The lower triangle of A (n×n) to tridiagonal form: d (n), e (n − 1), reflectors below the subdiagonal, τ. BLOCK columns at a time: their
 * reflectors V and products W are applied to each column as it comes up, and to the rest in one symmetric update. work: 2·BLOCK·n.
 */
function tridiagonalize(n: i32, A: usize, d: usize, e: usize, tau: usize, work: usize, ws: usize): void {
  let V = work, W = V + <usize>(BLOCK * n << 3), line = <usize>n << 3; // rows of V and W are the vectors
  for (let start = 0; start < n - 1; start += BLOCK) {
    let end = min(n - 1, start + BLOCK), count = end - start;
    for (let j = start; j < end; j++) {
      let k = j - start, v = V + <usize>k * line, w = W + <usize>k * line, column = A + <usize>((j * n + j) << 3);
      // the column below the diagonal, brought up to date in v's place
      copy(n - j, column, n, v + (<usize>j << 3), 1);
      for (let q = 0; q < k; q++) {
        let vq = V + <usize>q * line, wq = W + <usize>q * line, at = <usize>j << 3;
        axpy(n - j, -load<f64>(wq + at), vq + at, v + at);
        axpy(n - j, -load<f64>(vq + at), wq + at, v + at);
      }
      put(d, j, get(v, j));
      let size = n - j - 1, first = v + (<usize>(j + 1) << 3), t = makeReflector(size, first, 1);
      put(e, j, load<f64>(first)); put(tau, j, t);
      copy(size, first, 1, A + <usize>(((j + 1) * n + j) << 3), n);
      store<f64>(first, 1);
      memory.fill(w, 0, line);
      memory.fill(v, 0, <usize>(j + 1) << 3);
      if (t == 0) { memory.fill(first, 0, <usize>size << 3); continue; }
      let to = w + (<usize>(j + 1) << 3), at = <usize>(j + 1) << 3;
      multiplySymmetric(size, A + <usize>(((j + 1) * n + j + 1) << 3), n, first, to);
      for (let q = 0; q < k; q++) {
        let vq = V + <usize>q * line + at, wq = W + <usize>q * line + at;
        let a = dot(size, wq, first), b = dot(size, vq, first);
        axpy(size, -a, vq, to);
        axpy(size, -b, wq, to);
      }
      scale(size, t, to);
      axpy(size, -0.5 * t * dot(size, to, first), first, to);
    }
    // A ← A − Vᵀ W − Wᵀ V on the rows and columns that are left
    let left = n - end, corner = A + <usize>((end * n + end) << 3), v = V + (<usize>end << 3), w = W + (<usize>end << 3);
    gemm(left, left, count, -1, v, 1, n, w, n, 1, corner, n, 1, 1, ws);
    gemm(left, left, count, -1, w, 1, n, v, n, 1, corner, n, 1, 1, ws);
  }
  put(d, n - 1, get(A, n * n - 1));
}

/** Diagonalizes (d, e), rotating the rows of Z (n×n); false if it did not converge. */
function implicitQl(n: i32, d: usize, e: usize, Z: usize, record: usize, panel: usize): bool {
  let budget = ITERATIONS * n, next = record, full = record + (<usize>(CAPACITY - 2 * n - 2) << 3);
  for (let low = 0; low < n; low++) {
    for (;;) {
      let high = low;
      for (; high < n - 1; high++) {
        let off = abs(get(e, high));
        if (off * off <= EPSILON * EPSILON * abs(get(d, high)) * abs(get(d, high + 1)) + SMALLEST_NORMAL) { put(e, high, 0); break; }
      }
      if (high == low) break;
      if (budget-- == 0) return false;
      let delta = (get(d, low + 1) - get(d, low)) / (2 * get(e, low)), root = hypotenuse(delta, 1);
      let g = get(d, high) - get(d, low) + get(e, low) / (delta + (delta < 0 ? -root : root));
      let c: f64 = 1, s: f64 = 1, p: f64 = 0;
      store<f64>(next, <f64>(high - 1)); store<f64>(next, <f64>(low - high), 8); next += 16;
      for (let i = high - 1; i >= low; i--, next += 16) {
        let f = s * get(e, i), b = c * get(e, i);
        makeRotation(g, f);
        c = rotationC; s = rotationS;
        if (i < high - 1) put(e, i + 1, rotationR);
        let moved = get(d, i + 1) - p, r = (get(d, i) - moved) * s + 2 * c * b;
        p = s * r;
        put(d, i + 1, moved + p);
        g = c * r - b;
        store<f64>(next, c); store<f64>(next, -s, 8);
      }
      put(d, low, get(d, low) - p);
      put(e, low, g);
      if (next > full) { applyRotations(record, next, n, n, Z, n, panel); next = record; }
    }
  }
  applyRotations(record, next, n, n, Z, n, panel);
  return true;
}

/**
 * Eigenvalues of A (n×n, the lower triangle is read and overwritten), unsorted, into d, and the vectors into the rows of Z (n×n). Finite
 * and neither huge nor tiny elements. work: 2n + max(3·BLOCK·n + 2·BLOCK², CAPACITY + 8n + 2n). False if the iteration did not converge.
 */
export function eigh(n: i32, A: usize, d: usize, Z: usize, work: usize, ws: usize): bool {
  if (n == 0) return true;
  let e = work, tau = e + (<usize>n << 3), rest = tau + (<usize>n << 3);
  tridiagonalize(n, A, d, e, tau, rest, ws);
  memory.fill(Z, 0, <usize>(n * n) << 3);
  store<f64>(Z, 1);
  formQ(n - 1, n - 1, n - 1, A + (<usize>n << 3), n, 1, tau, Z + (<usize>(n + 1) << 3), 1, n, rest, ws);
  return implicitQl(n, d, e, Z, rest, rest + (<usize>(CAPACITY + 2 * n) << 3));
}
