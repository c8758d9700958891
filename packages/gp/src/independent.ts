import { type Tensor, type TensorLike, concat, stack, take } from '@matheron/core-tensor';
import { Hyperparameter, type HyperparameterOptions, type Kernel, LogNormalPrior, Matern52, type Mean, ParameterizedBlock, type PartConfig, meanFromJSON, SyneTuneMatern52, syneTuneConstants as c } from '@matheron/gp-kernels';
import { defaultMean, lengthscaleOptions, modelSettings } from './defaults.ts';
import { gaussianLogDensity } from './density.ts';
import { addDiagonal, noiseOptions } from './likelihood.ts';
import { IndependentPosterior, type LevelPrior } from './independent-posterior.ts';
import { GPModel } from './model.ts';
import { Objective } from './objective.ts';
import type { FitOptions, FitReport, GPOptions, Preset } from './options.ts';
import { PosteriorState, valuesOf } from './posterior-state.ts';
import { Prediction } from './prediction.ts';
import { ResourceColumn } from './resources.ts';
import { type LoadModelOptions, type LoadedModel, type ModelDescription, loadModel } from './save.ts';
import { BoxCoxTransform, IdentityTransform, type TargetTransform, makeTransform } from './target-transform.ts';

/** What models with a GP a level take. */
export interface IndependentOptions extends Omit<GPOptions, 'mean'> {
  /** The integers that the last column of X may hold. */
  resources: readonly [min: number, max: number];
  /** The levels; by default those in the data, as they come. */
  rungs?: readonly number[];
  /** A mean for each level, made by a function or as copies of one; constants by default. */
  mean?: Mean | ((resource: number) => Mean);
  /** A noise variance for each level rather than one for all; false. */
  separateNoise?: boolean;
  /** Start value of each level's covariance scale; 1. */
  covarianceScale?: number;
  /** Whether the last column holds resources mapped into [0, 1], as gpautograd's extended features; in 'syne-tune' true. */
  encodedResources?: boolean;
}

/** The rows of one level. */
interface Level { readonly resource: number; readonly X: Tensor; readonly y: Tensor }

/** The sum of marginal likelihoods of the levels: they share the kernel, and have a mean, a covariance scale and (perhaps) a noise variance each. */
export class IndependentLikelihood extends ParameterizedBlock {
  readonly kernel: Kernel;
  readonly ytrans: TargetTransform;
  private readonly _means = new Map<number, Mean>();
  private readonly _scales = new Map<number, Hyperparameter>();
  private readonly _noises = new Map<number, Hyperparameter>();
  private readonly _makeMean: (resource: number) => Mean;
  private readonly _scale: HyperparameterOptions;
  private readonly _noise: HyperparameterOptions;
  private readonly _shared: Hyperparameter | undefined;
  constructor(options: IndependentOptions, preset: Preset, kernel: Kernel) {
    super({ alias: 'independentgpperresourcemarginallikelihood' });
    const syneTune = preset === 'syne-tune';
    const encoding = options.encoding ?? 'logarithm';
    this.kernel = kernel;
    this.ytrans = makeTransform(options.targetTransform, !syneTune);
    const { mean } = options;
    this._makeMean = mean === undefined ? () => defaultMean(preset) : typeof mean === 'function' ? mean : () => meanFromJSON(mean.toJSON());
    this._scale = {
      init: options.covarianceScale ?? c.initialCovarianceScale, encoding, shape: syneTune ? [1] : [], bounds: syneTune ? c.covarianceScaleBounds : [1e-4, 1e4],
      prior: new LogNormalPrior({ normalized: !syneTune }),
    };
    this._noise = noiseOptions(options.noiseVariance, encoding, preset);
    if (!options.separateNoise) {
      this._shared = this.hyperparameter('noise_variance', this._noise);
      Object.assign(this, { noiseVariance: this._shared });
    }
    for (const rung of options.rungs ?? []) this.addLevel(rung);
  }
  /** Makes the hyperparameters of a level that has none. */
  addLevel(resource: number): void {
    if (this._means.has(resource)) return;
    const mean = this._makeMean(resource);
    this._means.set(resource, mean);
    this.registerChild(mean, `mean${resource}`);
    const own = (map: Map<number, Hyperparameter>, name: string, options: HyperparameterOptions): void => {
      const p = new Hyperparameter(`${this.prefix}${name}_${resource}_internal`, { ...options, label: `${name}${resource}` });
      map.set(resource, p);
      Object.assign(this, { [`${name}${resource}`]: p });
    };
    own(this._scales, 'covariance_scale', this._scale);
    if (!this._shared) own(this._noises, 'noise_variance', this._noise);
  }
  get separateNoise(): boolean { return this._shared === undefined; }
  /** The levels, ascending. */
  get rungLevels(): number[] { return [...this._means.keys()].sort((a, b) => a - b); }
  /** The mean of a level. */
  meanAt(resource: number): Mean { return this._means.get(resource)!; }
  /** The covariance scale of a level, a scalar. */
  scaleAt(resource: number): Tensor { return this._scales.get(resource)!.value().reshape(); }
  /** The noise variance of a level, a scalar. */
  noiseAt(resource: number): Tensor { return (this._shared ?? this._noises.get(resource)!).value().reshape(); }
  /** s K + (σ² + jitter) I of a level. */
  covariance(resource: number, X: Tensor, jitter?: Tensor): Tensor {
    const noise = this.noiseAt(resource);
    return addDiagonal(this.kernel.call(X, X).mul(this.scaleAt(resource)), jitter ? noise.add(jitter) : noise);
  }
  /** −log p of all levels, from X and y of each in turn: [n_r, d], [n_r]. */
  negLogLikelihood(levels: readonly Level[], jitter?: Tensor): Tensor {
    return levels.map(({ resource, X, y }) => {
      const residual = this.ytrans.call(y).sub(this.meanAt(resource).call(X));
      return this.ytrans.negLogJacobian(y).sub(gaussianLogDensity(this.covariance(resource, X, jitter), residual));
    }).reduce((a, b) => a.add(b));
  }
}

