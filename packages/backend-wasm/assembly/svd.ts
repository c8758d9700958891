// Singular values: Golub–Kahan bidiagonalization, then implicit QR sweeps, shifted or with zero shift where a shift would cost relative
// accuracy (Demmel & Kahan, SIAM J. Sci. Stat. Comput. 11, 1990).
import { formQ, gather, makeReflector, reflect } from "./householder";
import { CAPACITY, applyRotations, makeRotation, rotationC, rotationR, rotationS } from "./rotations";
import { copy, multiply, rankOne } from "./vector";

const EPSILON: f64 = 1.1102230246251565e-16;
const SMALLEST_NORMAL: f64 = 2.2250738585072014e-308;
/** Sweeps per singular value; about two are needed. */
const SWEEPS: i32 = 60;

@inline function get(p: usize, i: i32): f64 { return load<f64>(p + (<usize>i << 3)); }
@inline function put(p: usize, i: i32, v: f64): void { store<f64>(p + (<usize>i << 3), v); }

/** A (m×n, m ≥ n) ← reflectors; d (n), e (n − 1) the upper bidiagonal. work: 2m + 2n. */
function bidiagonalize(m: i32, n: i32, A: usize, d: usize, e: usize, left: usize, right: usize, work: usize): void {
  let v = work, w = v + (<usize>(m + n) << 3);
  for (let i = 0; i < n; i++) {
    let diagonal = A + <usize>((i * n + i) << 3), t = makeReflector(m - i, diagonal, n), size = n - i - 1;
    put(left, i, t); put(d, i, load<f64>(diagonal));
    gather(m - i, diagonal, n, v);
    reflect(m - i, size, v, t, diagonal + 8, n, w);
    if (!size) continue;
    let row = diagonal + 8;
    t = makeReflector(size, row, 1);
    put(right, i, t); put(e, i, load<f64>(row));
    if (t == 0) continue;
    store<f64>(v, 1); copy(size - 1, row + 8, 1, v + 8, 1);
    let block = A + <usize>(((i + 1) * n + i + 1) << 3);
    multiply(m - i - 1, size, block, n, v, w);
    rankOne(m - i - 1, size, t, w, v, block, n);
  }
}

/** The smaller singular value of [[f, g], [0, h]]: |f h| over the larger one, without overflow or cancellation. */
function smaller(f: f64, g: f64, h: f64): f64 {
  let a = abs(f), b = abs(g), c = abs(h), low = min(a, c), high = max(a, c);
  if (low == 0) return 0;
  let sum = 1 + low / high, difference = (high - low) / high;
  if (b <= high) {
    let square = (b / high) * (b / high);
    return 2 * low / (sqrt(sum * sum + square) + sqrt(difference * difference + square));
  }
  let ratio = high / b, x = sum * ratio, y = difference * ratio;
  return 2 * low * ratio / (sqrt(1 + x * x) + sqrt(1 + y * y));
}

/**
 * (d, e) diagonal: d ≥ 0 unsorted; the rotations go to the rows of U (n×m) and V (n×n). Both sides are recorded, at `record` and one
 * CAPACITY + 2n behind. False if 60n sweeps were not enough.
 */
