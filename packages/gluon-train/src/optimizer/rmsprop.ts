import { type Cell, type Tensor, clip, neg, sqrt } from '@matheron/core-tensor';
import { decay, decays } from './adam.ts';
import { type Coefficient, Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';

export interface RMSPropOptions extends OptimizerOptions {
  /** Decay of the means; 0.9. */
  gamma1?: number;
  /** Momentum of the centered form; 0.9. */
  gamma2?: number;
  /** 1e-8 */
  epsilon?: number;
  /** Graves' form, divided by the variance; false. */
  centered?: boolean;
  /** Weights are clipped to ±this; none. */
  clipWeights?: number;
}

/**
 * RMSProp: r = C(g + wd w), n ← γ₁n + (1 − γ₁) r², w ← w − lr r/√(n + ε). Centered: ḡ ← γ₁ḡ + (1 − γ₁) r, δ ← γ₂δ − lr r/√(n − ḡ² + ε), w ← w + δ.
 * Rate 0.001.
 *
 * Tieleman and Hinton (2012); Graves, "Generating sequences with recurrent neural networks", arXiv:1308.0850, eqs. (38)–(45).
 */
export class RMSProp extends Optimizer {
  gamma1: number;
  gamma2: number;
  epsilon: number;
  centered: boolean;
  clipWeights: number | undefined;
  constructor(options: RMSPropOptions = {}) {
    super(options, 0.001);
    this.gamma1 = options.gamma1 ?? 0.9;
    this.gamma2 = options.gamma2 ?? 0.9;
    this.epsilon = options.epsilon ?? 1e-8;
    this.centered = options.centered ?? false;
    this.clipWeights = options.clipWeights;
  }
  override createState(weight: Tensor): Cell[] {
    return zeroStates(weight, this.centered ? 3 : 1);
  }
  protected override coefficients({ lr, wd }: UpdateContext): readonly number[] {
    return [lr, wd, ...decays(this.gamma1), this.gamma2, this.epsilon, this.clipWeights ?? 0];
  }
  protected override rule(w: Tensor, g: Tensor, [n, gbar, delta]: readonly Tensor[], _: UpdateContext, [rate, wd, g1, rest, g2, epsilon, bound]: readonly Coefficient[]): readonly [Tensor, ...Tensor[]] {
    const r = this.clippedDecayed(w, g, wd!);
    const square = decay(n!, r.square(), g1!, rest!);
    if (!gbar || !delta) return [bounded(w.sub(r.mul(rate!).div(sqrt(square.add(epsilon!)))), bound!), square];
    const mean = decay(gbar, r, g1!, rest!);
    const step = delta.mul(g2!).sub(r.mul(rate!).div(sqrt(square.sub(mean.square()).add(epsilon!))));
    return [bounded(w.add(step), bound!), square, mean, step];
  }
}

/** `w` clipped to ±`bound`, 0 for none. */
function bounded(w: Tensor, bound: Coefficient): Tensor {
  return bound === 0 ? w : clip(w, typeof bound === 'number' ? -bound : neg(bound), bound);
}
