import { erfcx } from './erf.ts';
import { timesGaussian } from './gaussian.ts';

/**
 * log Φ(x), Φ the standard normal distribution function: log(½ erfcx(−x/√2)) − ½x² on the left, where both terms have the same sign, and
 * log1p(−Φ(−x)) on the right. Full relative precision in both tails.
 */
export function logNormalCdf(x: number): number {
  if (x <= 0) return Math.log(0.5 * erfcx(-x * Math.SQRT1_2)) - 0.5 * x * x;
  if (x > 40) return 0;
  return Math.log1p(-timesGaussian(0.5 * erfcx(x * Math.SQRT1_2), -0.5, x));
}
