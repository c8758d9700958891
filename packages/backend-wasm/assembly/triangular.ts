// Solving with a triangular matrix, by recursion on halves down to packed blocks of 64.
import { gemm, pack, tile, unpack } from "./gemm";
import { madd, nmadd } from "./simd";

const NB: i32 = 64;

/** Right sides that are solved together, in panels of four: 64 KiB of them at 64 rows. */
const GROUP: i32 = 128;

/**
 * Solves four rows for `count` panels of right sides, `stride` bytes apart: each 4×4 tile behind k rows is taken into registers, less what
 * the rows above it contribute, and solved with the diagonal tile. `p` is the packed panel of the triangle's rows; `diagonal` has what is
 * below the diagonal of its tile by columns, then the reciprocals of the diagonal. Each panel's first `skip` bytes more than those of the
 * one before are 0 and passed over. Unless A is 0 the tiles also go, transposed, to its rows: four for each panel, `lda` elements apart, `rows` in all.
 */
@inline export function solveTiles(k: i32, p: usize, diagonal: usize, panels: usize, stride: usize, count: i32, skip: usize, A: usize, lda: i32, rows: i32): void {
  let end = p + (<usize>k << 5), step = <usize>lda << 3;
  for (let from = p; count > 0; count--, panels += stride, from += skip) {
    let t = panels + (<usize>k << 5);
    let c00 = v128.load(t), c01 = v128.load(t, 16), c10 = v128.load(t, 32), c11 = v128.load(t, 48);
    let c20 = v128.load(t, 64), c21 = v128.load(t, 80), c30 = v128.load(t, 96), c31 = v128.load(t, 112);
    for (let a = from, delta = panels - p; a < end;) {
      let q = a + delta;
      let b0 = v128.load(q), b1 = v128.load(q, 16), x = v128.load_splat<f64>(a); c00 = nmadd(x, b0, c00); c01 = nmadd(x, b1, c01);
      x = v128.load_splat<f64>(a, 8);  c10 = nmadd(x, b0, c10); c11 = nmadd(x, b1, c11);
      x = v128.load_splat<f64>(a, 16); c20 = nmadd(x, b0, c20); c21 = nmadd(x, b1, c21);
      x = v128.load_splat<f64>(a, 24); c30 = nmadd(x, b0, c30); c31 = nmadd(x, b1, c31);
      a += 32; if (a >= end) break; q = a + delta;
      b0 = v128.load(q); b1 = v128.load(q, 16); x = v128.load_splat<f64>(a); c00 = nmadd(x, b0, c00); c01 = nmadd(x, b1, c01);
      x = v128.load_splat<f64>(a, 8);  c10 = nmadd(x, b0, c10); c11 = nmadd(x, b1, c11);
      x = v128.load_splat<f64>(a, 16); c20 = nmadd(x, b0, c20); c21 = nmadd(x, b1, c21);
      x = v128.load_splat<f64>(a, 24); c30 = nmadd(x, b0, c30); c31 = nmadd(x, b1, c31);
      a += 32; if (a >= end) break; q = a + delta;
      b0 = v128.load(q); b1 = v128.load(q, 16); x = v128.load_splat<f64>(a); c00 = nmadd(x, b0, c00); c01 = nmadd(x, b1, c01);
      x = v128.load_splat<f64>(a, 8);  c10 = nmadd(x, b0, c10); c11 = nmadd(x, b1, c11);
      x = v128.load_splat<f64>(a, 16); c20 = nmadd(x, b0, c20); c21 = nmadd(x, b1, c21);
      x = v128.load_splat<f64>(a, 24); c30 = nmadd(x, b0, c30); c31 = nmadd(x, b1, c31);
      a += 32; if (a >= end) break; q = a + delta;
      b0 = v128.load(q); b1 = v128.load(q, 16); x = v128.load_splat<f64>(a); c00 = nmadd(x, b0, c00); c01 = nmadd(x, b1, c01);
      x = v128.load_splat<f64>(a, 8);  c10 = nmadd(x, b0, c10); c11 = nmadd(x, b1, c11);
      x = v128.load_splat<f64>(a, 16); c20 = nmadd(x, b0, c20); c21 = nmadd(x, b1, c21);
      x = v128.load_splat<f64>(a, 24); c30 = nmadd(x, b0, c30); c31 = nmadd(x, b1, c31);
      a += 32;
    }
    let m = v128.load_splat<f64>(diagonal, 48); c00 = f64x2.mul(m, c00); c01 = f64x2.mul(m, c01);
    m = v128.load_splat<f64>(diagonal); c10 = nmadd(m, c00, c10); c11 = nmadd(m, c01, c11);
    m = v128.load_splat<f64>(diagonal, 8); c20 = nmadd(m, c00, c20); c21 = nmadd(m, c01, c21);
    m = v128.load_splat<f64>(diagonal, 16); c30 = nmadd(m, c00, c30); c31 = nmadd(m, c01, c31);
    m = v128.load_splat<f64>(diagonal, 56); c10 = f64x2.mul(m, c10); c11 = f64x2.mul(m, c11);
    m = v128.load_splat<f64>(diagonal, 24); c20 = nmadd(m, c10, c20); c21 = nmadd(m, c11, c21);
    m = v128.load_splat<f64>(diagonal, 32); c30 = nmadd(m, c10, c30); c31 = nmadd(m, c11, c31);
    m = v128.load_splat<f64>(diagonal, 64); c20 = f64x2.mul(m, c20); c21 = f64x2.mul(m, c21);
    m = v128.load_splat<f64>(diagonal, 40); c30 = nmadd(m, c20, c30); c31 = nmadd(m, c21, c31);
    m = v128.load_splat<f64>(diagonal, 72); c30 = f64x2.mul(m, c30); c31 = f64x2.mul(m, c31);
    v128.store(t, c00); v128.store(t, c01, 16); v128.store(t, c10, 32); v128.store(t, c11, 48);
    v128.store(t, c20, 64); v128.store(t, c21, 80); v128.store(t, c30, 96); v128.store(t, c31, 112);
    if (A) {
      let row = A;
      v128.store(row, v128.shuffle<f64>(c00, c10, 0, 2)); v128.store(row, v128.shuffle<f64>(c20, c30, 0, 2), 16);
      if (rows < 2) break;
      row += step; v128.store(row, v128.shuffle<f64>(c00, c10, 1, 3)); v128.store(row, v128.shuffle<f64>(c20, c30, 1, 3), 16);
      if (rows < 3) break;
      row += step; v128.store(row, v128.shuffle<f64>(c01, c11, 0, 2)); v128.store(row, v128.shuffle<f64>(c21, c31, 0, 2), 16);
      if (rows < 4) break;
      row += step; v128.store(row, v128.shuffle<f64>(c01, c11, 1, 3)); v128.store(row, v128.shuffle<f64>(c21, c31, 1, 3), 16);
      rows -= 4; A = row + step;
    }
  }
}

