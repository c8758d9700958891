// Float64 matrix product (Goto & van de Geijn, "Anatomy of high-performance matrix multiplication", 2008).
// Strides count elements, pointers are byte offsets, `ws` is WORKSPACE bytes for packed panels.
import { madd } from "./simd";

const KC: i32 = 384;
const MC: i32 = 64;
const NC: i32 = 512;

/**
 * 4×4 tile: C += alpha · (packed A panel) · (packed B panel), k ≥ 1. Four steps an iteration, in blocks of their own: V8 otherwise loads for
 * all four at once, more than there are registers for.
 */
export function tile(k: i32, a: usize, b: usize, c: usize, ldc: i32, alpha: f64): void {
  let c00 = f64x2.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let end = a + (<usize>k << 5), delta = b - a;
  while (true) {
    let q = a + delta;
    let b0 = v128.load(q), b1 = v128.load(q, 16), x = v128.load_splat<f64>(a); c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
    x = v128.load_splat<f64>(a, 8);  c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
    x = v128.load_splat<f64>(a, 16); c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
    x = v128.load_splat<f64>(a, 24); c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
    a += 32; if (a >= end) break; q = a + delta;
    b0 = v128.load(q); b1 = v128.load(q, 16); x = v128.load_splat<f64>(a); c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
    x = v128.load_splat<f64>(a, 8);  c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
    x = v128.load_splat<f64>(a, 16); c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
    x = v128.load_splat<f64>(a, 24); c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
    a += 32; if (a >= end) break; q = a + delta;
    b0 = v128.load(q); b1 = v128.load(q, 16); x = v128.load_splat<f64>(a); c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
    x = v128.load_splat<f64>(a, 8);  c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
    x = v128.load_splat<f64>(a, 16); c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
    x = v128.load_splat<f64>(a, 24); c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
    a += 32; if (a >= end) break; q = a + delta;
    b0 = v128.load(q); b1 = v128.load(q, 16); x = v128.load_splat<f64>(a); c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
    x = v128.load_splat<f64>(a, 8);  c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
    x = v128.load_splat<f64>(a, 16); c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
    x = v128.load_splat<f64>(a, 24); c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
    a += 32; if (a >= end) break;
  }
  let s = f64x2.splat(alpha);
  v128.store(c, madd(s, c00, v128.load(c))); v128.store(c, madd(s, c01, v128.load(c, 16)), 16); c += ldc;
  v128.store(c, madd(s, c10, v128.load(c))); v128.store(c, madd(s, c11, v128.load(c, 16)), 16); c += ldc;
  v128.store(c, madd(s, c20, v128.load(c))); v128.store(c, madd(s, c21, v128.load(c, 16)), 16); c += ldc;
  v128.store(c, madd(s, c30, v128.load(c))); v128.store(c, madd(s, c31, v128.load(c, 16)), 16);
}

/** Zeroes a 4×4 tile: eight stores, where memory.fill would be a call. */
@inline export function clearTile(p: usize): void {
  let z = f64x2.splat(0);
  v128.store(p, z); v128.store(p, z, 16); v128.store(p, z, 32); v128.store(p, z, 48);
  v128.store(p, z, 64); v128.store(p, z, 80); v128.store(p, z, 96); v128.store(p, z, 112);
}

/** Packs an m×k block into panels of four rows, [panel][k][4], zero padded. */
export function pack(m: i32, k: i32, a: usize, rs: i32, cs: i32, p: usize): void {
  rs <<= 3; cs <<= 3;
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    let r0 = a + i * rs, r1 = r0 + rs, r2 = r1 + rs, r3 = r2 + rs;
    if (rs == 8) {
      for (let j = 0; j < k; j++) { v128.store(p, v128.load(r0)); v128.store(p, v128.load(r0, 16), 16); r0 += cs; p += 32; }
    } else if (cs == 8) {
      let j = 0;
      for (; j + 2 <= k; j += 2) {
        let x0 = v128.load(r0), x1 = v128.load(r1), x2 = v128.load(r2), x3 = v128.load(r3);
        v128.store(p, v128.shuffle<f64>(x0, x1, 0, 2)); v128.store(p, v128.shuffle<f64>(x2, x3, 0, 2), 16);
        v128.store(p, v128.shuffle<f64>(x0, x1, 1, 3), 32); v128.store(p, v128.shuffle<f64>(x2, x3, 1, 3), 48);
        r0 += 16; r1 += 16; r2 += 16; r3 += 16; p += 64;
      }
      if (j < k) { store<f64>(p, load<f64>(r0)); store<f64>(p, load<f64>(r1), 8); store<f64>(p, load<f64>(r2), 16); store<f64>(p, load<f64>(r3), 24); p += 32; }
    } else {
      for (let j = 0; j < k; j++) {
        store<f64>(p, load<f64>(r0)); store<f64>(p, load<f64>(r1), 8); store<f64>(p, load<f64>(r2), 16); store<f64>(p, load<f64>(r3), 24);
        r0 += cs; r1 += cs; r2 += cs; r3 += cs; p += 32;
      }
    }
  }
  if (i < m) {
    for (let j = 0; j < k; j++) {
      for (let r = 0; r < 4; r++) store<f64>(p + (<usize>r << 3), i + r < m ? load<f64>(a + (i + r) * rs + j * cs) : 0);
      p += 32;
    }
  }
}

