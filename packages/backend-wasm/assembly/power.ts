// xʸ = e^(y log x) with log x to 66 bits.
import { add, any, lit, mul, select, signOf } from "./simd";
import { logLow, logPair, productError } from "./logarithm";
import { expSum } from "./exponential";

// @ts-ignore: decorator
@external("env", "pow") declare function hostPow(x: f64, y: f64): f64;

function plain(x: f64, y: f64): f64 {
  if (x == 1 || y == 0) return 1; // IEEE 754 pow and NumPy; ECMAScript's 1^NaN and 1^∞ are NaN
  if (x == -1 && abs(y) == Infinity) return 1;
  return hostPow(x, y);
}

/** The elementwise power of IEEE 754: zeros, infinities and NaN go to the scalar rules, everything else is computed here. */
export function pow(x: v128, y: v128): v128 {
  let a = f64x2.abs(x), b = f64x2.abs(y);
  let usual = v128.and(v128.and(f64x2.gt(a, lit(0)), f64x2.lt(a, lit(Infinity))), f64x2.lt(b, lit(1e300)));
  let l = logPair(a), low = logLow;
  let p = mul(y, l), pl = add(productError(y, l, p), mul(y, low));
  pl = v128.and(pl, f64x2.lt(f64x2.abs(p), lit(1000))); // beyond that the result is 0 or ∞ whatever follows
  let r = expSum(p, pl);
  let negative = f64x2.lt(x, lit(0));
  if (any(negative)) {
    let whole = f64x2.eq(f64x2.trunc(y), y), half = mul(y, lit(0.5));
    let odd = v128.andnot(whole, f64x2.eq(f64x2.trunc(half), half));
    r = v128.or(r, v128.and(signOf(x), odd));
    r = select(v128.andnot(negative, whole), lit(NaN), r);
  }
  let bits = i64x2.bitmask(usual);
  if (!(bits & 1)) r = f64x2.replace_lane(r, 0, plain(f64x2.extract_lane(x, 0), f64x2.extract_lane(y, 0)));
  return bits & 2 ? r : f64x2.replace_lane(r, 1, plain(f64x2.extract_lane(x, 1), f64x2.extract_lane(y, 1)));
}
