import { type Cell, type Tensor, greater, logicalAnd, norm, where } from '@matheron/core-tensor';
import { type Coefficient, Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';
import { momentumStep } from './sgd.ts';

export interface LARSOptions extends OptimizerOptions {
  /** 0 */
  momentum?: number;
  /** 0.001 */
  eta?: number;
  /** 0 */
  eps?: number;
  /** Whether momentum is scaled when the rate changes; true. */
  momentumCorrection?: boolean;
}

/**
 * SGD with the rate of each weight times η‖w‖/(‖g‖ + wd‖w‖ + ε) (1 where a norm is 0; names ending in gamma, beta or bias are left out).
 * Rate 0.01.
 *
 * You, Gitman and Ginsburg, "Large batch training of convolutional networks", arXiv:1708.03888; momentum correction: Goyal et al., arXiv:1706.02677, §2.1.
 */
export class LARS extends Optimizer {
  momentum: number;
  eta: number;
  eps: number;
  momentumCorrection: boolean;
  constructor(options: LARSOptions = {}) {
    super(options);
    this.momentum = options.momentum ?? 0;
    this.eta = options.eta ?? 0.001;
    this.eps = options.eps ?? 0;
    this.momentumCorrection = options.momentumCorrection ?? true;
  }
  override createState(weight: Tensor): Cell[] {
    return zeroStates(weight, this.momentum === 0 ? 0 : 1);
  }
  protected override coefficients({ lr, lrBefore, wd, name }: UpdateContext): readonly number[] {
    const momentum = this.momentumCorrection && lrBefore !== 0 ? (this.momentum * lr) / lrBefore : this.momentum;
    const adapts = name === undefined || !/(gamma|beta|bias)$/.test(name);
    return [-lr, wd, momentum, this.eta, this.eps, adapts ? 1 : 0];
  }
  protected override rule(w: Tensor, g: Tensor, [m]: readonly Tensor[], _: UpdateContext, [rate, wd, momentum, eta, eps, adapts]: readonly Coefficient[]): readonly [Tensor, ...Tensor[]] {
    const step = this.decayed(w, g, wd!).mul(rate!);
    if (adapts === 0) return momentumStep(w, m, step, momentum!);
    const [weight, gradient] = [norm(w), norm(this.rescaled(g))];
    const usable = logicalAnd(greater(weight, 0), greater(gradient, 0));
    const divisor = gradient.add(weight.mul(wd!)).add(eps!);
    const trust = where(usable, weight.mul(eta!).div(where(usable, divisor, 1)), 1);
    return momentumStep(w, m, step.mul(trust), momentum!);
  }
}
