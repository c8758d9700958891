import { type Cell, type Tensor, sign } from '@matheron/core-tensor';
import { Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';

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
  protected override rule(w: Tensor, g: Tensor, [m]: readonly Tensor[], { lr, wd }: UpdateContext): readonly [Tensor, ...Tensor[]] {
    if (!m) return [w.mul(1 - lr * wd).sub(sign(this.rescaled(g)).mul(lr))];
    const next = m.mul(this.momentum).sub(this.decayed(w, g, wd).mul(1 - this.momentum));
    return [w.mul(1 - lr * this.wdLh).add(sign(next).mul(lr)), next];
  }
}
