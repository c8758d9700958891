// Contiguous float64 vectors. Pointers are bytes, lengths elements.
import { madd } from "./simd";

/** y += a·x */
export function axpy(n: i32, a: f64, x: usize, y: usize): void {
  let s = f64x2.splat(a);
  for (; n >= 4; n -= 4, x += 32, y += 32) {
    v128.store(y, madd(s, v128.load(x), v128.load(y)));
    v128.store(y, madd(s, v128.load(x, 16), v128.load(y, 16)), 16);
  }
  for (; n > 0; n--, x += 8, y += 8) store<f64>(y, load<f64>(y) + a * load<f64>(x));
}

/** x *= a */
export function scale(n: i32, a: f64, x: usize): void {
  let s = f64x2.splat(a);
  for (; n >= 2; n -= 2, x += 16) v128.store(x, f64x2.mul(s, v128.load(x)));
  if (n) store<f64>(x, a * load<f64>(x));
}

/** Copies n elements that stand `from` and `to` elements apart. */
export function copy(n: i32, x: usize, from: i32, y: usize, to: i32): void {
  from <<= 3; to <<= 3;
  for (; n > 0; n--, x += from, y += to) store<f64>(y, load<f64>(x));
}

/** Exchanges two rows. */
export function swap(n: i32, x: usize, y: usize): void {
  for (; n >= 2; n -= 2, x += 16, y += 16) { let t = v128.load(x); v128.store(x, v128.load(y)); v128.store(y, t); }
  if (n) { let t = load<f64>(x); store<f64>(x, load<f64>(y)); store<f64>(y, t); }
}

/** w (m) = C v for C m×n of row stride ldc; four rows at a time. */
export function multiply(m: i32, n: i32, C: usize, ldc: i32, v: usize, w: usize): void {
  let i = 0, step = <usize>ldc << 3;
  for (; i + 4 <= m; i += 4, C += step << 2, w += 32) {
    let a = f64x2.splat(0), b = a, c = a, d = a, p = C, q = v, k = n;
    for (; k >= 2; k -= 2, p += 16, q += 16) {
      let x = v128.load(q);
      a = madd(x, v128.load(p), a); b = madd(x, v128.load(p + step), b); c = madd(x, v128.load(p + 2 * step), c); d = madd(x, v128.load(p + 3 * step), d);
    }
    let s0 = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1), s1 = f64x2.extract_lane(b, 0) + f64x2.extract_lane(b, 1);
    let s2 = f64x2.extract_lane(c, 0) + f64x2.extract_lane(c, 1), s3 = f64x2.extract_lane(d, 0) + f64x2.extract_lane(d, 1);
    if (k) { let x = load<f64>(q); s0 += x * load<f64>(p); s1 += x * load<f64>(p + step); s2 += x * load<f64>(p + 2 * step); s3 += x * load<f64>(p + 3 * step); }
    store<f64>(w, s0); store<f64>(w, s1, 8); store<f64>(w, s2, 16); store<f64>(w, s3, 24);
  }
  for (; i < m; i++, C += step, w += 8) {
    let s: f64 = 0;
    for (let k = 0; k < n; k++) s += load<f64>(C + (<usize>k << 3)) * load<f64>(v + (<usize>k << 3));
    store<f64>(w, s);
  }
}

/** w (n) = Cᵀ v for C m×n of row stride ldc; four rows at a time. */
export function multiplyTransposed(m: i32, n: i32, C: usize, ldc: i32, v: usize, w: usize): void {
  memory.fill(w, 0, <usize>n << 3);
  let i = 0, step = <usize>ldc << 3;
  for (; i + 4 <= m; i += 4, C += step << 2, v += 32) {
    let a = v128.load_splat<f64>(v), b = v128.load_splat<f64>(v, 8), c = v128.load_splat<f64>(v, 16), d = v128.load_splat<f64>(v, 24), p = C, q = w, k = n;
    for (; k >= 2; k -= 2, p += 16, q += 16) v128.store(q, madd(d, v128.load(p + 3 * step), madd(c, v128.load(p + 2 * step), madd(b, v128.load(p + step), madd(a, v128.load(p), v128.load(q))))));
    if (k) store<f64>(q, load<f64>(q) + load<f64>(v) * load<f64>(p) + load<f64>(v, 8) * load<f64>(p + step) + load<f64>(v, 16) * load<f64>(p + 2 * step) + load<f64>(v, 24) * load<f64>(p + 3 * step));
  }
  for (; i < m; i++, C += step, v += 8) axpy(n, load<f64>(v), C, w);
}

