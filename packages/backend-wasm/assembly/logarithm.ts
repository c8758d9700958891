// log and log1p: x = 2^k m, m in [√½, √2), and atanh's series in s = (m − 1)/(m + 1).
import { add, all, div, lit, madd, mul, select, signOf, sub, toFloat } from "./simd";
import { logTail, logTail5 } from "./polynomials";

const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.9082149292705877e-10;
/** The smallest number that is not subnormal. */
export const NORMAL: f64 = 2.2250738585072014e-308;

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

/** log(1 + f) + k log 2 + low for 1 + f in [√½, √2), s = f/(2 + f), in fdlibm's arrangement. */
@inline function assemble(f: v128, s: v128, k: v128, low: v128): v128 {
  let half = mul(mul(lit(0.5), f), f), z = mul(s, s), R = mul(z, logTail(z));
  return sub(mul(k, lit(LN2_HIGH)), sub(sub(half, madd(s, add(half, R), low)), f));
}

/** x with its exponent so that bits from 52 on are k + 1023 where x = 2^k m, m in [√½, √2); x positive, finite, not subnormal. */
@inline function shifted(x: v128): v128 { return i64x2.add(x, i64x2.splat(0x3ff0000000000000 - 0x3fe6a09e667f3bcd)); }
@inline function exponentOf(bits: v128): v128 { return sub(i64x2.add(i64x2.shr_u(bits, 52), i64x2.splat(0x4338000000000000 - 1023)), lit(6755399441055744)); }
@inline function mantissaOf(bits: v128): v128 { return i64x2.add(v128.and(bits, i64x2.splat(0x000fffffffffffff)), i64x2.splat(0x3fe6a09e667f3bcd)); }

/** log x for x positive, finite, not subnormal. */
@inline function logFast(x: v128): v128 {
  let bits = shifted(x), f = sub(mantissaOf(bits), lit(1)), k = exponentOf(bits);
  return assemble(f, div(f, add(lit(2), f)), k, mul(k, lit(LN2_LOW)));
}
/** Natural logarithm. */
@inline export function log(x: v128): v128 {
  let usual = v128.and(f64x2.ge(x, lit(NORMAL)), f64x2.lt(x, lit(Infinity))), y = logFast(x);
  if (all(usual)) return y;
  // subnormal numbers, then 0, negative numbers, ∞, NaN
  let bits = shifted(mul(x, lit(18014398509481984))), f = sub(mantissaOf(bits), lit(1)), k = sub(exponentOf(bits), lit(54));
  let tiny = assemble(f, div(f, add(lit(2), f)), k, mul(k, lit(LN2_LOW)));
  let others = select(f64x2.eq(x, lit(0)), lit(-Infinity), select(f64x2.lt(x, lit(0)), lit(NaN), select(f64x2.lt(x, lit(1)), tiny, x)));
  return select(usual, y, others);
}

/** log(1 + x) for −1 < x < 1e300; the rounding error of 1 + x enters as c, scaled with it. */
@inline export function log1pFast(x: v128): v128 {
  let u = add(lit(1), x), v = sub(u, lit(1)), c = add(sub(lit(1), sub(u, v)), sub(x, v));
  let bits = shifted(u), scale = i64x2.shl(i64x2.sub(i64x2.splat(2046), i64x2.shr_u(bits, 52)), 52);
  let f = sub(mantissaOf(bits), lit(1)), k = exponentOf(bits), s = div(f, add(lit(2), f)), t = sub(lit(1), s);
  // c/(1 + f), where 1/(1 + f) = (1 − s)²/(1 − s²) and s² is below what c needs
  return assemble(f, s, k, madd(k, lit(LN2_LOW), mul(mul(c, scale), mul(t, t))));
}
@inline function log1pSigned(x: v128): v128 { return v128.or(log1pFast(x), signOf(x)); } // −0
/** log(1 + x) */
@inline export function logOnePlus(x: v128): v128 {
  let usual = v128.and(f64x2.gt(x, lit(-1)), f64x2.lt(x, lit(1e300))), y = log1pSigned(x);
  if (all(usual)) return y;
  let large = select(f64x2.lt(x, lit(Infinity)), logFast(x), x);
  return select(usual, y, select(f64x2.eq(x, lit(-1)), lit(-Infinity), select(f64x2.lt(x, lit(0)), lit(NaN), large)));
}

// As in exponential.ts: y[i] = f(x[i]) for an even number of elements in the range of the short path.
export function logRun(n: i32, x: usize, y: usize): void {
  for (let end = x + (<usize>n << 3); x < end; x += 16, y += 16) v128.store(y, logFast(v128.load(x)));
}
export function log1pRun(n: i32, x: usize, y: usize): void {
  for (let end = x + (<usize>n << 3); x < end; x += 16, y += 16) v128.store(y, log1pSigned(v128.load(x)));
}
/** Whether low ≤ x[i] < high for an even number of elements. */
export function between(n: i32, x: usize, low: f64, high: f64): bool {
  let a = i64x2.splat(-1), l = lit(low), h = lit(high);
  for (let end = x + (<usize>n << 3); x < end; x += 16) { let v = v128.load(x); a = v128.and(a, v128.and(f64x2.ge(v, l), f64x2.lt(v, h))); }
  return all(a);
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
