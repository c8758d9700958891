import { grad } from '@matheron/autograd';
import { type Tensor, RandomState, choleskyInfo, cholesky, eye, tensor } from '@matheron/core-tensor';
import { ConstantMean, GammaPrior, HorseshoePrior, LogNormalPrior, NormalPrior, type Prior, UniformPrior, Warping, ZeroMean, defaultInitial, makeEncoding, syneTuneConstants as c } from '@matheron/gp-kernels';
import { describe, expect, it } from 'vitest';
import { BoxCoxTransform, FactorizationError, factorizeSync } from '../src/index.ts';
import { type Json, checkParameters, close, fixture, flat, internalGradients } from './fixture.ts';

describe('constants', () => {
  it('are gpautograd\'s', () => {
    const f = fixture('constants');
    expect(c.numericalJitter).toBe(f.NUMERICAL_JITTER);
    expect(c.initialNoiseVariance).toBe(f.INITIAL_NOISE_VARIANCE);
    expect(c.initialMeanValue).toBe(f.INITIAL_MEAN_VALUE);
    expect(c.initialCovarianceScale).toBe(f.INITIAL_COVARIANCE_SCALE);
    expect(c.initialInverseBandwidths).toBe(f.INITIAL_INVERSE_BANDWIDTHS);
    expect(c.initialWarping).toBe(f.INITIAL_WARPING);
    expect(c.inverseBandwidthsBounds).toEqual([f.INVERSE_BANDWIDTHS_LOWER_BOUND, f.INVERSE_BANDWIDTHS_UPPER_BOUND]);
    expect(c.covarianceScaleBounds).toEqual([f.COVARIANCE_SCALE_LOWER_BOUND, f.COVARIANCE_SCALE_UPPER_BOUND]);
    expect(c.noiseVarianceBounds).toEqual([f.NOISE_VARIANCE_LOWER_BOUND, f.NOISE_VARIANCE_UPPER_BOUND]);
    expect(c.warpingBounds).toEqual([f.WARPING_LOWER_BOUND, f.WARPING_UPPER_BOUND]);
    expect(c.minPosteriorVariance).toBe(f.MIN_POSTERIOR_VARIANCE);
    expect(c.minCholeskyDiagonal).toBe(f.MIN_CHOLESKY_DIAGONAL_VALUE);
    const { DEFAULT_OPTIMIZATION_CONFIG: o, DEFAULT_MCMC_CONFIG: m } = f;
    expect(c.optimization).toEqual({ tolerance: o.lbfgs_tol, maxIterations: o.lbfgs_maxiter, restarts: o.n_starts });
    expect(c.mcmc).toEqual({ samples: m.n_samples, burnIn: m.n_burnin, thinning: m.n_thinning });
  });
});

describe('encodings', () => {
  fixture('encodings').cases.forEach((f: Json, i: number) => {
    it(`case ${i}: ${f.type}`, () => {
      const lower = f.args.constr_lower ?? f.args.lower ?? -Infinity;
      const upper = f.args.constr_upper ?? Infinity;
      const e = makeEncoding(f.type, [lower, upper]);
      // 'positive' leaves its lower bound to the encoding
      const boundsForStart = f.type === 'positive' ? ([-Infinity, upper] as const) : ([lower, upper] as const);
      close(e.toInternal(f.args.init_val ?? defaultInitial(boundsForStart)), f.init_val_int, 1e-12, 'init');
      const open = (v: number | null, side: number): number => v ?? (side === 0 ? -Infinity : Infinity);
      close([...e.internalBounds], f.constraints_internal.map(open), 1e-12, 'internal bounds');
      if (f.type !== 'positive') expect([...e.bounds]).toEqual(f.constraints.map(open));
      if (!f.internal_in) return;
      const finite = f.internal_in.filter((_: number, k: number) => Number.isFinite(f.get_out[k]) && Number.isFinite(f.get_grad[k]));
      const pick = (xs: number[]): number[] => xs.filter((_: number, k: number) => Number.isFinite(f.get_out[k]) && Number.isFinite(f.get_grad[k]));
      close(e.toExternal(tensor(finite)), pick(f.get_out), 1e-12, 'get');
      close(grad((x: Tensor) => e.toExternal(x).sum())(finite), pick(f.get_grad), 1e-12, 'gradient of get');
      // near its lower bound the reference's decoding of 'positive' loses the digits that 1 − e^{−x} cancels
      f.external_in.forEach((v: number, k: number) => {
        const cancelled = f.type === 'positive' ? 2.3e-16 / (v - (Number.isFinite(lower) ? lower : 0)) : 0;
        close(e.toInternal(v), f.decode_out[k], 1e-10 + cancelled, `decode ${v}`);
      });
    });
  });
  it('softplus does not overflow (defect 5)', () => {
    const e = makeEncoding('positive', [1e-4, Infinity]);
    close(e.toExternal(tensor([800])), [800.0001], 1e-15);
    close(grad((x: Tensor) => e.toExternal(x).sum())([800]), [1], 1e-15);
    close([e.toInternal(800.0001)], [800], 1e-14);
  });
});

