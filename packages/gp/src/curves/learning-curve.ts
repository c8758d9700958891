import { type Tensor, type TensorLike, stack } from '@matheron/core-tensor';
import { GPError, type Hyperparameter, type Kernel, type Mean, ParameterizedBlock } from '@matheron/gp-kernels';
import { toInputs } from '../data.ts';
import { defaultKernel, defaultMean, modelSettings } from '../defaults.ts';
import { noiseOptions } from '../likelihood.ts';
import { GPModel } from '../model.ts';
import { Objective } from '../objective.ts';
import type { FitOptions, FitReport, GPOptions, Preset } from '../options.ts';
import type { SampleOptions } from '../posterior-state.ts';
import { describeNoise } from '../regression.ts';
import { ResourceColumn } from '../resources.ts';
import { type LoadModelOptions, type ModelDescription, loadModel } from '../save.ts';
import { additiveState } from './additive.ts';
import { AdditivePosterior } from './additive-posterior.ts';
import { type CurveTensors, curveTensors, curvesFromRows } from './curve-data.ts';
import { type CurveModel, ExponentialDecayCurves, InnovationCurves } from './curve-model.ts';

/** What {@link LearningCurveGP} takes. */
export interface LearningCurveOptions extends Omit<GPOptions, 'targetTransform'> {
  model: 'issm' | 'exponential-decay';
  /** The integers that the last column of X may hold. */
  resources: readonly [min: number, max: number];
  /** Whether the last column holds resources mapped into [0, 1]; in 'syne-tune' true. */
  encodedResources?: boolean;
  /** ISSM: γ fixed to 1. */
  gammaIsOne?: boolean;
  /** Exponential decay: resources mapped into [0, 1] inside the model. */
  normalizeResources?: boolean;
  /** Exponential decay: the most that a curve falls from its start, 20 (of standardized targets); in 'syne-tune' 1. */
  maxMetricValue?: number;
}

/** The negative log marginal likelihood of an additive learning-curve model. */
export class CurveLikelihood extends ParameterizedBlock {
  readonly noiseVariance: Hyperparameter;
  readonly mean: Mean;
  readonly kernel: Kernel;
  readonly curves: CurveModel;
  constructor(options: LearningCurveOptions, preset: Preset, range: { min: number; max: number }) {
    super({ alias: 'gaussadditivemarginallikelihood' });
    const encoding = options.encoding ?? 'logarithm';
    this.noiseVariance = this.hyperparameter('noise_variance', noiseOptions(options.noiseVariance, encoding, preset));
    this.mean = options.mean ?? defaultMean(preset);
    this.kernel = options.kernel ?? defaultKernel(preset, encoding);
    const syneTune = preset === 'syne-tune';
    if (options.model !== 'issm' && (options.model as string) !== 'exponential-decay') throw new GPError('argument', `model: '${String(options.model)}' is not one of issm, exponential-decay`);
    this.curves = options.model === 'issm'
      ? new InnovationCurves(range, { gammaIsOne: options.gammaIsOne ?? false, unitInnovations: syneTune, normalizedPriors: !syneTune })
      : new ExponentialDecayCurves(range, { normalizeResources: options.normalizeResources ?? false, maxMetricValue: options.maxMetricValue ?? (syneTune ? 1 : 20) });
  }
  override components(): [prefix: string, part: ParameterizedBlock][] {
    return [['mean_', this.mean], ['kernel_', this.kernel], [this.curves instanceof InnovationCurves ? 'issm_' : 'expdecay_', this.curves]];
  }
  /** The kernel, the mean, the curves and the present noise variance. */
  parts(): { kernel: Kernel; mean: Mean; curves: CurveModel; noise: Tensor } {
    return { kernel: this.kernel, mean: this.mean, curves: this.curves, noise: this.noiseVariance.value().reshape() };
  }
  /** −log p of the curves: a scalar. */
  negLogLikelihood(data: CurveTensors): Tensor {
    return additiveState(this.parts(), data).criterion!;
  }
}

/**
 * A model of learning curves: asymptotes are a GP over configurations, and each curve comes to its own by a decay in the resource, which is the last
 * column of X. Curves are observed from the least resource on without gaps; cost is cubic in the number of configurations only.
 */
