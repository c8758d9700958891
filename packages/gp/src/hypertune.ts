import { type Rng, type Tensor, type TensorLike, tensor } from '@matheron/core-tensor';
import { GPError, Kernel, Mean } from '@matheron/gp-kernels';
import { ClampedPosterior, EnsemblePosterior } from './ensemble-posterior.ts';
import { checkEnsemble, crossValidatedLosses, distributionsOf, rankingLosses, supportedLevels } from './hypertune-losses.ts';
import { IndependentGPPerResource, type IndependentOptions } from './independent.ts';
import type { IndependentPosterior } from './independent-posterior.ts';
import type { FitOptions, FitReport, GPOptions } from './options.ts';
import { type Posterior, PosteriorState } from './posterior-state.ts';
import { GaussianProcessRegression, describeRegression } from './regression.ts';
import { ResourceColumn } from './resources.ts';
import { type LoadModelOptions, type ModelDescription, loadModel } from './save.ts';

/** Joint samples for ranking losses (100), and the number of brackets (as many as supported levels). */
export interface HyperTuneOptions { distributionSamples?: number; brackets?: number }

/** What both models know of Hyper-Tune: the distributions, and what they were computed from. */
class Distributions {
  readonly samples: number;
  readonly brackets: number | undefined;
  ensemble: ReadonlyMap<number, number> | undefined;
  bracket: readonly number[] | undefined;
  signature: string | undefined;
  constructor({ distributionSamples = 100, brackets }: HyperTuneOptions) {
    if (!(Number.isInteger(distributionSamples) && distributionSamples >= 1)) throw new GPError('argument', `HyperTune: distributionSamples must be a positive integer, got ${distributionSamples}`);
    if (brackets !== undefined && !(Number.isInteger(brackets) && brackets >= 1)) throw new GPError('argument', `HyperTune: brackets must be a positive integer, got ${brackets}`);
    this.samples = distributionSamples;
    this.brackets = brackets;
  }
  toJSON(): { options: HyperTuneOptions; ensemble: [number, number][] | null; bracket: readonly number[] | null; signature: string | null } {
    const { samples, brackets, ensemble, bracket, signature } = this;
    return { options: { distributionSamples: samples, ...(brackets === undefined ? {} : { brackets }) }, ensemble: ensemble ? [...ensemble] : null, bracket: bracket ?? null, signature: signature ?? null };
  }
  restore(saved: ReturnType<Distributions['toJSON']>): void {
    this.ensemble = saved.ensemble ? new Map(saved.ensemble) : undefined;
    this.bracket = saved.bracket ?? undefined;
    this.signature = saved.signature ?? undefined;
  }
  /** Computes them anew where the supported levels or their data changed. */
  async update(rungs: readonly number[], X: Tensor, y: Tensor, column: ResourceColumn, level: (r: number) => Posterior, fold: (top: number) => (X: Tensor, y: readonly number[]) => Posterior, rng: Rng): Promise<void> {
    const { count, top } = await supportedLevels(rungs, X, y, column);
    if (!top) return;
    const signature = `${count} ${top.y.length}`;
    if (signature === this.signature) return;
    this.signature = signature;
    const losses = await this.losses(rungs, count, top, level, fold, this.samples, rng);
    const { ensemble, bracket } = distributionsOf(losses, rungs, this.brackets);
    checkEnsemble(ensemble, rungs);
    this.ensemble = ensemble;
    this.bracket = bracket;
  }
  async losses(rungs: readonly number[], count: number, top: { X: Tensor; y: readonly number[] }, level: (r: number) => Posterior, fold: (top: number) => (X: Tensor, y: readonly number[]) => Posterior, samples: number, rng: Rng): Promise<Float64Array[]> {
    const losses: Float64Array[] = [];
    for (const r of rungs.slice(0, count - 1)) losses.push(await rankingLosses(level(r), top, samples, rng));
    losses.push(await crossValidatedLosses(fold(rungs[count - 1]!), top, samples, rng));
    return losses;
  }
}

