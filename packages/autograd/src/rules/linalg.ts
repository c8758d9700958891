import type { Tensor } from '@matheron/core-tensor';
import { add, halfTril, matmul, mul, neg, strictTril, strictTriu, transpose, tril, triangularSolve, triu } from './algebra.ts';
import type { KindRule } from './rule.ts';

/** Computed once, at first use. */
export function once<T>(make: () => T): () => T {
  let value: T | undefined;
  return () => (value ??= make());
}
const lowerTransposed = { lower: true, transpose: true, unitDiagonal: false, side: 'left' } as const;

export const matmulRule: KindRule<'matmul'> = ([g], [a, b]) => [() => matmul(g!, transpose(b!)), () => matmul(transpose(a!), g!)];

/**
 * Ā = ½ L⁻ᵀ (P + Pᵀ) L⁻¹ with P = Φ(Lᵀ L̄), Φ the lower triangle with half its diagonal (Murray 2016, arXiv 1602.07527). The gradient of
 * the symmetric argument, symmetric itself.
 */
export const choleskyRule: KindRule<'cholesky'> = ([g], _x, [l]) => {
  if (!g) return [undefined];
  const p = halfTril(matmul(transpose(l!), g));
  const left = triangularSolve(l!, add(p, transpose(p)), lowerTransposed);
  return [mul(triangularSolve(l!, transpose(left), lowerTransposed), 0.5)];
};

/** op(T) y = b: b̄ = op(T)⁻ᵀ ȳ, and −b̄ yᵀ (its transpose under `transpose`) on the triangle that is read; y op(T) = b alike. */
export const triangularSolveRule: KindRule<'triangularSolve'> = ([g], [t], [y], at) => {
  const towardsB = once(() => triangularSolve(t!, g!, { ...at, transpose: !at.transpose }));
  const triangle: (x: Tensor) => Tensor = at.lower ? (at.unitDiagonal ? strictTril : tril) : at.unitDiagonal ? strictTriu : triu;
  const towardsT = (): Tensor => {
    const b = towardsB();
    const [p, q] = at.side === 'left' ? [b, transpose(y!)] : [transpose(y!), b];
    return neg(triangle(at.transpose ? matmul(transpose(q), transpose(p)) : matmul(p, q)));
  };
  return [towardsT, towardsB];
};

/** Y = (L Lᵀ)⁻¹: L̄ = −tril(Y (Ḡ + Ḡᵀ) Y L). */
export const choleskyInverseRule: KindRule<'choleskyInverse'> = ([g], [l], [y]) => [
  neg(tril(matmul(y!, matmul(add(g!, transpose(g!)), matmul(y!, tril(l!)))))),
];
