// Float32 matrix product: the algorithm of gemm.ts with 4×8 tiles.
import { clearTile } from "./gemm";
import { madd32 } from "./simd";

const KC: i32 = 512;
const MC: i32 = 64;
const NC: i32 = 512;

function tile32(k: i32, a: usize, b: usize, c: usize, ldc: i32): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let end = a + (<usize>k << 4);
  while (true) { // four steps an iteration, as in gemm.ts
    let b0 = v128.load(b), b1 = v128.load(b, 16), x = v128.load_splat<f32>(a); c00 = madd32(x, b0, c00); c01 = madd32(x, b1, c01);
    x = v128.load_splat<f32>(a, 4);  c10 = madd32(x, b0, c10); c11 = madd32(x, b1, c11);
    x = v128.load_splat<f32>(a, 8);  c20 = madd32(x, b0, c20); c21 = madd32(x, b1, c21);
    x = v128.load_splat<f32>(a, 12); c30 = madd32(x, b0, c30); c31 = madd32(x, b1, c31);
    a += 16; b += 32; if (a >= end) break;
    b0 = v128.load(b); b1 = v128.load(b, 16); x = v128.load_splat<f32>(a); c00 = madd32(x, b0, c00); c01 = madd32(x, b1, c01);
    x = v128.load_splat<f32>(a, 4);  c10 = madd32(x, b0, c10); c11 = madd32(x, b1, c11);
    x = v128.load_splat<f32>(a, 8);  c20 = madd32(x, b0, c20); c21 = madd32(x, b1, c21);
    x = v128.load_splat<f32>(a, 12); c30 = madd32(x, b0, c30); c31 = madd32(x, b1, c31);
    a += 16; b += 32; if (a >= end) break;
    b0 = v128.load(b); b1 = v128.load(b, 16); x = v128.load_splat<f32>(a); c00 = madd32(x, b0, c00); c01 = madd32(x, b1, c01);
    x = v128.load_splat<f32>(a, 4);  c10 = madd32(x, b0, c10); c11 = madd32(x, b1, c11);
    x = v128.load_splat<f32>(a, 8);  c20 = madd32(x, b0, c20); c21 = madd32(x, b1, c21);
    x = v128.load_splat<f32>(a, 12); c30 = madd32(x, b0, c30); c31 = madd32(x, b1, c31);
    a += 16; b += 32; if (a >= end) break;
    b0 = v128.load(b); b1 = v128.load(b, 16); x = v128.load_splat<f32>(a); c00 = madd32(x, b0, c00); c01 = madd32(x, b1, c01);
    x = v128.load_splat<f32>(a, 4);  c10 = madd32(x, b0, c10); c11 = madd32(x, b1, c11);
    x = v128.load_splat<f32>(a, 8);  c20 = madd32(x, b0, c20); c21 = madd32(x, b1, c21);
    x = v128.load_splat<f32>(a, 12); c30 = madd32(x, b0, c30); c31 = madd32(x, b1, c31);
    a += 16; b += 32; if (a >= end) break;
  }
  v128.store(c, f32x4.add(c00, v128.load(c))); v128.store(c, f32x4.add(c01, v128.load(c, 16)), 16); c += ldc;
  v128.store(c, f32x4.add(c10, v128.load(c))); v128.store(c, f32x4.add(c11, v128.load(c, 16)), 16); c += ldc;
  v128.store(c, f32x4.add(c20, v128.load(c))); v128.store(c, f32x4.add(c21, v128.load(c, 16)), 16); c += ldc;
  v128.store(c, f32x4.add(c30, v128.load(c))); v128.store(c, f32x4.add(c31, v128.load(c, 16)), 16);
}

