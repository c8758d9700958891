import { type Cell, type Tensor, sqrt } from '@matheron/core-tensor';
import { decay, decays } from './adam.ts';
import { type Coefficient, Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';

/**
 * AdaDelta: G ← ρG + (1 − ρ) C(g)², Δ = √(D + ε)/√(G + ε) C(g), D ← ρD + (1 − ρ)Δ², w ← w − Δ − wd w. It has no rate. ρ 0.9, ε 1e-5.
 *
 * Zeiler, "ADADELTA: an adaptive learning rate method", arXiv:1212.5701.
 */
export class AdaDelta extends Optimizer {
  rho: number;
  epsilon: number;
  constructor(options: OptimizerOptions & { rho?: number; epsilon?: number } = {}) {
    super(options);
    this.rho = options.rho ?? 0.9;
    this.epsilon = options.epsilon ?? 1e-5;
  }
  override createState(weight: Tensor): Cell[] {
    return zeroStates(weight, 2);
  }
  protected override coefficients({ wd }: UpdateContext): readonly number[] {
    return [wd, ...decays(this.rho), this.epsilon];
  }
  protected override rule(w: Tensor, g: Tensor, [accumulated, deltas]: readonly Tensor[], _: UpdateContext, [wd, rho, rest, epsilon]: readonly Coefficient[]): readonly [Tensor, ...Tensor[]] {
    const c = this.clipped(g);
    const square = decay(accumulated!, c.square(), rho!, rest!);
    const delta = sqrt(deltas!.add(epsilon!)).div(sqrt(square.add(epsilon!))).mul(c);
    return [w.sub(wd === 0 ? delta : delta.add(w.mul(wd!))), square, decay(deltas!, delta.square(), rho!, rest!)];
  }
}
