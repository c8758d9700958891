// sin and cos: reduction modulo π/2 in two exact parts of 33 bits and a rest.
import { all, add, lit, madd, mul, nmadd, select, signOf, sub } from "./simd";
import { cosTail, sinTail } from "./polynomials";

// @ts-ignore: decorator
@external("env", "sin") declare function hostSin(x: f64): f64;
// @ts-ignore: decorator
@external("env", "cos") declare function hostCos(x: f64): f64;

const PI2_1: f64 = 1.5707963267341256;
const PI2_2: f64 = 6.077100506303966e-11;
const PI2_3: f64 = 2.0222662487959506e-21;
/** Above it n has more than 20 bits and n·PI2_1 is not exact: the host's functions take over. */
export const LIMIT: f64 = 823549;

/** sin(r + l) = r + (l + r z S − z l/2), z = r²; −0 stays */
@inline function sinOf(r: v128, l: v128, z: v128): v128 {
  return v128.or(add(r, madd(mul(r, z), sinTail(z), nmadd(mul(lit(0.5), z), l, l))), signOf(r));
}
/** cos(r + l) = 1 − z/2 + (z² C − r l) */
@inline function cosOf(r: v128, l: v128, z: v128): v128 {
  let half = mul(lit(0.5), z), o = sub(lit(1), half);
  return add(o, add(sub(sub(lit(1), o), half), sub(mul(mul(z, z), cosTail(z)), mul(r, l))));
}

/** sin(x + quarter·π/2) for |x| < LIMIT */
@inline function reduced(x: v128, quarter: i64): v128 {
  let t = madd(x, lit(0.6366197723675814), lit(6755399441055744)), n = sub(t, lit(6755399441055744));
  let a = nmadd(n, lit(PI2_1), x), w = mul(n, lit(PI2_2)), b = sub(a, w), bb = sub(b, a);
  // what b has lost, and the rest of π/2: no double is so near to a multiple that this exceeded b by much
  let e = sub(mul(n, lit(PI2_3)), sub(sub(a, sub(b, bb)), add(w, bb)));
  let r = sub(b, e), l = sub(sub(b, r), e), z = mul(r, r);
  let q = quarter ? i64x2.add(t, i64x2.splat(quarter)) : t;
  let even = i64x2.eq(v128.and(q, i64x2.splat(1)), i64x2.splat(0));
  return v128.xor(select(even, sinOf(r, l, z), cosOf(r, l, z)), i64x2.shl(v128.and(q, i64x2.splat(2)), 62));
}

/** Below it n is 0 and nothing is to be reduced: the same bits in half of the time. */
export const NEAR: f64 = 0.78;

@inline function small(x: f64): bool { return abs(x) < LIMIT; }

@inline export function sin(x: v128): v128 {
  if (all(f64x2.lt(f64x2.abs(x), lit(NEAR)))) return sinOf(x, lit(0), mul(x, x));
  let y = reduced(x, 0);
  if (all(f64x2.lt(f64x2.abs(x), lit(LIMIT)))) return y;
  let a = f64x2.extract_lane(x, 0), b = f64x2.extract_lane(x, 1);
  if (!small(a)) y = f64x2.replace_lane(y, 0, hostSin(a));
  return small(b) ? y : f64x2.replace_lane(y, 1, hostSin(b));
}

@inline export function cos(x: v128): v128 {
  if (all(f64x2.lt(f64x2.abs(x), lit(NEAR)))) return cosOf(x, lit(0), mul(x, x));
  let y = reduced(x, 1);
  if (all(f64x2.lt(f64x2.abs(x), lit(LIMIT)))) return y;
  let a = f64x2.extract_lane(x, 0), b = f64x2.extract_lane(x, 1);
  if (!small(a)) y = f64x2.replace_lane(y, 0, hostCos(a));
  return small(b) ? y : f64x2.replace_lane(y, 1, hostCos(b));
}

// As in exponential.ts: y[i] = f(x[i]) for an even number of elements in the range of the short path.
export function sinRun(n: i32, x: usize, y: usize): void {
  for (let end = x + (<usize>n << 3); x < end; x += 16, y += 16) v128.store(y, reduced(v128.load(x), 0));
}
export function sinNearRun(n: i32, x: usize, y: usize): void {
  for (let end = x + (<usize>n << 3); x < end; x += 16, y += 16) { let v = v128.load(x); v128.store(y, sinOf(v, lit(0), mul(v, v))); }
}
export function cosNearRun(n: i32, x: usize, y: usize): void {
  for (let end = x + (<usize>n << 3); x < end; x += 16, y += 16) { let v = v128.load(x); v128.store(y, cosOf(v, lit(0), mul(v, v))); }
}
export function cosRun(n: i32, x: usize, y: usize): void {
  for (let end = x + (<usize>n << 3); x < end; x += 16, y += 16) v128.store(y, reduced(v128.load(x), 1));
}
