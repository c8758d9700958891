import { type Tensor, all, equal } from '@matheron/core-tensor';
import { type Hyperparameter } from '../hyperparameter.ts';
import { Kernel } from '../kernel.ts';
import { Mean } from '../mean.ts';
import type { ParameterizedBlock } from '../parameterized.ts';
import { type DecayOptions, decay, decayHyperparameters } from './exponential-decay.ts';

/**
 * Freeze-thaw: asymptotes from a GP over configurations, curves that decay to them and are independent between configurations given the asymptotes
 * (Swersky, Snoek & Adams 2014); the exponential-decay kernel with δ = 0 where the curve part only joins equal configurations.
 */
export class FreezeThawKernel extends Kernel {
  readonly alpha: Hyperparameter;
  readonly meanLam: Hyperparameter;
  readonly gamma: Hyperparameter;
  readonly kernelx: Kernel;
  readonly meanx: Mean;
  constructor(kernel: Kernel, mean: Mean, options: Omit<DecayOptions, 'delta' | 'deltaFixed'> = {}) {
    const { encoding: _e, alpha: _a, meanLam: _m, gamma: _g, maxMetricValue: _v, ...rest } = options;
    super(rest);
    const start = decayHyperparameters(options);
    this.alpha = this.hyperparameter('alpha', start.alpha);
    this.meanLam = this.hyperparameter('mean_lam', start.meanLam);
    this.gamma = this.hyperparameter('gamma', start.gamma);
    this.kernelx = kernel;
    this.meanx = mean;
  }
  override get type(): string { return 'freeze-thaw'; }
  override forward(X1: Tensor, X2: Tensor): Tensor {
    const [configuration1, resource1] = split(X1);
    const [configuration2, resource2] = X2 === X1 ? [configuration1, resource1] : split(X2);
    const alpha = this.alpha.value();
    const meanLam = this.meanLam.value();
    const kappa1 = decay(resource1, alpha, meanLam);
    const kappa2 = decay(resource2, alpha, meanLam);
    const joint = decay(resource1.add(resource2.T), alpha, meanLam);
    const same = all(equal(configuration1.expandDims(1), configuration2.expandDims(0)), 2).astype(X1.dtype);
    const curves = joint.sub(kappa1.mul(kappa2.T)).mul(this.gamma.value().square().reshape(1, 1)).mul(same);
    return this.kernelx.call(configuration1, configuration2).add(curves);
  }
  protected override diagonalOf(X: Tensor): Tensor {
    const [configuration, resource] = split(X);
    const alpha = this.alpha.value();
    const meanLam = this.meanLam.value();
    const curves = decay(resource.mul(2), alpha, meanLam).sub(decay(resource, alpha, meanLam).square()).mul(this.gamma.value().square().reshape(1, 1));
    return this.kernelx.diagonal(configuration).add(curves.reshape(X.shape[0]!));
  }
  /** The mean of the process at X [n, d + 1]: [n]. */
  meanFunction(X: Tensor): Tensor {
    const [configuration, resource] = split(X);
    const curve = decay(resource, this.alpha.value(), this.meanLam.value()).mul(this.gamma.value().reshape(1, 1));
    return this.meanx.call(configuration).add(curve.reshape(X.shape[0]!));
  }
}

/** The mean that belongs to a FreezeThawKernel; its hyperparameters are the kernel's. */
export class FreezeThawMean extends Mean {
  private readonly _kernel: FreezeThawKernel;
  constructor(kernel: FreezeThawKernel) {
    super();
    this._kernel = kernel;
  }
  override forward(X: Tensor): Tensor { return this._kernel.meanFunction(X); }
  override components(): [string, ParameterizedBlock][] { return []; }
}

function split(X: Tensor): [configuration: Tensor, resource: Tensor] {
  const d = X.shape[1]! - 1;
  return [X.slice([], [0, d]), X.slice([], [d, d + 1])];
}
