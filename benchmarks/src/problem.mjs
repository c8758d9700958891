import { RandomState, add, compile, customGradient, exp, eye, gaussianLogDensity, mul, pairwiseSquaredDistance, sqrt, tensor, valueAndGrad } from 'matheron';

/** The model of every Gaussian-process benchmark: constant mean, s · Matérn-5/2 with six lengthscales, Gaussian noise; everything but the mean as a logarithm. */
export const d = 6;
export const lengthscales = [0.3, 0.5, 0.8, 1.2, 2, 4];
export const outputscale = 1.3, noise = 0.05, mean = 0.2;
/** Negative log marginal likelihoods at n points (NumPy by hand, with √(5D + 1e-9)): a time counts only where the value agrees. */
export const expected = { 50: 31.549843378532128, 100: 51.64969671675084, 200: 61.01555047694568, 500: 70.03695161623068, 1000: 59.75266088968755, 2000: -25.282564567860845 };

/** Inputs [n, 6] and targets, from NumPy's RandomState(0), the same in every language. */
export function data(n, seed = 0) {
  const r = new RandomState(seed);
  const X = Float64Array.from({ length: n * d }, () => r.random());
  const y = Float64Array.from({ length: n }, () => 0.2 * r.gauss());
  for (let i = 0; i < n; i++) {
    const x = X.subarray(i * d, i * d + d);
    y[i] += Math.sin(6 * x[0]) + Math.cos(4 * x[1]) * x[2] + 0.5 * x[3] ** 2;
  }
  return { X, y };
}

/** k(D) = (1 + r + r²/3) e^−r with r² = 5 D; derivative −5/6 (1 + r) e^−r. */
const matern52 = customGradient({
  forward: (s) => {
    const r = sqrt(mul(s, 5));
    return [mul(add(add(r, 1), mul(s, 5 / 3)), exp(r.neg()))];
  },
  backward: (g, { inputs: [s] }) => {
    const r = sqrt(mul(s, 5));
    return [mul(g, mul(mul(add(r, 1), exp(r.neg())), -5 / 6))];
  },
});
const naiveMatern52 = (s) => {
  const r = sqrt(mul(s, 5));
  return mul(add(add(r, 1), mul(s, 5 / 3)), exp(r.neg()));
};

/** The negative log marginal likelihood as a user writes it: parameters { ell, scale, noise, mean }, data X, y. */
export function negLogLikelihood(kernel = matern52) {
  return (p, X, y) => {
    const K = mul(kernel(pairwiseSquaredDistance(X, undefined, { weights: exp(mul(p.ell, -2)) })), exp(p.scale));
    return gaussianLogDensity(add(K, mul(eye(X.shape[0], { ctx: X.ctx }), exp(p.noise))), y.sub(p.mean)).neg();
  };
}
export const naive = { kernel: naiveMatern52 };

/** A compiled objective on `ctx`: call it to get [value, gradients] read back to the host. */
export function objective(ctx, n, { kernel, eager = false } = {}) {
  const { X, y } = data(n);
  const f = valueAndGrad(negLogLikelihood(kernel));
  const g = eager ? f : compile(f);
  const [Xt, yt] = [tensor(X, { ctx, shape: [n, d] }), tensor(y, { ctx })];
  const p = parameters(ctx);
  return () => {
    const [value, gradient] = g(p, Xt, yt);
    return [value.item(), gradient];
  };
}
/** One compiled objective for every size: called with n, it evaluates data of n points. `variant` makes the structure another. */
export function anySize(ctx, variant = 0) {
  const f = negLogLikelihood();
  const g = compile(valueAndGrad((q, X, y) => {
    let value = f(q, X, y);
    for (let k = 0; k < variant; k++) value = value.add(q.mean.mul(k + 2));
    return value;
  }));
  const p = parameters(ctx);
  return (n) => {
    const { X, y } = data(n);
    return g(p, tensor(X, { ctx, shape: [n, d] }), tensor(y, { ctx }))[0].item();
  };
}
export function parameters(ctx) {
  const logarithm = (x) => tensor([x].flat().map(Math.log), { ctx, ...(Array.isArray(x) ? {} : { shape: [] }) });
  return { ell: logarithm(lengthscales), scale: logarithm(outputscale), noise: logarithm(noise), mean: tensor(mean, { ctx }) };
}

/** Throws where a value is not that of the others: a wrong result is not fast. */
export function agree(what, value, n, tolerance = 1e-6) {
  const want = expected[n];
  if (want !== undefined && !(Math.abs(value - want) <= tolerance * (1 + Math.abs(want)))) throw new Error(`${what}: ${value} at n = ${n}, expected ${want}`);
}

/** A kernel matrix of random points in the plane with 0.1 on its diagonal: symmetric positive definite, row-major. */
export function kernelMatrix(n) {
  const r = new RandomState(n);
  const x = Float64Array.from({ length: 2 * n }, () => 4 * r.random());
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) a[i * n + j] = Math.exp(-0.5 * ((x[2 * i] - x[2 * j]) ** 2 + (x[2 * i + 1] - x[2 * j + 1]) ** 2)) + (i === j ? 0.1 : 0);
  return a;
}
export function randomArray(size, seed = 1) {
  const r = new RandomState(seed);
  return Float64Array.from({ length: size }, () => 2 * r.random() - 1);
}
