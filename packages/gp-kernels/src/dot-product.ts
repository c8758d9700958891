import type { Tensor } from '@matheron/core-tensor';
import { GPError } from './errors.ts';
import { type Hyperparameter, type Setting, settingOptions } from './hyperparameter.ts';
import { Kernel, type KernelOptions } from './kernel.ts';

/** variance · x·z: Bayesian linear regression through the origin; add a ConstantKernel for an intercept. */
export class LinearKernel extends Kernel {
  readonly variance: Hyperparameter;
  constructor(options: KernelOptions & { variance?: Setting } = {}) {
    const { variance, ...rest } = options;
    super(rest);
    this.variance = this.hyperparameter('variance', settingOptions(variance));
  }
  override get type(): string { return 'linear'; }
  override forward(X1: Tensor, X2: Tensor): Tensor {
    return X1.matmul(X2.T).mul(this.variance.value());
  }
  protected override diagonalOf(X: Tensor): Tensor {
    return X.square().sum(1).mul(this.variance.value());
  }
}

/** (x·z + offset)^degree, degree a positive integer. */
export class PolynomialKernel extends Kernel {
  readonly offset: Hyperparameter;
  readonly degree: number;
  constructor(options: KernelOptions & { degree?: number; offset?: Setting } = {}) {
    const { degree = 2, offset, ...rest } = options;
    if (!Number.isInteger(degree) || degree < 1) throw new GPError('argument', `PolynomialKernel: degree must be a positive integer, got ${degree}`);
    super(rest);
    this.degree = degree;
    this.offset = this.hyperparameter('offset', settingOptions(offset));
  }
  override get type(): string { return 'polynomial'; }
  override forward(X1: Tensor, X2: Tensor): Tensor {
    return power(X1.matmul(X2.T).add(this.offset.value()), this.degree);
  }
  protected override diagonalOf(X: Tensor): Tensor {
    return power(X.square().sum(1).add(this.offset.value()), this.degree);
  }
  protected override settings(): Record<string, unknown> { return { degree: this.degree }; }
}

/** By squaring: exact for integers, and its gradient has no logarithm. */
function power(x: Tensor, n: number): Tensor {
  if (n === 1) return x;
  const half = power(x, n >> 1).square();
  return n % 2 === 0 ? half : half.mul(x);
}
