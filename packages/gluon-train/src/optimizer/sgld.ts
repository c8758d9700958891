import { type Rng, type Tensor, defaultRng, isFloat } from '@matheron/core-tensor';
import { Optimizer, type OptimizerOptions, type UpdateContext } from './optimizer.ts';

/**
 * Stochastic gradient Langevin dynamics: w ← w − lr/2 (C(g) + wd w) + N(0, lr). Rate 0.01.
 *
 * Welling and Teh, "Bayesian learning via stochastic gradient Langevin dynamics", ICML 2011.
 */
export class SGLD extends Optimizer {
  readonly #rng: Rng | undefined;
  constructor(options: OptimizerOptions & { rng?: Rng } = {}) {
    super(options);
    this.#rng = options.rng;
  }
  protected override rule(w: Tensor, g: Tensor, _: readonly Tensor[], { lr, wd }: UpdateContext): readonly [Tensor, ...Tensor[]] {
    const noise = (this.#rng ?? defaultRng()).normal(w.shape, { std: Math.sqrt(lr), ctx: w.ctx, ...(isFloat(w.dtype) && { dtype: w.dtype }) });
    return [w.sub(this.decayed(w, g, wd).mul(lr / 2)).add(noise)];
  }
}
