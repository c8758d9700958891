import { type Tensor, type TensorLike, concat, ones, pad, take } from '@matheron/core-tensor';
import { GPError, type Mean, type Kernel } from '@matheron/gp-kernels';
import { type Parameter, withParameterData } from '@matheron/gluon-params';
import { toInputs } from './data.ts';
import { type HeadGradients, type Posterior, type PosteriorState, type SampleOptions, backwardGradientOf, sampleCount } from './posterior-state.ts';
import { Prediction } from './prediction.ts';
import type { ResourceColumn } from './resources.ts';

/** A level without data: its prior. */
export interface LevelPrior { readonly mean: Mean; readonly kernel: Kernel; readonly scale: Tensor; readonly values: ReadonlyMap<Parameter, Tensor> }

/** One posterior for each resource level that has data, and the prior of those that have none. The last column of X picks the level of a row. */
export class IndependentPosterior implements Posterior {
  readonly levels: ReadonlyMap<number, PosteriorState>;
  readonly #priors: ReadonlyMap<number, LevelPrior>;
  readonly #column: ResourceColumn;
  readonly #like: Tensor;
  readonly numFantasies: number;
  constructor(levels: ReadonlyMap<number, PosteriorState>, priors: ReadonlyMap<number, LevelPrior>, column: ResourceColumn, X: Tensor, fantasies: number) {
    this.levels = levels;
    this.#priors = priors;
    this.#column = column;
    this.#like = X;
    this.numFantasies = fantasies;
  }
  get numData(): number { return this.#like.shape[0]!; }
  get numFeatures(): number { return this.#like.shape[1]!; }
  /** The levels with a prior, ascending. */
  get rungLevels(): number[] { return [...this.#priors.keys()].sort((a, b) => a - b); }
  /** The posterior of a level. GPError where it has no data. */
  state(resource: number): PosteriorState {
    const state = this.levels.get(resource);
    if (!state) throw new GPError('argument', `resource ${resource} has no data; those with data: ${[...this.levels.keys()].join(', ')}`);
    return state;
  }
  /** The noise variance of a level's observations. */
  noiseAt(resource: number): Tensor | undefined {
    return this.levels.get(resource)?.noiseVariance;
  }

  predict(X: TensorLike): Prediction {
    const parts = this.#byLevel('predict', X, (resource, rows) => {
      const state = this.levels.get(resource);
      const p = state ? state.predict(rows) : this.#prior(resource, rows);
      return [p.mean.reshape(rows.shape[0]!, -1), p.variance.reshape(rows.shape[0]!, 1)];
    });
    const [mean, variance] = parts as [Tensor, Tensor];
    return new Prediction(mean.shape[1] === 1 ? mean.reshape(mean.shape[0]!) : mean, variance.reshape(variance.shape[0]!));
  }
  /** Levels are independent of each other. */
  predictJoint(X: TensorLike): { mean: Tensor; covariance: Tensor } {
    const x = toInputs('predictJoint', X, this.#like.ctx, this.numFeatures);
    const { configurations, resources } = this.#column.split(x);
    const groups = [...this.#column.groups(resources)];
    const m = resources.length;
    const order = groups.flatMap(([, rows]) => rows);
    const back = order.map((_, i) => order.indexOf(i));
    let before = 0;
    const blocks = groups.map(([resource, rows]) => {
      const part = take(configurations, rows, 0);
      const state = this.levels.get(resource);
      const { mean, covariance } = state ? state.predictJoint(part) : this.#priorJoint(resource, part);
      const wide = pad(covariance, [[0, 0], [before, m - before - rows.length]]);
      before += rows.length;
      return { mean: mean.reshape(rows.length, -1), wide };
    });
    const mean = take(concat(blocks.map((b) => b.mean), 0), back, 0);
    const covariance = take(take(concat(blocks.map((b) => b.wide), 0), back, 0), back, 1);
    return { mean: mean.shape[1] === 1 ? mean.reshape(m) : mean, covariance };
  }
  sampleMarginals(X: TensorLike, options: SampleOptions = {}): Tensor {
    return this.#sample('sampleMarginals', X, options, (state, rows) => state.sampleMarginals(rows, options));
  }
  sampleJoint(X: TensorLike, options: SampleOptions = {}): Tensor {
    return this.#sample('sampleJoint', X, options, (state, rows) => state.sampleJoint(rows, options));
  }
  negLogLikelihood(): Tensor {
    return [...this.levels.values()].map((s) => s.negLogLikelihood()).reduce((a, b) => a.add(b));
  }
  /** Its last element, of the resource, is 0. */
  backwardGradient(x: TensorLike, head: HeadGradients, meanData: number = 0, stdData: number = 1): Tensor {
    return backwardGradientOf((p) => this.predict(p), x, head, meanData, stdData, this.#like);
  }

  /** Levels without data give their prior mean, as the original's samples do. */
  #sample(caller: string, X: TensorLike, options: SampleOptions, draw: (state: PosteriorState, rows: Tensor) => Tensor): Tensor {
    const k = this.numFantasies;
    const samples = sampleCount(options);
    const [drawn] = this.#byLevel(caller, X, (resource, rows) => {
      const state = this.levels.get(resource);
      const m = rows.shape[0]!;
      if (state) return [draw(state, rows).reshape(m, k * samples)];
      return [this.#prior(resource, rows).mean.reshape(m, -1).broadcastTo([m, k * samples])];
    });
    return k === 1 ? drawn! : drawn!.reshape(drawn!.shape[0]!, k, samples);
  }
  #prior(resource: number, rows: Tensor): Prediction {
    const prior = this.#priors.get(resource);
    if (!prior) throw new GPError('argument', `resource ${resource} is no level of this model; its levels: ${this.rungLevels.join(', ')}`);
    const m = rows.shape[0]!;
    return withParameterData(prior.values, () => {
      const mean = prior.mean.call(rows).reshape(m, 1).mul(ones([1, this.numFantasies], { ctx: rows.ctx, dtype: rows.dtype }));
      return new Prediction(mean, prior.kernel.diagonal(rows).mul(prior.scale.reshape()));
    });
  }
  #priorJoint(resource: number, rows: Tensor): { mean: Tensor; covariance: Tensor } {
    const { mean } = this.#prior(resource, rows);
    const { kernel, scale, values } = this.#priors.get(resource)!;
    return { mean, covariance: withParameterData(values, () => kernel.call(rows, rows).mul(scale.reshape())) };
  }
  /** Runs `fn` on the rows of each level and puts its results, tables of a row each, back in order. */
  #byLevel(caller: string, X: TensorLike, fn: (resource: number, rows: Tensor) => Tensor[]): Tensor[] {
    const x = toInputs(caller, X, this.#like.ctx, this.numFeatures);
    const { configurations, resources } = this.#column.split(x);
    const groups = [...this.#column.groups(resources)];
    if (groups.length === 1) return fn(groups[0]![0], configurations);
    const results = groups.map(([resource, rows]) => fn(resource, take(configurations, rows, 0)));
    const order = groups.flatMap(([, rows]) => rows);
    const back = order.map((_, i) => order.indexOf(i));
    return results[0]!.map((_, k) => take(concat(results.map((r) => r[k]!), 0), back, 0));
  }
}