function priorOf({ cls, args }: Json): Prior {
  switch (cls) {
    case 'Gamma': return new GammaPrior(args);
    case 'Uniform': return new UniformPrior({ ...args, normalized: false });
    case 'Normal': return new NormalPrior({ ...args, normalized: false });
    case 'LogNormal': return new LogNormalPrior({ ...args, normalized: false });
    case 'Horseshoe': return new HorseshoePrior({ scale: args.s });
    default: throw new Error(cls);
  }
}
describe('distributions', () => {
  fixture('distributions').cases.forEach((f: Json, i: number) => {
    it(`case ${i}: ${f.cls}`, () => {
      const prior = priorOf(f);
      close(f.x.map((v: number) => prior.negLogDensity(tensor([v])).item()), f.neg_log_density_each, 1e-10, 'each');
      close(prior.negLogDensity(tensor(f.x)), f.neg_log_density_sum, 1e-10, 'sum');
      close(grad((x: Tensor) => prior.negLogDensity(x).add(x.sum().mul(0)))(f.x), f.grad_sum, 1e-10, 'gradient');
    });
  });
});

describe('means', () => {
  fixture('means').cases.forEach((f: Json) => {
    it(f.cls, () => {
      const mean = f.cls === 'ZeroMeanFunction' ? new ZeroMean() : new ConstantMean({ value: { shape: [1] } });
      mean.setParams(f.params);
      close(mean.call(tensor(f.X)), f.out, 1e-15);
      checkParameters(mean, f);
      if (f.params.mean_value !== undefined) close(mean.getParams()['mean_value'] as number, f.params.mean_value, 1e-15);
    });
  });
});

it('warping', () => {
  const f = fixture('warping');
  const w = new Warping({ dimension: f.dimension, ranges: [f.coordinate_range], normalizedPriors: false });
  w.setParams(f.params);
  checkParameters(w, f);
  const x = tensor(f.x);
  close(w.call(x), f.out, 1e-10, 'out');
  const names = Object.keys(f.grad_params_sum_W_out);
  const { gradients } = internalGradients(w, names, () => w.call(x).mul(tensor(f.W)).sum());
  for (const name of names) close(gradients.get(name)!, f.grad_params_sum_W_out[name], 1e-8, name);
  // near the ends of [0, 1] the reference takes powers of numbers a rounding away from 0 and 1
  close(grad((z: Tensor) => w.call(z).mul(tensor(f.W)).sum())(f.x), f.grad_x_sum_W_out, 1e-6, 'gradient in x');
});

