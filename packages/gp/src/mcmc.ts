import { type Tensor, type TensorLike, sizeOf, tensor } from '@matheron/core-tensor';
import { GPError, type Hyperparameter, type ParamValues, syneTuneConstants } from '@matheron/gp-kernels';
import { type Parameter, withParameterData } from '@matheron/gluon-params';
import { likelihoodOptions, modelSettings } from './defaults.ts';
import { MarginalLikelihood } from './likelihood.ts';
import { GPModel } from './model.ts';
import { Objective } from './objective.ts';
import type { FitOptions, FitReport, GPOptions } from './options.ts';
import { assign, sectionsOf, unpack } from './packing.ts';
import { PosteriorState } from './posterior-state.ts';
import type { Prediction } from './prediction.ts';
import { describeRegression } from './regression.ts';
import { type LoadModelOptions, type ModelDescription, loadModel } from './save.ts';
import { type MCMCOptions, sliceSample } from './slice-sampler.ts';
import { IdentityTransform } from './target-transform.ts';

interface Sample { readonly internal: Float64Array; readonly params: ParamValues }

/**
 * GP regression with the hyperparameters integrated out by slice sampling: a posterior state for each sample kept, predictions are their mixture. The chain
 * runs on external values, with −∞ outside their bounds, from the present values with a constant mean at the mean of the targets.
 */
export class GPRegressionMCMC extends GPModel<PosteriorState> {
  readonly likelihood: MarginalLikelihood;
  private readonly chain: Required<MCMCOptions>;
  private kept: readonly Sample[] = [];
  constructor(options: GPOptions & { mcmc?: MCMCOptions } = {}) {
    const preset = options.preset ?? 'matheron';
    super(modelSettings(options, preset));
    this.chain = { ...syneTuneConstants.mcmc, ...options.mcmc };
    this.likelihood = new MarginalLikelihood(likelihoodOptions(options, preset));
  }
  /** The hyperparameters of the states, external values by name. */
  get samples(): readonly ParamValues[] { return this.kept.map((s) => s.params); }

