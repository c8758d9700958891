// The objective as a user writes it: once with stated gradients of kernel and density, once with the formula of the kernel alone.
import { choleskyInfo, choleskyInverse, diagonal, exp, eye, log, reshape, sqrt, square, sum, tensor, triangularSolve, where } from '@matheron/core-tensor';
import { customGradient } from '@matheron/autograd';

const matern32 = customGradient({
  forward: (s) => {
    const r = sqrt(s.mul(5));
    return [r.add(1).mul(exp(r.neg()))];
  },
  backward: (g, { inputs: [s] }) => [g.mul(-5 / 2).mul(exp(sqrt(s.mul(5)).neg()))],
});
const matern52 = customGradient({
  forward: (s) => {
    const r = sqrt(s.mul(5)), e = exp(r.neg());
    return [r.add(1).mul(e).add(s.mul(5 / 3).mul(e))];
  },
  backward: (g, { inputs: [s] }) => [g.mul(-5 / 6).mul(matern32(s))],
});
function naiveMatern52(s) {
  const r = sqrt(s.mul(5));
  return r.add(1).add(s.mul(5 / 3)).mul(exp(r.neg()));
}
const halfLog2Pi = 0.5 * Math.log(2 * Math.PI);
const density = customGradient({
  forward: (k, r) => {
    const n = k.shape[0], { factor } = choleskyInfo(k), w = triangularSolve(factor, reshape(r, [n, 1]));
    return [sum(square(w)).mul(0.5).add(sum(log(diagonal(factor)))).add(n * halfLog2Pi), factor, w];
  },
  backward: (g, { kept: [factor, w], inputs: [k] }) => {
    const n = k.shape[0], alpha = triangularSolve(factor, w, { transpose: true });
    return [g.mul(choleskyInverse(factor).sub(alpha.mul(reshape(alpha, [1, n]))).mul(0.5)), g.mul(reshape(alpha, [n]))];
  },
});

const objective = (kernel) => ({ logLengthscales, logVariance, logNoise, mean }, X, y) => {
  const [n, d] = X.shape;
  const difference = reshape(X, [n, 1, d]).sub(reshape(X, [1, n, d]));
  const s = sum(square(difference).mul(exp(logLengthscales.mul(-2))), 2);
  const k = kernel(s).mul(exp(logVariance)).add(where(eye(n, { dtype: 'bool', ctx: X.ctx }), exp(logNoise), 0));
  return density(k, y.sub(mean));
};
export const negativeLogLikelihood = objective(matern52);
export const naive = objective(naiveMatern52);

/** The arguments of the objectives on a context. */
export function argumentsOf({ n, d, X, y, lengthscales, variance, noise, mean }, ctx) {
  const o = { ctx };
  const parameters = { logLengthscales: tensor(lengthscales.map(Math.log), o), logVariance: tensor(Math.log(variance), o), logNoise: tensor(Math.log(noise), o), mean: tensor(mean, o) };
  return [parameters, tensor(X, o).reshape(n, d), tensor(y, o)];
}
export function flat([value, { logLengthscales, logVariance, logNoise, mean }]) {
  return [value, logLengthscales, logVariance, logNoise, mean].flatMap((t) => [...t.dataSync()]);
}