export class LearningCurveGP extends GPModel<AdditivePosterior> {
  readonly likelihood: CurveLikelihood;
  readonly resources: ResourceColumn;
  constructor(options: LearningCurveOptions) {
    const preset = options.preset ?? 'matheron';
    super(modelSettings(options, preset, true));
    this.resources = new ResourceColumn(options.resources, options.encodedResources ?? preset === 'syne-tune');
    this.likelihood = new CurveLikelihood(options, preset, this.resources);
  }
  async fit(X: TensorLike, y: TensorLike, options: FitOptions = {}): Promise<FitReport> {
    const fitting = await this.beginFit(X, y);
    const { data, scaling, inputs, targets } = fitting;
    const { likelihood } = this;
    const curves = await curvesFromRows(inputs, targets, this.resources);
    const tensors = curveTensors(curves, this.resources, inputs);
    this.onContext(() => likelihood.kernel.call(tensors.configurations, tensors.configurations));
    if (this.preset === 'syne-tune') likelihood.resetParams();
    const objective = this.onContext(() => {
      likelihood.negLogLikelihood(tensors);
      return new Objective({
        block: likelihood, data: [tensors.configurations, tensors.targets],
        evaluate: (_jitter, configurations, t) => likelihood.negLogLikelihood({ ...tensors, configurations: configurations!, targets: t! }),
        covariances: () => [{ A: likelihood.kernel.call(tensors.configurations, tensors.configurations), X: tensors.configurations }],
      });
    });
    const start = await objective.start();
    const result = await this.minimize(objective, start, options);
    const states = await this.endFit(fitting);
    const nll = (await states[0]!.negLogLikelihood().data())[0]!;
    return {
      logMarginalLikelihood: -nll - data.y.size * Math.log(scaling.targetScale), ...result, jitter: 0, seconds: (performance.now() - fitting.began) / 1000,
    };
  }
  protected async computeStates(X: Tensor, y: Tensor): Promise<AdditivePosterior[]> {
    const curves = await curvesFromRows(X, y, this.resources);
    return this.onContext(() => {
      // sizes ARD hyperparameters where nothing did before
      const first = curveTensors(curves.slice(0, 1), this.resources, X).configurations;
      this.likelihood.kernel.call(first, first);
      return [new AdditivePosterior(this.likelihood.parts(), curves, this.resources, X)];
    });
  }
  protected describe(): ModelDescription {
    const { kernel, mean, curves, noiseVariance: noise } = this.likelihood;
    const { min, max, encoded } = this.resources;
    const own = curves instanceof InnovationCurves
      ? { model: 'issm', gammaIsOne: curves.gamma === undefined }
      : { model: 'exponential-decay', normalizeResources: (curves as ExponentialDecayCurves).normalizeResources, maxMetricValue: (curves as ExponentialDecayCurves).gamma.bounds[1] };
    return {
      model: 'LearningCurveGP', kernel, mean, noise: describeNoise(noise),
      options: { resources: [min, max], encodedResources: encoded, ...own },
    };
  }
  /** The model that `save` wrote, with its posterior. A kernel or mean of one's own is passed in `options`. */
  static async load(directory: string, options: LoadModelOptions = {}): Promise<LearningCurveGP> {
    const saved = await loadModel(directory, 'LearningCurveGP', options);
    const { targetTransform: _t, ...common } = saved.common;
    const model = new LearningCurveGP({ ...common, ...(saved.mean ? { mean: saved.mean } : {}), ...(saved.options as unknown as Pick<LearningCurveOptions, 'model' | 'resources'>) });
    await model.restore(saved);
    return model;
  }
  protected noiseOf(state: AdditivePosterior, _X: Tensor): Tensor { return state.parts.noise; }
  /** Whole curves of targets, noise included, at configurations X [m, d], given all data: [m, resources, samples]. Observed targets are repeated. */
  sampleCurves(X: TensorLike, options: SampleOptions = {}): Tensor {
    const { data, scaling } = this.fitted('sampleCurves');
    const d = data.X.shape[1]! - 1;
    const x = scaling.inputs(toInputs('sampleCurves', X, data.X.ctx, d));
    const values = x.dataSync();
    const rng = options.rng ?? this.rng;
    const [state] = this.posteriors;
    return scaling.restore(stack(Array.from({ length: x.shape[0]! }, (_, i) => state!.sampleCurve(Array.from(values.subarray(i * d, (i + 1) * d), Number), { ...options, rng })), 0));
  }
}
