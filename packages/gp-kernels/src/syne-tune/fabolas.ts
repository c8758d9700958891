import { type Tensor, concat } from '@matheron/core-tensor';
import type { EncodingName } from '../encoding.ts';
import { type Hyperparameter } from '../hyperparameter.ts';
import { Kernel, type KernelOptions } from '../kernel.ts';
import { syneTuneConstants as c } from './constants.ts';

/**
 * The kernel over the fraction x of the training set: φ(x)ᵀ φ(z) with φ(x) = (u1 + u3 t, u2 t), t = (1 − x)² (Klein et al. 2017). X is
 * one column. (The original reads u1 for all three.)
 */
export class FabolasKernel extends Kernel {
  readonly u1: Hyperparameter;
  readonly u2: Hyperparameter;
  readonly u3: Hyperparameter;
  constructor(options: KernelOptions & { encoding?: EncodingName; u1?: number; u3?: number } = {}) {
    const { encoding = 'logarithm', u1 = 1, u3 = 0, ...rest } = options;
    super(rest);
    const positive = { init: u1, shape: [1], bounds: c.covarianceScaleBounds, encoding };
    this.u1 = this.hyperparameter('u1', positive);
    this.u2 = this.hyperparameter('u2', positive);
    this.u3 = this.hyperparameter('u3', { init: u3, shape: [1], encoding: 'identity' });
  }
  override get type(): string { return 'fabolas'; }
  private features(X: Tensor): Tensor {
    const t = X.reshape(X.shape[0]!, 1).neg().add(1).square();
    return concat([t.mul(this.u3.value()).add(this.u1.value()), t.mul(this.u2.value())], 1);
  }
  override forward(X1: Tensor, X2: Tensor): Tensor {
    const a = this.features(X1);
    return a.matmul((X2 === X1 ? a : this.features(X2)).T);
  }
  protected override diagonalOf(X: Tensor): Tensor { return this.features(X).square().sum(1); }
}
