// Loops over arrays of float64: y[i] = f(x[i]). x and y may be the same array. The last odd element runs in one lane.
import * as e from "./exponential";
import * as l from "./logarithm";
import * as t from "./trigonometric";
import * as p from "./power";
import * as s from "./special";

/** Elements that take the short path together, or none of them. */
const BLOCK: i32 = 256;

// Blocks in the range of the short path take that, others lanes with all cases.
export function exp(n: i32, x: usize, y: usize): void {
  while (n > 1) {
    let m = min(n & ~1, BLOCK), bytes = <usize>m << 3;
    if (e.within(m, x, 708)) e.expRun(m, x, y);
    else for (let k: usize = 0; k < bytes; k += 16) v128.store(y + k, expLanes(v128.load(x + k)));
    n -= m; x += bytes; y += bytes;
  }
  if (n) put(8, y, expLanes(get(8, x)));
}
export function expm1(n: i32, x: usize, y: usize): void {
  while (n > 1) {
    let m = min(n & ~1, BLOCK), bytes = <usize>m << 3;
    if (e.within(m, x, 708)) e.expm1Run(m, x, y);
    else for (let k: usize = 0; k < bytes; k += 16) v128.store(y + k, expm1Lanes(v128.load(x + k)));
    n -= m; x += bytes; y += bytes;
  }
  if (n) put(8, y, expm1Lanes(get(8, x)));
}
export function tanh(n: i32, x: usize, y: usize): void {
  while (n > 1) {
    let m = min(n & ~1, BLOCK), bytes = <usize>m << 3;
    if (e.within(m, x, Infinity)) e.tanhRun(m, x, y);
    else for (let k: usize = 0; k < bytes; k += 16) v128.store(y + k, tanhLanes(v128.load(x + k)));
    n -= m; x += bytes; y += bytes;
  }
  if (n) put(8, y, tanhLanes(get(8, x)));
}
export function sigmoid(n: i32, x: usize, y: usize): void {
  while (n > 1) {
    let m = min(n & ~1, BLOCK), bytes = <usize>m << 3;
    if (e.within(m, x, 708)) e.sigmoidRun(m, x, y);
    else for (let k: usize = 0; k < bytes; k += 16) v128.store(y + k, sigmoidLanes(v128.load(x + k)));
    n -= m; x += bytes; y += bytes;
  }
  if (n) put(8, y, sigmoidLanes(get(8, x)));
}
export function log(n: i32, x: usize, y: usize): void {
  while (n > 1) {
    let m = min(n & ~1, BLOCK), bytes = <usize>m << 3;
    if (l.between(m, x, l.NORMAL, Infinity)) l.logRun(m, x, y);
    else for (let k: usize = 0; k < bytes; k += 16) v128.store(y + k, logLanes(v128.load(x + k)));
    n -= m; x += bytes; y += bytes;
  }
  if (n) put(8, y, logLanes(get(8, x)));
}
export function log1p(n: i32, x: usize, y: usize): void {
  while (n > 1) {
    let m = min(n & ~1, BLOCK), bytes = <usize>m << 3;
    if (l.between(m, x, -0.9999999999999999, 1e300)) l.log1pRun(m, x, y);
    else for (let k: usize = 0; k < bytes; k += 16) v128.store(y + k, log1pLanes(v128.load(x + k)));
    n -= m; x += bytes; y += bytes;
  }
  if (n) put(8, y, log1pLanes(get(8, x)));
}
export function softplus(n: i32, x: usize, y: usize): void {
  while (n > 1) {
    let m = min(n & ~1, BLOCK), bytes = <usize>m << 3;
    if (e.within(m, x, 708)) e.softplusRun(m, x, y);
    else for (let k: usize = 0; k < bytes; k += 16) v128.store(y + k, softplusLanes(v128.load(x + k)));
    n -= m; x += bytes; y += bytes;
  }
  if (n) put(8, y, softplusLanes(get(8, x)));
}
export function sin(n: i32, x: usize, y: usize): void {
  while (n > 1) {
    let m = min(n & ~1, BLOCK), bytes = <usize>m << 3;
    if (e.within(m, x, t.NEAR)) t.sinNearRun(m, x, y);
    else if (e.within(m, x, t.LIMIT)) t.sinRun(m, x, y);
    else for (let k: usize = 0; k < bytes; k += 16) v128.store(y + k, sinLanes(v128.load(x + k)));
    n -= m; x += bytes; y += bytes;
  }
  if (n) put(8, y, sinLanes(get(8, x)));
}
export function cos(n: i32, x: usize, y: usize): void {
  while (n > 1) {
    let m = min(n & ~1, BLOCK), bytes = <usize>m << 3;
    if (e.within(m, x, t.NEAR)) t.cosNearRun(m, x, y);
    else if (e.within(m, x, t.LIMIT)) t.cosRun(m, x, y);
    else for (let k: usize = 0; k < bytes; k += 16) v128.store(y + k, cosLanes(v128.load(x + k)));
    n -= m; x += bytes; y += bytes;
  }
  if (n) put(8, y, cosLanes(get(8, x)));
}
export function erf(n: i32, x: usize, y: usize): void {
  for (let end = x + (<usize>n << 3); x < end; x += 16, y += 16) put(end - x, y, s.erf(get(end - x, x)));
}
export function lgamma(n: i32, x: usize, y: usize): void {
  for (let end = x + (<usize>n << 3); x < end; x += 16, y += 16) put(end - x, y, s.lgamma(get(end - x, x)));
}
export function sqrt(n: i32, x: usize, y: usize): void {
  for (let end = x + (<usize>n << 3); x < end; x += 16, y += 16) put(end - x, y, f64x2.sqrt(get(end - x, x)));
}
/** z[i] = x[i]^y[i] */
export function pow(n: i32, x: usize, y: usize, z: usize): void {
  for (let end = x + (<usize>n << 3); x < end; x += 16, y += 16, z += 16) put(end - x, z, p.pow(get(end - x, x), get(end - x, y)));
}

/** float64 ← float32, n elements. */
export function promote(n: i32, x: usize, y: usize): void {
  for (; n >= 2; n -= 2, x += 8, y += 16) v128.store(y, f64x2.promote_low_f32x4(v128.load64_zero(x)));
  if (n) store<f64>(y, <f64>load<f32>(x));
}
/** float32 ← float64, rounded to nearest. */
export function demote(n: i32, x: usize, y: usize): void {
  for (; n >= 2; n -= 2, x += 16, y += 8) v128.store64_lane(y, f32x4.demote_f64x2_zero(v128.load(x)), 0);
  if (n) store<f32>(y, <f32>load<f64>(x));
}

@inline function get(left: usize, x: usize): v128 { return left >= 16 ? v128.load(x) : v128.load64_splat(x); }
@inline function put(left: usize, y: usize, v: v128): void { if (left >= 16) v128.store(y, v); else v128.store64_lane(y, v, 0); }

// The same functions on two lanes, for modules that import them.
export function expLanes(x: v128): v128 { return e.exp(x); }
export function expm1Lanes(x: v128): v128 { return e.expm1(x); }
export function logLanes(x: v128): v128 { return l.log(x); }
export function log1pLanes(x: v128): v128 { return l.logOnePlus(x); }
export function tanhLanes(x: v128): v128 { return e.tanh(x); }
export function sigmoidLanes(x: v128): v128 { return e.sigmoid(x); }
export function softplusLanes(x: v128): v128 { return e.softplus(x); }
export function sinLanes(x: v128): v128 { return t.sin(x); }
export function cosLanes(x: v128): v128 { return t.cos(x); }
