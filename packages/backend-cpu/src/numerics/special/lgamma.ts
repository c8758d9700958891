/** log |Γ(x)|: factored fits about its zeros 1 and 2, Stirling's series from 8 on (DLMF §5.11), reflection below 0 (DLMF §5.5). */
import { evaluateRational } from './rational.ts';
import { LGAMMA_1, LGAMMA_2, STIRLING } from './rationals.ts';

/** ½ log 2π − ½: Stirling's formula in the form (x − ½)(log x − 1) + this + …, whose terms don't cancel. */
const STIRLING_CONSTANT = 0.4189385332046727;
/** From here on every double is an integer. */
const INTEGERS = 2 ** 52;

/** |sin πx| for x ≥ 0, by exact reduction to [0, ½]. */
function absSinPi(x: number): number {
  const r = Math.abs(x - Math.round(x));
  return r <= 0.25 ? Math.sin(Math.PI * r) : Math.cos(Math.PI * (0.5 - r));
}

/**
 * log |Γ(x)|. Inf at 0, −1, −2, … and at ±Inf. Within a few ulp for x > −2; below, near the zeros that log |Γ| has between the poles,
 * the error is a few 2⁻⁵³ in absolute terms.
 */
export function lgamma(x: number): number {
  if (x >= 8) {
    if (x > 1e306) return x === Infinity ? x : x * (Math.log(x) - 1);
    return (x - 0.5) * (Math.log(x) - 1) + (STIRLING_CONSTANT + evaluateRational(STIRLING, 1 / x / x) / x);
  }
  if (x >= 3) {
    let y = x - 1;
    let product = y;
    while (y >= 3) product *= --y;
    return Math.log(product) + (y - 2) * (y - 1) * evaluateRational(LGAMMA_2, y - 2);
  }
  if (x >= 2) return (x - 2) * (x - 1) * evaluateRational(LGAMMA_2, x - 2);
  if (x >= 0.875) return (1 - x) * (2 - x) * evaluateRational(LGAMMA_1, x - 1);
  if (x > 0) return x * (x - 1) * evaluateRational(LGAMMA_1, x) - Math.log(x);
  if (x === 0 || x === -Infinity) return Infinity;
  if (x > -1) return x * (1 + x) * evaluateRational(LGAMMA_1, 1 + x) - Math.log(-x * (1 + x));
  if (x === Math.floor(x)) return Infinity;
  if (x > -2) return lgamma(x + 1) - Math.log(-x);
  const t = -x;
  return t < INTEGERS ? Math.log(Math.PI / (t * absSinPi(t))) - lgamma(t) : NaN;
}
