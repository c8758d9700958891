import { type Cell, type Tensor, clip, equal, logicalOr, norm, sqrt, where } from '@matheron/core-tensor';
import { decay, decays } from './adam.ts';
import { type Coefficient, Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';

export interface LAMBOptions extends OptimizerOptions {
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  /** Bounds of the weight's norm; none. */
  lowerBound?: number;
  upperBound?: number;
  /** true */
  biasCorrection?: boolean;
}

/**
 * Adam's direction u = m̂/(√v̂ + ε) + wd w, scaled by ‖w‖/‖u‖ (1 where either is 0). Rate 0.001, β₁ 0.9, β₂ 0.999, ε 1e-6.
 *
 * You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", ICLR 2020.
 */
export class LAMB extends Optimizer {
  beta1: number;
  beta2: number;
  epsilon: number;
  lowerBound: number | undefined;
  upperBound: number | undefined;
  biasCorrection: boolean;
  constructor(options: LAMBOptions = {}) {
    super(options, 0.001);
    this.beta1 = options.beta1 ?? 0.9;
    this.beta2 = options.beta2 ?? 0.999;
    this.epsilon = options.epsilon ?? 1e-6;
    this.lowerBound = options.lowerBound;
    this.upperBound = options.upperBound;
    this.biasCorrection = options.biasCorrection ?? true;
  }
  override createState(weight: Tensor): Cell[] {
    return zeroStates(weight, 2);
  }
  protected override coefficients({ lr, wd, t }: UpdateContext): readonly number[] {
    const bias = (beta: number): number => (this.biasCorrection ? 1 - beta ** t : 1);
    return [lr, wd, ...decays(this.beta1), ...decays(this.beta2), bias(this.beta1), bias(this.beta2), this.epsilon, this.lowerBound ?? 0, this.upperBound ?? Infinity];
  }
  protected override rule(w: Tensor, g: Tensor, [m, v]: readonly Tensor[], _: UpdateContext, [rate, wd, b1, c1, b2, c2, bias1, bias2, epsilon, low, high]: readonly Coefficient[]): readonly [Tensor, ...Tensor[]] {
    const c = this.clipped(g);
    const mean = decay(m!, c, b1!, c1!);
    const square = decay(v!, c.square(), b2!, c2!);
    const direction = mean.div(bias1!).div(sqrt(square.div(bias2!)).add(epsilon!)).add(w.mul(wd!));
    const bounded = clip(norm(w), low!, high!);
    const length = norm(direction);
    const none = logicalOr(equal(bounded, 0), equal(length, 0));
    const trust = where(none, 1, bounded.div(where(equal(length, 0), 1, length)));
    return [w.sub(direction.mul(rate!).mul(trust)), mean, square];
  }
}
