import { Cell, type Tensor, sqrt, tensor } from '@matheron/core-tensor';
import { decay } from './adam.ts';
import { Optimizer, type OptimizerOptions, type UpdateContext, zeroStates } from './optimizer.ts';

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
  protected override rule(w: Tensor, g: Tensor, [m, v, product]: readonly Tensor[], { lr, wd, t }: UpdateContext): readonly [Tensor, ...Tensor[]] {
    const r = this.clippedDecayed(w, g, wd);
    const momentum = (step: number): number => this.beta1 * (1 - 0.5 * 0.96 ** (step * this.scheduleDecay));
    const [now, next] = [momentum(t), momentum(t + 1)];
    const schedule = product!.mul(now);
    const mean = decay(m!, r, this.beta1);
    const square = decay(v!, r.square(), this.beta2);
    const ahead = r.mul(1 - now).div(schedule.mul(-1).add(1)).add(mean.mul(next).div(schedule.mul(-next).add(1)));
    const scale = sqrt(square.div(1 - this.beta2 ** t)).add(this.epsilon);
    return [w.sub(ahead.mul(lr).div(scale)), mean, square, schedule];
  }
}
