/**
 * c · exp(f x²) to about two ulp, for f = ±1 or −½ and |x| < 2¹²⁰: x² is split into the exact square of x rounded to 24 bits and a
 * small rest, for rounding x² itself would cost |f| x² ulp. The exponential is halved where it alone would be subnormal.
 */
export function timesGaussian(c: number, f: number, x: number): number {
  const z = Math.fround(x);
  const exponent = f * z * z;
  const corrected = c + c * Math.expm1(f * (x - z) * (x + z));
  if (exponent > -690) return corrected * Math.exp(exponent);
  const half = Math.exp(0.5 * exponent);
  return corrected * half * half;
}
