import { type Cell, type Tensor, abs, equal, maximum, where } from '@matheron/core-tensor';
import { decay, decays } from './adam.ts';
import { type Coefficient, Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';

/**
 * Adam with the largest gradient in place of the mean square: u ← max(β₂u, |r|), w ← w − lr/(1 − β₁ᵗ) m/u. A weight whose gradients were
 * all 0 stays (MXNet makes it NaN). Rate 0.002.
 *
 * Kingma and Ba (2015), §7.1.
 */
export class Adamax extends Optimizer {
  beta1: number;
  beta2: number;
  constructor(options: OptimizerOptions & { beta1?: number; beta2?: number } = {}) {
    super(options, 0.002);
    this.beta1 = options.beta1 ?? 0.9;
    this.beta2 = options.beta2 ?? 0.999;
  }
  override createState(weight: Tensor): Cell[] {
    return zeroStates(weight, 2);
  }
  protected override coefficients({ lr, wd, t }: UpdateContext): readonly number[] {
    return [wd, ...decays(this.beta1), this.beta2, lr / (1 - this.beta1 ** t)];
  }
  protected override rule(w: Tensor, g: Tensor, [m, u]: readonly Tensor[], _: UpdateContext, [wd, b1, c1, b2, rate]: readonly Coefficient[]): readonly [Tensor, ...Tensor[]] {
    const r = this.clippedDecayed(w, g, wd!);
    const mean = decay(m!, r, b1!, c1!);
    const largest = maximum(u!.mul(b2!), abs(r));
    const divisor = where(equal(largest, 0), 1, largest);
    return [w.sub(mean.mul(rate!).div(divisor)), mean, largest];
  }
}
