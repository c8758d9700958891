import { Cell, type Tensor } from '@matheron/core-tensor';
import { type Coefficient, Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';
import { momentumStep } from './sgd.ts';

/**
 * SGD with compensation of delayed gradients: r = C(g) + wd w + λ C(g)² (w − w'), with w' the weight before the last update;
 * m ← μm − lr r, w ← w + m. Rate 0.01, λ (`lamda`) 0.04.
 *
 * Zheng et al., "Asynchronous stochastic gradient descent with delay compensation", ICML 2017.
 */
export class DCASGD extends Optimizer {
  momentum: number;
  lamda: number;
  constructor(options: OptimizerOptions & { momentum?: number; lamda?: number } = {}) {
    super(options);
    this.momentum = options.momentum ?? 0;
    this.lamda = options.lamda ?? 0.04;
  }
  override createState(weight: Tensor): Cell[] {
    return [new Cell(weight), ...zeroStates(weight, this.momentum === 0 ? 0 : 1)];
  }
  protected override coefficients({ lr, wd }: UpdateContext): readonly number[] {
    return [-lr, wd, this.lamda, this.momentum];
  }
  protected override rule(w: Tensor, g: Tensor, [previous, m]: readonly Tensor[], _: UpdateContext, [rate, wd, lamda, mu]: readonly Coefficient[]): readonly [Tensor, ...Tensor[]] {
    const c = this.clipped(g);
    const r = c.add(w.mul(wd!)).add(c.square().mul(lamda!).mul(w.sub(previous!)));
    const [next, ...momentum] = momentumStep(w, m, r.mul(rate!), mu!);
    return [next, w, ...momentum];
  }
}
