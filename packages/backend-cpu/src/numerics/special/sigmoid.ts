/** 1/(1 + exp(−x)), without overflow and with full relative precision in the left tail. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** log(1 + exp(x)): exp(x) in the left tail, x in the right one. */
export function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

/** log sigmoid(x) = −softplus(−x). */
export function logSigmoid(x: number): number {
  return -softplus(-x);
}
