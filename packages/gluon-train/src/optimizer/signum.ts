import { type Cell, type Tensor, sign } from '@matheron/core-tensor';
import { decays } from './adam.ts';
import { type Coefficient, Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';

/**
 * Steps by the sign: m ← μm − (1 − μ)(wd w + C(g)), w ← (1 − lr wdLh) w + lr sign(m). Without momentum, w ← (1 − lr wd) w − lr sign(g).
 * Rate 0.01, momentum 0.9.
 *
 * Bernstein, Wang, Azizzadenesheli and Anandkumar, "signSGD", ICML 2018.
 */
export class Signum extends Optimizer {
  momentum: number;
  wdLh: number;
  constructor(options: OptimizerOptions & { momentum?: number; wdLh?: number } = {}) {
    super(options);
    this.momentum = options.momentum ?? 0.9;
    this.wdLh = options.wdLh ?? 0;
  }
  override createState(weight: Tensor): Cell[] {
    return zeroStates(weight, this.momentum === 0 ? 0 : 1);
  }
  protected override coefficients({ lr, wd }: UpdateContext): readonly number[] {
    return [lr, wd, 1 - lr * wd, 1 - lr * this.wdLh, ...decays(this.momentum)];
  }
  protected override rule(w: Tensor, g: Tensor, [m]: readonly Tensor[], _: UpdateContext, [rate, wd, kept, keptLh, momentum, rest]: readonly Coefficient[]): readonly [Tensor, ...Tensor[]] {
    if (!m) return [w.mul(kept!).sub(sign(this.rescaled(g)).mul(rate!))];
    const next = m.mul(momentum!).sub(this.decayed(w, g, wd!).mul(rest!));
    return [w.mul(keptLh!).add(sign(next).mul(rate!)), next];
  }
}
