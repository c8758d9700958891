import type { FloatArray } from './types.ts';

/** Largest magnitude among the first `length` elements; NaN if one is NaN. */
export function maxMagnitude(x: FloatArray, length: number): number {
  let largest = 0;
  for (let i = 0; i < length; i++) {
    const magnitude = Math.abs(x[i]!);
    if (!(magnitude <= largest)) {
      if (magnitude !== magnitude) return NaN;
      largest = magnitude;
    }
  }
  return largest;
}

/**
 * The power of two that brings a matrix of largest magnitude `largest` to about 1, where its squares could overflow or lose digits;
 * 1 elsewhere. Multiplying by it, and dividing the results by it, is exact but for subnormals.
 */
export function safeScale(largest: number): number {
  if (largest === 0 || (largest > 1e-100 && largest < 1e100)) return 1;
  // Exponents beyond ±1000 would make the scale itself subnormal or infinite.
  return 2 ** Math.max(-1000, Math.min(1000, -Math.floor(Math.log2(largest))));
}

/** √(a² + b²) without overflow or loss of digits. */
export function hypotenuse(a: number, b: number): number {
  const square = a * a + b * b;
  if (square > 1e-290 && square < 1e290) return Math.sqrt(square);
  const large = Math.max(Math.abs(a), Math.abs(b));
  if (large === 0 || large === Infinity) return large;
  const x = a / large;
  const y = b / large;
  return large * Math.sqrt(x * x + y * y);
}
