import { type Tensor, ones } from '@matheron/core-tensor';
import { type Hyperparameter, type Setting, settingOptions } from './hyperparameter.ts';
import { Kernel } from './kernel.ts';
import { type StationaryOptions, ardOptions, sizeLengthscale } from './stationary.ts';

/**
 * exp(−2 Σ_d sin²(π (x_d − z_d) / p) / ℓ_d²): positive definite in any number of columns, and in one column the form of
 * Rasmussen & Williams 2006, eq. 4.31.
 */
export class Periodic extends Kernel {
  readonly lengthscale: Hyperparameter;
  readonly period: Hyperparameter;
  constructor(options: StationaryOptions & { period?: Setting } = {}) {
    const { lengthscale, ard, period, ...rest } = options;
    super(rest);
    this.lengthscale = this.hyperparameter('lengthscale', ardOptions(options));
    this.period = this.hyperparameter('period', settingOptions(period));
  }
  override get type(): string { return 'periodic'; }
  override forward(X1: Tensor, X2: Tensor): Tensor {
    const d = X1.shape[1]!;
    sizeLengthscale(this.lengthscale, d);
    const weight = this.lengthscale.value().square().reciprocal().mul(-2);
    const frequency = this.period.value().reciprocal().mul(Math.PI);
    if (d === 1) {
      const phase = X1.reshape(X1.shape[0]!, 1).sub(X2.reshape(1, X2.shape[0]!)).mul(frequency);
      return phase.sin().square().mul(weight.reshape()).exp();
    }
    const phase = X1.expandDims(1).sub(X2.expandDims(0)).mul(frequency);
    return phase.sin().square().mul(weight).sum(2).exp();
  }
  protected override diagonalOf(X: Tensor): Tensor {
    return ones([X.shape[0]!], { ctx: X.ctx, dtype: X.dtype });
  }
  override diagonalDependsOnX(): boolean { return false; }
  protected override settings(): Record<string, unknown> {
    return this.lengthscale.shape?.length === 1 ? { ard: true } : {};
  }
}
