import { type Cell, type Tensor, clip, sqrt } from '@matheron/core-tensor';
import { decay } from './adam.ts';
import { Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';

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
  protected override rule(w: Tensor, g: Tensor, [n, gbar, delta]: readonly Tensor[], { lr, wd }: UpdateContext): readonly [Tensor, ...Tensor[]] {
    const r = this.clippedDecayed(w, g, wd);
    const square = decay(n!, r.square(), this.gamma1);
    if (!gbar || !delta) return [this.#bounded(w.sub(r.mul(lr).div(sqrt(square.add(this.epsilon))))), square];
    const mean = decay(gbar, r, this.gamma1);
    const step = delta.mul(this.gamma2).sub(r.mul(lr).div(sqrt(square.sub(mean.square()).add(this.epsilon))));
    return [this.#bounded(w.add(step)), square, mean, step];
  }
  #bounded(w: Tensor): Tensor {
    return this.clipWeights === undefined ? w : clip(w, -this.clipWeights, this.clipWeights);
  }
}
