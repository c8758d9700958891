import { type Tensor, expm1, log1p, maximum, where, zeros } from '@matheron/core-tensor';
import { GPError, type Hyperparameter, NormalPrior, ParameterizedBlock } from '@matheron/gp-kernels';

/** An increasing map of targets, with its Jacobian: latent = forward(y). */
export abstract class TargetTransform extends ParameterizedBlock {
  abstract override forward(y: Tensor): Tensor;
  /** −Σ log |d forward / dy|, a scalar that is added to the negative log density of the latents. */
  abstract negLogJacobian(y: Tensor): Tensor;
  /** y of a latent value. */
  abstract inverse(latent: Tensor): Tensor;
  /** Told the number of targets before a fit. */
  onFitStart(_targets: number): void {
    // nothing to adapt by default
  }
}

/** y as it is. */
export class IdentityTransform extends TargetTransform {
  override forward(y: Tensor): Tensor { return y; }
  override negLogJacobian(y: Tensor): Tensor { return zeros([], { ctx: y.ctx, dtype: y.dtype }); }
  override inverse(latent: Tensor): Tensor { return latent; }
}

const lambdaEps = 1e-7;
const latentFloor = -1 + 1e-10;
const targetFloor = 1e-10;

/**
 * Box-Cox: (y^λ − 1) / λ, log y at λ = 0, for positive targets (smaller ones count as 1e-10); λ in [−1, 2] with prior Normal(0.5, 0.75). λ is
 * held fixed in fits with fewer than 5 targets. The Jacobian is a sum over targets; the original's mean is a defect.
 */
export class BoxCoxTransform extends TargetTransform {
  readonly lambda: Hyperparameter;
  private _wasTrainable: boolean | undefined;
  constructor(options: { lambda?: number; normalizedPrior?: boolean } = {}) {
    super();
    this.lambda = this.hyperparameter('boxcox_lambda', {
      init: options.lambda ?? 0.5, shape: [1], bounds: [-1, 2], encoding: 'identity', prior: new NormalPrior({ mean: 0.5, sigma: 0.75, normalized: options.normalizedPrior ?? true }),
    });
  }
  override onFitStart(targets: number): void {
    if (targets < 5) {
      this._wasTrainable ??= this.lambda.trainable;
      this.lambda.trainable = false;
    } else if (this._wasTrainable !== undefined) {
      this.lambda.trainable = this._wasTrainable;
      this._wasTrainable = undefined;
    }
  }
  override forward(y: Tensor): Tensor {
    const u = logTargets(y);
    const { lambda, small, divisor } = this.#lambda();
    const near = u.mul(u.mul(lambda).mul(0.5).add(1));
    return where(small, near, expm1(u.mul(lambda)).div(divisor));
  }
  override negLogJacobian(y: Tensor): Tensor {
    return logTargets(y).sum().mul(this.lambda.value().reshape().neg().add(1));
  }
  /** The gradient of the clamp 1 + λz ≥ 1e-10 is 0 below it, not NaN. */
  override inverse(latent: Tensor): Tensor {
    const { lambda, small, divisor } = this.#lambda();
    const product = maximum(latent.mul(lambda), latentFloor);
    const near = where(small, latent, 0).mul(product.mul(-0.5).add(1)).exp();
    return where(small, near, where(small, 0, log1p(product).div(divisor)).exp());
  }
  /** λ, whether it counts as 0, and what to divide by: branches not taken stay finite, and so do their gradients. */
  #lambda(): { lambda: Tensor; small: Tensor; divisor: Tensor } {
    const lambda = this.lambda.value().reshape();
    const small = lambda.abs().less(lambdaEps);
    return { lambda, small, divisor: where(small, 1, lambda) };
  }
}

function logTargets(y: Tensor): Tensor {
  return maximum(y, targetFloor).log();
}
/** The transform of that name. */
export function makeTransform(name: 'identity' | 'box-cox' | TargetTransform | undefined, normalizedPrior: boolean): TargetTransform {
  if (name instanceof TargetTransform) return name;
  if (name !== undefined && name !== 'identity' && name !== 'box-cox') throw new GPError('argument', `targetTransform: '${String(name)}' is not one of identity, box-cox`);
  return name === 'box-cox' ? new BoxCoxTransform({ normalizedPrior }) : new IdentityTransform();
}
