import { describe, it } from 'vitest';
import { type BlasInfo, findBlas } from '../src/index.ts';
import { NativeBackend, type Thresholds, openLibrary } from '../src/internal.ts';

/** What is installed. */
export const libraries: readonly BlasInfo[] = findBlas();

/** Tests that need a BLAS. Without one they are skipped, or fail where `MATHERON_REQUIRE_BLAS` says that one has been installed. */
export function withBlas(name: string, body: () => void): void {
  if (libraries.length > 0) describe(name, body);
  else if (process.env['MATHERON_REQUIRE_BLAS']) it(name, () => { throw new Error('findBlas() finds no library'); });
  else it(name, ({ skip }) => skip('no BLAS is installed: tooling/ci/install-openblas.sh installs one'));
}

const sizes = { gemm: 1, gemv: 1, solve: 1, solveVector: 1, cholesky: 1, inverse: 1, lu: 1, qr: 1, eigh: 1, svd: 1 } as const;
/** Calls the library however small the matrix. */
export const always: Thresholds = { eager: sizes, compiled: sizes };
export function backendOn(path: string, threads: number = 1): NativeBackend {
  return new NativeBackend(openLibrary(path), { threads, thresholds: always });
}

/** Mulberry32, centred. */
export function random(n: number, seed: number): Float64Array {
  let s = seed >>> 0;
  return Float64Array.from({ length: n }, () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = s;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296 - 0.5;
  });
}
/** A positive definite n×n matrix: a kernel on random points in the plane, and noise. */
export function kernelMatrix(n: number, seed: number = 7): Float64Array {
  const x = random(2 * n, seed).map((v) => 4 * v);
  return Float64Array.from({ length: n * n }, (_, k) => {
    const i = Math.floor(k / n), j = k % n;
    return Math.exp(-0.5 * ((x[2 * i]! - x[2 * j]!) ** 2 + (x[2 * i + 1]! - x[2 * j + 1]!) ** 2)) + (i === j ? 0.1 : 0);
  });
}
/** a (m×k) · b (k×n), term by term. */
export function product(m: number, n: number, k: number, a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let l = 0; l < k; l++) for (let j = 0, x = a[i * k + l]!; j < n; j++) c[i * n + j]! += x * b[l * n + j]!;
  return c;
}
export function transpose(m: number, n: number, a: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: m * n }, (_, k) => a[(k % m) * n + Math.floor(k / m)]!);
}
export function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));
}
/** Largest difference. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return NaN;
  let worst = 0;
  for (let k = 0; k < a.length; k++) {
    const d = Math.abs(a[k]! - b[k]!);
    if (!(d <= worst)) worst = d;
  }
  return worst;
}
export const eps: number = 2 ** -52;
