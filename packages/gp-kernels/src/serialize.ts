import { nearestName } from '@matheron/core-tensor';
import { ConstantKernel, WhiteKernel } from './constant.ts';
import { LinearKernel, PolynomialKernel } from './dot-product.ts';
import type { EncodingName } from './encoding.ts';
import { GPError } from './errors.ts';
import { type HyperparameterConfig, optionsFromConfig } from './hyperparameter.ts';
import { type Kernel, type PartConfig, ProductKernel, ScaleKernel, SumKernel } from './kernel.ts';
import { ConstantMean, LinearMean, type Mean, ZeroMean } from './mean.ts';
import { Periodic } from './periodic.ts';
import { Matern12, Matern32, Matern52, RBF, RationalQuadratic } from './stationary.ts';
import { CrossValidationKernel } from './syne-tune/cross-validation.ts';
import { ExponentialDecayKernel } from './syne-tune/exponential-decay.ts';
import { FabolasKernel } from './syne-tune/fabolas.ts';
import { FreezeThawKernel } from './syne-tune/freeze-thaw.ts';
import { SyneTuneMatern52 } from './syne-tune/matern52.ts';
import { RangeKernel } from './syne-tune/range.ts';
import { WarpedKernel, Warping } from './warping.ts';

type Settings = Readonly<Record<string, never>>;
type Hypers = Record<string, ReturnType<typeof optionsFromConfig>>;
type Build = (h: Hypers, s: Settings, parts: readonly PartConfig[]) => Kernel;

const decaySettings = (h: Hypers, s: Settings): object => ({
  ...s, alpha: first(h['alpha']), meanLam: first(h['mean_lam']), gamma: first(h['gamma']), ...(h['delta'] ? { delta: first(h['delta']) } : {}), encoding: h['alpha']?.encoding,
});

const kernels: Record<string, Build> = {
  rbf: (h) => new RBF({ lengthscale: h['lengthscale']! }),
  matern12: (h) => new Matern12({ lengthscale: h['lengthscale']! }),
  matern32: (h) => new Matern32({ lengthscale: h['lengthscale']! }),
  matern52: (h) => new Matern52({ lengthscale: h['lengthscale']! }),
  rq: (h) => new RationalQuadratic({ lengthscale: h['lengthscale']!, alpha: h['alpha']! }),
  periodic: (h) => new Periodic({ lengthscale: h['lengthscale']!, period: h['period']! }),
  linear: (h) => new LinearKernel({ variance: h['variance']! }),
  polynomial: (h, s) => new PolynomialKernel({ ...s, offset: h['offset']! }),
  constant: (h) => new ConstantKernel({ value: h['value']! }),
  white: (h) => new WhiteKernel({ noiseVariance: h['noise_variance']! }),
  sum: (_h, _s, parts) => new SumKernel(...parts.map(kernelFromJSON)),
  product: (_h, _s, parts) => new ProductKernel(...parts.map(kernelFromJSON)),
  scale: (h, _s, parts) => new ScaleKernel(kernelFromJSON(parts[0]!), h['outputscale']!),
  warped: (_h, _s, parts) => new WarpedKernel(kernelFromJSON(parts[0]!), parts.slice(1).map(warpingFromJSON)),
  range: (_h, s, parts) => new RangeKernel(kernelFromJSON(parts[0]!), s as never),
  fabolas: (h) => new FabolasKernel({ encoding: h['u1']!.encoding as EncodingName }),
  'syne-tune-matern52': (_h, s) => new SyneTuneMatern52(s as never),
  'exponential-decay': (h, s, parts) => new ExponentialDecayKernel(kernelFromJSON(parts[0]!), meanFromJSON(parts[1]!), decaySettings(h, s)),
  'freeze-thaw': (h, s, parts) => new FreezeThawKernel(kernelFromJSON(parts[0]!), meanFromJSON(parts[1]!), decaySettings(h, s)),
  'cross-validation': (_h, s, parts) => new CrossValidationKernel(kernelFromJSON(parts[0]!), kernelFromJSON(parts[2]!), meanFromJSON(parts[1]!), s as never),
};
const means: Record<string, (h: Hypers) => Mean> = {
  constant: (h) => new ConstantMean({ value: h['mean_value']! }),
  zero: () => new ZeroMean(),
  linear: (h) => new LinearMean({ weights: h['weights']!, bias: h['bias']! }),
};

/** The kernel that `Kernel.toJSON` described, with the hyperparameters it had. */
export function kernelFromJSON(config: PartConfig): Kernel {
  const build = kernels[config.type];
  if (!build) throw unknown('kernelFromJSON', config.type, Object.keys(kernels));
  const kernel = build(hypers(config), (config.settings ?? {}) as Settings, config.parts ?? []);
  restore(kernel, config);
  return config.activeDims ? kernel.on(...config.activeDims) : kernel;
}

/** The mean that `Mean.toJSON` described. */
export function meanFromJSON(config: PartConfig): Mean {
  const build = means[config.type];
  if (!build) throw unknown('meanFromJSON', config.type, Object.keys(means));
  return build(hypers(config));
}

function warpingFromJSON(config: PartConfig): Warping {
  const warping = new Warping(config.settings as never);
  restore(warping, config);
  return warping;
}

/** Values and `trainable` of hyperparameters whose constructor takes no options for them. */
function restore(block: Kernel | Warping, config: PartConfig): void {
  const given = config.hyperparameters ?? {};
  const own = [...block['ownHyperparameters'](), ...(block instanceof SyneTuneMatern52 ? [block.squaredDistance.inverseBandwidths] : [])];
  for (const p of own) {
    const saved: HyperparameterConfig | undefined = given[p.label];
    if (!saved || saved.init === undefined) continue;
    const values = typeof saved.init === 'number' ? [saved.init] : [...saved.init];
    const present = p.externalValues();
    if (p.sized && (values.length !== present.length || values.some((v, i) => v !== present[i]))) p.set(values.length === 1 ? values[0]! : values);
    p.trainable = saved.trainable ?? true;
  }
}
function hypers(config: PartConfig): Hypers {
  return Object.fromEntries(Object.entries(config.hyperparameters ?? {}).map(([label, h]) => [label, optionsFromConfig(h)]));
}
function first(h: ReturnType<typeof optionsFromConfig> | undefined): number | undefined {
  const init = h?.init;
  return typeof init === 'number' ? init : (init as number[] | undefined)?.[0];
}
function unknown(caller: string, type: string, known: readonly string[]): GPError {
  const near = nearestName(type, known);
  return new GPError('argument', `${caller}: unknown type '${type}'${near === undefined ? '' : `; did you mean '${near}'?`} Known: ${known.join(', ')}`);
}
