/** The error function and its complements (DLMF §7.2), from rational fits of erf(x)/x and of erfcx. */
import { timesGaussian } from './gaussian.ts';
import { evaluateRational } from './rational.ts';
import { ERF, ERFCX_MIDDLE, ERFCX_SMALL, ERFCX_TAIL } from './rationals.ts';

/** Up to here erf comes from its own fit, beyond as 1 − erfc. */
const SMALL = 0.85;
/** 8 · 2/√π, for arguments whose tenth would be subnormal. */
const EIGHT_SLOPES = 9.027033336764101;

/** erf(x) − x for |x| ≤ SMALL. */
function excess(x: number): number {
  return x * evaluateRational(ERF, x * x);
}

/** erf(x) = 2/√π ∫₀ˣ exp(−t²) dt. Odd; keeps −0. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a < 2 ** -1000) return (x * EIGHT_SLOPES) / 8;
  if (a <= SMALL) return x + excess(x);
  if (a > 6) return Math.sign(x);
  const y = 1 - timesGaussian(erfcx(a), -1, a);
  return x < 0 ? -y : y;
}

/** erfc(x) = 1 − erf(x), to full relative precision in the right tail, which underflows at 27.3. */
export function erfc(x: number): number {
  if (x < -6) return 2;
  if (x < 0.25) return 1 - erf(x);
  // ½ − (x − ½) is exact up to the last subtraction, where 1 − erf(x) would round twice.
  if (x <= SMALL) return 0.5 - (x - 0.5 + excess(x));
  if (x > 28) return 0;
  return timesGaussian(erfcx(x), -1, x);
}

/** The scaled complement erfcx(x) = exp(x²) erfc(x): 1/(x√π) in the right tail, Inf below −26.7. */
export function erfcx(x: number): number {
  if (x < 0) return x < -27 ? Infinity : timesGaussian(1 + erf(-x), 1, x);
  if (x <= 1.25) return 0.5 + evaluateRational(ERFCX_SMALL, x);
  if (x <= 3) return 0.25 + evaluateRational(ERFCX_MIDDLE, x);
  return (0.5625 + evaluateRational(ERFCX_TAIL, 1 / x / x)) / x;
}