/**
 * A Gaussian process for each resource level, independent given the hyperparameters; the last column of X is the resource. Data, predictions and samples at
 * several levels mix freely.
 */
export class IndependentGPPerResource extends GPModel<IndependentPosterior> {
  readonly likelihood: IndependentLikelihood;
  readonly resources: ResourceColumn;
  constructor(options: IndependentOptions) {
    const preset = options.preset ?? 'matheron';
    const syneTune = preset === 'syne-tune';
    super(modelSettings(options, preset, true));
    const encoding = options.encoding ?? 'logarithm';
    const kernel = options.kernel ?? (syneTune ? new SyneTuneMatern52({ ard: true, encoding, covarianceScale: false }) : new Matern52({ ard: true, lengthscale: lengthscaleOptions(encoding) }));
    this.resources = new ResourceColumn(options.resources, options.encodedResources ?? syneTune);
    this.likelihood = new IndependentLikelihood(options, preset, kernel);
  }
  async fit(X: TensorLike, y: TensorLike, options: FitOptions = {}): Promise<FitReport> {
    const fitting = await this.beginFit(X, y);
    const { data, scaling, inputs, targets } = fitting;
    const { likelihood } = this;
    const levels = this.levelsOf(inputs, targets).map((l) => ({ ...l, y: l.y.reshape(l.y.size) }));
    likelihood.ytrans.onFitStart(targets.shape[0]!);
    this.onContext(() => likelihood.negLogLikelihood(levels.map((l) => ({ ...l, X: l.X.slice([0, 1]), y: l.y.slice([0, 1]) }))));
    if (this.preset === 'syne-tune') likelihood.resetParams();
    const objective = new Objective({
      block: likelihood, data: levels.flatMap((l) => [l.X, l.y]),
      evaluate: (jitter, ...flat) => likelihood.negLogLikelihood(levels.map(({ resource }, i) => ({ resource, X: flat[2 * i]!, y: flat[2 * i + 1]! })), jitter),
      covariances: () => levels.map((l) => ({ A: likelihood.covariance(l.resource, l.X), X: l.X })),
    });
    const start = await objective.start();
    const result = await this.minimize(objective, start, options);
    const states = await this.endFit(fitting);
    const nll = (await states[0]!.negLogLikelihood().data())[0]!;
    const jacobian = (await likelihood.ytrans.negLogJacobian(data.y).data())[0]!;
    return {
      logMarginalLikelihood: -nll - jacobian - data.y.size * Math.log(scaling.targetScale), ...result,
      jitter: Math.max(...[...states[0]!.levels.values()].map((s) => s.jitter)), seconds: (performance.now() - fitting.began) / 1000,
    };
  }
  protected async computeStates(X: Tensor, y: Tensor): Promise<IndependentPosterior[]> {
    const { likelihood } = this;
    const levels = this.levelsOf(X, y);
    // sizes ARD hyperparameters where nothing did before
    const d = X.shape[1]! - 1;
    likelihood.kernel.call(X.slice([0, 1], [0, d]), X.slice([0, 1], [0, d]));
    const jointJitter = this.preset === 'syne-tune' ? {} : { jointJitter: 0 };
    const priors = new Map<number, LevelPrior>();
    for (const resource of likelihood.rungLevels) {
      const mean = likelihood.meanAt(resource);
      const values = valuesOf(likelihood.kernel, mean);
      priors.set(resource, { mean, kernel: likelihood.kernel, scale: likelihood.scaleAt(resource), values });
    }
    const states = await Promise.all(levels.map(async (l) => [l.resource, await PosteriorState.create(
      l.X, likelihood.ytrans.call(l.y), likelihood.meanAt(l.resource), likelihood.kernel, likelihood.noiseAt(l.resource), { covarianceScale: likelihood.scaleAt(l.resource), ...jointJitter },
    )] as const));
    return [new IndependentPosterior(new Map(states), priors, this.resources, X, y.shape[1]!)];
  }
  protected noiseOf(state: IndependentPosterior, X: Tensor): Tensor {
    const { resources } = this.resources.split(X);
    const levels = [...new Set(resources)];
    const noise = stack(levels.map((r) => (state.noiseAt(r) ?? this.likelihood.noiseAt(r)).reshape()));
    return take(noise, resources.map((r) => levels.indexOf(r)), 0);
  }
  protected override inverseOf(_state: IndependentPosterior): ((latent: Tensor) => Tensor) | undefined {
    const { ytrans } = this.likelihood;
    return ytrans instanceof IdentityTransform ? undefined : (latent) => ytrans.inverse(latent);
  }
  protected override negLogJacobian(_state: IndependentPosterior, y: Tensor): Tensor {
    return this.likelihood.ytrans.negLogJacobian(y);
  }
  protected override leaveOneOutOf(state: IndependentPosterior, X: Tensor, y: Tensor): Prediction {
    const groups = [...this.resources.groups(this.resources.split(X).resources)];
    const parts = groups.map(([resource, rows]) => state.state(resource).leaveOneOut(this.likelihood.ytrans.call(take(y, rows, 0))));
    const order = groups.flatMap(([, rows]) => rows);
    const back = order.map((_, i) => order.indexOf(i));
    return new Prediction(take(concat(parts.map((p) => p.mean), 0), back, 0), take(concat(parts.map((p) => p.variance), 0), back, 0));
  }
  protected describe(): ModelDescription {
    const { kernel, ytrans, rungLevels } = this.likelihood;
    const means = Object.fromEntries(rungLevels.map((r) => [r, this.likelihood.meanAt(r).toJSON()]));
    return {
      model: 'IndependentGPPerResource', kernel, targetTransform: ytrans instanceof BoxCoxTransform ? 'box-cox' : 'identity',
      options: { resources: [this.resources.min, this.resources.max], encodedResources: this.resources.encoded, rungs: rungLevels, separateNoise: this.likelihood.separateNoise, means },
    };
  }
  /** The options of `load`. */
  protected static optionsOf({ common, options }: LoadedModel): IndependentOptions {
    const { means, ...rest } = options as unknown as { means: Record<string, PartConfig>; resources: [number, number]; encodedResources: boolean; rungs: number[]; separateNoise: boolean };
    const made = new Map(Object.entries(means).map(([r, config]) => [Number(r), meanFromJSON(config)]));
    return { ...common, ...rest, mean: (resource) => made.get(resource) ?? defaultMean(common.preset) };
  }
  /** The model that `save` wrote, with its posterior. A kernel of one's own is passed in `options`. */
  static async load(directory: string, options: LoadModelOptions = {}): Promise<IndependentGPPerResource> {
    const saved = await loadModel(directory, 'IndependentGPPerResource', options);
    const model = new IndependentGPPerResource(IndependentGPPerResource.optionsOf(saved));
    await model.restore(saved);
    return model;
  }
  /** The rows of each level; levels that are new get their hyperparameters. */
  protected levelsOf(X: Tensor, y: Tensor): Level[] {
    const { configurations, resources } = this.resources.split(X);
    const groups = this.resources.groups(resources);
    return [...groups].sort(([a], [b]) => a - b).map(([resource, rows]) => {
      this.likelihood.addLevel(resource);
      return { resource, X: take(configurations, rows, 0), y: take(y, rows, 0) };
    });
  }
}
