import { type Context, type Rng, type Tensor, type TensorLike, RandomState, Tensor as TensorClass, concat, currentContext, diag, stack, withContext } from '@matheron/core-tensor';
import type { ParameterDict } from '@matheron/gluon-params';
import { GPError, Hyperparameter, type ParamValues, type ParameterizedBlock } from '@matheron/gp-kernels';
import { assertFinite, toInputs, toTargets } from './data.ts';
import { fitDefaults } from './defaults.ts';
import { NotFittedError } from './errors.ts';
import { minimizeWithRestarts } from './fit.ts';
import type { Objective } from './objective.ts';
import type { FitOptions, FitReport, Preset } from './options.ts';
import { type Posterior, type SampleOptions, sampleCount } from './posterior-state.ts';
import { Prediction, TransformedPrediction, mixture } from './prediction.ts';
import { type LoadedModel, type ModelDescription, saveModel } from './save.ts';
import { Standardization, type StandardizeOptions } from './standardize.ts';
import { BoxCoxTransform } from './target-transform.ts';

/** `noise` false: the latent function; true: observations, with the noise variance. */
export interface PredictOptions { noise?: boolean }

/** The data of a posterior, in its own units: X [n, d], y [n, columns]. */
export interface ModelData { readonly X: Tensor; readonly y: Tensor }

/** What a fit works on: its data, X and the one column y; their standardization; and both in standardized units. */
export interface Fitting { readonly began: number; readonly data: ModelData; readonly scaling: Standardization; readonly inputs: Tensor; readonly targets: Tensor }

/** What every model takes. */
export interface ModelSettings { readonly preset: Preset; readonly seed: number; readonly ctx: Context | undefined; readonly standardize: StandardizeOptions }

/**
 * What regression, MCMC, per-resource and learning-curve models share: data, standardization, posterior states and predictions from them. Predictions
 * and samples are in the units of the targets; states are in standardized units where the model standardizes.
 */
export abstract class GPModel<S extends Posterior = Posterior> {
  readonly preset: Preset;
  readonly seed: number;
  protected readonly rng: Rng;
  protected readonly standardizing: StandardizeOptions;
  protected scaling: Standardization | undefined;
  protected data: ModelData | undefined;
  protected posteriors: readonly S[] = [];
  private ctxOption: Context | undefined;
  constructor(settings: ModelSettings) {
    this.preset = settings.preset;
    this.seed = settings.seed;
    this.rng = new RandomState(settings.seed);
    this.standardizing = settings.standardize;
    this.ctxOption = settings.ctx;
  }

  /** Fits the hyperparameters to X [n, d] or [n] and y [n], and computes the posterior. NonFiniteDataError, ShapeError; AbortError only where no finite point was found. */
  abstract fit(X: TensorLike, y: TensorLike, options?: FitOptions): Promise<FitReport>;
  /** The block whose hyperparameters are fitted. */
  abstract get likelihood(): ParameterizedBlock;
  /** The posterior states from standardized data. */
  protected abstract computeStates(X: Tensor, y: Tensor): Promise<S[]>;
  /** The states with more rows, given theirs and all data; from scratch unless overridden. */
  protected async extendStates(_X: Tensor, _y: Tensor, all: ModelData): Promise<S[]> {
    return await this.computeStates(all.X, all.y);
  }
  /** The noise variance of a state at X, in standardized units: what `noise: true` adds, [m] or a scalar. */
  protected abstract noiseOf(state: S, X: Tensor): Tensor;

  /** Fantasy targets from one state, as the targets of `computeStates`: [m, samples]. */
  protected fantasyTargets(state: S, X: Tensor, options: SampleOptions): Tensor {
    return this.untransformed(state, state.sampleJoint(X, options));
  }
  /** The inverse of a state's target transform; undefined where targets are as they are. */
  protected inverseOf(_state: S): ((latent: Tensor) => Tensor) | undefined {
    return undefined;
  }
  private sampled(state: S, latent: Tensor): Tensor {
    return this.preset === 'matheron' ? this.untransformed(state, latent) : latent;
  }
  private untransformed(state: S, latent: Tensor): Tensor {
    return this.inverseOf(state)?.(latent) ?? latent;
  }
  /** The posteriors: one, or one a sample of the hyperparameters. */
  get states(): readonly S[] { return this.posteriors; }
  /** The context of the data; of `options.ctx`, else of the tensors given first, else the current one. */
  protected contextFor(X: TensorLike): Context {
    return this.ctxOption ??= this.data?.X.ctx ?? (X instanceof TensorClass ? X.ctx : currentContext());
  }

