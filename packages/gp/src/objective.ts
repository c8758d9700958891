import { valueAndGrad } from '@matheron/autograd';
import { type Compiled, compile } from '@matheron/compiler';
import { type Tensor, full, tensor } from '@matheron/core-tensor';
import { Hyperparameter, type ParameterizedBlock } from '@matheron/gp-kernels';
import { type Parameter, withParameterData } from '@matheron/gluon-params';
import { factorize } from './factorize.ts';
import { assign, sectionsOf, unpack } from './packing.ts';

/**
 * A criterion as a function of one flat vector: the internal values of all trainable hyperparameters, one after another. `criterion` gets
 * the data and the jitter as tensors, so that one compiled graph serves all evaluations.
 */
export interface Criterion {
  /** Whose hyperparameters, and whose negative log priors are added. */
  readonly block: ParameterizedBlock;
  readonly data: readonly Tensor[];
  /** The negative log likelihood as a scalar; NaN where a covariance has no factor. */
  evaluate(jitter: Tensor, ...data: Tensor[]): Tensor;
  /** The covariance that must be factorized, to search a jitter for: several are tried in turn. */
  covariances(): readonly { readonly A: Tensor; readonly X?: Tensor }[];
}

/** Evaluates a criterion and its gradient on the host side of an optimizer. */
export class Objective {
  /** The trainable hyperparameters, then other trainable parameters below the block: those of a network inside a kernel, say. */
  readonly parameters: readonly Parameter[];
  readonly size: number;
  readonly #criterion: Criterion;
  /** How often the criterion was evaluated. */
  evaluations = 0;
  readonly #value: Compiled<[theta: Tensor, jitter: Tensor, ...data: Tensor[]], Tensor>;
  readonly #run: Compiled<[theta: Tensor, jitter: Tensor, ...data: Tensor[]], readonly [value: Tensor, gradient: Tensor]>;

  constructor(criterion: Criterion, options: { hyperparametersOnly?: boolean } = {}) {
    this.#criterion = criterion;
    const hyperparameters = criterion.block.hyperparameters().filter((p) => p.trainable && p.sized);
    const others = [...criterion.block.collectParams().values()].filter((p) => !(p instanceof Hyperparameter) && p.gradReq !== 'null' && p.initialized);
    this.parameters = options.hyperparametersOnly ? hyperparameters : [...hyperparameters, ...others];
    this.size = sectionsOf(this.parameters).at(-1)?.end ?? 0;
    const { parameters } = this;
    const fn = (theta: Tensor, jitter: Tensor, ...data: Tensor[]): Tensor =>
      withParameterData(unpack(parameters, theta), () => {
        const value = criterion.evaluate(jitter, ...data);
        const prior = criterion.block.negLogPrior();
        return prior ? value.add(prior) : value;
      });
    this.#value = compile(fn);
    this.#run = compile(valueAndGrad<Tensor, [Tensor, ...Tensor[]]>(fn));
  }
  /** The present internal values. */
  async start(): Promise<Float64Array> {
    const parts = await Promise.all(this.parameters.map(async (p) => Array.from(await (p instanceof Hyperparameter ? p.internal() : p.data()).data(), Number)));
    return Float64Array.from(parts.flat());
  }
  /** Bounds of the internal values. Where a scale has none, a factor of e²³ either way of the start keeps the search in floating point. */
  bounds(start: Float64Array): { lower: Float64Array; upper: Float64Array } {
    const lower = new Float64Array(this.size);
    const upper = new Float64Array(this.size);
    for (const { parameter: p, start: first, end } of sectionsOf(this.parameters)) {
      const [low, high] = p instanceof Hyperparameter ? p.internalBounds : [-Infinity, Infinity];
      const reach = !(p instanceof Hyperparameter) || p.encoding === 'identity' ? Infinity : 23;
      for (let i = first; i < end; i++) {
        lower[i] = low === -Infinity ? start[i]! - reach : low;
        upper[i] = high === Infinity ? start[i]! + reach : high;
      }
    }
    return { lower, upper };
  }
  /** Value and gradient, with the least jitter that gives a finite value; FactorizationError where none does. */
  async evaluate(theta: Float64Array): Promise<{ value: number; gradient: Float64Array; jitter: number }> {
    return await this.#withJitter(theta, async (jitter) => {
      const [value, gradient] = this.#run(this.#tensor(theta), this.#scalar(jitter), ...this.#criterion.data);
      const [v, g] = await Promise.all([value.data(), gradient.data()]);
      return { value: v[0]!, gradient: Float64Array.from(g) };
    });
  }
  /** The value alone. */
  async value(theta: Float64Array): Promise<{ value: number; jitter: number }> {
    return await this.#withJitter(theta, async (jitter) => ({ value: (await this.#value(this.#tensor(theta), this.#scalar(jitter), ...this.#criterion.data).data())[0]! }));
  }
  /** Frees the compiled functions and their memory, which would otherwise wait for the garbage collector. */
  dispose(): void {
    this.#value.dispose();
    this.#run.dispose();
  }
  /** Makes `theta` the values of the hyperparameters. */
  apply(theta: Float64Array): void {
    assign(this.parameters, theta);
  }
  async #withJitter<R extends { value: number }>(theta: Float64Array, at: (jitter: number) => Promise<R>): Promise<R & { jitter: number }> {
    this.evaluations++;
    const first = await at(0);
    if (!Number.isNaN(first.value)) return { ...first, jitter: 0 };
    const jitter = await this.#searchJitter(theta);
    return { ...(await at(jitter)), jitter };
  }
  #tensor(theta: Float64Array): Tensor {
    const [like] = this.#criterion.data;
    return tensor(Array.from(theta), { ctx: like!.ctx, dtype: like!.dtype });
  }
  #scalar(value: number): Tensor {
    const [like] = this.#criterion.data;
    return full([], value, { ctx: like!.ctx, dtype: like!.dtype });
  }
  async #searchJitter(theta: Float64Array): Promise<number> {
    const values = unpack(this.parameters, this.#tensor(theta));
    const problems = withParameterData(values, () => this.#criterion.covariances());
    let most = 0;
    for (const { A, X } of problems) most = Math.max(most, (await factorize(A, X ? { X } : {})).jitter);
    return most;
  }
}
