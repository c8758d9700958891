// Cholesky factor. Row-major, lower triangle.
import { clearTile, gemm, pack, tile } from "./gemm";
import { prepareTile, solveTiles, trsm } from "./triangular";

const NB: i32 = 64;

/** The diagonal tile at P (its element (r, c) at 32c + 8r, the lower triangle is meant), size rows of it. 0, or its failing pivot. */
function factorTile(size: i32, p: usize): i32 {
  for (let c = 0; c < size; c++) {
    let column = p + (<usize>c << 5), s = load<f64>(column + (<usize>c << 3));
    for (let q = 0; q < c; q++) { let v = load<f64>(p + <usize>((q * 4 + c) << 3)); s -= v * v; }
    if (!(s > 0 && s < Infinity)) return c + 1;
    s = sqrt(s); store<f64>(column + (<usize>c << 3), s);
    let inverse = 1 / s;
    for (let r = c + 1; r < size; r++) {
      let t = load<f64>(column + (<usize>r << 3));
      for (let q = 0; q < c; q++) t -= load<f64>(p + <usize>((q * 4 + r) << 3)) * load<f64>(p + <usize>((q * 4 + c) << 3));
      store<f64>(column + (<usize>r << 3), t * inverse);
    }
  }
  return 0;
}

/** Factors n ≤ 64 rows in packed panels P[row block][column][4]. Returns 0, or the failing pivot counted from 1. */
function factorBlock(n: i32, A: usize, lda: i32, ws: usize): i32 {
  let P = ws, tmp = P + NB * NB * 8, panel = <usize>n << 5;
  for (let i = 0; i < n; i += 4) pack(min(4, n - i), min(n, i + 4), A + <usize>(i * lda << 3), lda, 1, P + <usize>(i >> 2) * panel);
  for (let j = 0; j < n; j += 4) {
    let pj = P + <usize>(j >> 2) * panel, d = pj + (<usize>j << 5); // the panel of these rows, and the diagonal tile in it
    let jn = min(4, n - j), failed = 0;
    if (jn == 4) {
      if (j) tile(j, pj, pj, d, 32, -1); // symmetric, so its transposed storage does not matter
      // as L D Lᵀ, so that no square root is waited for
      let s0 = load<f64>(d), a1 = load<f64>(d, 8), a2 = load<f64>(d, 16), a3 = load<f64>(d, 24), i0 = 1 / s0;
      let m1 = a1 * i0, m2 = a2 * i0, m3 = a3 * i0;
      let s1 = load<f64>(d, 40) - m1 * a1, b2 = load<f64>(d, 48) - m2 * a1, b3 = load<f64>(d, 56) - m3 * a1, i1 = 1 / s1;
      let p2 = b2 * i1, p3 = b3 * i1;
      let s2 = load<f64>(d, 80) - m2 * a2 - p2 * b2, c3 = load<f64>(d, 88) - m3 * a2 - p3 * b2, i2 = 1 / s2;
      let q3 = c3 * i2, s3 = load<f64>(d, 120) - m3 * a3 - p3 * b3 - q3 * c3;
      if (min(min(s0, s1), min(s2, s3)) > 1e-290 && max(max(s0, s1), max(s2, s3)) < 1e290) {
        let r0 = sqrt(s0), r1 = sqrt(s1), r2 = sqrt(s2), r3 = sqrt(s3);
        let l1 = m1 * r0, l2 = m2 * r0, l3 = m3 * r0, k2 = p2 * r1, k3 = p3 * r1, h3 = q3 * r2;
        store<f64>(tmp, l1); store<f64>(tmp, l2, 8); store<f64>(tmp, l3, 16); store<f64>(tmp, k2, 24); store<f64>(tmp, k3, 32); store<f64>(tmp, h3, 40);
        store<f64>(tmp, r0 * i0, 48); store<f64>(tmp, r1 * i1, 56); store<f64>(tmp, r2 * i2, 64); store<f64>(tmp, 1 / r3, 72);
        store<f64>(d, r0); store<f64>(d, l1, 8); store<f64>(d, l2, 16); store<f64>(d, l3, 24);
        store<f64>(d, r1, 40); store<f64>(d, k2, 48); store<f64>(d, k3, 56);
        store<f64>(d, r2, 80); store<f64>(d, h3, 88); store<f64>(d, r3, 120);
      } else {
        failed = factorTile(4, d);
        prepareTile(4, d, 0, tmp);
      }
    } else {
      clearTile(tmp);
      if (j) tile(j, pj, pj, tmp, 32, -1);
      // a panel of fewer rows has no column beyond n to write to
      for (let c = 0; c < jn; c++) for (let r = c; r < jn; r++) store<f64>(tmp + <usize>((c * 4 + r) << 3), load<f64>(tmp + <usize>((c * 4 + r) << 3)) + load<f64>(d + <usize>((c * 4 + r) << 3)));
      d = tmp;
      failed = factorTile(jn, d);
    }
    for (let r = 0; r < jn; r++) for (let c = 0; c <= r; c++) store<f64>(A + <usize>(((j + r) * lda + j + c) << 3), load<f64>(d + <usize>((c * 4 + r) << 3)));
    if (failed) {
      // the columns before the pivot are factored to the end
      for (let i = j + 4; i < n; i++) for (let c = j; c < j + failed - 1; c++) {
        let row = A + <usize>(i * lda << 3), pivot = A + <usize>(c * lda << 3), s = load<f64>(row + (<usize>c << 3));
        for (let k: usize = 0; k < <usize>c << 3; k += 8) s -= load<f64>(row + k) * load<f64>(pivot + k);
        store<f64>(row + (<usize>c << 3), s / load<f64>(pivot + (<usize>c << 3)));
      }
      return j + failed;
    }
    if (jn == 4) solveTiles(j, pj, tmp, pj + panel, panel, (n - j - 1) >> 2, 0, A + <usize>(((j + 4) * lda + j) << 3), lda, n - j - 4);
  }
  return 0;
}

