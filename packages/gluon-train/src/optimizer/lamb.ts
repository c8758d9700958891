import { type Cell, type Tensor, clip, equal, logicalOr, norm, sqrt, where } from '@matheron/core-tensor';
import { decay } from './adam.ts';
import { Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';

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
  protected override rule(w: Tensor, g: Tensor, [m, v]: readonly Tensor[], { lr, wd, t }: UpdateContext): readonly [Tensor, ...Tensor[]] {
    const c = this.clipped(g);
    const mean = decay(m!, c, this.beta1);
    const square = decay(v!, c.square(), this.beta2);
    const [mHat, vHat] = this.biasCorrection ? [mean.div(1 - this.beta1 ** t), square.div(1 - this.beta2 ** t)] : [mean, square];
    const direction = mHat.div(sqrt(vHat).add(this.epsilon)).add(w.mul(wd));
    const bounded = this.lowerBound === undefined && this.upperBound === undefined ? norm(w) : clip(norm(w), this.lowerBound ?? null, this.upperBound ?? null);
    const length = norm(direction);
    const none = logicalOr(equal(bounded, 0), equal(length, 0));
    const trust = where(none, 1, bounded.div(where(equal(length, 0), 1, length)));
    return [w.sub(direction.mul(lr).mul(trust)), mean, square];
  }
}
