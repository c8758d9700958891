import { describe, it } from 'vitest';
import { type BlasInfo, findBlas } from '../src/index.ts';
import { instantiateCore, workspaceBytes } from '@matheron/backend-wasm/internal';
import { NativeBackend, Threads, type Thresholds, nativeRoutines, openLibrary } from '../src/internal.ts';

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

/**
 * Factor and inverse by the routines of compiled plans, in place on a memory in which rows are `gap` numbers longer than the matrix: those and
 * the upper triangle have to stay as they are. Results are without the gaps, with a zero and with a mirrored upper triangle.
 */
export function planOn(path: string, gap: number): {
  cholesky: (n: number, a: Float64Array) => { l: Float64Array; info: number };
  inverse: (n: number, l: Float64Array) => Float64Array;
} {
  const library = openLibrary(path), ws = 1024, start = ws + workspaceBytes, untouched = 42;
  const run = <T>(n: number, x: Float64Array, call: (routines: ReturnType<typeof nativeRoutines>, lda: number) => T): { lower: Float64Array; result: T } => {
    const lda = n + gap, memory = new WebAssembly.Memory({ initial: Math.ceil((start + 8 * n * lda) / 65536) }), view = new Float64Array(memory.buffer, start, n * lda).fill(untouched);
    for (let i = 0; i < n; i++) view.set(x.subarray(i * n, i * n + i + 1), i * lda);
    const result = call(nativeRoutines(library, new Threads(library, 1), sizes, memory, instantiateCore(memory)), lda), lower = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      lower.set(view.subarray(i * lda, i * lda + i + 1), i * n);
      if (view.subarray(i * lda + i + 1, (i + 1) * lda).some((v) => v !== untouched)) throw new Error(`row ${i} was written right of the diagonal`);
    }
    return { lower, result };
  };
  return {
    cholesky: (n, a) => {
      const { lower, result } = run(n, a, (routines, lda) => routines.potrf(n, start, lda, ws));
      return { l: lower, info: result };
    },
    inverse: (n, l) => run(n, l, (routines, lda) => routines.potri(n, start, lda, ws)).lower.map((v, k, all) => (k % n > Math.floor(k / n) ? all[(k % n) * n + Math.floor(k / n)]! : v)),
  };
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
