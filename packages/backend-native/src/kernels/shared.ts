import type { FloatArray } from '@matheron/backend-wasm/internal';
import type { Library } from '../library.ts';

/** From this size of a cube on a call runs on several threads. */
const threadsFrom = 512;

/** Runs calls of one context on its number of threads. */
export class Threads {
  readonly #library: Library;
  readonly #count: number;
  constructor(library: Library, count: number) {
    this.#library = library;
    this.#count = library.setThreads ? count : 1;
  }
  /** `call`, on several threads where there are and `size` is large enough, and the library back on one afterwards. */
  run<T>(size: number, call: () => T): T {
    if (this.#count === 1 || size < threadsFrom) return call();
    this.#library.setThreads!(this.#count);
    try {
      return call();
    } finally {
      this.#library.setThreads!(1);
    }
  }
}

/** Whether a factor (rows `lda` apart) has a finite diagonal without 0, which LAPACK asks for. */
export function invertible(n: number, l: FloatArray, lda: number): boolean {
  for (let k = 0; k < n; k++) {
    const d = l[k * lda + k]!;
    if (d === 0 || !Number.isFinite(d)) return false;
  }
  return true;
}
