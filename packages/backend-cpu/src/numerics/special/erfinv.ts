/** The inverse error function, fitted over the ranges of M. Wichura's algorithm AS 241, Applied Statistics 37 (1988). */
import { evaluateRational } from './rational.ts';
import { ERFINV_CENTRE, ERFINV_FAR_TAIL, ERFINV_TAIL } from './rationals.ts';

/** The x with erf(x) = y: ±Inf at ±1, NaN outside [−1, 1]. Odd; keeps −0. */
export function erfinv(y: number): number {
  const a = Math.abs(y);
  if (a <= 0.8) return y * (0.875 + evaluateRational(ERFINV_CENTRE, 0.65 - y * y));
  if (!(a < 1)) return a === 1 ? y * Infinity : NaN;
  const r = Math.sqrt(-Math.log(1 - a));
  const x = r * (r <= 3 ? 0.75 + evaluateRational(ERFINV_TAIL, r - 1) : 0.9375 + evaluateRational(ERFINV_FAR_TAIL, r - 3));
  return y < 0 ? -x : x;
}
