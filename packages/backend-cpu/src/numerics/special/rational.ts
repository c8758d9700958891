/** Coefficients of P(t)/Q(t) in rising powers, as fitted by tooling/oracle/special_fits.py. */
export interface Rational {
  readonly numerator: readonly number[];
  readonly denominator: readonly number[];
}

function polynomial(coefficients: readonly number[], t: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * t + coefficients[i]!;
  return sum;
}

/** P(t)/Q(t) by Horner's rule. */
export function evaluateRational(f: Rational, t: number): number {
  return polynomial(f.numerator, t) / polynomial(f.denominator, t);
}
