import { Cell, ShapeError, type Tensor, sqrt, zeros } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import { type Coefficient, Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';

/**
 * AdaGrad: h ← h + C(g)², w ← w − lr (C(g)/√(h + ε) + wd w). Rate 0.01, ε 1e-7.
 *
 * Duchi, Hazan and Singer, "Adaptive subgradient methods", JMLR 12 (2011).
 */
export class AdaGrad extends Optimizer {
  eps: number;
  constructor(options: OptimizerOptions & { eps?: number } = {}) {
    super(options);
    this.eps = options.eps ?? 1e-7;
  }
  protected override get lazy(): boolean {
    return true;
  }
  override createState(weight: Tensor): Cell[] {
    return zeroStates(weight, 1);
  }
  protected override coefficients({ lr, wd }: UpdateContext): readonly number[] {
    return [lr, wd, this.eps];
  }
  protected override rule(w: Tensor, g: Tensor, [h]: readonly Tensor[], _: UpdateContext, [rate, wd, eps]: readonly Coefficient[]): readonly [Tensor, ...Tensor[]] {
    const c = this.clipped(g);
    const history = h!.add(c.square());
    const step = c.div(sqrt(history.add(eps!)));
    return [w.sub((wd === 0 ? step : step.add(w.mul(wd!))).mul(rate!)), history];
  }
}

/** AdaGrad with one history a row of a matrix: h ← h + mean(C(g)²), w ← w − lr C(g)/√(h + ε). No weight decay. Rate 0.01, ε 1e-5. */
export class GroupAdaGrad extends Optimizer {
  eps: number;
  constructor(options: OptimizerOptions & { eps?: number } = {}) {
    super(options);
    this.eps = options.eps ?? 1e-5;
  }
  protected override get lazy(): boolean {
    return true;
  }
  override createState(weight: Tensor): Cell[] {
    if (weight.ndim !== 2) throw new ShapeError('GroupAdaGrad', `GroupAdaGrad: a weight of shape [${weight.shape.join(', ')}] is no matrix; use adagrad`, { expected: '[rows, columns]', actual: [weight.shape] });
    return [new Cell(zeros([weight.shape[0]!, 1], { ctx: weight.ctx, dtype: weight.dtype }))];
  }
  protected override coefficients({ lr, wd }: UpdateContext): readonly number[] {
    if (wd !== 0) throw new ArgumentError('wd', wd, '0: GroupAdaGrad has no weight decay');
    return [lr, this.eps];
  }
  protected override rule(w: Tensor, g: Tensor, [h]: readonly Tensor[], _: UpdateContext, [rate, eps]: readonly Coefficient[]): readonly [Tensor, ...Tensor[]] {
    const c = this.clipped(g);
    const history = h!.add(c.square().mean(1, { keepdims: true }));
    return [w.sub(c.mul(rate!).div(sqrt(history.add(eps!)))), history];
  }
}
