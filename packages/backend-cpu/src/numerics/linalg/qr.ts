/** Householder QR: blocked without pivoting (LAPACK's geqrf), column by column with it (geqp3's norm updates). */
import { applyBlock, applyReflector, formQ, makeBlock, makeReflector } from './householder.ts';
import { maxMagnitude } from './scaling.ts';
import type { FloatArray } from './types.ts';

const PANEL = 32;
/** Below this fraction, √ε, an updated column norm has lost half its digits and is computed anew. */
const NORM_UPDATE_LIMIT = 2 ** -26;

/** Overwrites row-major `a` [m, n] by R and, below its diagonal, the reflectors whose τ go into `tau` [min(m, n)]. */
export function factorQr(m: number, n: number, a: Float64Array, tau: Float64Array): void {
  const size = Math.min(m, n);
  const work = new Float64Array(PANEL);
  for (let start = 0; start < size; start += PANEL) {
    const end = Math.min(size, start + PANEL);
    for (let j = start; j < end; j++) {
      const diagonal = j * n + j;
      tau[j] = makeReflector(m - j, a, diagonal, n);
      applyReflector(m - j, end - j - 1, a, diagonal, n, tau[j]!, a, diagonal + 1, n, work);
    }
    if (end === n) continue;
    const block = makeBlock(m, start, end - start, a, 0, n, 1, tau);
    applyBlock(block, true, n - end, a, start * n + end, n, 1);
  }
}

function swapColumns(m: number, n: number, a: Float64Array, i: number, j: number): void {
  for (let p = i, q = j, end = m * n; p < end; p += n, q += n) {
    const x = a[p]!;
    a[p] = a[q]!;
    a[q] = x;
  }
}

function swap(x: Float64Array | Int32Array, i: number, j: number): void {
  const moved = x[i]!;
  x[i] = x[j]!;
  x[j] = moved;
}

/** The norms of columns `from` … n − 1, over rows ≥ `firstRow`. */
function columnNorms(m: number, n: number, a: Float64Array, firstRow: number, from: number, to: number, norms: Float64Array): void {
  for (let j = from; j < to; j++) {
    let large = 0;
    for (let i = firstRow; i < m; i++) large = Math.max(large, Math.abs(a[i * n + j]!));
    let sum = 0;
    if (large > 0) for (let i = firstRow; i < m; i++) sum += (a[i * n + j]! / large) ** 2;
    norms[j] = large * Math.sqrt(sum);
  }
}

function factorPivotedQr(m: number, n: number, a: Float64Array, tau: Float64Array, permutation: Int32Array): void {
  const size = Math.min(m, n);
  const work = new Float64Array(n);
  const norms = new Float64Array(n);
  for (let j = 0; j < n; j++) permutation[j] = j;
  columnNorms(m, n, a, 0, 0, n, norms);
  const reference = norms.slice();
  for (let j = 0; j < size; j++) {
    let best = j;
    for (let k = j + 1; k < n; k++) if (norms[k]! > norms[best]!) best = k;
    if (best !== j) {
      swapColumns(m, n, a, best, j);
      swap(permutation, best, j);
      norms[best] = norms[j]!;
      reference[best] = reference[j]!;
    }
    const diagonal = j * n + j;
    tau[j] = makeReflector(m - j, a, diagonal, n);
    applyReflector(m - j, n - j - 1, a, diagonal, n, tau[j]!, a, diagonal + 1, n, work);
    for (let k = j + 1; k < n; k++) {
      const old = norms[k]!;
      if (old === 0) continue;
      const ratio = a[j * n + k]! / old;
      const left = Math.max(0, (1 - ratio) * (1 + ratio));
      // The test of Z. Drmač and Z. Bujanović, ACM TOMS 35 (2008), which LAPACK uses.
      if (left * (old / reference[k]!) ** 2 <= NORM_UPDATE_LIMIT) {
        columnNorms(m, n, a, j + 1, k, k + 1, norms);
        reference[k] = norms[k]!;
      } else {
        norms[k] = old * Math.sqrt(left);
      }
    }
  }
}

/**
 * The reduced QR factorization of `a` [m, n] (only read), k = min(m, n): writes `q` [m, k] with orthonormal columns and upper triangular
 * `r` [k, n]. With `permutation` [n], columns are pivoted: a[:, permutation] = q r and the diagonal of r falls in magnitude. The signs of
 * the diagonal are those that cost no digits, not all positive. A NaN or Inf in `a` makes q and r NaN.
 */
export function qr(m: number, n: number, a: FloatArray, q: FloatArray, r: FloatArray, permutation?: Int32Array): void {
  const size = Math.min(m, n);
  if (!Number.isFinite(maxMagnitude(a, m * n))) {
    q.fill(NaN, 0, m * size);
    r.fill(NaN, 0, size * n);
    if (permutation) for (let j = 0; j < n; j++) permutation[j] = j;
    return;
  }
  const x = new Float64Array(m * n);
  x.set(a.subarray(0, m * n));
  const tau = new Float64Array(size);
  if (permutation) factorPivotedQr(m, n, x, tau, permutation);
  else factorQr(m, n, x, tau);
  for (let i = 0; i < size; i++) {
    r.fill(0, i * n, i * n + i);
    for (let j = i; j < n; j++) r[i * n + j] = x[i * n + j]!;
  }
  const full = q instanceof Float64Array ? q : new Float64Array(m * size);
  formQ(m, size, size, x, 0, n, 1, tau, full, 0, size, 1);
  if (full !== q) q.set(full);
}
