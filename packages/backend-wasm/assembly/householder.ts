// Householder reflectors H = I − τ v vᵀ, v₀ = 1, singly and in blocks Q = I − V T Vᵀ (Schreiber & Van Loan, SISC 10, 1989). The i-th of a
// sequence stands below element (i, i) of a matrix, its leading 1 implied, as in LAPACK.
import { copy, multiplyTransposed, rankOne } from "./vector";

// @ts-ignore: decorator
@external("core", "gemm") export declare function gemm(M: i32, N: i32, K: i32, alpha: f64, A: usize, rsa: i32, csa: i32, B: usize, rsb: i32, csb: i32, C: usize, rsc: i32, csc: i32, lower: i32, ws: usize): void;

/** Reflectors of a block. */
export const BLOCK: i32 = 32;

/** √(a² + b²) without overflow or loss of digits. */
export function hypotenuse(a: f64, b: f64): f64 {
  let square = a * a + b * b;
  if (square > 1e-290 && square < 1e290) return sqrt(square);
  let large = max(abs(a), abs(b));
  if (large == 0 || large == Infinity) return large;
  a /= large; b /= large;
  return large * sqrt(a * a + b * b);
}

function norm(n: i32, x: usize, stride: i32): f64 {
  let sum: f64 = 0, step = stride << 3, q = x;
  for (let i = 0; i < n; i++, q += step) { let v = load<f64>(q); sum += v * v; }
  if (sum > 1e-280 && sum < 1e290) return sqrt(sum);
  let large: f64 = 0;
  q = x;
  for (let i = 0; i < n; i++, q += step) large = max(large, abs(load<f64>(q)));
  if (large == 0) return 0;
  sum = 0; q = x;
  for (let i = 0; i < n; i++, q += step) { let v = load<f64>(q) / large; sum += v * v; }
  return large * sqrt(sum);
}

/** Maps x to β e₁: x₀ becomes β, the rest v₁…; returns τ, 0 where nothing is to be done. β has the sign opposite to x₀. */
export function makeReflector(n: i32, x: usize, stride: i32): f64 {
  if (n < 2) return 0;
  let step = stride << 3, tail = norm(n - 1, x + step, stride);
  if (tail == 0) return 0;
  let head = load<f64>(x), largest = max(tail, abs(head));
  if (largest < 1e-290) { // made from a scaled copy, v keeps its digits where x is subnormal
    const up = 2.5822498780869086e120; // 2^400
    for (let i = 0, q = x; i < n; i++, q += step) store<f64>(q, load<f64>(q) * up);
    let tau = makeReflector(n, x, stride);
    store<f64>(x, load<f64>(x) / up);
    return tau;
  }
  let length = hypotenuse(head, tail), beta = head > 0 ? -length : length, pivot = head - beta;
  for (let i = 1, q = x + step; i < n; i++, q += step) store<f64>(q, load<f64>(q) / pivot);
  store<f64>(x, beta);
  return -pivot / beta;
}

/** C (m×n) ← H C; v contiguous with its leading 1 stored; `work` holds n. */
export function reflect(m: i32, n: i32, v: usize, tau: f64, C: usize, ldc: i32, work: usize): void {
  if (tau == 0 || n == 0) return;
  multiplyTransposed(m, n, C, ldc, v, work);
  rankOne(m, n, tau, v, work, C, ldc);
}

/** A reflector with its 1, contiguous. */
export function gather(n: i32, x: usize, stride: i32, v: usize): void {
  store<f64>(v, 1);
  copy(n - 1, x + (stride << 3), stride, v + 8, 1);
}

/**
 * C ← Q C, or Qᵀ C, for reflectors start … start + count − 1 of a sequence in X (their matrix has `rows` rows, strides xrs and xcs), C of
 * rows − start rows and strides crs, ccs. `work` holds BLOCK·(rows + 2·columns) + 2·BLOCK².
 */
export function applyBlock(transpose: i32, rows: i32, start: i32, count: i32, X: usize, xrs: i32, xcs: i32, tau: usize,
  columns: i32, C: usize, crs: i32, ccs: i32, work: usize, ws: usize): void {
  if (!columns || !count) return;
  let height = rows - start;
  let V = work, T = V + <usize>(height * BLOCK << 3), gram = T + BLOCK * BLOCK * 8, W = gram + BLOCK * BLOCK * 8, TW = W + <usize>(columns * BLOCK << 3);
  for (let i = 0; i < height; i++) {
    let row = V + <usize>(i * count << 3), end = min(i, count);
    for (let j = 0; j < end; j++) store<f64>(row + (<usize>j << 3), load<f64>(X + (((start + i) * xrs + (start + j) * xcs) << 3)));
    if (i < count) {
      store<f64>(row + (<usize>i << 3), 1);
      for (let j = i + 1; j < count; j++) store<f64>(row + (<usize>j << 3), 0);
    }
  }
  // column j of T is −τ_j T (Vᵀ v_j) above its diagonal τ_j
  memory.fill(gram, 0, <usize>(count * count) << 3);
  gemm(count, count, height, 1, V, 1, count, V, count, 1, gram, count, 1, 0, ws);
  memory.fill(T, 0, <usize>(count * count) << 3);
  for (let j = 0; j < count; j++) {
    let t = load<f64>(tau + (<usize>(start + j) << 3));
    for (let i = 0; i < j; i++) {
      let sum: f64 = 0;
      for (let k = i; k < j; k++) sum += load<f64>(T + <usize>((i * count + k) << 3)) * load<f64>(gram + <usize>((k * count + j) << 3));
      store<f64>(T + <usize>((i * count + j) << 3), -t * sum);
    }
    store<f64>(T + <usize>((j * count + j) << 3), t);
  }
  memory.fill(W, 0, <usize>(count * columns) << 3);
  gemm(count, columns, height, 1, V, 1, count, C, crs, ccs, W, columns, 1, 0, ws);
  memory.fill(TW, 0, <usize>(count * columns) << 3);
  gemm(count, columns, count, 1, T, transpose ? 1 : count, transpose ? count : 1, W, columns, 1, TW, columns, 1, 0, ws);
  gemm(height, columns, count, -1, V, count, 1, TW, columns, 1, C, crs, ccs, 0, ws);
}

/** The first `columns` ≥ count columns of Q = H₀ … H_{count−1} into Q (rows×columns, any strides). */
export function formQ(rows: i32, columns: i32, count: i32, X: usize, xrs: i32, xcs: i32, tau: usize, Q: usize, qrs: i32, qcs: i32, work: usize, ws: usize): void {
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) store<f64>(Q + ((i * qrs + j * qcs) << 3), i == j ? 1 : 0);
  for (let start = (count - 1) / BLOCK * BLOCK; start >= 0 && count > 0; start -= BLOCK) {
    applyBlock(0, rows, start, min(BLOCK, count - start), X, xrs, xcs, tau, columns - start, Q + (start * (qrs + qcs) << 3), qrs, qcs, work, ws);
  }
}
