// LU with row pivoting by recursion on columns (S. Toledo, "Locality of reference in LU decomposition with partial pivoting", 1997).
import { gemm } from "./householder";
import { swap } from "./vector";

// @ts-ignore: decorator
@external("core", "trsm") declare function trsm(upper: i32, unit: i32, n: i32, m: i32, T: usize, rst: i32, cst: i32, B: usize, rsb: i32, csb: i32, ws: usize): void;

/** Columns from…to of the m-row matrix, rows from `from` on; rows are exchanged over their whole length. Returns the first zero pivot from 1. */
function factor(m: i32, from: i32, to: i32, A: usize, lda: i32, permutation: usize, ws: usize): i32 {
  let width = to - from, info = 0;
  if (width <= 8) {
    for (let j = from; j < to; j++) {
      let best = j, largest = abs(load<f64>(A + <usize>((j * lda + j) << 3)));
      for (let i = j + 1; i < m; i++) {
        let v = abs(load<f64>(A + <usize>((i * lda + j) << 3)));
        if (v > largest) { largest = v; best = i; }
      }
      let row = A + <usize>(j * lda << 3);
      if (best != j) {
        swap(lda, row, A + <usize>(best * lda << 3));
        let p = permutation + (<usize>j << 2), q = permutation + (<usize>best << 2), t = load<i32>(p);
        store<i32>(p, load<i32>(q)); store<i32>(q, t);
      }
      let pivot = load<f64>(row + (<usize>j << 3));
      if (pivot == 0) { if (!info) info = j + 1; continue; }
      for (let i = j + 1; i < m; i++) {
        let target = A + <usize>((i * lda + j) << 3), l = load<f64>(target) / pivot;
        store<f64>(target, l);
        for (let k = 1; k < to - j; k++) { let q = target + (<usize>k << 3); store<f64>(q, load<f64>(q) - l * load<f64>(row + (<usize>(j + k) << 3))); }
      }
    }
    return info;
  }
  let middle = from + (width / 2 + 7) / 8 * 8;
  info = factor(m, from, middle, A, lda, permutation, ws);
  let A11 = A + <usize>(from * lda + from << 3), A12 = A + <usize>(from * lda + middle << 3), A21 = A + <usize>(middle * lda + from << 3), A22 = A + <usize>(middle * lda + middle << 3);
  trsm(0, 1, middle - from, to - middle, A11, lda, 1, A12, lda, 1, ws);
  gemm(m - middle, to - middle, middle - from, -1, A21, lda, 1, A12, lda, 1, A22, lda, 1, 0, ws);
  let second = factor(m, middle, to, A, lda, permutation, ws);
  return info ? info : second;
}

/** PA = LU in place, A n×n of row stride n; permutation int32. 0, or the first zero pivot counted from 1. */
export function lu(n: i32, A: usize, permutation: usize, ws: usize): i32 {
  for (let i = 0; i < n; i++) store<i32>(permutation + (<usize>i << 2), i);
  return n ? factor(n, 0, n, A, n, permutation, ws) : 0;
}
