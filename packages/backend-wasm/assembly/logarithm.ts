// log and log1p: x = 2^k m, m in [√½, √2), and atanh's series in s = (m − 1)/(m + 1).
import { add, div, lit, madd, mul, select, sub, toFloat } from "./simd";
import { logTail, logTail5 } from "./polynomials";

const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.9082149292705877e-10;

let exponent: v128 = f64x2.splat(0); // k of the last reduction, as float64
/** The low part that logPair leaves. */
export let logLow: v128 = f64x2.splat(0);

/** m in [√½, √2) of a positive finite x (subnormals too) and, in `exponent`, k. */
@inline function reduce(x: v128): v128 {
  let tiny = f64x2.lt(x, lit(2.2250738585072014e-308));
  x = select(tiny, mul(x, lit(18014398509481984)), x);
  let bits = i64x2.add(x, i64x2.splat(0x3ff0000000000000 - 0x3fe6a09e667f3bcd));
  let k = i64x2.sub(i64x2.shr_u(bits, 52), i64x2.splat(1023));
  exponent = sub(toFloat(k), v128.and(tiny, lit(54)));
  return i64x2.add(v128.and(bits, i64x2.splat(0x000fffffffffffff)), i64x2.splat(0x3fe6a09e667f3bcd));
}

/** log(1 + f) + c + k log 2 for 1 + f in [√½, √2), fdlibm's arrangement. */
@inline function assembleLog(f: v128, k: v128, c: v128): v128 {
  let half = mul(mul(lit(0.5), f), f), s = div(f, add(lit(2), f)), z = mul(s, s);
  let R = mul(z, logTail(z));
  let low = add(mul(k, lit(LN2_LOW)), c);
  return sub(mul(k, lit(LN2_HIGH)), sub(sub(half, madd(s, add(half, R), low)), f));
}

/** Where x is 0, negative, infinite or NaN: −∞, NaN, ∞, NaN. */
@inline function special(x: v128, y: v128): v128 {
  let ok = v128.and(f64x2.gt(x, lit(0)), f64x2.lt(x, lit(Infinity)));
  if (i64x2.all_true(ok)) return y;
  let s = select(f64x2.eq(x, lit(0)), lit(-Infinity), select(f64x2.gt(x, lit(0)), x, lit(NaN)));
  return select(ok, y, s);
}

/** Natural logarithm. */
@inline export function log(x: v128): v128 {
  let m = reduce(x);
  return special(x, assembleLog(sub(m, lit(1)), exponent, lit(0)));
}

/** log(1 + x); the rounding of 1 + x enters as c. */
@inline export function logOnePlus(x: v128): v128 {
  let u = add(lit(1), x);
  let c = select(f64x2.gt(u, lit(2)), sub(lit(1), sub(u, x)), sub(x, sub(u, lit(1))));
  let m = reduce(u), k = exponent;
  let near = f64x2.eq(k, lit(0));
  let f = select(near, x, sub(m, lit(1)));
  c = select(v128.or(near, f64x2.gt(k, lit(60))), lit(0), div(c, u));
  let y = special(u, assembleLog(f, k, c));
  return select(f64x2.lt(f64x2.abs(x), lit(1e-17)), x, y);
}

/** The rounding error of p = a·b, by halves of 26 bits; it does not lean on a fused multiply. */
@inline export function productError(a: v128, b: v128, p: v128): v128 {
  const mask = i64x2.splat(~0x7ffffff);
  let a1 = v128.and(a, mask), a2 = sub(a, a1), b1 = v128.and(b, mask), b2 = sub(b, b1);
  return add(add(add(sub(mul(a1, b1), p), mul(a1, b2)), mul(a2, b1)), mul(a2, b2));
}

/** log x as an unevaluated sum, returned + logLow, to about 2^−66 relative; x positive and finite. */
@inline export function logPair(x: v128): v128 {
  let m = reduce(x), k = exponent;
  let f = sub(m, lit(1)), d = add(lit(2), f), dl = sub(f, sub(d, lit(2)));
  let s = div(f, d), p = mul(s, d);
  let sl = div(sub(sub(sub(f, p), productError(s, d, p)), mul(s, dl)), d);
  let z = mul(s, s), zl = add(productError(s, s, z), mul(mul(lit(2), s), sl));
  // q = z/3 + z² tail
  const third = lit(0.3333333333333333);
  let t = mul(z, third), tl = add(productError(z, third, t), add(mul(z, lit(1.850371707708594e-17)), mul(zl, third)));
  let u = mul(mul(z, z), logTail5(z));
  let q = add(t, u), ql = add(add(sub(t, q), u), tl);
  let g = mul(s, q), gl = add(productError(s, q, g), add(mul(s, ql), mul(sl, q)));
  let h = add(s, g), hl = add(add(sub(s, h), g), add(sl, gl));
  h = add(h, h); hl = add(hl, hl);
  let kh = mul(k, lit(LN2_HIGH)), sum = add(kh, h);
  let low = add(add(add(sub(kh, sum), h), hl), mul(k, lit(LN2_LOW)));
  let high = add(sum, low);
  logLow = add(sub(sum, high), low);
  return high;
}
