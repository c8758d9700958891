/** ψ(x) = Γ′(x)/Γ(x): a fit with its root factored out on [1, 2], the asymptotic form from 2 on (DLMF §5.11), recurrence and reflection. */
import { evaluateRational } from './rational.ts';
import { DIGAMMA_1, DIGAMMA_MIDDLE, DIGAMMA_ROOT, DIGAMMA_TAIL } from './rationals.ts';

const ROOT_HIGH = DIGAMMA_ROOT[0] - 1;
const ROOT_LOW = DIGAMMA_ROOT[1];

/** ψ(1 + t), 0 ≤ t ≤ 1. */
function digammaAboveOne(t: number): number {
  return (t - ROOT_HIGH - ROOT_LOW) * evaluateRational(DIGAMMA_1, t);
}

/** π cot πx for x not an integer, by exact reduction to [−½, ½]. */
function piCotPi(x: number): number {
  const r = x - Math.round(x);
  const a = Math.abs(r);
  const y = a <= 0.25 ? Math.PI / Math.tan(Math.PI * a) : Math.PI * Math.tan(Math.PI * (0.5 - a));
  return r < 0 ? -y : y;
}

/**
 * ψ(x). −Inf at 0, +Inf at −0, NaN at −1, −2, … and −Inf. Near the roots between the negative poles the error is a few 2⁻⁵³ of the
 * terms that cancel; elsewhere a few ulp.
 */
export function digamma(x: number): number {
  if (x >= 2) {
    if (x === Infinity) return x;
    const u = 1 / x / x;
    return Math.log(x) - (0.5 / x + u * evaluateRational(x < 4 ? DIGAMMA_MIDDLE : DIGAMMA_TAIL, u));
  }
  if (x >= 1) return digammaAboveOne(x - 1);
  if (x > 0) return digammaAboveOne(x) - 1 / x;
  if (x === 0) return -1 / x;
  const t = -x;
  if (t < 1) return digammaAboveOne(t) + piCotPi(t);
  return Number.isInteger(t) || !(t < Infinity) ? NaN : digamma(t) + 1 / t + piCotPi(t);
}
