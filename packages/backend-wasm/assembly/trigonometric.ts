// sin and cos: reduction modulo π/2 in three exact parts of 33 bits and a tail.
import { add, all, lit, madd, mul, select, sub } from "./simd";
import { cosTail, sinTail } from "./polynomials";

// @ts-ignore: decorator
@external("env", "sin") declare function hostSin(x: f64): f64;
// @ts-ignore: decorator
@external("env", "cos") declare function hostCos(x: f64): f64;

const PI2_1: f64 = 1.5707963267341256;
const PI2_2: f64 = 6.077100506303966e-11;
const PI2_3: f64 = 2.0222662487111665e-21;
const PI2_4: f64 = 8.4784276603689e-32;
/** Above it n has more than 20 bits and n·PI2_1 is not exact: the host's functions take over. */
const LIMIT: f64 = 823549;

/** sin(r + l) = r + (l + r z S − z l/2), z = r² */
@inline function sinOf(r: v128, l: v128, z: v128): v128 {
  return add(r, add(mul(mul(r, z), sinTail(z)), sub(l, mul(mul(lit(0.5), z), l))));
}
/** cos(r + l) = 1 − z/2 + (z² C − r l) */
@inline function cosOf(r: v128, l: v128, z: v128): v128 {
  let half = mul(lit(0.5), z), o = sub(lit(1), half);
  return add(o, add(sub(sub(lit(1), o), half), sub(mul(mul(z, z), cosTail(z)), mul(r, l))));
}

/** sin(x + quarter·π/2) for |x| < LIMIT */
@inline function reduced(x: v128, quarter: i64): v128 {
  let n = f64x2.nearest(mul(x, lit(0.6366197723675814)));
  let a = sub(x, mul(n, lit(PI2_1)));
  let w = mul(n, lit(PI2_2)), b = sub(a, w), bb = sub(b, a);
  let e = sub(sub(a, sub(b, bb)), add(w, bb));
  let w2 = mul(n, lit(PI2_3)), d = sub(b, w2), dd = sub(d, b);
  e = add(e, sub(sub(b, sub(d, dd)), add(w2, dd)));
  e = sub(e, mul(n, lit(PI2_4)));
  let r = add(d, e), l = add(sub(d, r), e), z = mul(r, r);
  let q = i64x2.add(add(n, lit(6755399441055744)), i64x2.splat(quarter));
  let odd = i64x2.eq(v128.and(q, i64x2.splat(1)), i64x2.splat(1));
  let y = select(odd, cosOf(r, l, z), sinOf(r, l, z));
  return v128.xor(y, i64x2.shl(v128.and(q, i64x2.splat(2)), 62));
}

@inline function small(x: f64): bool { return abs(x) < LIMIT; }

@inline export function sin(x: v128): v128 {
  let tiny = f64x2.lt(f64x2.abs(x), lit(1e-9));
  // where nothing is to be reduced the two paths give the same bits
  if (all(f64x2.lt(f64x2.abs(x), lit(0.78)))) return select(tiny, x, sinOf(x, lit(0), mul(x, x)));
  let y = select(tiny, x, reduced(x, 0));
  if (all(f64x2.lt(f64x2.abs(x), lit(LIMIT)))) return y;
  let a = f64x2.extract_lane(x, 0), b = f64x2.extract_lane(x, 1);
  if (!small(a)) y = f64x2.replace_lane(y, 0, hostSin(a));
  return small(b) ? y : f64x2.replace_lane(y, 1, hostSin(b));
}

@inline export function cos(x: v128): v128 {
  if (all(f64x2.lt(f64x2.abs(x), lit(0.78)))) return cosOf(x, lit(0), mul(x, x));
  let y = reduced(x, 1);
  if (all(f64x2.lt(f64x2.abs(x), lit(LIMIT)))) return y;
  let a = f64x2.extract_lane(x, 0), b = f64x2.extract_lane(x, 1);
  if (!small(a)) y = f64x2.replace_lane(y, 0, hostCos(a));
  return small(b) ? y : f64x2.replace_lane(y, 1, hostCos(b));
}