/** Writes a packed panel [k][4] to four rows of k contiguous elements, `step` bytes apart. */
export function unpack(k: i32, p: usize, a: usize, step: i32): void {
  let r1 = a + step, r2 = r1 + step, r3 = r2 + step;
  for (; k >= 2; k -= 2) {
    let x0 = v128.load(p), x1 = v128.load(p, 16), y0 = v128.load(p, 32), y1 = v128.load(p, 48);
    v128.store(a, v128.shuffle<f64>(x0, y0, 0, 2)); v128.store(r1, v128.shuffle<f64>(x0, y0, 1, 3));
    v128.store(r2, v128.shuffle<f64>(x1, y1, 0, 2)); v128.store(r3, v128.shuffle<f64>(x1, y1, 1, 3));
    a += 16; r1 += 16; r2 += 16; r3 += 16; p += 64;
  }
  if (k) { store<f64>(a, load<f64>(p)); store<f64>(r1, load<f64>(p, 8)); store<f64>(r2, load<f64>(p, 16)); store<f64>(r3, load<f64>(p, 24)); }
}

/** C (M×N) += alpha · A (M×K) · B (K×N). With `lower`, entries above C's diagonal are left alone. */
export function gemm(M: i32, N: i32, K: i32, alpha: f64, A: usize, rsa: i32, csa: i32, B: usize, rsb: i32, csb: i32,
  C: usize, rsc: i32, csc: i32, lower: i32, ws: usize): void {
  if (csc != 1 && rsc == 1 && !lower) { // Cᵀ += Bᵀ Aᵀ, so that the stores are contiguous
    let t = M; M = N; N = t; let u = A; A = B; B = u;
    let s = rsa; rsa = csb; let s2 = csa; csa = rsb; rsb = s2; csb = s; rsc = csc; csc = 1;
  }
  let tmp = ws, pa = ws + 256, pb = pa + MC * KC * 8;
  for (let jc = 0; jc < N; jc += NC) {
    let nc = min(N - jc, NC);
    for (let pc = 0; pc < K; pc += KC) {
      let kc = min(K - pc, KC);
      pack(nc, kc, B + ((pc * rsb + jc * csb) << 3), csb, rsb, pb);
      for (let ic = 0; ic < M; ic += MC) {
        let mc = min(M - ic, MC);
        if (lower && ic + mc - 1 < jc) continue;
        pack(mc, kc, A + ((ic * rsa + pc * csa) << 3), rsa, csa, pa);
        for (let jr = 0; jr < nc; jr += 4) {
          let nr = min(nc - jr, 4);
          let bp = pb + <usize>(jr * kc << 3);
          for (let ir = 0; ir < mc; ir += 4) {
            let mr = min(mc - ir, 4);
            let i0 = ic + ir, j0 = jc + jr;
            if (lower && i0 + 3 < j0) continue;
            let ap = pa + <usize>(ir * kc << 3);
            let cp = C + ((i0 * rsc + j0 * csc) << 3);
            if (mr == 4 && nr == 4 && csc == 1 && !(lower && i0 < j0 + 3)) tile(kc, ap, bp, cp, rsc << 3, alpha);
            else {
              clearTile(tmp);
              tile(kc, ap, bp, tmp, 32, alpha);
              for (let r = 0; r < mr; r++) for (let s = 0; s < nr; s++) if (!lower || i0 + r >= j0 + s) {
                let q = cp + ((r * rsc + s * csc) << 3);
                store<f64>(q, load<f64>(q) + load<f64>(tmp + <usize>((r * 4 + s) << 3)));
              }
            }
          }
        }
      }
    }
  }
}