/**
 * Hyper-Tune's surrogate on independent models: predictions at inputs without a resource are an ensemble over levels, weighted by how well each ranks the
 * data of the highest supported level. Inputs with the resource in the last column give that level.
 */
export class HyperTuneIndependentGP extends IndependentGPPerResource {
  private readonly distributions: Distributions;
  constructor(options: IndependentOptions & HyperTuneOptions) {
    super(options);
    this.distributions = new Distributions(options);
  }
  override async fit(X: TensorLike, y: TensorLike, options: FitOptions = {}): Promise<FitReport> {
    const report = await super.fit(X, y, options);
    await this.updateDistributions();
    return report;
  }
  /** Computes the distributions from the present posterior: `fit` does so. */
  async updateDistributions(rng: Rng = this.rng): Promise<void> {
    const { data, scaling } = this.fitted('updateDistributions');
    const [X, y] = [scaling.inputs(data.X), scaling.targets(data.y)];
    await this.distributions.update(this.supported(), X, y, this.resources, (r) => this.state.state(r), (top) => this.fold(top), rng);
  }
  /** Ranking losses, a row of samples for each supported level. Empty where fewer than two levels are supported. */
  async rankingLosses(samples: number, rng: Rng = this.rng): Promise<Float64Array[]> {
    const { data, scaling } = this.fitted('rankingLosses');
    const rungs = this.supported();
    const { count, top } = await supportedLevels(rungs, scaling.inputs(data.X), scaling.targets(data.y), this.resources);
    return top ? await this.distributions.losses(rungs, count, top, (r) => this.state.state(r), (t) => this.fold(t), samples, rng) : [];
  }
  /** Weights of the levels in predictions; all on the lowest level before there is enough data. */
  ensembleDistribution(): Map<number, number> {
    return new Map(this.distributions.ensemble ?? [[this.supported()[0] ?? this.resources.min, 1]]);
  }
  /** Probabilities of the brackets; empty before there is enough data. */
  bracketDistribution(): number[] { return [...(this.distributions.bracket ?? [])]; }
  protected override view(state: IndependentPosterior, X: Tensor): Posterior {
    return X.shape[1] === state.numFeatures ? state : new EnsemblePosterior(state, (r) => state.state(r), this.ensembleDistribution(), X);
  }
  protected override inputColumns(d: number): readonly number[] { return [d - 1, d]; }
  protected override noiseOf(state: IndependentPosterior, X: Tensor): Tensor {
    if (X.shape[1] === state.numFeatures) return super.noiseOf(state, X);
    return [...this.ensembleDistribution()].map(([r, theta]) => this.likelihood.noiseAt(r).mul(theta ** 2)).reduce((a, b) => a.add(b));
  }
  protected override describe(): ModelDescription {
    const base = super.describe();
    return { ...base, model: 'HyperTuneIndependentGP', options: { ...base.options, hypertune: this.distributions.toJSON() } };
  }
  /** The model that `save` wrote, with its posterior and distributions. A kernel of one's own is passed in `options`. */
  static override async load(directory: string, options: LoadModelOptions = {}): Promise<HyperTuneIndependentGP> {
    const saved = await loadModel(directory, 'HyperTuneIndependentGP', options);
    const { hypertune, ...rest } = saved.options as unknown as { hypertune: ReturnType<Distributions['toJSON']> };
    const model = new HyperTuneIndependentGP({ ...IndependentGPPerResource.optionsOf({ ...saved, options: rest as never }), ...hypertune.options });
    model.distributions.restore(hypertune);
    await model.restore(saved);
    return model;
  }
  private get state(): IndependentPosterior { return this.posteriors[0]!; }
  private supported(): number[] { return this.likelihood.rungLevels.filter((r) => this.posteriors.length === 0 || this.state.levels.has(r)); }
  private fold(top: number): (X: Tensor, y: readonly number[]) => Posterior {
    const state = this.state.state(top);
    const { likelihood } = this;
    return (X, y) => state.within(() => new PosteriorState(X, tensor([...y], { ctx: X.ctx, dtype: X.dtype }), state.mean, state.kernel, state.noiseVariance, { covarianceScale: likelihood.scaleAt(top) }));
  }
}

