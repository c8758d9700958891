// Derivatives of special functions as compositions, so that they have derivatives themselves.
import type { Tensor } from '@matheron/core-tensor';
import { add, div, erfc, erfcx, exp, greater, less, mul, neg, reciprocal, round, sin, square, sub, where } from './algebra.ts';

/** B₂ₖ, k = 1…8: the asymptotic series ψ′(z) = 1/z + 1/(2z²) + Σ B₂ₖ z^−(2k+1) (DLMF 5.15.8). */
const bernoulli = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510];
const shift = 10;

/**
 * ψ′(x): raised by ψ′(x) = ψ′(x + 1) + 1/x² to where the asymptotic series holds to full precision; below ½ by reflection,
 * ψ′(x) + ψ′(1 − x) = π² / sin² πx (DLMF 5.5.4, 5.15.6). +Infinity at the poles 0, −1, −2, ….
 */
export function trigamma(x: Tensor): Tensor {
  const reflected = less(x, 0.5);
  let z = where(reflected, sub(1, x), x);
  let total: Tensor | undefined;
  for (let k = 0; k < shift; k++) {
    const term = square(reciprocal(z));
    total = total ? add(total, term) : term;
    z = add(z, 1);
  }
  const r = reciprocal(z);
  const r2 = square(r);
  let series = mul(r2, bernoulli.at(-1)!);
  for (let k = bernoulli.length - 2; k >= 0; k--) series = mul(r2, add(series, bernoulli[k]!));
  total = add(total!, mul(r, add(add(series, 1), mul(r, 0.5))));
  const t = where(reflected, x, 0.5);
  const sine = sin(mul(sub(t, round(t)), Math.PI));
  return where(reflected, sub(mul(square(reciprocal(sine)), Math.PI ** 2), total), total);
}

/** From here on erfcx′ is summed from its asymptotic series; below, 2x·erfcx(x) − 2/√π cancels by at most 2x². */
const far = 12;

/**
 * erfcx′(x) = 2x·erfcx(x) − 2/√π; for large x, where that cancels, −1/(√π x²) Σ (−1)ⁿ (2n + 1)!! / (2x²)ⁿ, the derivative of
 * DLMF 7.12.1.
 */
export function erfcxDerivative(x: Tensor, y: Tensor): Tensor {
  const isFar = greater(x, far);
  const near = sub(mul(where(isFar, 0, x), mul(where(isFar, 0, y), 2)), 2 / Math.sqrt(Math.PI));
  const t = div(0.5, square(where(isFar, x, far)));
  let series = mul(t, 0);
  for (let n = 12; n >= 1; n--) series = mul(t, mul(add(series, 1), -(2 * n + 1)));
  return where(isFar, mul(mul(t, add(series, 1)), -2 / Math.sqrt(Math.PI)), near);
}

/**
 * φ(x) / Φ(x), the derivative of log Φ: √(2/π) / erfcx(−x/√2), which holds in the lower tail; above 5, where erfcx(−x/√2) grows
 * without bound, φ(x) / (½ erfc(−x/√2)).
 */
export function normalHazard(x: Tensor): Tensor {
  const upper = greater(x, 5);
  const low = where(upper, 5, x);
  const high = where(upper, x, 5);
  return where(
    upper,
    div(mul(exp(mul(square(high), -0.5)), Math.sqrt(2 / Math.PI)), erfc(mul(high, -Math.SQRT1_2))),
    div(Math.sqrt(2 / Math.PI), erfcx(neg(mul(low, Math.SQRT1_2)))),
  );
}
