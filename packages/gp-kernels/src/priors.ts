import { type Rng, type Shape, type Tensor, full, where, sizeOf } from '@matheron/core-tensor';
import { GPError } from './errors.ts';

/** A density over the external values of a hyperparameter. */
export interface Prior {
  /** −log density, summed over the elements of `x`: a scalar. */
  negLogDensity(x: Tensor): Tensor;
  /** Draws of that shape. */
  sample(rng: Rng, shape: Shape): Tensor;
  /** What `priorFromJSON` rebuilds it from. */
  toJSON?(): PriorConfig;
}
/** A prior as plain data. */
export type PriorConfig = { readonly type: string } & Readonly<Record<string, string | number | boolean>>;

/**
 * `normalized: false` gives the values of Syne Tune's gpautograd, which drops constants (and, for the uniform density, ignores
 * the support). The default is the true density; the two differ by a constant inside the support.
 */
export interface PriorOptions { normalized?: boolean }

const smallest = 1e-12;
const halfLog2Pi = 0.5 * Math.log(2 * Math.PI);

function positive(name: string, values: Record<string, number>): void {
  for (const [key, v] of Object.entries(values)) {
    if (!(v > 0 && Number.isFinite(v))) throw new GPError('argument', `${name}: ${key} must be a positive number, got ${v}`);
  }
}

/** Gamma with `mean` and shape `alpha` (rate alpha / mean): (1 − α) log x + βx + log Γ(α) − α log β. */
export class GammaPrior implements Prior {
  readonly mean: number;
  readonly alpha: number;
  constructor(options: { mean: number; alpha: number }) {
    positive('GammaPrior', { mean: options.mean, alpha: options.alpha });
    this.mean = options.mean;
    this.alpha = options.alpha;
  }
  negLogDensity(x: Tensor): Tensor {
    const beta = this.alpha / this.mean;
    const safe = x.maximum(smallest);
    return safe.log().mul(1 - this.alpha).add(safe.mul(beta)).sum().add(x.size * (logGamma(this.alpha) - this.alpha * Math.log(beta)));
  }
  sample(rng: Rng, shape: Shape): Tensor {
    return rng.gamma(shape, { concentration: this.alpha, scale: this.mean / this.alpha });
  }
  toJSON(): PriorConfig { return { type: 'gamma', mean: this.mean, alpha: this.alpha }; }
}

/** Uniform on [lower, upper]; +Infinity outside. */
export class UniformPrior implements Prior {
  readonly lower: number;
  readonly upper: number;
  readonly normalized: boolean;
  constructor(options: { lower: number; upper: number } & PriorOptions) {
    if (!(options.lower < options.upper)) throw new GPError('argument', `UniformPrior: lower ${options.lower} is not below upper ${options.upper}`);
    this.lower = options.lower;
    this.upper = options.upper;
    this.normalized = options.normalized ?? true;
  }
  negLogDensity(x: Tensor): Tensor {
    const inside = full([], x.size * Math.log(this.upper - this.lower), { ctx: x.ctx, dtype: x.dtype });
    if (!this.normalized) return inside;
    const outside = x.less(this.lower).logicalOr(x.greater(this.upper)).any();
    return where(outside, Infinity, inside);
  }
  sample(rng: Rng, shape: Shape): Tensor {
    return rng.uniform(shape, { low: this.lower, high: this.upper });
  }
  toJSON(): PriorConfig { return { type: 'uniform', lower: this.lower, upper: this.upper, normalized: this.normalized }; }
}

/** The settings of a normal density, of a hyperparameter or of its logarithm. */
abstract class NormalParameters {
  readonly mean: number;
  readonly sigma: number;
  readonly normalized: boolean;
  constructor(options: { mean?: number; sigma?: number } & PriorOptions = {}) {
    this.mean = options.mean ?? 0;
    this.sigma = options.sigma ?? 1;
    this.normalized = options.normalized ?? true;
    positive(new.target.name, { sigma: this.sigma });
  }
}

