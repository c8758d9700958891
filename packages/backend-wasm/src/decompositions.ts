import { type FloatArray, type MatrixKernels, matrixKernels as plain } from '@matheron/backend-cpu';
import type { CoreKernels, DecompositionKernels } from './engine.ts';
import type { Scratch } from './scratch.ts';

/** Sizes below which the TypeScript code is faster; measured by bench/thresholds.mjs. */
const small = { lu: 12, qr: 4, eigh: 4, svd: 4 } as const;

/** As in assembly/: reflectors of a block, numbers of a rotation record. */
const block = 32, capacity = 65536;

/** Numbers of scratch memory that each takes, operands included. */
export const decompositionRoom = {
  lu: (n: number): number => n * n + n,
  qr: (m: number, n: number): number => m * n + m * Math.min(m, n) + block * (m + 2 * n) + 2 * block ** 2 + m + 6 * n,
  eigh: (n: number): number => 2 * n * n + 3 * n + Math.max(3 * block * n + 2 * block ** 2, capacity + 10 * n),
  /** m ≥ n; tall matrices go through their QR factorization. */
  svd: (m: number, n: number): number =>
    4 * m * n + 2 * n * n + 6 * n + m + Math.max(block * (m + 2 * n) + 2 * block ** 2 + m + n, 2 * m + 2 * n, 2 * capacity + 12 * n),
} as const;

/** From this ratio of rows to columns on a QR factorization first costs less (T. Chan, ACM TOMS 8 (1982)). */
const tall = 1.6;

/** LU, QR, eigh and SVD of single matrices; the module is instantiated when one of them is first used. */
export function wasmDecompositions(scratch: Scratch): Pick<MatrixKernels, 'lu' | 'qr' | 'eigh' | 'svd'> {
  return {
    lu: (m, n, a, permutation) => {
      if (m !== n || n < small.lu) return plain.lu(m, n, a, permutation);
      const { kernels, base } = open(scratch, decompositionRoom.lu(n)), { f64, ws } = scratch;
      f64.set(a, base);
      const order = base + n * n, info = kernels.lu(n, 8 * base, 8 * order, ws);
      a.set(f64.subarray(base, order));
      readIndices(f64, order, n, permutation);
      scratch.release();
      return info;
    },

    qr: (m, n, a, q, r, permutation) => {
      const size = Math.min(m, n);
      if (size < small.qr || !Number.isFinite(largest(a, m * n))) return plain.qr(m, n, a, q, r, permutation);
      const { kernels, base } = open(scratch, decompositionRoom.qr(m, n)), { f64, ws } = scratch;
      const Q = base + m * n, tau = Q + m * size, order = tau + size, work = order + n;
      f64.set(a, base);
      if (permutation) {
        kernels.qrPivoted(m, n, 8 * base, 8 * tau, 8 * order, 8 * work);
        readIndices(f64, order, n, permutation);
      } else kernels.qr(m, n, 8 * base, 8 * tau, 8 * work, ws);
      for (let i = 0; i < size; i++) {
        r.fill(0, i * n, i * n + i);
        r.set(f64.subarray(base + i * n + i, base + i * n + n), i * n + i);
      }
      kernels.formQ(m, size, size, 8 * base, n, 1, 8 * tau, 8 * Q, size, 1, 8 * work, ws);
      q.set(f64.subarray(Q, Q + m * size));
      scratch.release();
    },

    eigh: (n, a, values, vectors) => {
      if (n < small.eigh) return plain.eigh(n, a, values, vectors);
      const { kernels, base } = open(scratch, decompositionRoom.eigh(n)), { f64, ws } = scratch;
      const Z = base + n * n, d = Z + n * n;
      f64.set(a, base);
      for (let i = 0; i < n; i++) f64.fill(0, base + i * n + i + 1, base + i * n + n);
      const magnitude = largest(f64.subarray(base, Z), n * n), scale = safeScale(magnitude);
      if (scale !== 1) for (let k = base; k < Z; k++) f64[k]! *= scale;
      if (Number.isFinite(magnitude) && kernels.eigh(n, 8 * base, 8 * d, 8 * Z, 8 * (d + n), ws)) {
        const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => f64[d + i]! - f64[d + j]!);
        order.forEach((from, j) => { values[j] = f64[d + from]! / scale; });
        gatherColumns(f64, Z, n, n, order, vectors);
      } else {
        values.fill(NaN, 0, n);
        vectors.fill(NaN, 0, n * n);
      }
      scratch.release();
    },

    svd: (m, n, a, u, s, vt) => {
      const wide = m < n, long = wide ? n : m, short = wide ? m : n, magnitude = largest(a, m * n);
      if (short < small.svd || !Number.isFinite(magnitude)) return plain.svd(m, n, a, u, s, vt);
      const opened = open(scratch, decompositionRoom.svd(long, short)), { base } = opened, { f64 } = scratch, scale = safeScale(magnitude);
      if (wide) for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) f64[base + j * m + i] = a[i * n + j]! * scale;
      else if (scale === 1) f64.set(a, base);
      else for (let k = 0; k < m * n; k++) f64[base + k] = a[k]! * scale;
      const factors = tallSvd(scratch, opened, long, short);
      if (factors) {
        const { U, V, d } = factors, order = Array.from({ length: short }, (_, i) => i).sort((i, j) => f64[d + j]! - f64[d + i]!);
        // of the transpose's decomposition the factors trade places
        const left = wide ? V : U, right = wide ? U : V;
        order.forEach((from, j) => {
          s[j] = f64[d + from]! / scale;
          vt.set(f64.subarray(right + from * n, right + (from + 1) * n), j * n);
        });
        gatherColumns(f64, left, m, short, order, u);
      } else {
        u.fill(NaN, 0, m * short);
        s.fill(NaN, 0, short);
        vt.fill(NaN, 0, short * n);
      }
      scratch.release();
    },
  };
}

