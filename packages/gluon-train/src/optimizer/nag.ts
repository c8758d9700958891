import type { Cell, Tensor } from '@matheron/core-tensor';
import { type Coefficient, Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';

/**
 * Nesterov's accelerated gradient: r = C(g) + wd w, w ← w + μ²m − (1 + μ) lr r, m ← μm − lr r. As in MXNet, the velocity that is kept takes
 * its weight decay from the new weight. Rate 0.01.
 */
export class NAG extends Optimizer {
  momentum: number;
  constructor(options: OptimizerOptions & { momentum?: number } = {}) {
    super(options);
    this.momentum = options.momentum ?? 0;
  }
  override createState(weight: Tensor): Cell[] {
    return zeroStates(weight, this.momentum === 0 ? 0 : 1);
  }
  protected override coefficients({ lr, wd }: UpdateContext): readonly number[] {
    return [-lr, wd, this.momentum];
  }
  protected override rule(w: Tensor, g: Tensor, [m]: readonly Tensor[], _: UpdateContext, [rate, wd, momentum]: readonly Coefficient[]): readonly [Tensor, ...Tensor[]] {
    const step = this.decayed(w, g, wd!).mul(rate!);
    if (!m) return [w.add(step)];
    const carried = m.mul(momentum!);
    const next = w.add(carried.add(step).mul(momentum!)).add(step);
    return [next, carried.add(this.decayed(next, g, wd!).mul(rate!))];
  }
}
