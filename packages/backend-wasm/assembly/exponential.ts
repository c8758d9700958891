// exp, expm1 and what is made of them. Two float64 lanes a call.
import { add, all, div, lit, madd, mul, nmadd, select, signOf, sub } from "./simd";
import { expNear, expNearer, powersOfTwo, powersRest } from "./polynomials";
import { log1pFast } from "./logarithm";

const LN2_HIGH: f64 = 0.6931471803691238; // 32 bits: k·LN2_HIGH is exact
const LN2_LOW: f64 = 1.9082149292705877e-10;
const MAGIC: f64 = 6755399441055744; // 1.5·2^52: what is added to it is rounded to whole numbers

/** 2^k·e for e in [1/2, 2], k an int64 lane, in two steps so that subnormal results are rounded once. */
@inline export function scale(e: v128, k: v128): v128 {
  let k1 = i64x2.shr_s(k, 1), k2 = i64x2.sub(k, k1);
  e = mul(e, i64x2.shl(i64x2.add(k1, i64x2.splat(1023)), 52));
  return mul(e, i64x2.shl(i64x2.add(k2, i64x2.splat(1023)), 52));
}

/** x·64/log 2 rounded to a whole number, in the last bits of the sum with MAGIC. */
@inline function steps(x: v128): v128 { return madd(x, lit(92.332482616893656), lit(MAGIC)); }
/** 2^(j/64) for j = t mod 64, to which `raise` adds the rest. */
@inline function powerAt(j: v128): v128 {
  return v128.load64_lane(<usize>i32x4.extract_lane(j, 2) << 3, v128.load64_zero(<usize>i32x4.extract_lane(j, 0) << 3, powersOfTwo), 1, powersOfTwo);
}
@inline function restAt(j: v128): v128 {
  return f64x2.promote_low_f32x4(v128.load32_lane(<usize>i32x4.extract_lane(j, 2) << 2, v128.load32_zero(<usize>i32x4.extract_lane(j, 0) << 2, powersRest), 1, powersRest));
}
@inline function modulo(t: v128): v128 { return v128.and(t, i64x2.splat(63)); }
/** e·2^(t/64) for what `powerAt` gives, by the exponent field; e·2^((t − j)/64) for 2^(j/64) itself. */
@inline function raise(e: v128, t: v128): v128 { return i64x2.add(e, i64x2.shl(t, 46)); }

/** e^(x + low) for |low| below x's last place, with 0.6 ulp; overflows and underflows gradually, keeps NaN. */
@inline export function expSum(x: v128, low: v128): v128 {
  let usual = all(f64x2.lt(f64x2.abs(x), lit(708)));
  x = f64x2.pmax(f64x2.pmin(x, lit(710)), lit(-746));
  let t = steps(x), k = sub(t, lit(MAGIC)), j = modulo(t), s = raise(powerAt(j), j);
  let r = sub(nmadd(k, lit(LN2_HIGH / 64), x), sub(mul(k, lit(LN2_LOW / 64)), low));
  let e = madd(s, add(r, madd(mul(r, r), expNear(r), restAt(j))), s);
  if (usual) return raise(e, i64x2.sub(t, j));
  return scale(e, i64x2.shr_s(i64x2.sub(t, lit(MAGIC)), 6));
}

/**
 * eˣ for |x| < 708, with 1 ulp: 2^(k/64) from a table times a polynomial (Tang, "Table-driven implementation of the exponential function",
 * 1989). It has half of the additions and multiplications of one for all of [−½ log 2, ½ log 2], in shorter chains.
 */
@inline function expFast(x: v128): v128 {
  let t = steps(x), k = sub(t, lit(MAGIC)), j = modulo(t), s = raise(powerAt(j), t);
  let r = nmadd(k, lit(LN2_LOW / 64), nmadd(k, lit(LN2_HIGH / 64), x));
  return madd(s, madd(mul(r, r), expNear(r), r), s);
}
/** eˣ. Each lane's result is its own: a neighbour that is out of range changes the path, not the value. */
@inline export function exp(x: v128): v128 {
  let usual = f64x2.lt(f64x2.abs(x), lit(708)), y = expFast(x);
  return all(usual) ? y : select(usual, y, expSum(x, lit(0)));
}

/** eˣ for |x| < 708 with 0.6 ulp. */
@inline function expClose(x: v128): v128 {
  let t = steps(x), k = sub(t, lit(MAGIC)), j = modulo(t), s = raise(powerAt(j), t);
  let r = nmadd(k, lit(LN2_LOW / 64), nmadd(k, lit(LN2_HIGH / 64), x));
  return madd(s, add(r, madd(mul(r, r), expNear(r), restAt(j))), s);
}

