/** The nearest integer, halves to the even one (IEEE 754 roundTiesToEven); −0 and NaN stay. */
export function roundHalfEven(a: number): number {
  // Adding and taking off 2^52 leaves no room for a fraction, so that the processor's own rounding decides.
  if (!(Math.abs(a) < 4503599627370496)) return a;
  return a < 0 || Object.is(a, -0) ? -(-a + 4503599627370496 - 4503599627370496) : a + 4503599627370496 - 4503599627370496;
}

/** IEEE 754 `pow`, as NumPy has it: 1 to any power and −1 to ±Infinity are 1, which JavaScript calls NaN. */
export function power(a: number, b: number): number {
  if (a === 1 || (a === -1 && (b === Infinity || b === -Infinity))) return 1;
  return Math.pow(a, b);
}

/** a to the b modulo 2^32, by squaring; negative powers truncate towards 0 (0 to a negative power is 0). */
export function powerInt32(a: number, b: number): number {
  if (b < 0) return a === 1 || (a === -1 && (b & 1) === 0) ? 1 : a === -1 ? -1 : 0;
  let result = 1;
  for (let base = a, e = b; e > 0; e >>= 1) {
    if ((e & 1) === 1) result = Math.imul(result, base);
    base = Math.imul(base, base);
  }
  return result;
}

/** The remainder with the sign of the divisor (NumPy's `mod`); NaN for a divisor of 0. */
export function modulo(a: number, b: number): number {
  const r = a % b;
  if (r === 0) return b < 0 ? -0 : 0;
  return r < 0 !== b < 0 ? r + b : r;
}

/** The remainder with the sign of the divisor; 0 for a divisor of 0. */
export function moduloInt32(a: number, b: number): number {
  if (b === 0) return 0;
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
}
