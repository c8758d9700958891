// Sums in pairs of halves over blocks of 128: the error grows with log n (Higham, "The accuracy of floating point summation", 1993).
import { madd } from "./simd";

const BLOCK: i32 = 128;

function sumBlock(n: i32, x: usize): f64 {
  let a = f64x2.splat(0), b = a, c = a, d = a;
  for (; n >= 8; n -= 8, x += 64) {
    a = f64x2.add(a, v128.load(x)); b = f64x2.add(b, v128.load(x, 16));
    c = f64x2.add(c, v128.load(x, 32)); d = f64x2.add(d, v128.load(x, 48));
  }
  a = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  let s = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
  for (; n > 0; n--, x += 8) s += load<f64>(x);
  return s;
}

/** Σ x[i] */
export function sum(n: i32, x: usize): f64 {
  if (n <= BLOCK) return sumBlock(n, x);
  let h = ((n >> 1) + 7) & ~7;
  return sum(h, x) + sum(n - h, x + (<usize>h << 3));
}

/** Σ x[i] y[i] */
export function dot(n: i32, x: usize, y: usize): f64 {
  if (n > BLOCK) {
    let h = ((n >> 1) + 7) & ~7;
    return dot(h, x, y) + dot(n - h, x + (<usize>h << 3), y + (<usize>h << 3));
  }
  let a = f64x2.splat(0), b = a, c = a, d = a;
  for (; n >= 8; n -= 8, x += 64, y += 64) {
    a = madd(v128.load(x), v128.load(y), a); b = madd(v128.load(x, 16), v128.load(y, 16), b);
    c = madd(v128.load(x, 32), v128.load(y, 32), c); d = madd(v128.load(x, 48), v128.load(y, 48), d);
  }
  a = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  let s = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
  for (; n > 0; n--, x += 8, y += 8) s += load<f64>(x) * load<f64>(y);
  return s;
}
