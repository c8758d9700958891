// The inverse of a triangle, and the inverse of a matrix from its factor. Row-major, lower triangle.
import { clearTile, gemm, pack, tile } from "./gemm";
import { prepareTile, solveTiles, trmm, trmmRight, trsm } from "./triangular";

const NB: i32 = 64;

// Blocks of n ≤ 64 are worked on as panels of four columns, [row][4], with zeros above the diagonal; panel j is meant from row j on.
@inline function strideOf(n: i32): usize { return (<usize>((n + 3) & ~3) << 5) + 64; }
/** Where they stand in the workspace, behind a packed triangle and its diagonal tiles. */
@inline function panelsIn(ws: usize): usize { return ws + NB * NB * 8 + NB * 20; }

/** The panels of L⁻¹. */
function invertPanels(n: i32, A: usize, lda: i32, ws: usize): void {
  let stride = strideOf(n), panels = panelsIn(ws), diagonal = ws + NB * NB * 8, height = <usize>((n + 3) & ~3) << 5;
  for (let i = 0; i < n; i += 4) {
    let rows = ws + <usize>(i * n << 3), panel = panels + <usize>(i >> 2) * stride;
    pack(min(4, n - i), min(n, i + 4), A + <usize>(i * lda << 3), lda, 1, rows);
    prepareTile(n - i, rows + (<usize>i << 5), 0, diagonal + <usize>(i * 20));
    for (let p = panel + (<usize>i << 5); p < panel + height; p += 32) { v128.store(p, f64x2.splat(0)); v128.store(p, f64x2.splat(0), 16); }
    for (let c = 0; c < min(4, n - i); c++) store<f64>(panel + (<usize>(i + c) << 5) + (<usize>c << 3), 1);
  }
  // L X = I row by row, which multiplies with what is inverted and solves with what is not: see trtri
  for (let i = 0; i < n; i += 4) solveTiles(i, ws + <usize>(i * n << 3), diagonal + <usize>(i * 20), panels, stride, (i >> 2) + 1, 128, 0, 0, 0);
}

/** Panels to or from the lower triangle of A. */
@inline function movePanels(n: i32, A: usize, lda: i32, ws: usize, fromA: bool): void {
  let stride = strideOf(n), panels = panelsIn(ws);
  for (let j = 0; j < n; j += 4) {
    let panel = panels + <usize>(j >> 2) * stride, columns = min(4, n - j), i = j;
    if (fromA) for (let p = panel + (<usize>j << 5); p < panel + stride - 64; p += 32) { v128.store(p, f64x2.splat(0)); v128.store(p, f64x2.splat(0), 16); }
    for (; i < min(n, j + 4); i++) for (let c = 0; c < min(columns, i - j + 1); c++) {
      let p = panel + (<usize>i << 5) + (<usize>c << 3), q = A + <usize>((i * lda + j + c) << 3);
      if (fromA) store<f64>(p, load<f64>(q)); else store<f64>(q, load<f64>(p));
    }
    for (; i < n; i++) {
      let p = panel + (<usize>i << 5), q = A + <usize>((i * lda + j) << 3);
      if (fromA) { v128.store(p, v128.load(q)); v128.store(p, v128.load(q, 16), 16); }
      else { v128.store(q, v128.load(p)); v128.store(q, v128.load(p, 16), 16); }
    }
  }
}

/** The lower triangle of Xᵀ X to A from the panels of X. */
function squarePanels(n: i32, A: usize, lda: i32, ws: usize): void {
  let stride = strideOf(n), panels = panelsIn(ws), tmp = ws;
  for (let i = 0; i < n; i += 4) {
    let rows = min(4, n - i), skipped = <usize>i << 5, a = panels + <usize>(i >> 2) * stride + skipped;
    for (let j = 0; j <= i; j += 4) {
      let b = panels + <usize>(j >> 2) * stride + skipped;
      clearTile(tmp);
      tile(n - i, a, b, tmp, 32, 1);
      let q = A + <usize>((i * lda + j) << 3), step = <usize>lda << 3;
      if (i == j) {
        for (let r = 0; r < rows; r++) for (let c = 0; c <= r; c++) store<f64>(q + <usize>r * step + (<usize>c << 3), load<f64>(tmp + (<usize>r << 5) + (<usize>c << 3)));
      } else {
        for (let r = 0; r < rows; r++, q += step) { let p = tmp + (<usize>r << 5); v128.store(q, v128.load(p)); v128.store(q, v128.load(p, 16), 16); }
      }
    }
  }
}

/** A ← −A */
export function negate(m: i32, n: i32, A: usize, lda: i32): void {
  for (let i = 0; i < m; i++) {
    let q = A + <usize>(i * lda << 3);
    for (let j = 0; j < n; j++, q += 8) store<f64>(q, -load<f64>(q));
  }
}

/** L ← L⁻¹ in place, lower triangular. */
export function trtri(n: i32, A: usize, lda: i32, ws: usize): void {
  if (n <= NB) {
    invertPanels(n, A, lda, ws);
    movePanels(n, A, lda, ws, false);
    return;
  }
  let n1 = ((n / 2 + 15) / 16) * 16;
  if (n1 >= n) n1 = n / 2;
  let n2 = n - n1;
  let A21 = A + <usize>(n1 * lda << 3), A22 = A21 + (<usize>n1 << 3);
  // A21 ← −L22⁻¹ (A21 L11⁻¹), multiplied with the inverse on one side and solved on the other: solving on both loses two digits at
  // condition 1e10 (Du Croz & Higham, "Stability of methods for matrix inversion", 1992)
  trtri(n1, A, lda, ws);
  trmmRight(n1, n2, A, lda, A21, lda, ws);
  negate(n2, n1, A21, lda);
  trsm(0, 0, n2, n1, A22, lda, 1, A21, lda, 1, ws);
  trtri(n2, A22, lda, ws);
}

/** The lower triangle of A ← Aᵀ A for A lower triangular, in place. */
export function lauum(n: i32, A: usize, lda: i32, ws: usize): void {
  if (n <= NB) {
    movePanels(n, A, lda, ws, true);
    squarePanels(n, A, lda, ws);
    return;
  }
  let n1 = ((n / 2 + 15) / 16) * 16;
  if (n1 >= n) n1 = n / 2;
  let n2 = n - n1;
  let A21 = A + <usize>(n1 * lda << 3), A22 = A21 + (<usize>n1 << 3);
  lauum(n1, A, lda, ws);
  gemm(n1, n1, n2, 1, A21, 1, lda, A21, lda, 1, A, lda, 1, 1, ws);
  trmm(n2, n1, A22, 1, lda, A21, lda, ws);
  lauum(n2, A22, lda, ws);
}

/** A ← (L Lᵀ)⁻¹ in place from L in the lower triangle; the result's lower triangle is written. */
export function potri(n: i32, A: usize, lda: i32, ws: usize): void {
  if (n <= NB) {
    invertPanels(n, A, lda, ws);
    squarePanels(n, A, lda, ws);
    return;
  }
  trtri(n, A, lda, ws);
  lauum(n, A, lda, ws);
}
