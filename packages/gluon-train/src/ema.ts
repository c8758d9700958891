import { Cell, type Tensor } from '@matheron/core-tensor';
import { ArgumentError, type Parameter, ParameterDict } from '@matheron/gluon-params';

/**
 * A running mean of weights, a ← decay a + (1 − decay) w after each step: often better at prediction than the last weights.
 *
 * Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", SIAM J. Control Optim. 30 (1992).
 */
export class ExponentialMovingAverage {
  readonly decay: number;
  readonly #params: readonly Parameter[];
  #averages: Cell[] | undefined;
  /** `decay` 0.999. */
  constructor(params: ParameterDict | Iterable<Parameter>, options: { decay?: number } = {}) {
    this.#params = [...(params instanceof ParameterDict ? params.values() : params)];
    this.decay = options.decay ?? 0.999;
    if (!(this.decay >= 0 && this.decay < 1)) throw new ArgumentError('decay', this.decay, 'a number in [0, 1)');
  }
  /** Takes in the present weights: after `trainer.step`. The first time they are the average. */
  update(): void {
    const now = this.#params.map((p) => p.reduce());
    if (!this.#averages) this.#averages = now.map((w) => new Cell(w));
    else this.#averages.forEach((a, k) => a.write(beside(a.read(), now[k]!).mul(this.decay).add(now[k]!.mul(1 - this.decay))));
  }
  /** The averages by parameter name. ArgumentError before the first update. */
  values(): Record<string, Tensor> {
    const averages = this.#required();
    return Object.fromEntries(this.#params.map((p, k) => [p.name, averages[k]!.read()]));
  }
  /** Runs `fn` with the averages in place of the weights, which come back afterwards. */
  apply<T>(fn: () => T): T {
    const averages = this.#required();
    const before = this.#params.map((p) => p.copies.map((copy) => copy.data.peek()));
    this.#params.forEach((p, k) => p.copies.forEach((copy) => copy.data.write(beside(averages[k]!.read(), copy.data.peek()))));
    try {
      return fn();
    } finally {
      this.#params.forEach((p, k) => p.copies.forEach((copy, c) => copy.data.write(before[k]![c]!)));
    }
  }
  #required(): Cell[] {
    if (!this.#averages) throw new ArgumentError('average', 'no weights yet', 'a call of update() first');
    return this.#averages;
  }
}

/** An average on the context and in the dtype of its weight, which may have been moved or cast since. */
function beside(average: Tensor, weight: Tensor): Tensor {
  return average.to(weight.ctx).astype(weight.dtype);
}
