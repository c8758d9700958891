// exp, expm1 and what is made of them. Two float64 lanes a call.
import { add, all, div, lit, madd, mul, nmadd, select, signOf, sub, toInt } from "./simd";
import { expNear, expTail, powersOfTwo } from "./polynomials";
import { logOnePlus } from "./logarithm";

const LN2_HIGH: f64 = 0.6931471803691238; // 32 bits: k·LN2_HIGH is exact
const LN2_LOW: f64 = 1.9082149292705877e-10;

/** 2^k·e for e in [1/2, 2], k an int64 lane, in two steps so that subnormal results are rounded once. */
@inline export function scale(e: v128, k: v128): v128 {
  let k1 = i64x2.shr_s(k, 1), k2 = i64x2.sub(k, k1);
  e = mul(e, i64x2.shl(i64x2.add(k1, i64x2.splat(1023)), 52));
  return mul(e, i64x2.shl(i64x2.add(k2, i64x2.splat(1023)), 52));
}

/** e^(x + low) for |low| below x's last place, with 0.6 ulp; overflows and underflows gradually, keeps NaN. */
@inline export function expSum(x: v128, low: v128): v128 {
  let usual = all(f64x2.lt(f64x2.abs(x), lit(708)));
  x = f64x2.max(f64x2.min(x, lit(710)), lit(-746));
  let k = f64x2.nearest(mul(x, lit(1.4426950408889634)));
  let high = sub(x, mul(k, lit(LN2_HIGH))), l = sub(mul(k, lit(LN2_LOW)), low);
  let r = sub(high, l), c = sub(sub(high, r), l);
  let e = add(lit(1), add(r, add(c, mul(mul(r, r), expTail(r)))));
  if (usual) return i64x2.add(e, i64x2.shl(add(k, lit(6755399441055744)), 52));
  return scale(e, toInt(k));
}

/**
 * eˣ for |x| < 708, with 1 ulp: 2^(k/64) from a table times a polynomial (Tang, "Table-driven implementation of the exponential function",
 * 1989). It has half of the additions and multiplications of one for all of [−½ log 2, ½ log 2], in shorter chains.
 */
@inline function expFast(x: v128): v128 {
  let t = madd(x, lit(92.332482616893656), lit(6755399441055744)), k = sub(t, lit(6755399441055744));
  let j = v128.and(t, i64x2.splat(63));
  let s = v128.load64_lane(<usize>i32x4.extract_lane(j, 2) << 3, v128.load64_zero(<usize>i32x4.extract_lane(j, 0) << 3, powersOfTwo), 1, powersOfTwo);
  s = i64x2.add(s, i64x2.shl(i64x2.sub(t, j), 46)); // the exponent field takes the rest of k
  let r = nmadd(k, lit(LN2_LOW / 64), nmadd(k, lit(LN2_HIGH / 64), x));
  return madd(s, madd(mul(r, r), expNear(r), r), s);
}

/** eˣ. Each lane's result is its own: a neighbour that is out of range changes the path, not the value. */
@inline export function exp(x: v128): v128 {
  let usual = f64x2.lt(f64x2.abs(x), lit(708)), y = expFast(x);
  return all(usual) ? y : select(usual, y, expSum(x, lit(0)));
}

/** y[i] = e^x[i] for an even number of |x[i]| < 708. Alone in its loop, all constants stay in registers; exported, it is not inlined. */
export function expRun(n: i32, x: usize, y: usize): void {
  for (let end = x + (<usize>n << 3); x < end; x += 16, y += 16) v128.store(y, expFast(v128.load(x)));
}

/** Whether |x[i]| < limit for an even number of elements. */
export function within(n: i32, x: usize, limit: f64): bool {
  let mask = i64x2.splat(0x7fffffffffffffff), bound = lit(limit), a = i64x2.splat(-1), b = a;
  for (; n >= 8; n -= 8, x += 64) {
    a = v128.and(a, v128.and(f64x2.lt(v128.and(v128.load(x), mask), bound), f64x2.lt(v128.and(v128.load(x, 16), mask), bound)));
    b = v128.and(b, v128.and(f64x2.lt(v128.and(v128.load(x, 32), mask), bound), f64x2.lt(v128.and(v128.load(x, 48), mask), bound)));
  }
  for (; n > 0; n -= 2, x += 16) a = v128.and(a, f64x2.lt(v128.and(v128.load(x), mask), bound));
  return all(v128.and(a, b));
}

/** eˣ − 1 */
@inline export function expm1(x: v128): v128 {
  let t = f64x2.max(f64x2.min(x, lit(710)), lit(-40));
  let k = f64x2.nearest(mul(t, lit(1.4426950408889634)));
  let high = sub(t, mul(k, lit(LN2_HIGH))), l = mul(k, lit(LN2_LOW));
  let r = sub(high, l), c = sub(sub(high, r), l);
  let q = add(c, mul(mul(r, r), expTail(r)));
  // 2^k (r + q) + (2^k − 1), the larger part first; halved twice above 2^1022
  let ki = toInt(k), big = f64x2.gt(k, lit(1000));
  let p = i64x2.shl(i64x2.add(i64x2.sub(ki, v128.and(big, i64x2.splat(2))), i64x2.splat(1023)), 52);
  let s = sub(p, lit(1));
  let pr = mul(p, r), sum = add(s, pr);
  let larger = f64x2.ge(f64x2.abs(s), f64x2.abs(pr));
  let rest = select(larger, add(sub(s, sum), pr), add(sub(pr, sum), s));
  let y = add(sum, add(rest, mul(p, q)));
  y = mul(y, select(big, lit(4), lit(1)));
  return select(f64x2.lt(f64x2.abs(x), lit(1e-17)), x, y); // keeps −0 and subnormals
}

/** tanh x = t/(t + 2), t = e^(2|x|) − 1; from 22 on 1 to the last bit. */
@inline export function tanh(x: v128): v128 {
  let a = f64x2.abs(x), capped = f64x2.min(a, lit(22));
  let small = f64x2.lt(a, lit(0.55));
  // t = e^(−2a) − 1 below 0.55, where t/(t + 2) does not cancel; else 1 − 2/(t + 2)
  let t = expm1(mul(capped, select(small, lit(-2), lit(2))));
  let d = add(t, lit(2)), y = div(select(small, f64x2.neg(t), lit(2)), d);
  // what the rounding of t + 2 took, with 1/(t + 2) = (1 + y)/2
  let corrected = sub(y, mul(mul(y, sub(t, sub(d, lit(2)))), mul(lit(0.5), add(lit(1), y))));
  y = select(small, corrected, sub(lit(1), y));
  return v128.or(y, signOf(x));
}

/** 1/(1 + e^−x), with e^−|x| so that nothing overflows. */
@inline export function sigmoid(x: v128): v128 {
  let e = expSum(f64x2.neg(f64x2.abs(x)), lit(0));
  let negative = f64x2.lt(x, lit(0)), d = add(lit(1), e), y = div(select(negative, e, lit(1)), d);
  // what the rounding of 1 + e took, with 1/(1 + e) = y or 1 − y
  return sub(y, mul(mul(y, sub(e, sub(d, lit(1)))), select(negative, sub(lit(1), y), y)));
}

/** log(1 + eˣ) = max(x, 0) + log1p(e^−|x|) */
@inline export function softplus(x: v128): v128 {
  let e = expSum(f64x2.neg(f64x2.abs(x)), lit(0));
  return add(f64x2.max(x, lit(0)), logOnePlus(e));
}