  /** New data, same hyperparameters and same standardization. y may have several columns, which share X. */
  async recomputeStates(X: TensorLike, y: TensorLike): Promise<void> {
    const data = await this.check('recomputeStates', X, y);
    const scaling = this.scaling ?? (await Standardization.of(data.X, data.y, this.standardizing));
    const states = await this.inContext(() => this.computeStates(scaling.inputs(data.X), scaling.targets(data.y)));
    this.adopt(data, scaling, states);
  }
  /** A model with more data, equal to recomputing on all of it; the receiver keeps its posterior. Both share their hyperparameters. */
  async condition(X: TensorLike, y: TensorLike): Promise<this> {
    const { data, scaling } = this.fitted('condition');
    const x = toInputs('condition', X, data.X.ctx, data.X.shape[1]!);
    const targets = toTargets('condition', y, data.X.ctx, x.shape[0]!);
    await assertFinite('X', x);
    await this.checkTargets('condition', targets);
    if (targets.shape[1] !== data.y.shape[1]) throw new GPError('shape', `condition: the model has ${data.y.shape[1]} target columns, the new targets have ${targets.shape[1]}`);
    const all = { X: concat([data.X, x], 0), y: concat([data.y, targets], 0) };
    const states = await this.inContext(() => this.extendStates(scaling.inputs(x), scaling.targets(targets), { X: scaling.inputs(all.X), y: scaling.targets(all.y) }));
    return this.copy(all, scaling, states);
  }
  /** `condition` on targets drawn jointly from the posterior, one column a sample; with several states each of them gets samples of its own. */
  async fantasize(X: TensorLike, options: SampleOptions = {}): Promise<this> {
    const { data, scaling } = this.fitted('fantasize');
    const samples = sampleCount(options);
    const x = toInputs('fantasize', X, data.X.ctx, data.X.shape[1]!);
    if (data.y.shape[1] !== 1) throw new GPError('argument', `fantasize: the model has ${data.y.shape[1]} target columns already; fantasize all points at once`);
    const rng = options.rng ?? this.rng;
    const drawn = scaling.restore(concat(this.posteriors.map((s) => this.fantasyTargets(s, scaling.inputs(x), { samples, rng })), 1));
    const y = data.y.broadcastTo([data.y.shape[0]!, drawn.shape[1]!]);
    const all = { X: concat([data.X, x], 0), y: concat([y, drawn], 0) };
    const states = await this.inContext(() => this.computeStates(scaling.inputs(all.X), scaling.targets(all.y)));
    return this.copy(all, scaling, states);
  }

