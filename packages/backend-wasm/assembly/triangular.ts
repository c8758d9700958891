// Solving with a triangular matrix, by recursion on halves down to packed blocks of 64.
import { gemm, pack, tile, unpack } from "./gemm";
import { madd, nmadd } from "./simd";

const NB: i32 = 64;

/** T X = B in place; T lower triangular n×n, n ≤ 64, any strides (negative ones make an upper matrix lower). */
function solveBlock(unit: i32, n: i32, m: i32, T: usize, rst: i32, cst: i32, B: usize, rsb: i32, csb: i32, ws: usize): void {
  let n4 = (n + 3) & ~3;
  let pt = ws, px = pt + NB * NB * 8, inverse = px + NB * 4 * 8;
  pack(n, n, T, rst, cst, pt);
  for (let i = 0; i < n; i++) store<f64>(inverse + (<usize>i << 3), unit ? 1 : 1 / load<f64>(T + (i * (rst + cst) << 3)));
  for (let i = n; i < n4; i++) store<f64>(inverse + (<usize>i << 3), 0);
  rsb <<= 3; csb <<= 3;
  for (let j = 0; j < m; j += 4) {
    let mr = min(m - j, 4);
    let bp = B + j * csb;
    pack(mr, n, bp, csb >> 3, rsb >> 3, px);
    for (let i = n; i < n4; i++) { v128.store(px + (<usize>i << 5), f64x2.splat(0)); v128.store(px + (<usize>i << 5), f64x2.splat(0), 16); }
    for (let i = 0; i < n4; i += 4) {
      let pi = pt + <usize>(i * n << 3), xi = px + (<usize>i << 5);
      if (i) tile(i, pi, px, xi, 32, -1);
      let t = pi + (<usize>i << 5), di = inverse + (<usize>i << 3);
      // the 4×4 diagonal block: its element (r, c) is at t + 32c + 8r
      let d = v128.load_splat<f64>(di);
      let x00 = f64x2.mul(v128.load(xi), d), x01 = f64x2.mul(v128.load(xi, 16), d);
      v128.store(xi, x00); v128.store(xi, x01, 16);
      if (i + 1 >= n) continue;
      let l = v128.load_splat<f64>(t, 8); d = v128.load_splat<f64>(di, 8);
      let x10 = f64x2.mul(nmadd(l, x00, v128.load(xi, 32)), d), x11 = f64x2.mul(nmadd(l, x01, v128.load(xi, 48)), d);
      v128.store(xi, x10, 32); v128.store(xi, x11, 48);
      if (i + 2 >= n) continue;
      l = v128.load_splat<f64>(t, 16); let l2 = v128.load_splat<f64>(t, 48); d = v128.load_splat<f64>(di, 16);
      let x20 = f64x2.mul(nmadd(l2, x10, nmadd(l, x00, v128.load(xi, 64))), d), x21 = f64x2.mul(nmadd(l2, x11, nmadd(l, x01, v128.load(xi, 80))), d);
      v128.store(xi, x20, 64); v128.store(xi, x21, 80);
      if (i + 3 >= n) continue;
      l = v128.load_splat<f64>(t, 24); l2 = v128.load_splat<f64>(t, 56); let l3 = v128.load_splat<f64>(t, 88); d = v128.load_splat<f64>(di, 24);
      v128.store(xi, f64x2.mul(nmadd(l3, x20, nmadd(l2, x10, nmadd(l, x00, v128.load(xi, 96)))), d), 96);
      v128.store(xi, f64x2.mul(nmadd(l3, x21, nmadd(l2, x11, nmadd(l, x01, v128.load(xi, 112)))), d), 112);
    }
    if (mr == 4 && csb == 8) {
      for (let i = 0; i < n; i++) { let s = bp + i * rsb, d = px + (<usize>i << 5); v128.store(s, v128.load(d)); v128.store(s, v128.load(d, 16), 16); }
    } else if (mr == 4 && rsb == 8) unpack(n, px, bp, csb);
    else {
      for (let i = 0; i < n; i++) for (let s = 0; s < mr; s++) store<f64>(bp + i * rsb + s * csb, load<f64>(px + <usize>((i * 4 + s) << 3)));
    }
  }
}

/**
 * T X = B in place, T n×n and B n×m with any strides. `upper` says which triangle of T is read; the transpose of T is
 * its strides exchanged, the right side X T = B is both strides exchanged.
 */
export function trsm(upper: i32, unit: i32, n: i32, m: i32, T: usize, rst: i32, cst: i32, B: usize, rsb: i32, csb: i32, ws: usize): void {
  if (n <= NB) {
    if (upper) solveBlock(unit, n, m, T + ((n - 1) * (rst + cst) << 3), -rst, -cst, B + ((n - 1) * rsb << 3), -rsb, csb, ws);
    else solveBlock(unit, n, m, T, rst, cst, B, rsb, csb, ws);
    return;
  }
  let n1 = ((n / 2 + NB - 1) / NB) * NB;
  if (n1 >= n) n1 = n / 2;
  let n2 = n - n1;
  let T22 = T + (n1 * (rst + cst) << 3), B2 = B + (n1 * rsb << 3);
  if (!upper) {
    trsm(0, unit, n1, m, T, rst, cst, B, rsb, csb, ws);
    gemm(n2, m, n1, -1, T + (n1 * rst << 3), rst, cst, B, rsb, csb, B2, rsb, csb, 0, ws);
    trsm(0, unit, n2, m, T22, rst, cst, B2, rsb, csb, ws);
  } else {
    trsm(1, unit, n2, m, T22, rst, cst, B2, rsb, csb, ws);
    gemm(n1, m, n2, -1, T + (n1 * cst << 3), rst, cst, B2, rsb, csb, B, rsb, csb, 0, ws);
    trsm(1, unit, n1, m, T, rst, cst, B, rsb, csb, ws);
  }
}