  /** Runs the chain and computes a state for each sample kept. Aborted: with the samples so far. `restarts` and `tolerance` have no part in it. */
  async fit(X: TensorLike, y: TensorLike, options: FitOptions = {}): Promise<FitReport> {
    const fitting = await this.beginFit(X, y);
    const { scaling, inputs, targets } = fitting;
    const { likelihood } = this;
    likelihood.ytrans.onFitStart(inputs.shape[0]!);
    this.prepare();
    this.onContext(() => likelihood.call(inputs.slice([0, 1]), targets.slice([0, 1]).reshape(1)));
    const mean = (likelihood.mean as { value?: Hyperparameter }).value;
    if (mean?.label === 'mean_value' && mean.trainable) mean.set((await likelihood.ytrans.call(targets).mean().data())[0]!);
    const objective = new Objective({
      block: likelihood, data: [inputs, targets.reshape(targets.size)],
      evaluate: (jitter, x, t) => likelihood.forward(x!, t!, jitter),
      covariances: () => [{ A: likelihood.covariance(inputs), X: inputs }],
    }, { hyperparametersOnly: true });
    const parameters = this.parameters();
    const start = Float64Array.from(parameters.flatMap((p) => p.externalValues()));
    const feasible = boundsOf(parameters);
    const density = async (x: Float64Array): Promise<number> => {
      if (!feasible(x)) return -Infinity;
      return -(await objective.value(encoded(parameters, x))).value;
    };
    const first = await density(start);
    if (!Number.isFinite(first)) throw new GPError('argument', `fit: the log posterior density is ${first} at the start; choose other start values`);
    const { samples, logDensities } = await sliceSample(density, start, {
      ...this.chain, rng: this.rng, ...(options.signal ? { signal: options.signal } : {}),
      onProgress: (p) => options.onProgress?.({ ...p, restart: 0, restarts: 1 }),
    });
    objective.dispose();
    if (samples.length === 0) throw new DOMException('fit: aborted before the first sample', 'AbortError');
    this.kept = samples.map((x) => {
      const internal = encoded(parameters, x);
      return { internal, params: this.paramsAt(internal) };
    });
    const states = await this.endFit(fitting);
    const best = logDensities.indexOf(Math.max(...logDensities));
    const lml = (await states[best]!.negLogLikelihood().data())[0]!;
    return {
      logMarginalLikelihood: -lml - inputs.shape[0]! * Math.log(scaling.targetScale), criterion: -logDensities[best]!, best,
      restarts: [{ value: -logDensities[best]!, iterations: this.chain.samples, evaluations: objective.evaluations, reason: options.signal?.aborted ? 'aborted' : 'max-iterations', message: `${samples.length} samples of the hyperparameters were kept` }],
      jitter: Math.max(...states.map((s) => s.jitter)), aborted: options.signal?.aborted ?? false, seconds: (performance.now() - fitting.began) / 1000,
    };
  }
  /** Several target columns are split between the states, as fantasies of each. */
  protected async computeStates(X: Tensor, y: Tensor): Promise<PosteriorState[]> {
    const { mean, kernel, noiseVariance, ytrans } = this.likelihood;
    const samples: readonly (Sample | undefined)[] = this.kept.length > 0 ? this.kept : [undefined];
    const columns = y.shape[1]!;
    if (columns > 1 && columns % samples.length !== 0) {
      throw new GPError('shape', `recomputeStates: ${columns} target columns can't be split between ${samples.length} states; give one column, or a multiple`);
    }
    const each = columns > 1 ? columns / samples.length : 0;
    const options = this.preset === 'syne-tune' ? {} : { jointJitter: 0 };
    const states: PosteriorState[] = [];
    const objective = this.parameters();
    for (const [k, sample] of samples.entries()) {
      const part = each > 0 ? y.slice([], [k * each, (k + 1) * each]) : y;
      const values = sample ? unpack(objective, flat(sample, X)) : new Map<Parameter, Tensor>();
      states.push(await withParameterData(values, () => PosteriorState.create(X, ytrans.call(part), mean, kernel, noiseVariance.value(), options)));
    }
    return states;
  }
  protected noiseOf(state: PosteriorState, _X: Tensor): Tensor {
    return state.noiseVariance;
  }
  protected override inverseOf(state: PosteriorState): ((latent: Tensor) => Tensor) | undefined {
    const { ytrans } = this.likelihood;
    return ytrans instanceof IdentityTransform ? undefined : (latent) => this.withSample(state, () => ytrans.inverse(latent));
  }
  protected override negLogJacobian(state: PosteriorState, y: Tensor): Tensor {
    return this.withSample(state, () => this.likelihood.ytrans.negLogJacobian(y));
  }
  protected override leaveOneOutOf(state: PosteriorState, _X: Tensor, y: Tensor): Prediction {
    return state.leaveOneOut(this.withSample(state, () => this.likelihood.ytrans.call(y)));
  }
  /** Runs `fn` with the hyperparameters that a state was made with. */
  private withSample<T>(state: PosteriorState, fn: () => T): T {
    const sample = this.kept[this.posteriors.indexOf(state)];
    return sample ? withParameterData(unpack(this.parameters(), flat(sample, state.X)), fn) : fn();
  }
  protected describe(): ModelDescription {
    const [first] = this.kept;
    const samples = first && this.data ? { samples: tensor(this.kept.map((s) => Array.from(s.internal)), { ctx: this.data.X.ctx }) } : {};
    return { ...describeRegression('GPRegressionMCMC', this.likelihood), options: { mcmc: this.chain }, tensors: samples };
  }
  /** The model that `save` wrote, with its samples and posteriors. A kernel or mean of one's own is passed in `options`. */
  static async load(directory: string, options: LoadModelOptions = {}): Promise<GPRegressionMCMC> {
    const saved = await loadModel(directory, 'GPRegressionMCMC', options);
    const model = new GPRegressionMCMC({ ...saved.common, ...(saved.mean ? { mean: saved.mean } : {}), mcmc: saved.options['mcmc']! });
    model.onContext(() => saved.restore(model.likelihood));
    const { samples } = saved.tensors;
    if (samples) {
      const [values, p] = [await samples.data(), samples.shape[1]!];
      const present = model.hostValues();
      model.kept = Array.from({ length: samples.shape[0]! }, (_, k) => {
        const internal = Float64Array.from(values.slice(k * p, (k + 1) * p));
        return { internal, params: model.paramsAt(internal) };
      });
      model.paramsAt(present);
    }
    if (saved.data) {
      model.scaling = saved.scaling;
      await model.recomputeStates(saved.data.X, saved.data.y);
    }
    return model;
  }
  private hostValues(): Float64Array {
    return Float64Array.from(this.parameters().flatMap((p) => Array.from(p.data().dataSync(), Number)));
  }
  /** Sets the internal values, and returns the external ones. */
  private paramsAt(internal: Float64Array): ParamValues {
    assign(this.parameters(), internal);
    return this.getParams();
  }
  private parameters(): readonly Hyperparameter[] {
    return this.likelihood.hyperparameters().filter((p) => p.trainable && p.sized);
  }
}

interface Box { readonly bounds: readonly [number, number]; readonly open: boolean }
function boundsOf(parameters: readonly Hyperparameter[]): (x: Float64Array) => boolean {
  // 'positive' and 'logarithm' reach no value at or below their lower end
  const boxes = parameters.flatMap(({ shape, bounds, encoding }) => new Array<Box>(sizeOf(shape!)).fill({ bounds, open: encoding === 'positive' || (encoding === 'logarithm' && bounds[0] === 0) }));
  return (x) => x.every((v, i) => (boxes[i]!.open ? v > boxes[i]!.bounds[0] : v >= boxes[i]!.bounds[0]) && v <= boxes[i]!.bounds[1]);
}
function encoded(parameters: readonly Hyperparameter[], external: Float64Array): Float64Array {
  return Float64Array.from(sectionsOf(parameters).flatMap(({ parameter, start, end }) => Array.from(external.subarray(start, end), (v) => parameter.encode(v))));
}
/** The internal values of a sample beside `like`. */
function flat({ internal }: Sample, like: Tensor): Tensor {
  return tensor(internal, { ctx: like.ctx, dtype: like.dtype });
}
