import { type Tensor } from '@matheron/core-tensor';
import type { EncodingName } from '../encoding.ts';
import { GPError } from '../errors.ts';
import { type Hyperparameter, type HyperparameterOptions } from '../hyperparameter.ts';
import { Kernel, type KernelOptions } from '../kernel.ts';
import { Mean } from '../mean.ts';
import type { ParameterizedBlock } from '../parameterized.ts';

/** Start values 1, 0.5, 0.5 and 0.5; `deltaFixed` fixes δ in [0, 1] instead; `maxMetricValue` 1 bounds γ. */
export interface DecayOptions extends KernelOptions {
  encoding?: EncodingName;
  alpha?: number;
  meanLam?: number;
  gamma?: number;
  delta?: number;
  deltaFixed?: number;
  maxMetricValue?: number;
}

/** Start values and bounds of α, the mean of λ, and γ, shared by the exponential-decay and the freeze-thaw kernels. */
export function decayHyperparameters(options: DecayOptions): { alpha: HyperparameterOptions; meanLam: HyperparameterOptions; gamma: HyperparameterOptions } {
  const { encoding = 'logarithm', maxMetricValue: top = 1 } = options;
  const make = (init: number, lower: number, upper: number): HyperparameterOptions => ({ init: Math.max(Math.min(init, upper * 0.999), lower * 1.001), shape: [1], bounds: [lower, upper], encoding });
  return { alpha: make(options.alpha ?? 1, 1e-6, 250), meanLam: make(options.meanLam ?? 0.5, 1e-4, 50), gamma: make(options.gamma ?? 0.5, top * 1e-4, top) };
}

/** κ(r) = (β / (r + β))^α with β = α / mean λ: the expectation of e^{−λ r} under λ ~ Gamma. */
export function decay(r: Tensor, alpha: Tensor, meanLam: Tensor): Tensor {
  return r.mul(meanLam.div(alpha)).log1p().mul(alpha).neg().exp();
}

/**
 * Configurations in all columns but the last, the (encoded) resource in the last: a GP over configurations whose curves decay exponentially
 * to their asymptote, rates marginalized (Tiao et al. 2020, eqs. of the supplement). δ in [0, 1] mixes the asymptote into
 * the amplitude γ. It owns the mean of the configurations too: pair it with `ExponentialDecayMean`.
 */
export class ExponentialDecayKernel extends Kernel {
  readonly alpha: Hyperparameter;
  readonly meanLam: Hyperparameter;
  readonly gamma: Hyperparameter;
  readonly delta: Hyperparameter | undefined;
  readonly kernelx: Kernel;
  readonly meanx: Mean;
  readonly deltaFixed: number | undefined;
  constructor(kernel: Kernel, mean: Mean, options: DecayOptions = {}) {
    const { encoding: _e, alpha: _a, meanLam: _m, gamma: _g, delta = 0.5, deltaFixed, maxMetricValue: _v, ...rest } = options;
    if (deltaFixed !== undefined && !(deltaFixed >= 0 && deltaFixed <= 1)) throw new GPError('argument', `ExponentialDecayKernel: deltaFixed must lie in [0, 1], got ${deltaFixed}`);
    super(rest);
    const start = decayHyperparameters(options);
    this.alpha = this.hyperparameter('alpha', start.alpha);
    this.meanLam = this.hyperparameter('mean_lam', start.meanLam);
    this.gamma = this.hyperparameter('gamma', start.gamma);
    this.deltaFixed = deltaFixed;
    if (deltaFixed === undefined) {
      this.delta = this.hyperparameter('delta', { init: Math.max(Math.min(delta, 0.999), 0), shape: [1], bounds: [0, 1], encoding: 'identity' });
    }
    this.kernelx = kernel;
    this.meanx = mean;
  }
  override get type(): string { return 'exponential-decay'; }
  /** κ at these resources (any shape). */
  kappa(r: Tensor): Tensor { return decay(r, this.alpha.value(), this.meanLam.value()); }
  override forward(X1: Tensor, X2: Tensor): Tensor {
    const a = this.terms(X1);
    const b = X2 === X1 ? a : this.terms(X2);
    const kappa2 = b.kappa.T;
    const joint = this.kappa(a.resource.add(b.resource.T));
    const curves = joint.sub(a.kappa.mul(kappa2)).mul(a.amplitude).mul(b.amplitude.T);
    const configurations = this.kernelx.call(a.configuration, b.configuration);
    const delta = this.deltaTensor();
    if (delta === undefined) return configurations.add(curves);
    const mix = a.kappa.add(kappa2.sub(joint.mul(delta))).mul(mulNegative(delta)).add(1);
    return configurations.mul(mix).add(curves);
  }
  protected override diagonalOf(X: Tensor): Tensor {
    const n = X.shape[0]!;
    const a = this.terms(X);
    const twice = this.kappa(a.resource.mul(2));
    const curves = twice.sub(a.kappa.square()).mul(a.amplitude.square()).reshape(n);
    const configurations = this.kernelx.diagonal(a.configuration);
    const delta = this.deltaTensor();
    if (delta === undefined) return configurations.add(curves);
    return configurations.mul(a.kappa.mul(2).sub(twice.mul(delta)).mul(mulNegative(delta)).add(1).reshape(n)).add(curves);
  }
  /** The mean of the process at X [n, d + 1]: [n]. */
  meanFunction(X: Tensor): Tensor {
    const n = X.shape[0]!;
    const a = this.terms(X, true);
    return a.mean!.add(a.kappa.mul(a.amplitude)).reshape(n);
  }
  protected override settings(): Record<string, unknown> {
    return this.deltaFixed === undefined ? {} : { deltaFixed: this.deltaFixed };
  }
  private deltaTensor(): Tensor | number | undefined {
    if (this.delta) return this.delta.value().reshape(1, 1);
    return this.deltaFixed! > 0 ? this.deltaFixed : undefined;
  }
  /** Columns [n, 1]: resource, κ, amplitude γ − δ m, mean. */
  private terms(X: Tensor, withMean = false): { configuration: Tensor; resource: Tensor; kappa: Tensor; amplitude: Tensor; mean: Tensor | undefined } {
    const d = X.shape[1]! - 1;
    const configuration = X.slice([], [0, d]);
    const resource = X.slice([], [d, d + 1]);
    const delta = this.deltaTensor();
    const mean = withMean || delta !== undefined ? this.meanx.call(configuration).reshape(X.shape[0]!, 1) : undefined;
    const gamma = this.gamma.value().reshape(1, 1);
    const amplitude = delta === undefined ? gamma : gamma.sub(mean!.mul(delta));
    return { configuration, resource, kappa: this.kappa(resource), amplitude, mean };
  }
}

/** The mean that belongs to an ExponentialDecayKernel; its hyperparameters are the kernel's. */
export class ExponentialDecayMean extends Mean {
  private readonly _kernel: ExponentialDecayKernel;
  constructor(kernel: ExponentialDecayKernel) {
    super();
    this._kernel = kernel;
  }
  override forward(X: Tensor): Tensor { return this._kernel.meanFunction(X); }
  override components(): [string, ParameterizedBlock][] { return []; }
}

function mulNegative(delta: Tensor | number): Tensor | number {
  return typeof delta === 'number' ? -delta : delta.neg();
}