/** B ← T B in place, T upper triangular, n ≤ 32; rows of B are contiguous. */
function multiplyBlock(n: i32, m: i32, T: usize, rst: i32, cst: i32, B: usize, rsb: i32): void {
  rst <<= 3; cst <<= 3; rsb <<= 3;
  for (let i = 0; i < n; i++) {
    let bi = B + i * rsb, tii = T + i * (rst + cst);
    let d = v128.load_splat<f64>(tii), j = 0;
    for (; j + 8 <= m; j += 8) {
      let q = bi + (<usize>j << 3), t = tii, b = q;
      let s0 = f64x2.mul(d, v128.load(q)), s1 = f64x2.mul(d, v128.load(q, 16)), s2 = f64x2.mul(d, v128.load(q, 32)), s3 = f64x2.mul(d, v128.load(q, 48));
      for (let k = i + 1; k < n; k++) {
        t += cst; b += rsb;
        let x = v128.load_splat<f64>(t);
        s0 = madd(x, v128.load(b), s0); s1 = madd(x, v128.load(b, 16), s1); s2 = madd(x, v128.load(b, 32), s2); s3 = madd(x, v128.load(b, 48), s3);
      }
      v128.store(q, s0); v128.store(q, s1, 16); v128.store(q, s2, 32); v128.store(q, s3, 48);
    }
    for (; j < m; j++) {
      let q = bi + (<usize>j << 3), t = tii, b = q, s = load<f64>(tii) * load<f64>(q);
      for (let k = i + 1; k < n; k++) { t += cst; b += rsb; s += load<f64>(t) * load<f64>(b); }
      store<f64>(q, s);
    }
  }
}

/** B (n×m) ← T B in place, T upper triangular n×n of any strides; rows of B are contiguous. */
export function trmm(n: i32, m: i32, T: usize, rst: i32, cst: i32, B: usize, rsb: i32, ws: usize): void {
  if (n <= 32) return multiplyBlock(n, m, T, rst, cst, B, rsb);
  let n1 = ((n / 2 + 31) / 32) * 32;
  if (n1 >= n) n1 = n / 2;
  let n2 = n - n1;
  let T22 = T + (n1 * (rst + cst) << 3), B2 = B + (n1 * rsb << 3);
  trmm(n1, m, T, rst, cst, B, rsb, ws);
  gemm(n1, m, n2, 1, T + (n1 * cst << 3), rst, cst, B2, rsb, 1, B, rsb, 1, 0, ws);
  trmm(n2, m, T22, rst, cst, B2, rsb, ws);
}

/** B (m×n) ← B T in place, T lower triangular n×n; both row-major. */
export function trmmRight(n: i32, m: i32, T: usize, ldt: i32, B: usize, ldb: i32, ws: usize): void {
  if (n > NB) {
    let n1 = ((n / 2 + NB - 1) / NB) * NB;
    if (n1 >= n) n1 = n / 2;
    let n2 = n - n1, T21 = T + <usize>(n1 * ldt << 3), B2 = B + (<usize>n1 << 3);
    trmmRight(n1, m, T, ldt, B, ldb, ws);
    gemm(m, n1, n2, 1, B2, ldb, 1, T21, ldt, 1, B, ldb, 1, 0, ws);
    trmmRight(n2, m, T21 + (<usize>n1 << 3), ldt, B2, ldb, ws);
    return;
  }
  // T with zeros above its diagonal as panels of four columns, then four rows of B at a time
  let tmp = ws, pt = tmp + NB * NB * 8, pb = pt + NB * NB * 8, edge = pb + NB * 4 * 8;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) store<f64>(tmp + <usize>((i * n + j) << 3), j <= i ? load<f64>(T + <usize>((i * ldt + j) << 3)) : 0);
  pack(n, n, tmp, 1, n, pt);
  for (let i = 0; i < m; i += 4) {
    let mr = min(m - i, 4), row = B + <usize>(i * ldb << 3);
    pack(mr, n, row, ldb, 1, pb);
    for (let j = 0; j < n; j += 4) {
      let nr = min(n - j, 4), c = row + (<usize>j << 3), whole = mr == 4 && nr == 4;
      let to = whole ? c : edge, step = whole ? ldb << 3 : 32;
      for (let r = 0; r < 4; r++) { let q = to + <usize>(r * step); v128.store(q, f64x2.splat(0)); v128.store(q, f64x2.splat(0), 16); }
      tile(n - j, pb + (<usize>j << 5), pt + <usize>((j * n + 4 * j) << 3), to, step, 1);
      if (!whole) for (let r = 0; r < mr; r++) memory.copy(c + <usize>(r * ldb << 3), edge + <usize>(r << 5), <usize>nr << 3);
    }
  }
}
