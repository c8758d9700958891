// Gradients of factorizations: for full rank and distinct spectra. Elsewhere they don't exist, and are NaN or infinite.
import type { Tensor } from '@matheron/core-tensor';
import {
  add, diagonalMask, equal, broadcast, like, matmul, mul, over, reciprocal, reshape, scaleColumns, scaleRows, square, strictTril, sub, transpose, tril, triangularSolve, triu, where, sliceAxis, concat,
} from './algebra.ts';
import { scatterRows } from './indexing.ts';
import type { KindRule } from './rule.ts';

/** Puts row i at positions[i]: [..., n, k] with int32 [..., n]. */
function scatterMatrixRows(x: Tensor, positions: Tensor): Tensor {
  return transpose(scatterRows(transpose(x), broadcast(reshape(positions, [...positions.shape.slice(0, -1), 1, positions.shape.at(-1)!]), transpose(x).shape)));
}

/**
 * P A = L U: Ā = Pᵀ L⁻ᵀ [stril(Lᵀ L̄) + triu(Ū Uᵀ)] U⁻ᵀ (de Hoog, Anderssen and Lukas 2011).
 */
export const luRule: KindRule<'lu'> = ([g], _x, [packed, permutation]) => {
  if (!g) return [undefined];
  const unitLower = where(diagonalMask(packed!), 1, strictTril(packed!));
  const inner = add(strictTril(matmul(transpose(unitLower), strictTril(g))), triu(matmul(triu(g), transpose(triu(packed!)))));
  const left = triangularSolve(packed!, inner, { lower: true, transpose: true, unitDiagonal: true, side: 'left' });
  const both = triangularSolve(packed!, left, { lower: false, transpose: true, unitDiagonal: false, side: 'right' });
  return [scatterMatrixRows(both, permutation!)];
};

/** Lower triangle mirrored upwards. */
const mirrored = (m: Tensor): Tensor => add(tril(m), transpose(strictTril(m)));

/** A = Q R with R square: Ā = [Q̄ + Q mirror(R R̄ᵀ − Q̄ᵀ Q)] R⁻ᵀ (Walter and Lehmann 2012). */
function tall(q: Tensor, r: Tensor, gq: Tensor | undefined, gr: Tensor | undefined): Tensor {
  let m = gr ? matmul(r, transpose(triu(gr))) : undefined;
  if (gq) {
    const inner = matmul(transpose(gq), q);
    m = m ? sub(m, inner) : sub(like(inner, 0), inner);
  }
  const turned = matmul(q, mirrored(m!));
  return triangularSolve(r, gq ? add(gq, turned) : turned, { lower: false, transpose: true, unitDiagonal: false, side: 'right' });
}

/** For m < n, A P = [X Y] = Q [U V]: Y = Q V, so Q̄ gains Y V̄ᵀ and Ȳ = Q V̄ (Liao, Liu, Wang and Xiang 2019). */
export const qrRule: KindRule<'qr'> = ([gq, gr], [a], [q, r, permutation], { pivot }) => {
  if (!gq && !gr) return [undefined];
  const m = a!.shape.at(-2)!;
  const n = a!.shape.at(-1)!;
  let x: Tensor;
  if (m >= n) x = tall(q!, r!, gq, gr);
  else {
    const axis = a!.ndim - 1;
    const u = sliceAxis(r!, axis, 0, m);
    if (!gr) x = concat([tall(q!, u, gq, undefined), like(a!, 0, [...a!.shape.slice(0, -1), n - m])], axis);
    else {
      const v = sliceAxis(r!, axis, m, n);
      const gv = sliceAxis(gr, axis, m, n);
      const more = matmul(matmul(q!, v), transpose(gv));
      x = concat([tall(q!, u, gq ? add(gq, more) : more, sliceAxis(gr, axis, 0, m)), matmul(q!, gv)], axis);
    }
  }
  return [pivot ? transpose(scatterMatrixRows(transpose(x), permutation!)) : x];
};

/** 1 / (v_j − v_i) off the diagonal, 0 on it; NaN where two are equal. */
function inverseGaps(v: Tensor): Tensor {
  const n = v.shape.at(-1)!;
  const shape = [...v.shape, n];
  const gaps = sub(broadcast(reshape(v, [...v.shape.slice(0, -1), 1, n]), shape), broadcast(reshape(v, [...v.shape, 1]), shape));
  const diagonal = diagonalMask(gaps);
  return where(diagonal, 0, reciprocal(where(diagonal, 1, where(equal(gaps, 0), NaN, gaps))));
}
const diagonalMatrix = (v: Tensor, shape: readonly number[]): Tensor => {
  const wide = broadcast(reshape(v, [...v.shape, 1]), shape);
  return where(diagonalMask(wide), wide, 0);
};
const symmetric = (x: Tensor): Tensor => mul(add(x, transpose(x)), 0.5);

/** A = V diag(w) Vᵀ: Ā = V [diag(w̄) + F ∘ (Vᵀ V̄)] Vᵀ, F_ij = 1/(w_j − w_i), made symmetric (Giles 2008). */
export const eighRule: KindRule<'eigh'> = ([gw, gv], _x, [w, v]) => {
  if (!gw && !gv) return [undefined];
  if (!gv) return [matmul(scaleColumns(v!, gw!), transpose(v!))];
  const turned = mul(inverseGaps(w!), matmul(transpose(v!), gv));
  const inner = gw ? add(diagonalMatrix(gw, turned.shape), turned) : turned;
  return [symmetric(matmul(matmul(v!, inner), transpose(v!)))];
};

/**
 * A = U diag(s) Vᵀ, reduced: Ā = U [F ∘ (UᵀŪ − ŪᵀU) S + S F ∘ (VᵀV̄ − V̄ᵀV) + diag(s̄)] Vᵀ + (1 − UUᵀ) Ū S⁻¹ Vᵀ + U S⁻¹ V̄ᵀ (1 − VVᵀ),
 * F_ij = 1/(s_j² − s_i²) (Townsend 2016). The last two terms are there for rectangular A only.
 */
export const svdRule: KindRule<'svd'> = ([gu, gs, gvt], [a], [u, s, vt]) => {
  if (!gu && !gs && !gvt) return [undefined];
  if (!gu && !gvt) return [matmul(scaleColumns(u!, gs!), vt!)];
  const m = a!.shape.at(-2)!;
  const n = a!.shape.at(-1)!;
  const f = inverseGaps(square(s!));
  const skew = (x: Tensor): Tensor => sub(x, transpose(x));
  let inner: Tensor | undefined = gs ? diagonalMatrix(gs, f.shape) : undefined;
  const collect = (x: Tensor): void => { inner = inner ? add(inner, x) : x; };
  if (gu) collect(scaleColumns(mul(f, skew(matmul(transpose(u!), gu))), s!));
  if (gvt) collect(scaleRows(mul(f, skew(matmul(vt!, transpose(gvt)))), s!));
  let result = matmul(matmul(u!, inner!), vt!);
  const perS = over(like(s!, 1), s!);
  if (gu && m > n) {
    const outside = sub(gu, matmul(u!, matmul(transpose(u!), gu)));
    result = add(result, matmul(scaleColumns(outside, perS), vt!));
  }
  if (gvt && n > m) {
    const outside = sub(gvt, matmul(matmul(gvt, transpose(vt!)), vt!));
    result = add(result, matmul(scaleColumns(u!, perS), outside));
  }
  return [result];
};
