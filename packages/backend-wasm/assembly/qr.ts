// Householder QR: blocked without pivoting (LAPACK's geqrf), column by column with it (geqp3's norm updates).
import { BLOCK, applyBlock, gather, makeReflector, reflect } from "./householder";

/** A (m×n) ← R and, below its diagonal, the reflectors, whose τ go to `tau` (min(m, n)). work: BLOCK·(m + 2n) + 2·BLOCK² + m + n. */
export function qr(m: i32, n: i32, A: usize, tau: usize, work: usize, ws: usize): void {
  let size = min(m, n), v = work, row = v + (<usize>m << 3), rest = row + (<usize>n << 3);
  for (let start = 0; start < size; start += BLOCK) {
    let end = min(size, start + BLOCK);
    for (let j = start; j < end; j++) {
      let d = A + <usize>((j * n + j) << 3), t = makeReflector(m - j, d, n);
      store<f64>(tau + (<usize>j << 3), t);
      gather(m - j, d, n, v);
      reflect(m - j, end - j - 1, v, t, d + 8, n, row);
    }
    if (end < n) applyBlock(1, m, start, end - start, A, n, 1, tau, n - end, A + <usize>((start * n + end) << 3), n, 1, rest, ws);
  }
}

function columnNorm(m: i32, n: i32, A: usize, first: i32, j: i32): f64 {
  let large: f64 = 0, sum: f64 = 0;
  for (let i = first; i < m; i++) large = max(large, abs(load<f64>(A + <usize>((i * n + j) << 3))));
  if (large > 0) for (let i = first; i < m; i++) { let x = load<f64>(A + <usize>((i * n + j) << 3)) / large; sum += x * x; }
  return large * sqrt(sum);
}

/** As `qr`, of A[:, permutation] (int32, n). work: m + 3n. */
export function qrPivoted(m: i32, n: i32, A: usize, tau: usize, permutation: usize, work: usize): void {
  let size = min(m, n), v = work, row = v + (<usize>m << 3), norms = row + (<usize>n << 3), reference = norms + (<usize>n << 3);
  for (let j = 0; j < n; j++) {
    store<i32>(permutation + (<usize>j << 2), j);
    let x = columnNorm(m, n, A, 0, j);
    store<f64>(norms + (<usize>j << 3), x); store<f64>(reference + (<usize>j << 3), x);
  }
  for (let j = 0; j < size; j++) {
    let best = j;
    for (let k = j + 1; k < n; k++) if (load<f64>(norms + (<usize>k << 3)) > load<f64>(norms + (<usize>best << 3))) best = k;
    if (best != j) {
      for (let i = 0; i < m; i++) {
        let p = A + <usize>((i * n + j) << 3), q = A + <usize>((i * n + best) << 3), t = load<f64>(p);
        store<f64>(p, load<f64>(q)); store<f64>(q, t);
      }
      let p = permutation + (<usize>j << 2), q = permutation + (<usize>best << 2), t = load<i32>(p);
      store<i32>(p, load<i32>(q)); store<i32>(q, t);
      store<f64>(norms + (<usize>best << 3), load<f64>(norms + (<usize>j << 3)));
      store<f64>(reference + (<usize>best << 3), load<f64>(reference + (<usize>j << 3)));
    }
    let d = A + <usize>((j * n + j) << 3), t = makeReflector(m - j, d, n);
    store<f64>(tau + (<usize>j << 3), t);
    gather(m - j, d, n, v);
    reflect(m - j, n - j - 1, v, t, d + 8, n, row);
    for (let k = j + 1; k < n; k++) {
      let q = norms + (<usize>k << 3), old = load<f64>(q);
      if (old == 0) continue;
      let ratio = load<f64>(A + <usize>((j * n + k) << 3)) / old, left = max<f64>(0, (1 - ratio) * (1 + ratio));
      let part = old / load<f64>(reference + (<usize>k << 3));
      // below √ε an updated norm has lost half its digits (Drmač & Bujanović, ACM TOMS 35, 2008)
      if (left * part * part <= 1.4901161193847656e-8) {
        let x = columnNorm(m, n, A, j + 1, k);
        store<f64>(q, x); store<f64>(reference + (<usize>k << 3), x);
      } else store<f64>(q, old * sqrt(left));
    }
  }
}
