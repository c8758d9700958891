import { type Tensor, eye } from '@matheron/core-tensor';
import { ConstantMean, GPError, GammaPrior, type Hyperparameter, type Kernel, LogNormalPrior, type Mean, ParameterizedBlock, type Setting, settingOptions, syneTuneConstants as c } from '@matheron/gp-kernels';
import { gaussianLogDensity } from './density.ts';
import type { Preset } from './options.ts';
import { type TargetTransform, makeTransform } from './target-transform.ts';

/** The parts of a {@link MarginalLikelihood}. */
export interface LikelihoodOptions {
  kernel: Kernel;
  mean?: Mean;
  noiseVariance?: Setting;
  targetTransform?: 'identity' | 'box-cox' | TargetTransform;
  encoding?: 'logarithm' | 'positive' | 'identity';
  preset?: Preset;
}

/**
 * The negative log marginal likelihood of exact GP regression as a block: its parts are `kernel`, `mean`, `ytrans` and the noise variance;
 * names in getParams are prefixed `kernel_`, `mean_`, `ytrans_`. A noise variance of 0 means none, and stays.
 */
export class MarginalLikelihood extends ParameterizedBlock {
  readonly noiseVariance: Hyperparameter;
  readonly kernel: Kernel;
  readonly mean: Mean;
  readonly ytrans: TargetTransform;
  constructor(options: LikelihoodOptions) {
    super({ alias: options.preset === 'syne-tune' ? 'gaussianprocessmarginallikelihood' : 'marginallikelihood' });
    const preset = options.preset ?? 'matheron';
    assertBlock('kernel', options.kernel, "a Kernel, as new RBF() or parseKernel('rbf')");
    if (options.mean !== undefined) assertBlock('mean', options.mean, 'a Mean, as new ZeroMean()');
    const encoding = options.encoding ?? 'logarithm';
    this.noiseVariance = this.hyperparameter('noise_variance', noiseOptions(options.noiseVariance, encoding, preset));
    this.kernel = options.kernel;
    this.mean = options.mean ?? new ConstantMean();
    this.ytrans = makeTransform(options.targetTransform, preset === 'matheron');
  }
  /** −log p(y | X): a scalar, a sum with n/2·log 2π; X [n, d], y [n]. `jitter` is added to the diagonal. NaN where K + σ²I has no factor. */
  override forward(X: Tensor, y: Tensor, jitter?: Tensor): Tensor {
    const n = X.shape[0]!;
    const latent = this.ytrans.call(y.reshape(n));
    const density = gaussianLogDensity(this.covariance(X, jitter), latent.sub(this.mean.call(X)));
    return this.ytrans.negLogJacobian(y).sub(density);
  }
  /** K + (σ² + jitter) I at X: [n, n]. */
  covariance(X: Tensor, jitter?: Tensor): Tensor {
    const noise = this.noiseVariance.value().reshape();
    const diagonal = jitter ? noise.add(jitter) : noise;
    return addDiagonal(this.kernel.call(X, X), diagonal);
  }
}

function assertBlock(name: string, value: unknown, expected: string): void {
  if (typeof (value as { call?: unknown } | null | undefined)?.call !== 'function' || typeof value === 'function') {
    throw new GPError('argument', `${name}: expected ${expected}, got ${typeof value === 'string' ? `'${value}'` : typeof value === 'function' ? `the class ${value.name}; write new ${value.name}()` : String(value)}`);
  }
}

/** K + v I for a scalar v. */
export function addDiagonal(K: Tensor, v: Tensor): Tensor {
  return K.add(eye(K.shape[0]!, { ctx: K.ctx, dtype: K.dtype }).mul(v));
}

/** The noise hyperparameter: LogNormal(−4, 1) in 'matheron', Gamma(0.1, 0.1) in 'syne-tune', which lets the noise collapse to its lower bound. */
export function noiseOptions(setting: Setting | undefined, encoding: 'logarithm' | 'positive' | 'identity', preset: Preset): ReturnType<typeof settingOptions> {
  const start = settingOptions(setting);
  if (start.init === 0) return { init: 0, encoding: 'identity', trainable: false, shape: [] };
  const syneTune = preset === 'syne-tune';
  return {
    init: syneTune ? c.initialNoiseVariance : Math.exp(-4), shape: syneTune ? [1] : [], bounds: syneTune ? c.noiseVarianceBounds : [1e-8, 1e6],
    encoding, prior: syneTune ? new GammaPrior({ mean: 0.1, alpha: 0.1 }) : new LogNormalPrior({ mean: -4, sigma: 1 }), ...start,
  };
}