/** C −= t · v wᵀ, C m×n of row stride ldc. */
export function rankOne(m: i32, n: i32, t: f64, v: usize, w: usize, C: usize, ldc: i32): void {
  for (let i = 0; i < m; i++, C += <usize>ldc << 3, v += 8) axpy(n, -t * load<f64>(v), w, C);
}

/** w (n) = A v for symmetric A of which the lower triangle is read; row stride lda. One pass over the triangle, four rows at a time. */
export function multiplySymmetric(n: i32, A: usize, lda: i32, v: usize, w: usize): void {
  memory.fill(w, 0, <usize>n << 3);
  let i = 0, step = <usize>lda << 3;
  for (; i + 4 <= n; i += 4, A += step << 2) {
    let vi = v + (<usize>i << 3), wi = w + (<usize>i << 3);
    let v0 = v128.load_splat<f64>(vi), v1 = v128.load_splat<f64>(vi, 8), v2 = v128.load_splat<f64>(vi, 16), v3 = v128.load_splat<f64>(vi, 24);
    let a = f64x2.splat(0), b = a, c = a, d = a, p = A, q = v, u = w, end = v + (<usize>i << 3);
    for (; q < end; p += 16, q += 16, u += 16) { // i is a multiple of 4
      let x = v128.load(q), y = v128.load(u), r = v128.load(p);
      a = madd(r, x, a); y = madd(r, v0, y); r = v128.load(p + step);
      b = madd(r, x, b); y = madd(r, v1, y); r = v128.load(p + 2 * step);
      c = madd(r, x, c); y = madd(r, v2, y); r = v128.load(p + 3 * step);
      d = madd(r, x, d); v128.store(u, madd(r, v3, y));
    }
    store<f64>(wi, f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1));
    store<f64>(wi, f64x2.extract_lane(b, 0) + f64x2.extract_lane(b, 1), 8);
    store<f64>(wi, f64x2.extract_lane(c, 0) + f64x2.extract_lane(c, 1), 16);
    store<f64>(wi, f64x2.extract_lane(d, 0) + f64x2.extract_lane(d, 1), 24);
    diagonal(4, p, step, vi, wi);
  }
  if (i < n) {
    let left = n - i, vi = v + (<usize>i << 3), wi = w + (<usize>i << 3);
    for (let r = 0; r < left; r++) {
      let p = A + <usize>r * step, s: f64 = 0, vr = load<f64>(vi + (<usize>r << 3));
      for (let k: usize = 0; k < <usize>i << 3; k += 8) { let x = load<f64>(p + k); s += x * load<f64>(v + k); store<f64>(w + k, load<f64>(w + k) + x * vr); }
      store<f64>(wi + (<usize>r << 3), s);
    }
    diagonal(left, A + (<usize>i << 3), step, vi, wi);
  }
}
/** w += A v on a small diagonal block. */
function diagonal(n: i32, A: usize, step: usize, v: usize, w: usize): void {
  for (let r = 0; r < n; r++) for (let c = 0; c < n; c++) {
    let x = c <= r ? load<f64>(A + <usize>r * step + (<usize>c << 3)) : load<f64>(A + <usize>c * step + (<usize>r << 3));
    let q = w + (<usize>r << 3);
    store<f64>(q, load<f64>(q) + x * load<f64>(v + (<usize>c << 3)));
  }
}
