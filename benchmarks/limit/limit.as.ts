// The elementwise half of the GP objective, fused by hand: covariance (ARD Matérn-5/2, lower triangle) with what its gradient needs, and the
// gradient in six lengthscales. Compiled with the same flags as backend-wasm's core module.

@inline function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  else return f64x2.add(c, f64x2.mul(a, b));
}
/** e^x for x in [−708, 0] (S. Moshier, Cephes). */
@inline function expNegative(x: v128): v128 {
  x = f64x2.max(x, f64x2.splat(-708));
  const magic = f64x2.splat(6755399441055744.0);
  let t = madd(x, f64x2.splat(1.4426950408889634), magic), k = f64x2.sub(t, magic);
  let r = f64x2.sub(f64x2.sub(x, f64x2.mul(k, f64x2.splat(6.93145751953125e-1))), f64x2.mul(k, f64x2.splat(1.42860682030941723212e-6))), z = f64x2.mul(r, r);
  let p = f64x2.mul(r, madd(madd(f64x2.splat(1.26177193074810590878e-4), z, f64x2.splat(3.0299440770744196130e-2)), z, f64x2.splat(1)));
  let q = madd(madd(madd(f64x2.splat(3.00198505138664455042e-6), z, f64x2.splat(2.52448340349684104192e-3)), z, f64x2.splat(2.27265548208155028766e-1)), z, f64x2.splat(2));
  let e = f64x2.div(p, f64x2.sub(q, p));
  return i64x2.add(f64x2.add(f64x2.splat(1), f64x2.add(e, e)), i64x2.shl(t, 52));
}

/** K and W (n × n, lower triangle): the covariance with noise on the diagonal, and its derivative in half a scaled squared distance. Xt: d × ldx, scaled. */
export function matern(n: i32, d: i32, Xt: usize, ldx: i32, variance: f64, noise: f64, K: usize, W: usize): void {
  const s5 = f64x2.splat(2.23606797749979), third = f64x2.splat(1.6666666666666667);
  for (let i = 0; i < n; i++) {
    let kr = K + <usize>(i * n << 3), wr = W + <usize>(i * n << 3), xi = Xt + (<usize>i << 3);
    for (let j = 0; j <= i; j += 2) {
      let r2 = f64x2.splat(0), xj = Xt + (<usize>j << 3), xip = xi;
      for (let q = 0; q < d; q++) {
        let df = f64x2.sub(v128.load_splat<f64>(xip), v128.load(xj));
        r2 = madd(df, df, r2);
        xj += ldx << 3;
        xip += ldx << 3;
      }
      let r = f64x2.mul(s5, f64x2.sqrt(r2)), e = f64x2.mul(f64x2.splat(variance), expNegative(f64x2.neg(r)));
      let a = f64x2.mul(e, f64x2.add(f64x2.splat(1), r)), kv = madd(e, f64x2.mul(third, r2), a), wv = f64x2.mul(third, a);
      if (j + 1 < n) {
        v128.store(kr + (<usize>j << 3), kv);
        v128.store(wr + (<usize>j << 3), wv);
      } else {
        store<f64>(kr + (<usize>j << 3), f64x2.extract_lane(kv, 0));
        store<f64>(wr + (<usize>j << 3), f64x2.extract_lane(wv, 0));
      }
    }
    store<f64>(kr + (<usize>i << 3), load<f64>(kr + (<usize>i << 3)) + noise);
  }
}

/** g[q] += Σ_{j<i} (K⁻¹_ij − α_i α_j) W_ij (x_iq − x_jq)² for six q. */
export function gradient6(n: i32, Xt: usize, ldx: i32, inverse: usize, alpha: usize, W: usize, g: usize): void {
  let L = <usize>ldx << 3;
  let g0 = f64x2.splat(0), g1 = g0, g2 = g0, g3 = g0, g4 = g0, g5 = g0;
  for (let i = 1; i < n; i++) {
    let kr = inverse + <usize>(i * n << 3), wr = W + <usize>(i * n << 3), ap = alpha, xj = Xt, xi = Xt + (<usize>i << 3);
    let ai = v128.load_splat<f64>(alpha + (<usize>i << 3));
    let j = 0;
    for (; j + 2 <= i; j += 2) {
      let w = f64x2.mul(f64x2.sub(v128.load(kr), f64x2.mul(ai, v128.load(ap))), v128.load(wr)), p = xj, q = xi;
      let df = f64x2.sub(v128.load_splat<f64>(q), v128.load(p)); g0 = madd(f64x2.mul(df, df), w, g0); p += L; q += L;
      df = f64x2.sub(v128.load_splat<f64>(q), v128.load(p)); g1 = madd(f64x2.mul(df, df), w, g1); p += L; q += L;
      df = f64x2.sub(v128.load_splat<f64>(q), v128.load(p)); g2 = madd(f64x2.mul(df, df), w, g2); p += L; q += L;
      df = f64x2.sub(v128.load_splat<f64>(q), v128.load(p)); g3 = madd(f64x2.mul(df, df), w, g3); p += L; q += L;
      df = f64x2.sub(v128.load_splat<f64>(q), v128.load(p)); g4 = madd(f64x2.mul(df, df), w, g4); p += L; q += L;
      df = f64x2.sub(v128.load_splat<f64>(q), v128.load(p)); g5 = madd(f64x2.mul(df, df), w, g5);
      kr += 16; wr += 16; ap += 16; xj += 16;
    }
    if (j < i) {
      let w = (load<f64>(kr) - load<f64>(alpha + (<usize>i << 3)) * load<f64>(ap)) * load<f64>(wr);
      for (let q = 0; q < 6; q++) {
        let df = load<f64>(xi + q * L) - load<f64>(xj + q * L);
        store<f64>(g + (<usize>q << 3), load<f64>(g + (<usize>q << 3)) + df * df * w);
      }
    }
  }
  store<f64>(g, load<f64>(g) + f64x2.extract_lane(g0, 0) + f64x2.extract_lane(g0, 1));
  store<f64>(g, load<f64>(g, 8) + f64x2.extract_lane(g1, 0) + f64x2.extract_lane(g1, 1), 8);
  store<f64>(g, load<f64>(g, 16) + f64x2.extract_lane(g2, 0) + f64x2.extract_lane(g2, 1), 16);
  store<f64>(g, load<f64>(g, 24) + f64x2.extract_lane(g3, 0) + f64x2.extract_lane(g3, 1), 24);
  store<f64>(g, load<f64>(g, 32) + f64x2.extract_lane(g4, 0) + f64x2.extract_lane(g4, 1), 32);
  store<f64>(g, load<f64>(g, 40) + f64x2.extract_lane(g5, 0) + f64x2.extract_lane(g5, 1), 40);
}
