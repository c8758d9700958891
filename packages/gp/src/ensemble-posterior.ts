import { type Rng, RandomState, type Tensor, type TensorLike, concat, defaultRng, full, take } from '@matheron/core-tensor';
import { toInputs } from './data.ts';
import { type HeadGradients, type Posterior, type SampleOptions, backwardGradientOf, sampleCount } from './posterior-state.ts';
import { Prediction } from './prediction.ts';
import type { ResourceColumn } from './resources.ts';

/** A posterior over extended inputs, seen at one resource: inputs without the last column. */
export class ClampedPosterior implements Posterior {
  readonly #inner: Posterior;
  readonly #value: number;
  readonly #like: Tensor;
  constructor(inner: Posterior, resource: number, column: ResourceColumn, like: Tensor) {
    this.#inner = inner;
    this.#value = column.encode(resource);
    this.#like = like;
  }
  get numData(): number { return this.#inner.numData; }
  get numFeatures(): number { return this.#inner.numFeatures - 1; }
  get numFantasies(): number { return this.#inner.numFantasies; }
  negLogLikelihood(): Tensor { return this.#inner.negLogLikelihood(); }
  predict(X: TensorLike): Prediction { return this.#inner.predict(this.extend(X)); }
  predictJoint(X: TensorLike): { mean: Tensor; covariance: Tensor } { return this.#inner.predictJoint(this.extend(X)); }
  sampleMarginals(X: TensorLike, options?: SampleOptions): Tensor { return this.#inner.sampleMarginals(this.extend(X), options); }
  sampleJoint(X: TensorLike, options?: SampleOptions): Tensor { return this.#inner.sampleJoint(this.extend(X), options); }
  backwardGradient(x: TensorLike, head: HeadGradients, meanData: number = 0, stdData: number = 1): Tensor {
    return backwardGradientOf((p) => this.predict(p), x, head, meanData, stdData, this.#like);
  }
  /** X with the resource appended. */
  extend(X: TensorLike): Tensor {
    const x = toInputs('predict', X, this.#like.ctx, this.numFeatures);
    return concat([x, full([x.shape[0]!, 1], this.#value, { ctx: x.ctx, dtype: x.dtype })], 1);
  }
}

/** Hyper-Tune's ensemble over levels at inputs without a resource: means Σ θ_r μ_r, variances Σ θ_r² σ_r², samples drawn from level r with probability θ_r. */
export class EnsemblePosterior implements Posterior {
  readonly #base: Posterior;
  readonly #levels: ReadonlyMap<number, Posterior>;
  readonly #weights: ReadonlyMap<number, number>;
  readonly #like: Tensor;
  constructor(base: Posterior, level: (resource: number) => Posterior, weights: ReadonlyMap<number, number>, like: Tensor) {
    this.#base = base;
    this.#weights = weights;
    this.#levels = new Map([...weights.keys()].map((r) => [r, level(r)]));
    this.#like = like;
  }
  get numData(): number { return this.#base.numData; }
  get numFeatures(): number { return this.#base.numFeatures - 1; }
  get numFantasies(): number { return this.#base.numFantasies; }
  negLogLikelihood(): Tensor { return this.#base.negLogLikelihood(); }
  predict(X: TensorLike): Prediction {
    const parts = [...this.#weights].map(([r, theta]) => ({ p: this.#levels.get(r)!.predict(X), theta }));
    const mean = parts.map(({ p, theta }) => p.mean.mul(theta)).reduce((a, b) => a.add(b));
    const variance = parts.map(({ p, theta }) => p.variance.mul(theta ** 2)).reduce((a, b) => a.add(b));
    return new Prediction(mean, variance);
  }
  predictJoint(X: TensorLike): { mean: Tensor; covariance: Tensor } {
    const parts = [...this.#weights].map(([r, theta]) => ({ p: this.#levels.get(r)!.predictJoint(X), theta }));
    return {
      mean: parts.map(({ p, theta }) => p.mean.mul(theta)).reduce((a, b) => a.add(b)),
      covariance: parts.map(({ p, theta }) => p.covariance.mul(theta ** 2)).reduce((a, b) => a.add(b)),
    };
  }
  sampleMarginals(X: TensorLike, options: SampleOptions = {}): Tensor {
    return this.#sample(options, (level, o) => level.sampleMarginals(X, o));
  }
  sampleJoint(X: TensorLike, options: SampleOptions = {}): Tensor {
    return this.#sample(options, (level, o) => level.sampleJoint(X, o));
  }
  backwardGradient(x: TensorLike, head: HeadGradients, meanData: number = 0, stdData: number = 1): Tensor {
    return backwardGradientOf((p) => this.predict(p), x, head, meanData, stdData, this.#like);
  }
  /** As many samples of each level as a multinomial says, in random order. */
  #sample(options: SampleOptions, draw: (level: Posterior, options: SampleOptions) => Tensor): Tensor {
    const samples = sampleCount(options);
    const rng = options.rng ?? defaultRng();
    const counts = multinomial(rng, samples, [...this.#weights.values()]);
    const drawn = [...this.#weights.keys()].flatMap((r, i) => (counts[i]! > 0 ? [draw(this.#levels.get(r)!, { samples: counts[i]!, rng })] : []));
    const all = drawn.length === 1 ? drawn[0]! : concat(drawn, -1);
    return take(all, rng.permutation(samples, { ctx: all.ctx }), -1);
  }
}

function multinomial(rng: Rng, n: number, weights: readonly number[]): ArrayLike<number> {
  const sum = weights.reduce((a, b) => a + b);
  const p = weights.map((w) => w / sum);
  if (rng instanceof RandomState) return rng.multinomial(n, p);
  const counts = weights.map(() => 0);
  for (const u of rng.uniform([n]).dataSync()) {
    let left = u;
    let k = 0;
    while (k < p.length - 1 && left >= p[k]!) left -= p[k++]!;
    counts[k]!++;
  }
  return counts;
}