/** Hyper-Tune's surrogate on one joint model over extended inputs, whose kernel covers configuration and resource. */
export class HyperTuneJointGP extends GaussianProcessRegression {
  readonly resources: ResourceColumn;
  private readonly distributions: Distributions;
  private readonly rungs: readonly number[] | undefined;
  constructor(options: GPOptions & HyperTuneOptions & { resources: readonly [min: number, max: number]; rungs?: readonly number[]; encodedResources?: boolean }) {
    super(options);
    this.resources = new ResourceColumn(options.resources, options.encodedResources ?? this.preset === 'syne-tune');
    this.standardizing.keepLast = this.resources.encoded;
    this.distributions = new Distributions(options);
    this.rungs = options.rungs && [...options.rungs].sort((a, b) => a - b);
  }
  override async fit(X: TensorLike, y: TensorLike, options: FitOptions = {}): Promise<FitReport> {
    const report = await super.fit(X, y, options);
    await this.updateDistributions();
    return report;
  }
  /** Computes the distributions from the present posterior: `fit` does so. */
  async updateDistributions(rng: Rng = this.rng): Promise<void> {
    const { data, scaling } = this.fitted('updateDistributions');
    await this.distributions.update(this.levels(), data.X, scaling.targets(data.y), this.resources, (r) => this.unscaled(r), (top) => this.fold(top), rng);
  }
  /** Weights of the levels in predictions; all on the lowest level before there is enough data. */
  ensembleDistribution(): Map<number, number> {
    return new Map(this.distributions.ensemble ?? [[this.data ? this.levels()[0]! : this.rungs?.[0] ?? this.resources.min, 1]]);
  }
  /** Probabilities of the brackets; empty before there is enough data. */
  bracketDistribution(): number[] { return [...(this.distributions.bracket ?? [])]; }
  protected override view(state: PosteriorState, X: Tensor): Posterior {
    if (X.shape[1] === state.numFeatures) return state;
    return new EnsemblePosterior(state, (r) => this.clamped(state, r, X), this.ensembleDistribution(), X);
  }
  protected override inputColumns(d: number): readonly number[] { return [d - 1, d]; }
  protected override describe(): ModelDescription {
    const { min, max, encoded } = this.resources;
    return { ...describeRegression('HyperTuneJointGP', this.likelihood), options: { resources: [min, max], encodedResources: encoded, rungs: this.rungs ?? null, hypertune: this.distributions.toJSON() } };
  }
  /** The model that `save` wrote, with its posterior and distributions. A kernel or mean of one's own is passed in `options`. */
  static override async load(directory: string, options: LoadModelOptions = {}): Promise<HyperTuneJointGP> {
    const saved = await loadModel(directory, 'HyperTuneJointGP', options);
    const { hypertune, resources, encodedResources, rungs } = saved.options as unknown as { hypertune: ReturnType<Distributions['toJSON']>; resources: [number, number]; encodedResources: boolean; rungs: number[] | null };
    const model = new HyperTuneJointGP({ ...saved.common, ...(saved.mean ? { mean: saved.mean } : {}), resources, encodedResources, ...(rungs ? { rungs } : {}), ...hypertune.options });
    model.distributions.restore(hypertune);
    await model.restore(saved);
    return model;
  }
  /** The levels of `rungs`, else those in the data. */
  private levels(): number[] {
    return [...(this.rungs ?? [...new Set(this.resources.split(this.fitted('levels').data.X).resources)].sort((a, b) => a - b))];
  }
  /** The state at a resource, whose column is standardized as the others are. */
  private clamped(state: PosteriorState, resource: number, like: Tensor): ClampedPosterior {
    return new ClampedPosterior(state, resource, this.scaledColumn(), like);
  }
  /** The state at a resource, at inputs in their own units. */
  private unscaled(resource: number): Posterior {
    const { data, scaling } = this.fitted('levels');
    const inner = this.clamped(this.posteriors[0]!, resource, data.X);
    return scaling.identityInputs ? inner : new ScaledInputs(inner, (X) => scaling.inputs(X));
  }
  private scaledColumn(): ResourceColumn {
    const { scaling } = this.fitted('levels');
    const [shift, scale] = [scaling.inputShift.at(-1)!, scaling.inputScale.at(-1)!];
    const { resources } = this;
    return { encode: (r: number) => (resources.encode(r) - shift) / scale } as ResourceColumn;
  }
  private fold(top: number): (X: Tensor, y: readonly number[]) => Posterior {
    const { data, scaling } = this.fitted('levels');
    const [state] = this.posteriors;
    const clamp = this.clamped(state!, top, data.X);
    const extend = (X: Tensor): Tensor => clamp.extend(X);
    const kernel = new ClampedKernel(state!.kernel, extend);
    const mean = new ClampedMean(state!.mean, extend);
    return (X, y) => state!.within(() => {
      const inner = new PosteriorState(scaling.inputs(X), tensor([...y], { ctx: X.ctx, dtype: X.dtype }), mean, kernel, state!.noiseVariance);
      return scaling.identityInputs ? inner : new ScaledInputs(inner, (x) => scaling.inputs(x));
    });
  }
}

