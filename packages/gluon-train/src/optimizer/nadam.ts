import { Cell, type Tensor, sqrt, tensor } from '@matheron/core-tensor';
import { decay, decays } from './adam.ts';
import { type Coefficient, Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';

/**
 * Adam with Nesterov's momentum and the momentum schedule μₜ = β₁ (1 − ½ 0.96^(t scheduleDecay)). The running product of the schedule is
 * each weight's own (in MXNet all weights share one). Rate 0.001.
 *
 * Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016.
 */
export class Nadam extends Optimizer {
  beta1: number;
  beta2: number;
  epsilon: number;
  scheduleDecay: number;
  constructor(options: OptimizerOptions & { beta1?: number; beta2?: number; epsilon?: number; scheduleDecay?: number } = {}) {
    super(options, 0.001);
    this.beta1 = options.beta1 ?? 0.9;
    this.beta2 = options.beta2 ?? 0.999;
    this.epsilon = options.epsilon ?? 1e-8;
    this.scheduleDecay = options.scheduleDecay ?? 0.004;
  }
  override createState(weight: Tensor): Cell[] {
    return [...zeroStates(weight, 2), new Cell(tensor(1, { ctx: weight.ctx, dtype: weight.dtype }))];
  }
  protected override coefficients({ lr, wd, t }: UpdateContext): readonly number[] {
    const momentum = (step: number): number => this.beta1 * (1 - 0.5 * 0.96 ** (step * this.scheduleDecay));
    const [now, next] = [momentum(t), momentum(t + 1)];
    return [lr, wd, ...decays(this.beta1), ...decays(this.beta2), ...decays(now), next, -next, 1 - this.beta2 ** t, this.epsilon];
  }
  protected override rule(w: Tensor, g: Tensor, [m, v, product]: readonly Tensor[], _: UpdateContext, [rate, wd, b1, c1, b2, c2, now, rest, next, minusNext, bias, epsilon]: readonly Coefficient[]): readonly [Tensor, ...Tensor[]] {
    const r = this.clippedDecayed(w, g, wd!);
    const schedule = product!.mul(now!);
    const mean = decay(m!, r, b1!, c1!);
    const square = decay(v!, r.square(), b2!, c2!);
    const ahead = r.mul(rest!).div(schedule.mul(-1).add(1)).add(mean.mul(next!).div(schedule.mul(minusNext!).add(1)));
    const scale = sqrt(square.div(bias!)).add(epsilon!);
    return [w.sub(ahead.mul(rate!).div(scale)), mean, square, schedule];
  }
}
