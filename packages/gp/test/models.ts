import { type Tensor, eigh, eye } from '@matheron/core-tensor';
import { ConstantMean, type EncodingName, ExponentialDecayKernel, ExponentialDecayMean, type Kernel, type Mean, SyneTuneMatern52, WarpedKernel, Warping, ZeroMean } from '@matheron/gp-kernels';
import { type GPOptions } from '../src/index.ts';
import { type Json, flat } from './fixture.ts';

/** The options of the model that a likelihood case of the fixtures describes: told by the names and bounds of its hyperparameters. */
export function optionsOf(c: Json, seed?: number): GPOptions & { kernel: Kernel; mean: Mean } {
  const params: Record<string, number> = c.params ?? c.params_before;
  const d: number = c.X[0].length;
  const bounds: Record<string, { encoding: string }> = c.bounds ?? {};
  const noise = Object.entries(bounds).find(([name]) => name.endsWith('_noise_variance_internal'));
  const encoding: EncodingName = noise?.[1].encoding === 'PositiveScalarEncoding' ? 'positive' : 'logarithm';
  const ard = (prefix: string): boolean => `${prefix}inv_bw0` in params;
  const scalarMean = (): ConstantMean => new ConstantMean({ alias: 'scalarmeanfunction', value: { shape: [1] } });
  let kernel: Kernel;
  let mean: Mean = 'mean_mean_value' in params ? scalarMean() : new ZeroMean();
  if ('kernel_alpha' in params) {
    const decay = new ExponentialDecayKernel(new SyneTuneMatern52({ dimension: d - 1, ard: ard('kernel_kernelx_'), encoding }), scalarMean(), { encoding });
    kernel = decay;
    mean = new ExponentialDecayMean(decay);
  } else if ('kernel_kernel_covariance_scale' in params) {
    kernel = new WarpedKernel(new SyneTuneMatern52({ dimension: d, ard: ard('kernel_kernel_'), encoding }), new Warping({ dimension: d, normalizedPriors: false }));
  } else {
    kernel = new SyneTuneMatern52({ dimension: d, ard: ard('kernel_'), encoding, covarianceScale: 'kernel_covariance_scale' in params });
  }
  return { preset: 'syne-tune', kernel, mean, encoding, targetTransform: 'ytrans_boxcox_lambda' in params ? 'box-cox' : 'identity', ...(seed === undefined ? {} : { seed }) };
}

/** The condition number of a covariance matrix plus noise. */
export function conditionOf(K: Tensor, noise: number): number {
  const values = flat(eigh(K.add(eye(K.shape[0]!).mul(noise))).values);
  return values.at(-1)! / Math.max(values[0]!, 1e-300);
}