describe('target transform', () => {
  fixture('target_transform').cases.forEach((f: Json) => {
    it(`Box-Cox, λ = ${f.boxcox_lambda}`, () => {
      const t = new BoxCoxTransform({ normalizedPrior: false });
      t.setParams({ boxcox_lambda: f.boxcox_lambda });
      const y = tensor(f.y);
      const z = tensor(f.z);
      close(t.call(y), f.forward, 1e-10, 'forward');
      close(t.inverse(z), f.inverse, 1e-10, 'inverse');
      close(t.negLogJacobian(y), f.negative_log_jacobian_documented, 1e-10, 'Jacobian (defect 2)');
      // the reference's is a mean, and so is its gradient
      close(t.negLogJacobian(y).div(y.size), f.negative_log_jacobian_reference, 1e-10, 'Jacobian of the reference');
      const name = t.lambda.name;
      const slope = internalGradients(t, [name], () => t.call(y).sum()).gradients.get(name)!;
      if (f.boxcox_lambda === 1e-7) {
        // exactly at the threshold the reference halves one term; the series of the derivative is u²/2 + λu³/3
        const u = flat(f.y).map((v) => Math.log(Math.max(v, 1e-10)));
        close(slope, [u.reduce((sum, v) => sum + v ** 2 / 2 + (1e-7 * v ** 3) / 3, 0)], 1e-5, 'd forward / dλ');
      } else {
        close(slope, f.grad_lambda_sum_forward, 1e-9, 'd forward / dλ');
      }
      close(internalGradients(t, [name], () => t.negLogJacobian(y).div(y.size)).gradients.get(name)!, f.grad_lambda_neg_log_jac, 1e-10, 'd Jacobian / dλ');
      const gz = flat(grad((v: Tensor) => t.inverse(v).sum())(z));
      flat(f.grad_z_sum_inverse).forEach((e, k) => {
        // where the reference's branches give NaN: (1 + λz)^(1/λ − 1), and 0 below the clamp
        const inner = 1 + f.boxcox_lambda * flat(f.z)[k]!;
        if (Number.isNaN(e)) close(gz[k]!, inner > 1e-10 ? inner ** (1 / f.boxcox_lambda - 1) : 0, 1e-9, `d inverse / dz, ${k}`);
        else close(gz[k]!, e, 1e-9, `d inverse / dz, ${k}`);
      });
    });
  });
});

describe('Cholesky and jitter', () => {
  const f = fixture('cholesky');
  f.add_jitter.forEach((k: Json) => {
    it(k.name, () => {
      const A = tensor(k.A);
      if (k.error) {
        expect(() => factorizeSync(A, { start: k.sigsq_init })).toThrow(FactorizationError);
        return;
      }
      const n = A.shape[0]!;
      const { factor, jitter } = factorizeSync(A, { start: k.sigsq_init });
      const trace = flat(A.diagonal()).reduce((a, b) => a + b) / n;
      close(k.sigsq_init + jitter, k.total_added_to_diag, 1e-12, 'added');
      close(A.add(eye(n).mul(k.sigsq_init + jitter)), k.out, 1e-12, 'out');
      // the factor of a matrix whose smallest eigenvalue is about the jitter
      const condition = (trace * n) / Math.max(k.total_added_to_diag, 1e-9);
      close(factor.matmul(factor.T), k.out, 1e-12, 'L Lᵀ');
      close(factor, k.L, Math.min(1e-2, 1e-15 * condition + 1e-12), 'L');
    });
  });
  it('reverse rule of the factorization', () => {
    const v = f.vjp;
    close(cholesky(tensor(v.A)), v.L, 1e-12);
    const g = grad((a: Tensor) => choleskyInfo(a).factor.mul(tensor(v.Lbar)).sum())(v.A);
    // the reference's gradient is symmetric; only the sum of the two halves is defined
    close(g.add(g.T).mul(0.5), v.Abar, 1e-10);
  });
  it('gradient through the jitter and the factorization', () => {
    const k = f.add_jitter_chain;
    const fn = (a: Tensor, s: Tensor): Tensor => choleskyInfo(a.add(eye(a.shape[0]!).mul(s))).factor.mul(tensor(k.W)).sum();
    const g = grad((a: Tensor) => fn(a, tensor(k.sigsq)))(k.A);
    close(g.add(g.T).mul(0.5), k.grad_A, 1e-10);
    close(grad((s: Tensor) => fn(tensor(k.A), s))(k.sigsq), flat(k.grad_sigsq)[0]!, 1e-10);
  });
});

describe('random numbers', () => {
  const f = fixture('rng');
  f.cases.forEach((k: Json) => {
    it(`seed ${k.seed}`, () => {
      const stream = (draw: (r: RandomState) => Tensor, expected: Json): void => close(draw(new RandomState(k.seed)), flat(expected), 1e-15, `seed ${k.seed}`);
      if (k.rand) stream((r) => r.rand(flat(k.rand).length), k.rand);
      if (k.randn) stream((r) => r.randn(flat(k.randn).length), k.randn);
    });
  });
});
