// Plane rotations. Sweeps over neighbouring rows are recorded and applied many at a time, to packed panels of eight columns that stay in
// the cache: one load and one store of a row for each rotation, as in LAPACK's blocked variants (Van Zee et al., "Restructuring the
// tridiagonal and bidiagonal QR algorithms for performance", ACM TOMS 40, 2014).
import { hypotenuse } from "./householder";
import { madd } from "./simd";

export let rotationC: f64 = 1, rotationS: f64 = 0, rotationR: f64 = 0;

/** c f + s g = r, c g − s f = 0. */
export function makeRotation(f: f64, g: f64): void {
  if (g == 0) { rotationC = 1; rotationS = 0; rotationR = f; return; }
  let r = hypotenuse(f, g);
  rotationC = f / r; rotationS = g / r; rotationR = r;
}

/** Numbers that a record holds; a sweep over n rows takes 2n and a header of 2. */
export const CAPACITY: i32 = 65536;

/**
 * Applies a record to the rows of Z (rows × columns, row stride ldz). The record is a series of sweeps: first row (as float64), number of
 * rotations k (negative: from below upwards), then k pairs c, s. Rotation j of a downward sweep works on rows first + j and first + j + 1,
 * of an upward one on rows first − j and first − j + 1: (x, y) ← (c x + s y, c y − s x). `panel` holds 8·rows.
 */
export function applyRotations(record: usize, end: usize, rows: i32, columns: i32, Z: usize, ldz: i32, panel: usize): void {
  let step = <usize>ldz << 3;
  for (let column = 0; column < columns; column += 8) {
    let width = min(columns - column, 8), z = Z + (<usize>column << 3), p = panel;
    for (let i = 0; i < rows; i++, z += step, p += 64) {
      if (width == 8) { v128.store(p, v128.load(z)); v128.store(p, v128.load(z, 16), 16); v128.store(p, v128.load(z, 32), 32); v128.store(p, v128.load(z, 48), 48); }
      else { memory.fill(p, 0, 64); for (let k: usize = 0; k < <usize>width << 3; k += 8) store<f64>(p + k, load<f64>(z + k)); }
    }
    let q = record;
    while (q < end) {
      let first = <i32>load<f64>(q), count = <i32>load<f64>(q, 8);
      q += 16;
      if (count > 0) {
        let x = panel + (<usize>first << 6), x0 = v128.load(x), x1 = v128.load(x, 16), x2 = v128.load(x, 32), x3 = v128.load(x, 48);
        for (let j = 0; j < count; j++, q += 16, x += 64) {
          let c = v128.load_splat<f64>(q), s = v128.load_splat<f64>(q, 8), t = f64x2.neg(s);
          let y = v128.load(x, 64); v128.store(x, madd(s, y, f64x2.mul(c, x0))); x0 = madd(t, x0, f64x2.mul(c, y));
          y = v128.load(x, 80); v128.store(x, madd(s, y, f64x2.mul(c, x1)), 16); x1 = madd(t, x1, f64x2.mul(c, y));
          y = v128.load(x, 96); v128.store(x, madd(s, y, f64x2.mul(c, x2)), 32); x2 = madd(t, x2, f64x2.mul(c, y));
          y = v128.load(x, 112); v128.store(x, madd(s, y, f64x2.mul(c, x3)), 48); x3 = madd(t, x3, f64x2.mul(c, y));
        }
        v128.store(x, x0); v128.store(x, x1, 16); v128.store(x, x2, 32); v128.store(x, x3, 48);
      } else {
        let y = panel + (<usize>(first + 1) << 6), y0 = v128.load(y), y1 = v128.load(y, 16), y2 = v128.load(y, 32), y3 = v128.load(y, 48);
        for (let j = 0; j < -count; j++, q += 16, y -= 64) {
          let c = v128.load_splat<f64>(q), s = v128.load_splat<f64>(q, 8), t = f64x2.neg(s), above = y - 64;
          let x = v128.load(above); v128.store(y, madd(t, x, f64x2.mul(c, y0))); y0 = madd(s, y0, f64x2.mul(c, x));
          x = v128.load(above, 16); v128.store(y, madd(t, x, f64x2.mul(c, y1)), 16); y1 = madd(s, y1, f64x2.mul(c, x));
          x = v128.load(above, 32); v128.store(y, madd(t, x, f64x2.mul(c, y2)), 32); y2 = madd(s, y2, f64x2.mul(c, x));
          x = v128.load(above, 48); v128.store(y, madd(t, x, f64x2.mul(c, y3)), 48); y3 = madd(s, y3, f64x2.mul(c, x));
        }
        v128.store(y, y0); v128.store(y, y1, 16); v128.store(y, y2, 32); v128.store(y, y3, 48);
      }
    }
    z = Z + (<usize>column << 3); p = panel;
    for (let i = 0; i < rows; i++, z += step, p += 64) {
      if (width == 8) { v128.store(z, v128.load(p)); v128.store(z, v128.load(p, 16), 16); v128.store(z, v128.load(p, 32), 32); v128.store(z, v128.load(p, 48), 48); }
      else for (let k: usize = 0; k < <usize>width << 3; k += 8) store<f64>(z + k, load<f64>(p + k));
    }
  }
}