function solvePanels(k: i32, p: usize, diagonal: usize, panels: usize, stride: usize, count: i32): void {
  solveTiles(k, p, diagonal, panels, stride, count, 0, 0, 0, 0);
}

/** The `diagonal` of `solveTiles` from the diagonal tile at d (its element (r, c) at 32c + 8r), size rows of it; 0 for what is missing. */
export function prepareTile(size: i32, d: usize, unit: i32, diagonal: usize): void {
  let at = diagonal;
  for (let c = 0; c < 4; c++) {
    let column = d + (<usize>c << 5), inverse: f64 = c >= size ? 0 : unit ? 1 : 1 / load<f64>(column + (<usize>c << 3));
    store<f64>(diagonal + (<usize>c << 3), inverse, 48);
    for (let r = c + 1; r < 4; r++, at += 8) store<f64>(at, r < size ? load<f64>(column + (<usize>r << 3)) : 0);
  }
}

/** T X = B in place; T lower triangular n×n, n ≤ 64, any strides (negative ones make an upper matrix lower). */
function solveBlock(unit: i32, n: i32, m: i32, T: usize, rst: i32, cst: i32, B: usize, rsb: i32, csb: i32, ws: usize): void {
  let n4 = (n + 3) & ~3, stride = (<usize>n4 << 5) + 64; // 64 more, so that panels don't fall on the same sets of the cache
  let pt = ws, diagonal = pt + NB * NB * 8, px = diagonal + NB * 20;
  for (let i = 0; i < n; i += 4) {
    let panel = pt + <usize>(i * n << 3);
    pack(min(4, n - i), min(n, i + 4), T + (i * rst << 3), rst, cst, panel);
    prepareTile(n - i, panel + (<usize>i << 5), unit, diagonal + <usize>(i * 20));
  }
  rsb <<= 3; csb <<= 3;
  for (let j = 0; j < m; j += GROUP) {
    let columns = min(m - j, GROUP), count = (columns + 3) >> 2;
    let whole = csb == 8 ? columns >> 2 : 0; // panels that are moved row by row
    for (let i = 0; i < n; i++) {
      let q = B + i * rsb + (<usize>j << 3), p = px + (<usize>i << 5);
      for (let g = 0; g < whole; g++, q += 32, p += stride) { v128.store(p, v128.load(q)); v128.store(p, v128.load(q, 16), 16); }
    }
    for (let g = 0; g < count; g++) {
      let panel = px + <usize>g * stride;
      if (g >= whole) pack(min(columns - (g << 2), 4), n, B + (j + (g << 2)) * csb, csb >> 3, rsb >> 3, panel);
      for (let i = n; i < n4; i++) { v128.store(panel + (<usize>i << 5), f64x2.splat(0)); v128.store(panel + (<usize>i << 5), f64x2.splat(0), 16); }
    }
    for (let i = 0; i < n; i += 4) solvePanels(i, pt + <usize>(i * n << 3), diagonal + <usize>(i * 20), px, stride, count);
    for (let i = 0; i < n; i++) {
      let q = B + i * rsb + (<usize>j << 3), p = px + (<usize>i << 5);
      for (let g = 0; g < whole; g++, q += 32, p += stride) { v128.store(q, v128.load(p)); v128.store(q, v128.load(p, 16), 16); }
    }
    for (let g = whole; g < count; g++) {
      let panel = px + <usize>g * stride, bp = B + (j + (g << 2)) * csb, mr = min(columns - (g << 2), 4);
      if (mr == 4 && rsb == 8) unpack(n, panel, bp, csb);
      else for (let i = 0; i < n; i++) for (let s = 0; s < mr; s++) store<f64>(bp + i * rsb + s * csb, load<f64>(panel + <usize>((i * 4 + s) << 3)));
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