  /**
   * Moments at X [m, d] or [m]: of the mixture where there are several states. Of transformed targets a TransformedPrediction, in the units of the
   * targets; in 'syne-tune' the latent values. NotFittedError.
   */
  predict(X: TensorLike, options: PredictOptions = {}): Prediction {
    return mixture(this.predictStates(X, options));
  }
  /** One prediction a state: gpautograd's predict. */
  predictStates(X: TensorLike, options: PredictOptions = {}): Prediction[] {
    const { x, scaling } = this.at('predict', X);
    return this.posteriors.map((state) => {
      const p = this.view(state, x).predict(x);
      const noisy = options.noise ? new Prediction(p.mean, p.variance.add(this.noiseOf(state, x))) : p;
      const inverse = this.inverseOf(state);
      return inverse && this.preset === 'matheron' ? new TransformedPrediction(noisy, inverse) : scaling.restorePrediction(noisy);
    });
  }
  /** Mean [m] and covariance [m, m] of the function at all points: of the mixture where there are several states. `noise` adds that of observations to the diagonal. */
  predictJoint(X: TensorLike, options: PredictOptions = {}): { mean: Tensor; covariance: Tensor } {
    const { x, scaling } = this.at('predictJoint', X);
    const m = x.shape[0]!;
    const parts = this.posteriors.map((state) => {
      const { mean, covariance } = this.view(state, x).predictJoint(x);
      if (mean.ndim !== 1) throw new GPError('shape', `predictJoint: the model has several target columns, which share the covariance; ask its states`);
      return { mean, covariance: options.noise ? covariance.add(diag(this.noiseOf(state, x).broadcastTo([m]))) : covariance };
    });
    const k = parts.length;
    const mean = parts.map((p) => p.mean).reduce((a, b) => a.add(b)).div(k);
    const covariance = parts.map((p) => {
      const off = p.mean.sub(mean);
      return k === 1 ? p.covariance : p.covariance.add(off.reshape(m, 1).mul(off.reshape(1, m)));
    }).reduce((a, b) => a.add(b)).div(k);
    return { mean: scaling.restore(mean), covariance: covariance.mul(scaling.targetScale ** 2) };
  }
  /** Independent draws at each point: [m, samples × states], or [m, columns, …]. */
  sampleMarginals(X: TensorLike, options: SampleOptions = {}): Tensor {
    const { x, scaling } = this.at('sampleMarginals', X);
    const rng = options.rng ?? this.rng;
    return scaling.restore(concat(this.posteriors.map((s) => this.sampled(s, this.view(s, x).sampleMarginals(x, { ...options, rng }))), -1));
  }
  /** Joint draws of the function at all points: [m, samples × states], or [m, columns, …]. */
  sampleJoint(X: TensorLike, options: SampleOptions = {}): Tensor {
    const { x, scaling } = this.at('sampleJoint', X);
    const rng = options.rng ?? this.rng;
    return scaling.restore(concat(this.posteriors.map((s) => this.sampled(s, this.view(s, x).sampleJoint(x, { ...options, rng }))), -1));
  }
  /**
   * log p(y | X) of the posterior's data, targets in their own units: a scalar. With several states, of their mixture: log of the mean of the
   * marginal likelihoods. One target column.
   */
  logMarginalLikelihood(): Tensor {
    const { data, scaling } = this.fitted('logMarginalLikelihood');
    const values = this.posteriors.map((s) => s.negLogLikelihood().neg().sub(this.negLogJacobian(s, data.y)));
    const value = values.length === 1 ? values[0]! : stack(values).logSumExp().sub(Math.log(values.length));
    return value.sub(data.y.shape[0]! * Math.log(scaling.targetScale));
  }
  /** Each observation predicted from all others under the present hyperparameters, noise included. One target column. */
  leaveOneOut(): Prediction {
    const { data, scaling } = this.fitted('leaveOneOut');
    if (data.y.shape[1] !== 1) throw new GPError('shape', `leaveOneOut: it takes one target column, there are ${data.y.shape[1]}`);
    const [X, y] = [scaling.inputs(data.X), scaling.targets(data.y)];
    return mixture(this.posteriors.map((s) => {
      const p = this.leaveOneOutOf(s, X, y);
      const inverse = this.inverseOf(s);
      return inverse && this.preset === 'matheron' ? new TransformedPrediction(p, inverse) : scaling.restorePrediction(p);
    }));
  }
  /** −log of the Jacobian of a state's target transform, a scalar or 0. */
  protected negLogJacobian(_state: S, _y: Tensor): Tensor | number {
    return 0;
  }
  /** Each observation predicted from all others, by one state and in its units. GPError where there is no closed form. */
  protected leaveOneOutOf(_state: S, _X: Tensor, _y: Tensor): Prediction {
    throw new GPError('unsupported', `leaveOneOut: ${this.constructor.name} has no closed form for it; recompute the states without each row`);
  }
  /** Writes model.json and model.safetensors into `directory`, each aside and then renamed. The class's `load` reads them; kernels and means of one's own are passed to it. */
  async save(directory: string): Promise<void> {
    await saveModel(directory, this.describe(), { preset: this.preset, seed: this.seed, standardize: this.standardizing }, this.likelihood, this.data, this.scaling);
  }
  /** What `save` writes besides hyperparameters and data. */
  protected abstract describe(): ModelDescription;
  /** Takes hyperparameters and data out of a file, and computes the posterior. */
  protected async restore(saved: LoadedModel): Promise<void> {
    this.onContext(() => saved.restore(this.likelihood));
    if (!saved.data) return;
    this.scaling = saved.scaling;
    await this.recomputeStates(saved.data.X, saved.data.y);
  }
  /** External values of all hyperparameters, by name. */
  getParams(): ParamValues { return this.likelihood.getParams(); }
  /** Sets external values; the posterior keeps its own until recomputeStates. OutOfBoundsError, UnknownHyperparameterError. */
  setParams(values: ParamValues): void {
    this.onContext(() => this.likelihood.setParams(values));
  }
  /** All hyperparameters back to their start values. */
  resetParams(): void { this.likelihood.resetParams(); }
  /** The parameters of the likelihood, by full name. */
  collectParams(select?: string | RegExp): ParameterDict { return this.likelihood.collectParams(select); }

