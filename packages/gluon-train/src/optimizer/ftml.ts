import { type Cell, type Tensor, sqrt } from '@matheron/core-tensor';
import { decay, decays } from './adam.ts';
import { type Coefficient, Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';

/**
 * Follow the moving leader. Rate 0.01, β₁ 0.6, β₂ 0.999, ε 1e-8.
 *
 * Zheng and Kwok, "Follow the moving leader in deep learning", ICML 2017, algorithm 1.
 */
export class FTML extends Optimizer {
  beta1: number;
  beta2: number;
  epsilon: number;
  constructor(options: OptimizerOptions & { beta1?: number; beta2?: number; epsilon?: number } = {}) {
    super(options);
    this.beta1 = options.beta1 ?? 0.6;
    this.beta2 = options.beta2 ?? 0.999;
    this.epsilon = options.epsilon ?? 1e-8;
  }
  override createState(weight: Tensor): Cell[] {
    return zeroStates(weight, 3);
  }
  protected override coefficients({ lr, wd, t }: UpdateContext): readonly number[] {
    return [wd, ...decays(this.beta1), ...decays(this.beta2), 1 - this.beta2 ** t, (1 - this.beta1 ** t) / lr, this.epsilon];
  }
  protected override rule(w: Tensor, g: Tensor, [d, v, z]: readonly Tensor[], _: UpdateContext, [wd, b1, c1, b2, c2, bias, inverseRate, epsilon]: readonly Coefficient[]): readonly [Tensor, ...Tensor[]] {
    const r = this.clippedDecayed(w, g, wd!);
    const square = decay(v!, r.square(), b2!, c2!);
    const scale = sqrt(square.div(bias!)).add(epsilon!).mul(inverseRate!);
    const sigma = scale.sub(d!.mul(b1!));
    const lead = decay(z!, r, b1!, c1!).sub(sigma.mul(w));
    return [lead.div(scale).neg(), scale, square, lead];
  }
}
