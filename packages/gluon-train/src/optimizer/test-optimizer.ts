import { type Cell, type Tensor } from '@matheron/core-tensor';
import { Optimizer, zeroStates } from './optimizer.ts';

/** w ← w + g, the state a copy of w: for tests of what surrounds an optimizer. */
export class Test extends Optimizer {
  override createState(weight: Tensor): Cell[] {
    return zeroStates(weight, 1);
  }
  protected override coefficients(): readonly number[] {
    return [];
  }
  protected override rule(w: Tensor, g: Tensor): readonly [Tensor, ...Tensor[]] {
    const next = w.add(this.rescaled(g));
    return [next, next];
  }
}