  /** X and y as checked tensors on the model's context. */
  protected async check(caller: string, X: TensorLike, y: TensorLike): Promise<ModelData> {
    const ctx = this.contextFor(X);
    const x = toInputs(caller, X, ctx);
    const targets = toTargets(caller, y, ctx, x.shape[0]!);
    if (x.shape[0] === 0) throw new GPError('shape', `${caller}: there is no data, X has 0 rows`);
    if (x.shape[1] === 0) throw new GPError('shape', `${caller}: there are no inputs, X has 0 columns`);
    await assertFinite('X', x);
    await this.checkTargets(caller, targets);
    return { X: x, y: targets };
  }
  /** NonFiniteDataError; GPError for targets that are not positive where Box-Cox takes their logarithm ('syne-tune' counts those as 1e-10, as the original does). */
  private async checkTargets(caller: string, y: Tensor): Promise<void> {
    await assertFinite('y', y);
    if (this.preset === 'syne-tune' || !((this.likelihood as { ytrans?: unknown }).ytrans instanceof BoxCoxTransform)) return;
    const values = await y.data();
    const row = values.findIndex((v) => v <= 0);
    if (row >= 0) throw new GPError('argument', `${caller}: targetTransform 'box-cox' takes positive targets, y is ${values[row]!} in row ${Math.floor(row / y.shape[1]!)}; shift them, or leave the transform out`);
  }
  /** The beginning of each `fit`. ShapeError, NonFiniteDataError; GPError where y has several columns. */
  protected async beginFit(X: TensorLike, y: TensorLike): Promise<Fitting> {
    const began = performance.now();
    const data = await this.check('fit', X, y);
    if (data.y.shape[1] !== 1) throw new GPError('shape', `fit: hyperparameters are fitted to one target column, y has ${data.y.shape[1]}; recomputeStates takes several`);
    const scaling = await Standardization.of(data.X, data.y, this.standardizing);
    return { began, data, scaling, inputs: scaling.inputs(data.X), targets: scaling.targets(data.y) };
  }
  /** The end of a `fit`: the posterior under the present hyperparameters. */
  protected async endFit({ data, scaling, inputs, targets }: Fitting): Promise<readonly S[]> {
    const states = await this.inContext(() => this.computeStates(inputs, targets));
    this.adopt(data, scaling, states);
    return states;
  }
  /** The least value of an objective from several starts, `start` the first; hyperparameters stay there, or at `start` where each failed. Disposes of the objective. */
  protected async minimize(objective: Objective, start: Float64Array, options: FitOptions, alternative?: Float64Array): Promise<Pick<FitReport, 'criterion' | 'best' | 'restarts' | 'aborted'>> {
    const { theta, criterion, best, restarts, aborted } = await minimizeWithRestarts(objective, start, this.rng, options, fitDefaults, alternative);
    objective.apply(theta ?? start);
    objective.dispose();
    return { criterion, best, restarts, aborted };
  }
  /** Takes over data, their standardization and a posterior. */
  protected adopt(data: ModelData, scaling: Standardization, states: readonly S[]): void {
    this.data = data;
    this.scaling = scaling;
    this.posteriors = states;
  }
  /** The data and their standardization. NotFittedError before there are any. */
  protected fitted(caller: string): { data: ModelData; scaling: Standardization } {
    if (!this.data || !this.scaling || this.posteriors.length === 0) throw new NotFittedError(caller);
    return { data: this.data, scaling: this.scaling };
  }
  /** X as the states take it. NotFittedError; ShapeError for other columns than the data's. */
  protected at(caller: string, X: TensorLike): { x: Tensor; scaling: Standardization } {
    const { data, scaling } = this.fitted(caller);
    const d = data.X.shape[1]!;
    const x = toInputs(caller, X, data.X.ctx);
    return { x: scaling.inputs(this.inputColumns(d).includes(x.shape[1]!) ? x : toInputs(caller, X, data.X.ctx, d)), scaling };
  }
  /** The numbers of columns that predictions take, where the data has d. */
  protected inputColumns(d: number): readonly number[] {
    return [d];
  }
  /** What answers for a state at these inputs. */
  protected view(state: S, _X: Tensor): Posterior {
    return state;
  }
  /** Runs the synchronous start of `fn` with the model's context as the current one, so that hyperparameters are made there. */
  protected inContext<T>(fn: () => Promise<T>): Promise<T> {
    let result: Promise<T> | undefined;
    this.onContext(() => {
      result = fn();
    });
    return result!;
  }
  /** Runs `fn` with the model's context as the current one. */
  protected onContext<T>(fn: () => T): T {
    return this.ctxOption ? withContext(this.ctxOption, fn) : fn();
  }
  /** Initializes parameters that are no hyperparameters, which do so themselves: those of a network inside a kernel. */
  protected prepare(): void {
    this.onContext(() => {
      for (const p of this.likelihood.collectParams().values()) if (!(p instanceof Hyperparameter) && !p.initialized && !p.deferred) p.initialize();
    });
  }
  private copy(data: ModelData, scaling: Standardization, states: readonly S[]): this {
    const next = Object.create(Object.getPrototypeOf(this) as object) as this;
    Object.assign(next, this, { data, scaling, posteriors: states });
    return next;
  }
}
