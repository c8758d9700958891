import type { Cell, Tensor } from '@matheron/core-tensor';
import { Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';

/** Nesterov's accelerated gradient: r = C(g) + wd w, m ← μm − lr r, w ← w + μm − lr r. Rate 0.01. */
export class NAG extends Optimizer {
  momentum: number;
  constructor(options: OptimizerOptions & { momentum?: number } = {}) {
    super(options);
    this.momentum = options.momentum ?? 0;
  }
  override createState(weight: Tensor): Cell[] {
    return zeroStates(weight, this.momentum === 0 ? 0 : 1);
  }
  protected override rule(w: Tensor, g: Tensor, [m]: readonly Tensor[], { lr, wd }: UpdateContext): readonly [Tensor, ...Tensor[]] {
    const step = this.decayed(w, g, wd).mul(-lr);
    if (!m) return [w.add(step)];
    const next = m.mul(this.momentum).add(step);
    return [w.add(next.mul(this.momentum)).add(step), next];
  }
}
