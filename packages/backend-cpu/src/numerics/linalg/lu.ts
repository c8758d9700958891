/** LU factorization with partial pivoting, blocked by panels of columns (LAPACK's getrf). */
import { addProduct } from './gemm.ts';
import { solveLower } from './triangular-solve.ts';
import type { FloatArray } from './types.ts';

const PANEL = 32;

function swapRows(n: number, a: FloatArray, i: number, j: number): void {
  const p = i * n;
  const q = j * n;
  for (let k = 0; k < n; k++) {
    const x = a[p + k]!;
    a[p + k] = a[q + k]!;
    a[q + k] = x;
  }
}

/** Eliminates columns [start, end) below the diagonal, within these columns; rows are swapped over their whole length. */
function factorPanel(m: number, n: number, a: FloatArray, start: number, end: number, permutation: Int32Array): number {
  let info = 0;
  for (let j = start; j < end; j++) {
    let best = j;
    for (let i = j + 1; i < m; i++) if (Math.abs(a[i * n + j]!) > Math.abs(a[best * n + j]!)) best = i;
    if (best !== j) {
      swapRows(n, a, best, j);
      const moved = permutation[j]!;
      permutation[j] = permutation[best]!;
      permutation[best] = moved;
    }
    const pivot = a[j * n + j]!;
    if (pivot === 0) {
      if (info === 0) info = j + 1;
      continue;
    }
    for (let i = j + 1; i < m; i++) {
      const factor = a[i * n + j]! / pivot;
      a[i * n + j] = factor;
      for (let k = j + 1; k < end; k++) a[i * n + k]! -= factor * a[j * n + k]!;
    }
  }
  return info;
}

/**
 * Overwrites `a` [m, n] with its LU factors, the unit lower L [m, k] below the diagonal and U [k, n] on and above it, k = min(m, n), and
 * `permutation` [m] with the order of the rows: row i of L U is row permutation[i] of `a`. Returns 0, or the 1-based index of the first
 * pivot that is exactly zero (the factors still multiply to `a`; U is singular). NaN spreads through what it touches.
 */
export function lu(m: number, n: number, a: FloatArray, permutation: Int32Array): number {
  for (let i = 0; i < m; i++) permutation[i] = i;
  const size = Math.min(m, n);
  let info = 0;
  for (let start = 0; start < size; start += PANEL) {
    const end = Math.min(size, start + PANEL);
    const width = end - start;
    const panelInfo = factorPanel(m, n, a, start, end, permutation);
    if (info === 0) info = panelInfo;
    const corner = start * n + start;
    solveLower(width, n - end, a, corner, n, 1, true, a, start * n + end, n, 1);
    addProduct(m - end, n - end, width, -1, a, end * n + start, n, 1, a, start * n + end, n, 1, a, end * n + end, n, 1, false);
  }
  return info;
}
