// What the benchmarks share: BLAS as one calls it by hand through koffi, data, and races.
import { createRequire } from 'node:module';
import { findBlas } from '../dist/index.js';

/** The library to compare on: the first that findBlas() lists, which `native()` takes too. */
export const blas = findBlas()[0];
if (!blas) throw new Error('no BLAS is installed: tooling/ci/install-openblas.sh installs one');

/** @typedef {(...values: any[]) => any} Routine */

const library = createRequire(import.meta.url)('koffi').load(blas.path);
/** @type {(name: string, prototype: (name: string) => string) => Routine} */
const bind = (name, prototype) => {
  for (const prefix of ['', 'scipy_']) for (const suffix of ['', '64_', '_64']) {
    try {
      return library.func(prototype(`${prefix}${name}${suffix}`));
    } catch {
      // another decoration
    }
  }
  throw new Error(`${blas.path} has no ${name}`);
};
const int = blas.integers === 64 ? 'int64_t' : 'int32_t';
/** Direct calls, prototypes typed for koffi. */
export const direct = {
  gemm: bind('cblas_dgemm', (f) => `void ${f}(int o,int ta,int tb,${int} m,${int} n,${int} k,double alpha,double*a,${int} lda,double*b,${int} ldb,double beta,double*c,${int} ldc)`),
  trsm: bind('cblas_dtrsm', (f) => `void ${f}(int o,int s,int u,int ta,int d,${int} m,${int} n,double alpha,double*a,${int} lda,double*b,${int} ldb)`),
  potrf: bind('dpotrf_', (f) => `void ${f}(const char*u,${int}*n,double*a,${int}*lda,${int}*info)`),
  potri: bind('dpotri_', (f) => `void ${f}(const char*u,${int}*n,double*a,${int}*lda,${int}*info)`),
  threads: bind('openblas_set_num_threads', (f) => `void ${f}(int n)`),
};
direct.threads(1);
/** @type {(n: number) => Int32Array | BigInt64Array} an integer to point to */
export const integer = (n) => (blas.integers === 64 ? BigInt64Array.of(BigInt(n)) : Int32Array.of(n));

/** Mulberry32. @type {(seed: number) => () => number} */
export function uniform(seed) {
  let s = seed >>> 0;
  return () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = s;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
/** @type {(n: number, seed?: number) => Float64Array} */
export function random(n, seed = 1) {
  const next = uniform(seed);
  return Float64Array.from({ length: n }, () => next() - 0.5);
}
/** A positive definite n×n matrix such as a Gaussian process has. @type {(n: number) => Float64Array} */
export function kernelMatrix(n) {
  const x = random(2 * n, 3).map((v) => 4 * v);
  return Float64Array.from({ length: n * n }, (_, k) => {
    const i = Math.floor(k / n), j = k % n;
    return Math.exp(-0.5 * ((x[i] - x[j]) ** 2 + (x[n + i] - x[n + j]) ** 2)) + (i === j ? 0.1 : 0);
  });
}

/**
 * Median and best time of each job in ms, the jobs taking turns for `budget` ms, and the median of the ratios of the first one to each, taken turn by turn.
 * @type {(jobs: (() => unknown)[], budget?: number) => { times: number[]; best: number[]; ratios: number[] }}
 */
export function race(jobs, budget = 400) {
  const inner = jobs.map((f) => {
    for (let n = 1; ; n *= 4) {
      const t = performance.now();
      for (let i = 0; i < n; i++) f();
      if (performance.now() - t > 0.3) return n;
    }
  });
  /** @type {number[][]} */
  const turns = [];
  const stop = performance.now() + budget;
  do {
    turns.push(jobs.map((f, k) => {
      const t = performance.now();
      for (let i = 0; i < inner[k]; i++) f();
      return (performance.now() - t) / inner[k];
    }));
  } while (turns.length < 3 || performance.now() < stop);
  return { times: jobs.map((_, k) => median(turns.map((t) => t[k]))), best: jobs.map((_, k) => Math.min(...turns.map((t) => t[k]))), ratios: jobs.map((_, k) => median(turns.map((t) => t[0] / t[k]))) };
}
/** @type {(x: number[]) => number} */
const median = (x) => x.toSorted((a, b) => a - b)[x.length >> 1];
