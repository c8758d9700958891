import { type Cell, type Tensor, sqrt } from '@matheron/core-tensor';
import { type Coefficient, Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';

export interface AdamOptions extends OptimizerOptions {
  /** 0.9 */
  beta1?: number;
  /** 0.999 */
  beta2?: number;
  /** 1e-8 */
  epsilon?: number;
  /** Whether a row-sparse gradient updates only its rows; true. */
  lazyUpdate?: boolean;
}

/**
 * Adam: r = C(g + wd w), m and v the decaying means of r and r², w ← w − lr √(1 − β₂ᵗ)/(1 − β₁ᵗ) m/(√v + ε). Rate 0.001.
 *
 * Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.
 */
export class Adam extends Optimizer {
  beta1: number;
  beta2: number;
  epsilon: number;
  lazyUpdate: boolean;
  constructor(options: AdamOptions = {}) {
    super(options, 0.001);
    this.beta1 = options.beta1 ?? 0.9;
    this.beta2 = options.beta2 ?? 0.999;
    this.epsilon = options.epsilon ?? 1e-8;
    this.lazyUpdate = options.lazyUpdate ?? true;
  }
  protected override get lazy(): boolean {
    return this.lazyUpdate;
  }
  override createState(weight: Tensor): Cell[] {
    return zeroStates(weight, 2);
  }
  protected override coefficients({ lr, wd, t }: UpdateContext): readonly number[] {
    return [wd, ...decays(this.beta1), ...decays(this.beta2), (lr * Math.sqrt(1 - this.beta2 ** t)) / (1 - this.beta1 ** t), this.epsilon];
  }
  protected override rule(w: Tensor, g: Tensor, [m, v]: readonly Tensor[], _: UpdateContext, [wd, b1, c1, b2, c2, rate, epsilon]: readonly Coefficient[]): readonly [Tensor, ...Tensor[]] {
    const r = this.clippedDecayed(w, g, wd!);
    const mean = decay(m!, r, b1!, c1!);
    const square = decay(v!, r.square(), b2!, c2!);
    return [w.sub(mean.mul(rate!).div(sqrt(square).add(epsilon!))), mean, square];
  }
}

/** β old + (1 − β) x, the factors as {@link decays} gives them. */
export function decay(old: Tensor, x: Tensor, beta: Coefficient, rest: Coefficient): Tensor {
  return old.mul(beta).add(x.mul(rest));
}
/** β and 1 − β. */
export function decays(beta: number): [beta: number, rest: number] {
  return [beta, 1 - beta];
}
