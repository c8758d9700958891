import { ConstantMean, DimensionScaledPrior, type EncodingName, GPError, type HyperparameterOptions, type Kernel, LogNormalPrior, Matern52, type Mean, NormalPrior, ScaleKernel, SumKernel, SyneTuneMatern52, WhiteKernel } from '@matheron/gp-kernels';
import type { FitDefaults } from './fit.ts';
import type { LikelihoodOptions } from './likelihood.ts';
import type { ModelSettings } from './model.ts';
import type { GPOptions, Preset } from './options.ts';

/**
 * restarts 5, maxIterations 500, tolerance 1e-6 of the projected gradient. The original ends a fit at the same relative decrease of the criterion; here
 * 1e-10 does, since an iteration may gain 1e-6 of a large criterion for long.
 */
export const fitDefaults: FitDefaults = { restarts: 5, maxIterations: 500, tolerance: 1e-6, valueFactor: 1e-4 };
/** The default kernel of a preset. */
export function defaultKernel(preset: Preset, encoding: EncodingName): Kernel {
  if (preset === 'syne-tune') return new SyneTuneMatern52({ ard: true, encoding });
  return new Matern52({ ard: true, lengthscale: lengthscaleOptions(encoding) }).scale({ init: 1, bounds: [1e-4, 1e4], prior: new LogNormalPrior({ mean: 0, sigma: 1 }), encoding });
}
/** ARD lengthscales, sized at the first call, of standardized inputs. */
export function lengthscaleOptions(encoding: EncodingName): HyperparameterOptions {
  return { init: 1, shape: [0], bounds: [1e-3, 1e4], prior: new DimensionScaledPrior({ mean: 0.5, sigma: 1 }), encoding };
}
/** The default mean: a constant; its prior is Normal(0, 1), of standardized targets. */
export function defaultMean(preset: Preset): Mean {
  return new ConstantMean({ ...(preset === 'syne-tune' ? { alias: 'scalarmeanfunction' } : {}), value: { init: 0, prior: new NormalPrior({ normalized: preset !== 'syne-tune' }), ...(preset === 'syne-tune' ? { shape: [1] } : {}) } });
}
/** Whether a WhiteKernel is one of the kernel's summands, so that the noise is there already. */
export function hasWhiteNoise(kernel: Kernel): boolean {
  if (kernel instanceof WhiteKernel) return true;
  if (kernel instanceof ScaleKernel) return hasWhiteNoise(kernel.inner);
  return kernel instanceof SumKernel && kernel.components().some(([, part]) => hasWhiteNoise(part as Kernel));
}
/** The likelihood's options out of a model's. */
export function likelihoodOptions(options: GPOptions, preset: Preset): LikelihoodOptions {
  const encoding = options.encoding ?? 'logarithm';
  const noise = options.noiseVariance ?? (options.kernel && hasWhiteNoise(options.kernel) ? 0 : undefined);
  return {
    kernel: options.kernel ?? defaultKernel(preset, encoding), mean: options.mean ?? defaultMean(preset), encoding, preset,
    ...(noise === undefined ? {} : { noiseVariance: noise }), ...(options.targetTransform === undefined ? {} : { targetTransform: options.targetTransform }),
  };
}
/** The settings of any model. With `keepLast` the last column of the inputs is a resource, which stays as it is. */
export function modelSettings(options: Omit<GPOptions, 'mean'>, preset: Preset, keepLast: boolean = false): ModelSettings {
  if ((preset as string) !== 'matheron' && (preset as string) !== 'syne-tune') throw new GPError('argument', `preset: '${String(preset)}' is not one of matheron, syne-tune`);
  const { standardize: given, seed = 31415927, ctx } = options;
  const own = defaultStandardize(options, preset);
  const { inputs = own.inputs, targets = own.targets } = typeof given === 'boolean' ? { inputs: given, targets: given } : (given ?? {});
  return { preset, seed, ctx, standardize: { inputs, targets, ...(keepLast ? { keepLast } : {}) } };
}
/** What a model standardizes where it is not told. */
function defaultStandardize({ kernel, targetTransform }: Omit<GPOptions, 'mean'>, preset: Preset): { inputs: boolean; targets: boolean } {
  if (preset === 'syne-tune') return { inputs: false, targets: false };
  return { inputs: kernel === undefined, targets: targetTransform === undefined || targetTransform === 'identity' };
}