/** eˣ − 1 for |x| < 708. With s = 2^(k/64), s − 1 is exact where it is small. */
@inline function expm1Fast(x: v128): v128 {
  let t = steps(x), k = sub(t, lit(MAGIC)), j = modulo(t), s = raise(powerAt(j), t);
  let r = nmadd(k, lit(LN2_LOW / 64), nmadd(k, lit(LN2_HIGH / 64), x));
  let y = madd(s, add(r, madd(mul(r, r), expNearer(r), restAt(j))), sub(s, lit(1)));
  return v128.or(y, signOf(x)); // −0
}
/** eˣ − 1 */
@inline export function expm1(x: v128): v128 {
  let usual = f64x2.lt(f64x2.abs(x), lit(708)), y = expm1Fast(x);
  return all(usual) ? y : select(usual, y, select(f64x2.lt(x, lit(0)), lit(-1), expSum(x, lit(0))));
}

/** tanh x, not of NaN: t/(t + 2) with t = e^(2|x|) − 1 below 0.55, else 1 − 2/(t + 2); from 22 on 1 to the last bit. */
@inline function tanhFast(x: v128): v128 {
  let a = f64x2.pmin(v128.andnot(x, lit(-0.0)), lit(22)), small = f64x2.lt(a, lit(0.55)), z = add(a, a);
  let q = steps(z), k = sub(q, lit(MAGIC)), j = modulo(q), s = raise(powerAt(j), q);
  let h = nmadd(k, lit(LN2_HIGH / 64), z), l = mul(k, lit(LN2_LOW / 64)), r = sub(h, l), c = sub(sub(h, r), l);
  let p = add(r, add(c, madd(mul(r, r), expNearer(r), restAt(j))));
  let s1 = sub(s, lit(1)), t = madd(s, p, s1), d = add(t, lit(2)), y = div(select(small, t, lit(2)), d), rest = sub(lit(1), y);
  // what the roundings of t and of t + 2 took, with 1/(t + 2) = (1 − y)/2
  let lost = sub(mul(madd(s, p, sub(s1, t)), rest), mul(y, sub(t, sub(d, lit(2)))));
  return v128.or(select(small, madd(lost, mul(lit(0.5), rest), y), rest), signOf(x));
}
@inline export function tanh(x: v128): v128 { return select(f64x2.eq(x, x), tanhFast(x), x); }

/** 1/(1 + e^−x) from e = e^−|x|, so that nothing overflows. */
@inline function sigmoidOf(x: v128, e: v128): v128 {
  let negative = f64x2.lt(x, lit(0)), d = add(lit(1), e), y = div(select(negative, e, lit(1)), d);
  // what the rounding of 1 + e took, with 1/(1 + e) = y or 1 − y
  return sub(y, mul(mul(y, sub(e, sub(d, lit(1)))), select(negative, sub(lit(1), y), y)));
}
/** 1/(1 + e^−x) */
@inline export function sigmoid(x: v128): v128 { return sigmoidOf(x, expSum(v128.or(x, lit(-0.0)), lit(0))); }

// y[i] = f(x[i]) for an even number of elements in the range of the short path. Each alone in its loop, where constants stay in registers;
// exported, they are not inlined.
export function expRun(n: i32, x: usize, y: usize): void {
  for (let end = x + (<usize>n << 3); x < end; x += 16, y += 16) {
    let v = v128.load(x), t = steps(v), k = sub(t, lit(MAGIC));
    v128.store(y, t); // through memory, since units that move lanes to addresses are those that add and multiply
    let i = <usize>load<u8>(y) & 63, j = <usize>load<u8>(y, 8) & 63;
    let s = raise(v128.load64_lane(j << 3, v128.load64_zero(i << 3, powersOfTwo), 1, powersOfTwo), t);
    let r = nmadd(k, lit(LN2_LOW / 64), nmadd(k, lit(LN2_HIGH / 64), v));
    v128.store(y, madd(s, madd(mul(r, r), expNear(r), r), s));
  }
}
export function expm1Run(n: i32, x: usize, y: usize): void {
  for (let end = x + (<usize>n << 3); x < end; x += 16, y += 16) v128.store(y, expm1Fast(v128.load(x)));
}
export function tanhRun(n: i32, x: usize, y: usize): void {
  for (let end = x + (<usize>n << 3); x < end; x += 16, y += 16) v128.store(y, tanhFast(v128.load(x)));
}
export function sigmoidRun(n: i32, x: usize, y: usize): void {
  for (let end = x + (<usize>n << 3); x < end; x += 16, y += 16) v128.store(y, sigmoidOf(v128.load(x), expClose(v128.or(v128.load(x), lit(-0.0)))));
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

/** log(1 + eˣ) = max(x, 0) + log1p(e^−|x|) */
@inline export function softplus(x: v128): v128 {
  let y = add(f64x2.pmax(x, lit(0)), log1pFast(expSum(v128.or(x, lit(-0.0)), lit(0))));
  return select(f64x2.eq(x, x), y, x);
}
export function softplusRun(n: i32, x: usize, y: usize): void {
  for (let end = x + (<usize>n << 3); x < end; x += 16, y += 16) {
    let v = v128.load(x);
    v128.store(y, add(f64x2.pmax(v, lit(0)), log1pFast(expClose(v128.or(v, lit(-0.0))))));
  }
}