/** Normal(mean, sigma²). */
export class NormalPrior extends NormalParameters implements Prior {
  negLogDensity(x: Tensor): Tensor {
    const quadratic = x.sub(this.mean).square().sum().mul(0.5 / this.sigma ** 2);
    return this.normalized ? quadratic.add(x.size * (Math.log(this.sigma) + halfLog2Pi)) : quadratic;
  }
  sample(rng: Rng, shape: Shape): Tensor {
    return rng.normal(shape, { mean: this.mean, std: this.sigma });
  }
  toJSON(): PriorConfig { return { type: 'normal', mean: this.mean, sigma: this.sigma, normalized: this.normalized }; }
}

/** log x ~ Normal(mean, sigma²); the median is exp(mean). */
export class LogNormalPrior extends NormalParameters implements Prior {
  negLogDensity(x: Tensor): Tensor {
    const log = x.maximum(smallest).log();
    const value = log.add(log.sub(this.mean).square().mul(0.5 / this.sigma ** 2)).sum();
    return value.add(x.size * (Math.log(this.sigma) + (this.normalized ? halfLog2Pi : 0)));
  }
  sample(rng: Rng, shape: Shape): Tensor {
    return rng.normal(shape, { mean: this.mean, std: this.sigma }).exp();
  }
  toJSON(): PriorConfig { return { type: 'log-normal', mean: this.mean, sigma: this.sigma, normalized: this.normalized }; }
}

/**
 * Horseshoe with scale s, through the usual bound of its density, −log log(1 + 3 (s/x)²), which has no closed normalization
 * (Carvalho, Polson & Scott 2010).
 */
export class HorseshoePrior implements Prior {
  readonly scale: number;
  constructor(options: { scale: number }) {
    positive('HorseshoePrior', { scale: options.scale });
    this.scale = options.scale;
  }
  negLogDensity(x: Tensor): Tensor {
    return x.reciprocal().mul(this.scale).square().mul(3).maximum(smallest).log1p().log().sum().neg();
  }
  /** |N(0, (s λ)²)| with λ half-Cauchy. */
  sample(rng: Rng, shape: Shape): Tensor {
    const lambda = rng.uniform(shape).mul(Math.PI / 2).tan();
    return rng.normal(shape).mul(lambda).mul(this.scale).abs();
  }
  toJSON(): PriorConfig { return { type: 'horseshoe', scale: this.scale }; }
}

/**
 * LogNormal(mean + ½ log d, sigma) over the d lengthscales of an ARD kernel: distances grow with √d, and lengthscales with them (Hvarfner,
 * Hellsten & Nardi 2024). d is the number of elements.
 */
export class DimensionScaledPrior implements Prior {
  readonly mean: number;
  readonly sigma: number;
  constructor(options: { mean: number; sigma: number }) {
    positive('DimensionScaledPrior', { sigma: options.sigma });
    this.mean = options.mean;
    this.sigma = options.sigma;
  }
  #at(size: number): LogNormalPrior {
    return new LogNormalPrior({ mean: this.mean + 0.5 * Math.log(size), sigma: this.sigma });
  }
  negLogDensity(x: Tensor): Tensor { return this.#at(x.size).negLogDensity(x); }
  sample(rng: Rng, shape: Shape): Tensor { return this.#at(sizeOf(shape)).sample(rng, shape); }
  toJSON(): PriorConfig { return { type: 'dimension-scaled', mean: this.mean, sigma: this.sigma }; }
}

const builders: Record<string, (c: Record<string, never>) => Prior> = {
  gamma: (c) => new GammaPrior(c as never),
  uniform: (c) => new UniformPrior(c as never),
  normal: (c) => new NormalPrior(c),
  'log-normal': (c) => new LogNormalPrior(c),
  'dimension-scaled': (c) => new DimensionScaledPrior(c as never),
  horseshoe: (c) => new HorseshoePrior(c as never),
};

/** The prior that `toJSON` described. */
export function priorFromJSON(config: PriorConfig): Prior {
  const build = builders[config.type];
  if (!build) throw new GPError('argument', `priorFromJSON: unknown prior '${config.type}'; known: ${Object.keys(builders).join(', ')}`);
  return build(config as unknown as Record<string, never>);
}

/** log Γ by Lanczos' series (g = 7, 9 terms), good to 1e-15 relative for x > 0. */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const c = [0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7];
  const z = x - 1;
  let sum = c[0]!;
  for (let i = 1; i < 9; i++) sum += c[i]! / (z + i);
  const t = z + 7.5;
  return halfLog2Pi + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}