/** Panels of `width` (4 or 8) rows, [panel][k][width], zero padded. */
function pack32(m: i32, k: i32, a: usize, rs: i32, cs: i32, p: usize, width: i32): void {
  rs <<= 2; cs <<= 2;
  let step = <usize>width << 2;
  for (let i = 0; i < m; i += width) {
    let r0 = a + i * rs;
    if (i + width <= m && rs == 4) {
      for (let j = 0; j < k; j++) {
        v128.store(p, v128.load(r0));
        if (width == 8) v128.store(p, v128.load(r0, 16), 16);
        r0 += cs; p += step;
      }
      continue;
    }
    if (i + width <= m && cs == 4) {
      for (let h = 0; h < width; h += 4) {
        let s0 = r0 + h * rs, s1 = s0 + rs, s2 = s1 + rs, s3 = s2 + rs, q = p + (<usize>h << 2), j = 0;
        for (; j + 4 <= k; j += 4) {
          let x0 = v128.load(s0), x1 = v128.load(s1), x2 = v128.load(s2), x3 = v128.load(s3);
          let y0 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5), y1 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
          let y2 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7), y3 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
          v128.store(q, v128.shuffle<f64>(y0, y1, 0, 2)); q += step;
          v128.store(q, v128.shuffle<f64>(y0, y1, 1, 3)); q += step;
          v128.store(q, v128.shuffle<f64>(y2, y3, 0, 2)); q += step;
          v128.store(q, v128.shuffle<f64>(y2, y3, 1, 3)); q += step;
          s0 += 16; s1 += 16; s2 += 16; s3 += 16;
        }
        for (; j < k; j++) {
          store<f32>(q, load<f32>(s0)); store<f32>(q, load<f32>(s1), 4); store<f32>(q, load<f32>(s2), 8); store<f32>(q, load<f32>(s3), 12);
          s0 += 4; s1 += 4; s2 += 4; s3 += 4; q += step;
        }
      }
      p += step * k;
      continue;
    }
    for (let j = 0; j < k; j++) {
      for (let r = 0; r < width; r++) store<f32>(p + (<usize>r << 2), i + r < m ? load<f32>(r0 + r * rs + j * cs) : 0);
      p += step;
    }
  }
}

/** C (M×N) += A (M×K) · B (K×N), float32; C's columns are contiguous, `rsc` is its row stride. */
export function gemm32(M: i32, N: i32, K: i32, A: usize, rsa: i32, csa: i32, B: usize, rsb: i32, csb: i32, C: usize, rsc: i32, ws: usize): void {
  let tmp = ws, pa = ws + 256, pb = pa + MC * KC * 4;
  for (let jc = 0; jc < N; jc += NC) {
    let nc = min(N - jc, NC);
    for (let pc = 0; pc < K; pc += KC) {
      let kc = min(K - pc, KC);
      pack32(nc, kc, B + ((pc * rsb + jc * csb) << 2), csb, rsb, pb, 8);
      for (let ic = 0; ic < M; ic += MC) {
        let mc = min(M - ic, MC);
        pack32(mc, kc, A + ((ic * rsa + pc * csa) << 2), rsa, csa, pa, 4);
        for (let jr = 0; jr < nc; jr += 8) {
          let nr = min(nc - jr, 8);
          let bp = pb + <usize>(jr * kc << 2);
          for (let ir = 0; ir < mc; ir += 4) {
            let mr = min(mc - ir, 4);
            let ap = pa + <usize>(ir * kc << 2);
            let cp = C + (((ic + ir) * rsc + jc + jr) << 2);
            if (mr == 4 && nr == 8) tile32(kc, ap, bp, cp, rsc << 2);
            else {
              clearTile(tmp);
              tile32(kc, ap, bp, tmp, 32);
              for (let r = 0; r < mr; r++) for (let s = 0; s < nr; s++) {
                let q = cp + ((r * rsc + s) << 2);
                store<f32>(q, load<f32>(q) + load<f32>(tmp + <usize>((r * 8 + s) << 2)));
              }
            }
          }
        }
      }
    }
  }
}
