import { type Tensor, ones, pairwiseSquaredDistance } from '@matheron/core-tensor';
import { GPError } from './errors.ts';
import { type Hyperparameter, type Setting, settingOptions } from './hyperparameter.ts';
import { Kernel, type KernelOptions } from './kernel.ts';
import { matern12, matern32, matern52 } from './stationary-functions.ts';

/** `lengthscale` 1, `ard` false; with `ard` one lengthscale for each column of X, sized at the first call (or by an array). */
export interface StationaryOptions extends KernelOptions { lengthscale?: Setting; ard?: boolean }

/** Whether a lengthscale's options ask for one per column, and the shape that says so. */
export function ardOptions(options: StationaryOptions): ReturnType<typeof settingOptions> {
  const setting = settingOptions(options.lengthscale);
  if (!options.ard || setting.shape) return setting;
  const init = setting.init;
  return init !== undefined && typeof init !== 'number' ? setting : { ...setting, shape: [0] };
}

/** A function of s = Σ_d (x_d − z_d)² / ℓ_d² alone, 1 at s = 0. */
export abstract class StationaryKernel extends Kernel {
  readonly lengthscale: Hyperparameter;
  constructor(options: StationaryOptions = {}) {
    const { lengthscale, ard, ...rest } = options;
    super(rest);
    this.lengthscale = this.hyperparameter('lengthscale', ardOptions(options));
  }
  /** The kernel from squared scaled distances. */
  protected abstract ofSquaredDistance(s: Tensor): Tensor;
  override forward(X1: Tensor, X2: Tensor): Tensor {
    return this.ofSquaredDistance(scaledSquaredDistance(this.lengthscale, X1, X2));
  }
  protected override diagonalOf(X: Tensor): Tensor {
    return ones([X.shape[0]!], { ctx: X.ctx, dtype: X.dtype });
  }
  override diagonalDependsOnX(): boolean { return false; }
  protected override settings(): Record<string, unknown> {
    return this.lengthscale.shape?.length === 1 ? { ard: true } : {};
  }
}

/** Sizes lengthscales of one a column at their first call. GPError for other columns later. */
export function sizeLengthscale(lengthscale: Hyperparameter, columns: number): void {
  lengthscale.size([columns]);
  const [size] = lengthscale.shape!;
  if (size !== undefined && size !== columns) {
    throw new GPError('shape', `${lengthscale.name}: there ${size === 1 ? 'is 1 lengthscale' : `are ${size} lengthscales`} for X of ${columns} column${columns === 1 ? '' : 's'}; give one for each, a number for all of them, or make a new kernel, which sizes itself`);
  }
}

/** Σ_d (x_id − z_jd)² / ℓ_d²; one lengthscale scales the distances afterwards, which spares the gradient an [n, m, d] array. */
export function scaledSquaredDistance(lengthscale: Hyperparameter, X1: Tensor, X2: Tensor): Tensor {
  sizeLengthscale(lengthscale, X1.shape[1]!);
  const weights = lengthscale.value().square().reciprocal();
  if (weights.size === 1) return pairwiseSquaredDistance(X1, X2).mul(weights.reshape());
  return pairwiseSquaredDistance(X1, X2, { weights });
}

/** Squared exponential: e^{−s/2}. */
export class RBF extends StationaryKernel {
  override get type(): string { return 'rbf'; }
  protected ofSquaredDistance(s: Tensor): Tensor { return s.mul(-0.5).exp(); }
}
/** Matérn with ν = 1/2: e^{−√s}. */
export class Matern12 extends StationaryKernel {
  override get type(): string { return 'matern12'; }
  protected ofSquaredDistance(s: Tensor): Tensor { return matern12(s); }
}
/** Matérn with ν = 3/2: (1 + r) e^{−r}, r = √(3s). */
export class Matern32 extends StationaryKernel {
  override get type(): string { return 'matern32'; }
  protected ofSquaredDistance(s: Tensor): Tensor { return matern32(s); }
}
/** Matérn with ν = 5/2: (1 + r + r²/3) e^{−r}, r = √(5s). */
export class Matern52 extends StationaryKernel {
  override get type(): string { return 'matern52'; }
  protected ofSquaredDistance(s: Tensor): Tensor { return matern52(s); }
}
/** (1 + s / 2α)^{−α}: a mixture of squared exponentials of all lengthscales (Rasmussen & Williams 2006, eq. 4.19). */
export class RationalQuadratic extends StationaryKernel {
  readonly alpha: Hyperparameter;
  constructor(options: StationaryOptions & { alpha?: Setting } = {}) {
    const { alpha, ...rest } = options;
    super(rest);
    this.alpha = this.hyperparameter('alpha', settingOptions(alpha));
  }
  override get type(): string { return 'rq'; }
  protected ofSquaredDistance(s: Tensor): Tensor {
    const alpha = this.alpha.value();
    return s.div(alpha.mul(2)).log1p().mul(alpha.neg()).exp();
  }
}