interface Opened { readonly core: CoreKernels; readonly kernels: DecompositionKernels; readonly base: number }
/** Memory for `room` numbers, and the index of the first. */
function open(scratch: Scratch, room: number): Opened {
  const core = scratch.reserve(8 * room);
  return { core, kernels: scratch.decompositions(), base: scratch.start / 8 };
}

/** The matrix at `base` (m×n, m ≥ n) as Uᵀ diag(d) V: indices of U (n×m), V (n×n) and d, or undefined where the iteration didn't converge. */
function tallSvd(scratch: Scratch, { core, kernels, base }: Opened, m: number, n: number): { U: number; V: number; d: number } | undefined {
  const { f64, ws } = scratch, U = base + m * n, V = U + n * m, d = V + n * n, work = d + n;
  if (m <= tall * n) return kernels.svd(m, n, 8 * base, 8 * d, 8 * U, 8 * V, 8 * work, ws) ? { U, V, d } : undefined;
  // A = Q R and R = Wᵀ diag(d) V give U = W Qᵀ
  const Q = work, W = Q + m * n, R = W + n * n, tau = R + n * n, rest = tau + n;
  kernels.qr(m, n, 8 * base, 8 * tau, 8 * rest, ws);
  for (let i = 0; i < n; i++) {
    f64.fill(0, R + i * n, R + i * n + i);
    f64.copyWithin(R + i * n + i, base + i * n + i, base + i * n + n);
  }
  kernels.formQ(m, n, n, 8 * base, n, 1, 8 * tau, 8 * Q, n, 1, 8 * rest, ws);
  if (!kernels.svd(n, n, 8 * R, 8 * d, 8 * W, 8 * V, 8 * rest, ws)) return undefined;
  f64.fill(0, U, U + n * m);
  core.gemm(n, m, n, 1, 8 * W, n, 1, 8 * Q, 1, n, 8 * U, m, 1, 0, ws);
  return { U, V, d };
}

/** out (rows×count): column j is the row order[j] of the matrix at `at`. */
function gatherColumns(f64: Float64Array, at: number, rows: number, count: number, order: readonly number[], out: FloatArray): void {
  const square = 32; // in blocks, so that both sides stay in the cache
  for (let i = 0; i < rows; i += square) {
    for (let j = 0; j < count; j += square) {
      const rowEnd = Math.min(i + square, rows), columnEnd = Math.min(j + square, count);
      for (let c = j; c < columnEnd; c++) for (let r = i, p = at + order[c]! * rows + i; r < rowEnd; r++, p++) out[r * count + c] = f64[p]!;
    }
  }
}

function readIndices(f64: Float64Array, at: number, n: number, out: Int32Array): void {
  out.set(new Int32Array(f64.buffer as ArrayBuffer, 8 * at, n));
}

/** Largest magnitude; NaN if one is NaN. */
function largest(x: FloatArray, length: number): number {
  let most = 0;
  for (let k = 0; k < length; k++) {
    const v = Math.abs(x[k]!);
    if (!(v <= most)) {
      if (v !== v) return NaN;
      most = v;
    }
  }
  return most;
}

/** The power of two that brings a largest magnitude to about 1 where squares could overflow or lose digits, else 1. */
function safeScale(magnitude: number): number {
  if (magnitude === 0 || (magnitude > 1e-100 && magnitude < 1e100)) return 1;
  return 2 ** Math.max(-1000, Math.min(1000, -Math.floor(Math.log2(magnitude))));
}