function diagonalize(m: i32, n: i32, d: usize, e: usize, U: usize, V: usize, record: usize, panel: usize): bool {
  let budget = SWEEPS * n, high = n - 1, other = <usize>(CAPACITY + 2 * n) << 3;
  let next = record, full = record + (<usize>(CAPACITY - 2 * n - 2) << 3);
  while (high > 0) {
    let low = high, singular = get(d, high) == 0;
    for (; low > 0; low--) {
      let off = abs(get(e, low - 1));
      if (off <= EPSILON * (abs(get(d, low - 1)) + abs(get(d, low))) + SMALLEST_NORMAL) { put(e, low - 1, 0); break; }
      if (get(d, low - 1) == 0) singular = true;
    }
    if (low == high) { high--; continue; }
    if (budget-- == 0) return false;
    let shift = singular ? 0 : smaller(get(d, high - 1), get(e, high - 1), get(d, high)), first = get(d, low), part = shift / first;
    store<f64>(next, <f64>low); store<f64>(next, <f64>(high - low), 8);
    store<f64>(next + other, <f64>low); store<f64>(next + other, <f64>(high - low), 8);
    next += 16;
    // a shift whose square vanishes beside d² changes nothing but the accuracy
    if (part * part > EPSILON) {
      let f = (abs(first) - shift) * ((first < 0 ? -1 : 1) + part), g = get(e, low);
      for (let i = low; i < high; i++, next += 16) {
        makeRotation(f, g);
        if (i > low) put(e, i - 1, rotationR);
        let c = rotationC, s = rotationS, di = get(d, i), ei = get(e, i), dn = get(d, i + 1);
        f = c * di + s * ei; ei = c * ei - s * di; g = s * dn; dn = c * dn;
        store<f64>(next + other, c); store<f64>(next + other, s, 8);
        makeRotation(f, g);
        put(d, i, rotationR);
        c = rotationC; s = rotationS;
        f = c * ei + s * dn;
        put(d, i + 1, c * dn - s * ei);
        if (i < high - 1) { let en = get(e, i + 1); g = s * en; put(e, i + 1, c * en); }
        store<f64>(next, c); store<f64>(next, s, 8);
      }
      put(e, high - 1, f);
    } else {
      let rc: f64 = 1, lc: f64 = 1, ls: f64 = 0;
      for (let i = low; i < high; i++, next += 16) {
        makeRotation(get(d, i) * rc, get(e, i));
        rc = rotationC;
        let rs = rotationS, rr = rotationR;
        if (i > low) put(e, i - 1, ls * rr);
        makeRotation(lc * rr, get(d, i + 1) * rs);
        lc = rotationC; ls = rotationS;
        put(d, i, rotationR);
        store<f64>(next + other, rc); store<f64>(next + other, rs, 8);
        store<f64>(next, lc); store<f64>(next, ls, 8);
      }
      let last = get(d, high) * rc;
      put(d, high, last * lc); put(e, high - 1, last * ls);
    }
    if (next > full) { flush(m, n, U, V, record, next, other, panel); next = record; }
  }
  flush(m, n, U, V, record, next, other, panel);
  for (let i = 0; i < n; i++) {
    let v = get(d, i);
    if (v < 0) { put(d, i, -v); for (let k = 0; k < n; k++) put(V, i * n + k, -get(V, i * n + k)); }
    else if (v == 0) put(d, i, 0); // not −0
  }
  return true;
}
function flush(m: i32, n: i32, U: usize, V: usize, record: usize, next: usize, other: usize, panel: usize): void {
  applyRotations(record, next, n, m, U, m, panel);
  applyRotations(record + other, next + other, n, n, V, n, panel);
}

/**
 * A (m×n, m ≥ n, overwritten) = Uᵀ diag(d) V with U (n×m) and V (n×n) by rows, d ≥ 0 unsorted. Finite and neither huge nor tiny elements.
 * work: 3n + max(BLOCK·(m + 2n) + 2·BLOCK², 2m + 2n, 2·CAPACITY + 12n). False if the iteration did not converge.
 */
export function svd(m: i32, n: i32, A: usize, d: usize, U: usize, V: usize, work: usize, ws: usize): bool {
  if (n == 0) return true;
  let e = work, left = e + (<usize>n << 3), right = left + (<usize>n << 3), rest = right + (<usize>n << 3);
  bidiagonalize(m, n, A, d, e, left, right, rest);
  formQ(m, n, n, A, n, 1, left, U, 1, m, rest, ws);
  memory.fill(V, 0, <usize>(n * n) << 3);
  store<f64>(V, 1);
  formQ(n - 1, n - 1, n - 1, A + 8, 1, n, right, V + (<usize>(n + 1) << 3), 1, n, rest, ws);
  return diagonalize(m, n, d, e, U, V, rest, rest + (<usize>(2 * (CAPACITY + 2 * n)) << 3));
}
