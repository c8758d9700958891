import { type Tensor, eye, ones, zeros } from '@matheron/core-tensor';
import { type Hyperparameter, type Setting, settingOptions } from './hyperparameter.ts';
import { Kernel, type KernelOptions } from './kernel.ts';

/** The same covariance `value` between all points. */
export class ConstantKernel extends Kernel {
  readonly value: Hyperparameter;
  constructor(options: KernelOptions & { value?: Setting } = {}) {
    const { value, ...rest } = options;
    super(rest);
    this.value = this.hyperparameter('value', settingOptions(value));
  }
  override get type(): string { return 'constant'; }
  override forward(X1: Tensor, X2: Tensor): Tensor {
    return this.value.value().broadcastTo([X1.shape[0]!, X2.shape[0]!]);
  }
  protected override diagonalOf(X: Tensor): Tensor {
    return ones([X.shape[0]!], { ctx: X.ctx, dtype: X.dtype }).mul(this.value.value());
  }
  override diagonalDependsOnX(): boolean { return false; }
}

/**
 * Independent noise at every point: `noiseVariance` on the diagonal of K(X, X) (the same tensor twice), 0 between two sets of points,
 * also where their rows are equal.
 */
export class WhiteKernel extends Kernel {
  readonly noiseVariance: Hyperparameter;
  constructor(options: KernelOptions & { noiseVariance?: Setting } = {}) {
    const { noiseVariance, ...rest } = options;
    super(rest);
    this.noiseVariance = this.hyperparameter('noise_variance', settingOptions(noiseVariance));
  }
  override get type(): string { return 'white'; }
  override forward(X1: Tensor, X2: Tensor): Tensor {
    const options = { ctx: X1.ctx, dtype: X1.dtype };
    return X1 === X2 ? eye(X1.shape[0]!, options).mul(this.noiseVariance.value()) : zeros([X1.shape[0]!, X2.shape[0]!], options);
  }
  protected override diagonalOf(X: Tensor): Tensor {
    return ones([X.shape[0]!], { ctx: X.ctx, dtype: X.dtype }).mul(this.noiseVariance.value());
  }
  override diagonalDependsOnX(): boolean { return false; }
}
