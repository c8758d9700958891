// erf and log Γ.
import { add, all, any, div, lit, madd, mul, select, signOf, sub } from "./simd";
import { erfSmall, erfcLarge, gammaOne, gammaTwo, stirling } from "./polynomials";
import { expSum } from "./exponential";
import { log, logLow, logPair, productError } from "./logarithm";
import { sin } from "./trigonometric";

/** erf x: a series below 1, else 1 − erfc with erfc = e^(−x²) times a smooth function; ±1 from 6 on. */
export function erf(x: v128): v128 {
  let a = f64x2.abs(x), z = mul(x, x), small = f64x2.lt(a, lit(1));
  let y = lit(0);
  if (any(small)) {
    y = madd(x, erfSmall(z), x);
    // x·1.128… in one rounding where x + x·0.128… would round twice among subnormals
    y = select(f64x2.lt(a, lit(1e-300)), mul(x, lit(1.1283791670955126)), y);
    if (all(small)) return y;
  }
  let c = f64x2.min(f64x2.max(a, lit(1)), lit(6)); // NaN stays
  let t = div(sub(c, lit(3)), add(c, lit(3)));
  let large = sub(lit(1), mul(expSum(f64x2.neg(mul(c, c)), lit(0)), erfcLarge(t)));
  return select(small, y, v128.or(large, signOf(x)));
}

/** log Γ for x ≥ 8: (x − ½)(log x − 1) + ½ log 2π − ½ + Stirling's series */
@inline function largeGamma(x: v128): v128 {
  let u = div(lit(1), x), l = logPair(f64x2.min(x, lit(1.7976931348623157e308))), low = logLow;
  let h = sub(l, lit(1)), a = sub(x, lit(0.5)), p = mul(a, h);
  let e = add(productError(a, h, p), mul(a, add(sub(l, add(h, lit(1))), low)));
  e = v128.and(e, f64x2.lt(x, lit(1e290)));
  return add(p, add(e, madd(u, stirling(mul(u, u)), lit(0.4189385332046727))));
}

/**
 * log Γ for 0 < x ≤ 8: shifted to [0.7, 2.5) by the recurrence; there it is (y − 1)·smooth near 1, (y − 1)(y − 2)·smooth beyond, both
 * factors taken with their rounding errors.
 */
@inline function smallGamma(x: v128): v128 {
  let s = x, factor = lit(1), up = f64x2.lt(x, lit(0.7));
  for (;;) {
    let down = f64x2.ge(s, lit(2.5)), next = sub(s, lit(1));
    if (!any(down)) break;
    s = select(down, next, s);
    factor = select(down, mul(factor, next), factor);
  }
  factor = select(up, x, factor);
  s = select(up, add(s, lit(1)), s);
  let w = sub(s, lit(1)), v = sub(s, lit(2)), first = f64x2.lt(s, lit(1.25)), wv = mul(w, v);
  let t = select(first, mul(w, gammaOne(w)), mul(v, gammaTwo(v)));
  let c = select(first, lit(-0.5772156649015329), lit(0.42278433509846713)), f = add(c, t);
  // the rest of −γ and of 1 − γ is the same
  let fl = add(add(sub(c, f), t), lit(4.942915152430645e-18));
  let g = select(first, w, wv), gl = select(first, lit(0), productError(w, v, wv));
  let near = add(madd(g, f, add(mul(g, fl), mul(gl, f))), lit(0)); // + 0: log Γ(1) is +0
  let shifted = f64x2.ne(factor, lit(1));
  if (!any(shifted)) return near;
  let change = logPair(factor), low = logLow;
  change = select(up, f64x2.neg(change), change); low = select(up, f64x2.neg(low), low);
  return select(shifted, add(change, add(near, low)), near);
}

/** log Γ for x > 0 */
@inline function positive(x: v128): v128 {
  let large = f64x2.ge(x, lit(8));
  if (all(large)) return largeGamma(x);
  let y = smallGamma(f64x2.min(x, lit(8)));
  return any(large) ? select(large, largeGamma(f64x2.max(x, lit(8))), y) : y;
}

/** log |Γ(x)|; below 0 by reflection, ∞ at the poles. */
export function lgamma(x: v128): v128 {
  let a = f64x2.abs(x);
  let y = positive(f64x2.max(a, lit(4.9e-324)));
  let negative = f64x2.lt(x, lit(0));
  if (any(negative)) {
    // log(π / (a |sin πa|)) − log Γ(a); a minus its nearest integer is exact
    let f = f64x2.abs(sub(a, f64x2.nearest(a)));
    let s = mul(a, sin(mul(f, lit(3.141592653589793))));
    let reflected = sub(log(div(lit(3.141592653589793), s)), y);
    reflected = select(f64x2.lt(a, lit(1e-17)), y, select(f64x2.eq(f, lit(0)), lit(Infinity), reflected));
    y = select(negative, reflected, y);
  }
  y = select(f64x2.eq(a, lit(0)), lit(Infinity), y);
  return select(f64x2.eq(a, lit(Infinity)), a, select(f64x2.ne(x, x), x, y));
}
