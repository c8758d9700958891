import { type Build, canRun } from '../src/engine.ts';

/** The builds that this engine runs. */
export const builds: readonly Build[] = (['simd', 'relaxed'] as const).filter(canRun);

/** Little-endian float64 from base64. */
export function decodeFloats(text: string): Float64Array {
  return new Float64Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
}

/** Uniform numbers in [-1, 1) from a fixed stream (mulberry32). */
export function uniform(size: number, seed: number): Float64Array {
  let s = seed >>> 0;
  return Float64Array.from({ length: size }, () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = s;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  });
}

/** a (m×k) · b (k×n), one dot product after the other. */
export function product(m: number, k: number, n: number, a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) for (let l = 0; l < k; l++) c[i * n + j]! += a[i * k + l]! * b[l * n + j]!;
  return c;
}

export function transposed(m: number, n: number, a: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: m * n }, (_, k) => a[(k % m) * n + Math.floor(k / m)]!);
}

/** max |a − b|; NaN where one of them has a NaN that the other hasn't. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return NaN;
  let worst = 0;
  for (let k = 0; k < a.length; k++) {
    if (Number.isNaN(a[k]) && Number.isNaN(b[k])) continue;
    const d = Math.abs(a[k]! - b[k]!);
    if (!(d <= worst)) worst = d;
  }
  return worst;
}

/** Whether two buffers hold the same bits; much faster than toEqual. */
export function sameBits(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const x = new Uint8Array(a.buffer, a.byteOffset, a.byteLength), y = new Uint8Array(b.buffer, b.byteOffset, b.byteLength);
  return x.length === y.length && x.every((v, k) => v === y[k]);
}
