// Arithmetic that differs between the two builds of a module.

/** a·b + c: one rounding in the relaxed-SIMD build on hardware with FMA, two otherwise. */
@inline export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  else return f64x2.add(c, f64x2.mul(a, b));
}

/** c − a·b. */
@inline export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_nmadd(a, b, c);
  else return f64x2.sub(c, f64x2.mul(a, b));
}

/** a·b + c in float32. */
@inline export function madd32(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  else return f32x4.add(c, f32x4.mul(a, b));
}

@inline export function lit(x: f64): v128 { return f64x2.splat(x); }
@inline export function add(a: v128, b: v128): v128 { return f64x2.add(a, b); }
@inline export function sub(a: v128, b: v128): v128 { return f64x2.sub(a, b); }
@inline export function mul(a: v128, b: v128): v128 { return f64x2.mul(a, b); }
@inline export function div(a: v128, b: v128): v128 { return f64x2.div(a, b); }

/** mask ? a : b, bit by bit. */
@inline export function select(mask: v128, a: v128, b: v128): v128 { return v128.bitselect(a, b, mask); }
@inline export function all(mask: v128): bool { return i64x2.all_true(mask); }
@inline export function any(mask: v128): bool { return v128.any_true(mask); }

/** Whole numbers |k| < 2^51 in int64 lanes as float64, by the exponent trick. */
@inline export function toFloat(k: v128): v128 { return sub(i64x2.add(k, lit(6755399441055744)), lit(6755399441055744)); }

/** The sign bit of each lane. */
@inline export function signOf(x: v128): v128 { return v128.and(x, lit(-0.0)); }