/** A posterior behind a map of its inputs. */
class ScaledInputs implements Posterior {
  readonly #inner: Posterior;
  readonly #map: (X: Tensor) => Tensor;
  constructor(inner: Posterior, map: (X: Tensor) => Tensor) {
    this.#inner = inner;
    this.#map = map;
  }
  get numData(): number { return this.#inner.numData; }
  get numFeatures(): number { return this.#inner.numFeatures; }
  get numFantasies(): number { return this.#inner.numFantasies; }
  predict(X: TensorLike): ReturnType<Posterior['predict']> { return this.#inner.predict(this.#map(tensor(X))); }
  predictJoint(X: TensorLike): ReturnType<Posterior['predictJoint']> { return this.#inner.predictJoint(this.#map(tensor(X))); }
  sampleMarginals(X: TensorLike, options?: Parameters<Posterior['sampleMarginals']>[1]): Tensor { return this.#inner.sampleMarginals(this.#map(tensor(X)), options); }
  sampleJoint(X: TensorLike, options?: Parameters<Posterior['sampleJoint']>[1]): Tensor { return this.#inner.sampleJoint(this.#map(tensor(X)), options); }
  negLogLikelihood(): Tensor { return this.#inner.negLogLikelihood(); }
  backwardGradient(...args: Parameters<Posterior['backwardGradient']>): Tensor { return this.#inner.backwardGradient(...args); }
}

/** A kernel over extended inputs, at one resource. */
class ClampedKernel extends Kernel {
  private readonly _inner: Kernel;
  private readonly _extend: (X: Tensor) => Tensor;
  constructor(inner: Kernel, extend: (X: Tensor) => Tensor) {
    super({ prefix: '' });
    this._inner = inner;
    this._extend = extend;
  }
  override forward(X1: Tensor, X2: Tensor): Tensor {
    const a = this._extend(X1);
    return this._inner.call(a, X2 === X1 ? a : this._extend(X2));
  }
  protected override diagonalOf(X: Tensor): Tensor { return this._inner.diagonal(this._extend(X)); }
  override hyperparameters(): ReturnType<Kernel['hyperparameters']> { return this._inner.hyperparameters(); }
}
/** A mean over extended inputs, at one resource. */
class ClampedMean extends Mean {
  private readonly _inner: Mean;
  private readonly _extend: (X: Tensor) => Tensor;
  constructor(inner: Mean, extend: (X: Tensor) => Tensor) {
    super({ prefix: '' });
    this._inner = inner;
    this._extend = extend;
  }
  override forward(X: Tensor): Tensor { return this._inner.call(this._extend(X)); }
  override hyperparameters(): ReturnType<Mean['hyperparameters']> { return this._inner.hyperparameters(); }
}
