import { type Tensor, maximum } from '@matheron/core-tensor';
import { GPError } from '../errors.ts';
import { Kernel, type KernelOptions } from '../kernel.ts';
import { Mean } from '../mean.ts';
import type { ParameterizedBlock } from '../parameterized.ts';

/**
 * Averages over cross-validation folds: configurations in all columns but the last, the encoded number of folds r in the last;
 * k_main(x, z) + k_residual(x, z) / max(r, r').
 */
export class CrossValidationKernel extends Kernel {
  readonly kernelm: Kernel;
  readonly meanm: Mean;
  readonly kernelr: Kernel;
  readonly folds: number;
  constructor(main: Kernel, residual: Kernel, mean: Mean, options: KernelOptions & { folds: number }) {
    const { folds, ...rest } = options;
    if (!Number.isInteger(folds) || folds < 2) throw new GPError('argument', `CrossValidationKernel: folds must be an integer of at least 2, got ${folds}`);
    super(rest);
    this.folds = folds;
    this.kernelm = main;
    this.meanm = mean;
    this.kernelr = residual;
  }
  override get type(): string { return 'cross-validation'; }
  override hyperparameters(): ReturnType<Kernel['hyperparameters']> {
    return [...new Set([...this.kernelm.hyperparameters(), ...this.kernelr.hyperparameters(), ...this.meanm.hyperparameters()])];
  }
  private split(X: Tensor): [configuration: Tensor, folds: Tensor] {
    const d = X.shape[1]! - 1;
    return [X.slice([], [0, d]), X.slice([], [d, d + 1]).mul(this.folds).add(0.5)];
  }
  override forward(X1: Tensor, X2: Tensor): Tensor {
    const [a, ra] = this.split(X1);
    const [b, rb] = X2 === X1 ? [a, ra] : this.split(X2);
    return this.kernelr.call(a, b).div(maximum(ra, rb.T)).add(this.kernelm.call(a, b));
  }
  protected override diagonalOf(X: Tensor): Tensor {
    const [a, ra] = this.split(X);
    return this.kernelr.diagonal(a).div(ra.reshape(X.shape[0]!)).add(this.kernelm.diagonal(a));
  }
  /** The mean of the process at X [n, d + 1]: [n]. */
  meanFunction(X: Tensor): Tensor {
    return this.meanm.call(this.split(X)[0]);
  }
  protected override settings(): Record<string, unknown> { return { folds: this.folds }; }
}

/** The mean that belongs to a CrossValidationKernel; its hyperparameters are the kernel's. */
export class CrossValidationMean extends Mean {
  private readonly _kernel: CrossValidationKernel;
  constructor(kernel: CrossValidationKernel) {
    super();
    this._kernel = kernel;
  }
  override forward(X: Tensor): Tensor { return this._kernel.meanFunction(X); }
  override components(): [string, ParameterizedBlock][] { return []; }
}