function factor(n: i32, A: usize, lda: i32, ws: usize): i32 {
  if (n <= NB) return factorBlock(n, A, lda, ws);
  let n1 = ((n / 2 + NB - 1) / NB) * NB;
  if (n1 >= n) n1 = n / 2;
  let n2 = n - n1;
  let info = factor(n1, A, lda, ws);
  let A21 = A + <usize>(n1 * lda << 3), A22 = A21 + (<usize>n1 << 3);
  trsm(0, 0, info ? info - 1 : n1, n2, A, lda, 1, A21, 1, lda, ws); // X L11ᵀ = A21 as L11 Xᵀ = A21ᵀ
  if (info) return info;
  gemm(n2, n2, n1, -1, A21, lda, 1, A21, 1, lda, A22, lda, 1, 1, ws);
  info = factor(n2, A22, lda, ws);
  return info ? info + n1 : 0;
}

/**
 * A = L Lᵀ in place: reads and writes the lower triangle only. Returns 0, or the first pivot (from 1) that is not
 * positive and finite; the columns before it are then those of the factor, the rest is NaN.
 */
export function potrf(n: i32, A: usize, lda: i32, ws: usize): i32 {
  let info = factor(n, A, lda, ws);
  if (info) poison(info - 1, n, A, lda);
  return info;
}

/** NaN in the lower triangle from column `from` on. */
export function poison(from: i32, n: i32, A: usize, lda: i32): void {
  for (let i = from; i < n; i++) {
    let row = A + <usize>(i * lda << 3);
    for (let j = from; j <= i; j++) store<f64>(row + (<usize>j << 3), NaN);
  }
}

/** Zeroes the strict upper triangle. */
export function zeroUpper(n: i32, A: usize, lda: i32): void {
  for (let i = 0; i + 1 < n; i++) {
    let p = A + <usize>((i * lda + i + 1) << 3), left = n - i - 1;
    if (left > 256) { memory.fill(p, 0, <usize>left << 3); continue; }
    for (; left >= 2; left -= 2, p += 16) v128.store(p, f64x2.splat(0));
    if (left) store<f64>(p, 0);
  }
}

/** Copies the lower triangle onto the upper one, in 16×16 blocks for the cache. */
export function mirrorLower(n: i32, A: usize, lda: i32): void {
  for (let ib = 0; ib < n; ib += 16) for (let jb = 0; jb <= ib; jb += 16) {
    let ie = min(ib + 16, n), je = min(jb + 16, n);
    for (let i = ib; i < ie; i++) for (let j = jb; j < min(je, i); j++) store<f64>(A + <usize>((j * lda + i) << 3), load<f64>(A + <usize>((i * lda + j) << 3)));
  }
}
