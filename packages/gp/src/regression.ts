import type { Tensor, TensorLike } from '@matheron/core-tensor';
import { GPError, type Hyperparameter, type Kernel, type Mean } from '@matheron/gp-kernels';
import { likelihoodOptions, modelSettings } from './defaults.ts';
import { MarginalLikelihood } from './likelihood.ts';
import { GPModel, type ModelData } from './model.ts';
import { Objective } from './objective.ts';
import type { FitOptions, FitReport, GPOptions } from './options.ts';
import { PosteriorState } from './posterior-state.ts';
import { type Prediction } from './prediction.ts';
import { type LoadModelOptions, type ModelDescription, loadModel } from './save.ts';
import { BoxCoxTransform, IdentityTransform } from './target-transform.ts';

/**
 * Exact Gaussian process regression: hyperparameters by maximal marginal likelihood times priors, L-BFGS-B from several starts, then the posterior
 * by Cholesky.
 */
export class GaussianProcessRegression extends GPModel<PosteriorState> {
  readonly likelihood: MarginalLikelihood;
  constructor(options: GPOptions = {}) {
    const preset = options.preset ?? 'matheron';
    super(modelSettings(options, preset));
    this.likelihood = new MarginalLikelihood(likelihoodOptions(options, preset));
    if (this.standardizing.targets && !(this.likelihood.ytrans instanceof IdentityTransform)) {
      throw new GPError('argument', 'GaussianProcessRegression: targets that are transformed must keep their units; leave standardize.targets out');
    }
  }
  get kernel(): Kernel { return this.likelihood.kernel; }
  get mean(): Mean { return this.likelihood.mean; }

  /**
   * Fits the hyperparameters from their present values ('syne-tune': from their start values, with the constant mean at its own and at the targets' mean). y has one column.
   * Where every start fails the hyperparameters stay, and the posterior is computed with them.
   */
  async fit(X: TensorLike, y: TensorLike, options: FitOptions = {}): Promise<FitReport> {
    const fitting = await this.beginFit(X, y);
    const { inputs, targets } = fitting;
    const n = inputs.shape[0]!;
    this.likelihood.ytrans.onFitStart(n);
    this.prepare();
    // learns the sizes of ARD hyperparameters, and initializes what is not
    this.onContext(() => this.likelihood.call(inputs.slice([0, 1]), targets.slice([0, 1]).reshape(1)));
    if (this.preset === 'syne-tune') this.likelihood.resetParams();
    const y1 = targets.reshape(n);
    const { likelihood } = this;
    const objective = new Objective({
      block: likelihood, data: [inputs, y1],
      evaluate: (jitter, x, t) => likelihood.forward(x!, t!, jitter),
      covariances: () => [{ A: likelihood.covariance(inputs), X: inputs }],
    });
    const start = await objective.start();
    const alternative = this.preset === 'syne-tune' ? await this.documentedStart(objective, targets) : undefined;
    const result = await this.minimize(objective, start, options, alternative);
    const states = await this.endFit(fitting);
    const logMarginalLikelihood = (await this.logMarginalLikelihood().data())[0]!;
    return {
      logMarginalLikelihood, ...result, jitter: states[0]!.jitter, seconds: (performance.now() - fitting.began) / 1000,
    };
  }
  /**
   * The start that gpautograd documents, its constant mean at the mean of the targets; its `fit` wipes that by resetting all parameters and so starts
   * at 0. undefined where they are the same.
   */
  private async documentedStart(objective: Objective, targets: Tensor): Promise<Float64Array | undefined> {
    const { value } = this.mean as { value?: Hyperparameter };
    if (value?.label !== 'mean_value' || !value.trainable) return undefined;
    value.set((await this.likelihood.ytrans.call(targets).mean().data())[0]!);
    return await objective.start();
  }

  protected async computeStates(X: Tensor, y: Tensor): Promise<PosteriorState[]> {
    this.prepare();
    const { mean, kernel, noiseVariance, ytrans } = this.likelihood;
    const options = this.preset === 'syne-tune' ? {} : { jointJitter: 0 };
    return [await PosteriorState.create(X, ytrans.call(y), mean, kernel, noiseVariance.value(), options)];
  }
  protected override async extendStates(X: Tensor, y: Tensor, all: ModelData): Promise<PosteriorState[]> {
    const [state] = this.posteriors;
    // a state whose factor needed a jitter may need another one with more rows
    if (state!.jitter > 0) return await this.computeStates(all.X, all.y);
    return [state!.update(X, this.likelihood.ytrans.call(y))];
  }
  protected noiseOf(state: PosteriorState, _X: Tensor): Tensor {
    return state.noiseVariance;
  }

  protected override inverseOf(_state: PosteriorState): ((latent: Tensor) => Tensor) | undefined {
    const { ytrans } = this.likelihood;
    return ytrans instanceof IdentityTransform ? undefined : (latent) => ytrans.inverse(latent);
  }
  protected override negLogJacobian(_state: PosteriorState, y: Tensor): Tensor {
    return this.likelihood.ytrans.negLogJacobian(y);
  }
  protected override leaveOneOutOf(state: PosteriorState, _X: Tensor, y: Tensor): Prediction {
    return state.leaveOneOut(this.likelihood.ytrans.call(y));
  }
  protected describe(): ModelDescription {
    return describeRegression('GaussianProcessRegression', this.likelihood);
  }
  /** The model that `save` wrote, with its posterior. A kernel or mean of one's own is passed in `options`. */
  static async load(directory: string, options: LoadModelOptions = {}): Promise<GaussianProcessRegression> {
    const saved = await loadModel(directory, 'GaussianProcessRegression', options);
    const model = new GaussianProcessRegression({ ...saved.common, ...(saved.mean ? { mean: saved.mean } : {}) });
    await model.restore(saved);
    return model;
  }
}

/** What `save` writes of a noise variance. */
export function describeNoise(noise: Hyperparameter): NonNullable<ModelDescription['noise']> {
  const { bounds, prior } = noise.config();
  return { encoding: noise.encoding, value: noise.externalValues()[0]!, trainable: noise.trainable, ...(bounds ? { bounds } : {}), ...(prior ? { prior } : {}) };
}
/** What `save` writes of a model with a MarginalLikelihood. */
export function describeRegression(model: string, { kernel, mean, ytrans, noiseVariance: noise }: MarginalLikelihood): ModelDescription {
  return {
    model, kernel, mean, targetTransform: ytrans instanceof BoxCoxTransform ? 'box-cox' : 'identity',
    noise: describeNoise(noise),
  };
}
