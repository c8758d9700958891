import { type Cell, type Tensor, abs, greater, sign, sqrt, where, zerosLike } from '@matheron/core-tensor';
import { type Coefficient, Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';

/**
 * Follow the regularized leader: z ← z + C(g) − (√(n + C(g)²) − √n) w/lr, n ← n + C(g)², w = (sign(z) λ₁ − z)/((β + √n)/lr + wd) where
 * |z| > λ₁, else 0. Rate 0.1, λ₁ (`lamda1`) 0.01, β 1.
 *
 * McMahan et al., "Ad click prediction: a view from the trenches", KDD 2013.
 */
export class Ftrl extends Optimizer {
  lamda1: number;
  beta: number;
  constructor(options: OptimizerOptions & { lamda1?: number; beta?: number } = {}) {
    super(options, 0.1);
    this.lamda1 = options.lamda1 ?? 0.01;
    this.beta = options.beta ?? 1;
  }
  protected override get lazy(): boolean {
    return true;
  }
  override createState(weight: Tensor): Cell[] {
    return zeroStates(weight, 2);
  }
  protected override coefficients({ lr, wd }: UpdateContext): readonly number[] {
    return [lr, wd, this.lamda1, this.beta];
  }
  protected override rule(w: Tensor, g: Tensor, [z, n]: readonly Tensor[], _: UpdateContext, [rate, wd, lamda1, beta]: readonly Coefficient[]): readonly [Tensor, ...Tensor[]] {
    const c = this.clipped(g);
    const squares = n!.add(c.square());
    const shifted = z!.add(c).sub(sqrt(squares).sub(sqrt(n!)).mul(w).div(rate!));
    const solution = sign(shifted).mul(lamda1!).sub(shifted).div(sqrt(squares).add(beta!).div(rate!).add(wd!));
    return [where(greater(abs(shifted), lamda1!), solution, zerosLike(w)), shifted, squares];
  }
}
