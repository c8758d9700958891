import type { Cell, Tensor } from '@matheron/core-tensor';
import { type Coefficient, Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';

export interface SGDOptions extends OptimizerOptions {
  /** 0 */
  momentum?: number;
  /** Whether a row-sparse gradient updates only its rows; true. */
  lazyUpdate?: boolean;
}

/** Stochastic gradient descent: m ← μm − lr (C(g) + wd w), w ← w + m. Rate 0.01. */
export class SGD extends Optimizer {
  momentum: number;
  lazyUpdate: boolean;
  constructor(options: SGDOptions = {}) {
    super(options);
    this.momentum = options.momentum ?? 0;
    this.lazyUpdate = options.lazyUpdate ?? true;
  }
  protected override get lazy(): boolean {
    return this.lazyUpdate;
  }
  override createState(weight: Tensor): Cell[] {
    return zeroStates(weight, this.momentum === 0 ? 0 : 1);
  }
  protected override coefficients({ lr, wd }: UpdateContext): readonly number[] {
    return [-lr, wd, this.momentum];
  }
  protected override rule(w: Tensor, g: Tensor, [m]: readonly Tensor[], _: UpdateContext, [rate, wd, momentum]: readonly Coefficient[]): readonly [Tensor, ...Tensor[]] {
    return momentumStep(w, m, this.decayed(w, g, wd!).mul(rate!), momentum!);
  }
}

/** w + step without momentum, else m ← μm + step and w + m. */
export function momentumStep(w: Tensor, m: Tensor | undefined, step: Tensor, momentum: Coefficient): readonly [Tensor, ...Tensor[]] {
  if (!m) return [w.add(step)];
  const next = m.mul(momentum).add(step);
  return [w.add(next), next];
}
