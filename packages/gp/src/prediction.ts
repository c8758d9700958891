import { type Tensor, erfinv, tensor } from '@matheron/core-tensor';
import { GPError } from '@matheron/gp-kernels';
import { gaussHermite } from './quadrature.ts';

/**
 * Moments of a prediction at m points: mean [m], or [m, columns] for several target columns, which share the variance [m]. Of the mixture over
 * states where a model has several.
 */
export class Prediction {
  readonly mean: Tensor;
  readonly variance: Tensor;
  constructor(mean: Tensor, variance: Tensor) {
    this.mean = mean;
    this.variance = variance;
  }
  /** Standard deviations, [m]. */
  get std(): Tensor {
    return this.variance.sqrt();
  }
  /** Central interval of that probability, 0.95 by default, of the normal distribution with these moments. */
  interval(level: number = 0.95): { lower: Tensor; upper: Tensor } {
    if (!(level > 0 && level < 1)) throw new GPError('argument', `interval: the level must lie between 0 and 1, got ${level}`);
    const z = Math.SQRT2 * erfinv(tensor(level, { ctx: this.mean.ctx })).item();
    const std = this.mean.ndim > this.variance.ndim ? this.std.expandDims(-1) : this.std;
    return { lower: this.mean.sub(std.mul(z)), upper: this.mean.add(std.mul(z)) };
  }
}

const quadrature = gaussHermite(32);

/**
 * A prediction of y = g(f) with normal f and increasing g: mean and variance by quadrature, intervals those of f mapped by g, so that they keep their
 * probability and are not symmetric.
 */
export class TransformedPrediction extends Prediction {
  readonly latent: Prediction;
  readonly #map: (latent: Tensor) => Tensor;
  constructor(latent: Prediction, map: (latent: Tensor) => Tensor) {
    const std = latent.mean.ndim > latent.variance.ndim ? latent.std.expandDims(-1) : latent.std;
    const at = quadrature.nodes.map((z) => map(latent.mean.add(std.mul(z))));
    const mean = at.map((v, k) => v.mul(quadrature.weights[k]!)).reduce((a, b) => a.add(b));
    const variance = at.map((v, k) => v.sub(mean).square().mul(quadrature.weights[k]!)).reduce((a, b) => a.add(b));
    super(mean, variance);
    this.latent = latent;
    this.#map = map;
  }
  /** The median of y. */
  get median(): Tensor {
    return this.#map(this.latent.mean);
  }
  override interval(level: number = 0.95): { lower: Tensor; upper: Tensor } {
    const { lower, upper } = this.latent.interval(level);
    return { lower: this.#map(lower), upper: this.#map(upper) };
  }
}

/** The moments of an equally weighted mixture. */
export function mixture(predictions: readonly Prediction[]): Prediction {
  if (predictions.length === 1) return predictions[0]!;
  const k = predictions.length;
  const mean = predictions.map((p) => p.mean).reduce((a, b) => a.add(b)).div(k);
  const wide = (v: Tensor, m: Tensor): Tensor => (m.ndim > v.ndim ? v.expandDims(-1) : v);
  const second = predictions.map((p) => wide(p.variance, p.mean).add(p.mean.sub(mean).square())).reduce((a, b) => a.add(b)).div(k);
  return new Prediction(mean, second);
}
