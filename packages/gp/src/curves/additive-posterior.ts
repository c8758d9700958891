import { type Rng, type Tensor, type TensorLike, all, concat, defaultRng, equal, stack, take, tensor, triangularSolve } from '@matheron/core-tensor';
import { GPError } from '@matheron/gp-kernels';
import { type Parameter, withParameterData } from '@matheron/gluon-params';
import { toInputs } from '../data.ts';
import { factorizeSync } from '../factorize.ts';
import { type HeadGradients, type Posterior, type SampleOptions, backwardGradientOf, sampleCount, valuesOf } from '../posterior-state.ts';
import { Prediction } from '../prediction.ts';
import type { ResourceColumn } from '../resources.ts';
import { type AdditiveParts, type AdditiveState, additiveState, predictAsymptote, updateState } from './additive.ts';
import { type Curve, curveTensors } from './curve-data.ts';

/**
 * The posterior of an additive learning-curve model. Predictions at (configuration, resource) are those of f_r = h + g_r, h given all curves and g as before
 * data, as in the original; `sampleCurves` conditions on a configuration's own curve too.
 */
export class AdditivePosterior implements Posterior {
  readonly parts: AdditiveParts;
  readonly state: AdditiveState;
  readonly curves: readonly Curve[];
  readonly #values: ReadonlyMap<Parameter, Tensor>;
  readonly #column: ResourceColumn;
  readonly #rows: number;
  constructor(parts: AdditiveParts, curves: readonly Curve[], column: ResourceColumn, like: Tensor, updated?: { state: AdditiveState; values: ReadonlyMap<Parameter, Tensor> }) {
    this.parts = parts;
    this.curves = curves;
    this.#column = column;
    this.#rows = curves.reduce((n, curve) => n + curve.targets.length, 0);
    this.#values = updated?.values ?? valuesOf(parts.kernel, parts.mean, parts.curves);
    this.state = updated?.state ?? this.within(() => additiveState(parts, curveTensors(curves, column, like)));
  }
  /** Runs `fn` with the hyperparameters that the state was made with. */
  within<T>(fn: () => T): T { return withParameterData(this.#values, fn); }
  /** Observations of all curves. */
  get numData(): number { return this.#rows; }
  get numFeatures(): number { return this.state.X.shape[1]! + 1; }
  get numFantasies(): number { return this.state.weights.shape[1]!; }
  negLogLikelihood(): Tensor {
    if (!this.state.criterion) throw new GPError('argument', 'negLogLikelihood: it is defined for one target column, and not after an incremental update');
    return this.state.criterion;
  }

  predict(X: TensorLike): Prediction {
    return this.within(() => {
      const x = toInputs('predict', X, this.state.X.ctx, this.numFeatures);
      const { configurations, resources } = this.#column.split(x);
      const h = predictAsymptote(this.parts, this.state, configurations);
      const g = this.parts.curves.increments(resources, this.parts.noise);
      const mean = h.mean.add(g.mean.reshape(-1, 1));
      return new Prediction(mean.shape[1] === 1 ? mean.reshape(mean.shape[0]!) : mean, h.variance.add(g.variance));
    });
  }
  /** Of f_r = h + g_r; g only joins rows of one configuration. */
  predictJoint(X: TensorLike): { mean: Tensor; covariance: Tensor } {
    return this.within(() => {
      const x = toInputs('predictJoint', X, this.state.X.ctx, this.numFeatures);
      const { configurations, resources } = this.#column.split(x);
      const { kernel, curves, noise } = this.parts;
      const q = triangularSolve(this.state.factor, kernel.call(this.state.X, configurations).mul(this.state.s.reshape(-1, 1)));
      const asymptotes = kernel.call(configurations, configurations).sub(q.T.matmul(q));
      const equalRows = all(equal(configurations.expandDims(1), configurations.expandDims(0)), 2).astype(x.dtype);
      const at = resources.map((r) => r - this.#column.min);
      const latent = take(take(curves.moments(noise).latent, at, 0), at, 1);
      return { mean: this.predict(x).mean, covariance: asymptotes.add(latent.mul(equalRows)) };
    });
  }
  sampleMarginals(X: TensorLike, options: SampleOptions = {}): Tensor {
    const { mean, variance } = this.predict(X);
    if (mean.ndim !== 1) throw new GPError('argument', 'sampleMarginals: the state has several target columns');
    const m = mean.shape[0]!;
    return (options.rng ?? defaultRng()).normal([m, sampleCount(options)], { ctx: mean.ctx, dtype: mean.dtype }).mul(variance.sqrt().reshape(m, 1)).add(mean.reshape(m, 1));
  }
  /**
   * Targets, noise included, jointly at rows of (configuration, resource): curve after curve, each given the data and what was drawn before. Rows that are
   * observed give the observation.
   */
  sampleJoint(X: TensorLike, options: SampleOptions = {}): Tensor {
    const x = toInputs('sampleJoint', X, this.state.X.ctx, this.numFeatures);
    const { configurations, resources } = this.#column.split(x);
    const d = configurations.shape[1]!;
    const values = configurations.dataSync();
    const keys = resources.map((_, i) => Array.from(values.subarray(i * d, (i + 1) * d), Number));
    const rng = options.rng ?? defaultRng();
    const columns = Array.from({ length: sampleCount(options) }, () => {
      let now: AdditivePosterior = this;
      const drawn = new Map<string, readonly number[]>();
      return resources.map((r, i) => {
        const key = keys[i]!.join(' ');
        let curve = drawn.get(key);
        if (!curve) {
          curve = Array.from(now.sampleCurve(keys[i]!, { samples: 1, rng }).dataSync(), Number);
          drawn.set(key, curve);
          now = now.withCurve({ configuration: keys[i]!, targets: curve.map((v) => [v]) });
        }
        return curve[r - this.#column.min]!;
      });
    });
    const options2 = { ctx: x.ctx, dtype: x.dtype };
    return stack(columns.map((col) => tensor(col, options2)), 1);
  }
  /** Whole curves of targets at one configuration [d], given all data and its own observations, which are repeated: [R, samples]. */
  sampleCurve(configuration: readonly number[], options: SampleOptions = {}): Tensor {
    const own = this.curves.find((curve) => same(curve.configuration, configuration));
    const others = own ? this.#without(own) : this;
    const like = this.state.X;
    const settings = { ctx: like.ctx, dtype: like.dtype };
    const samples = sampleCount(options);
    const rng: Rng = options.rng ?? defaultRng();
    return this.within(() => {
      const { mean: offset, observed } = this.parts.curves.moments(this.parts.noise);
      const R = offset.size;
      const x = tensor([[...configuration]], settings);
      const h = others ? predictAsymptote(this.parts, others.state, x) : { mean: this.parts.mean.call(x).reshape(1, 1), variance: this.parts.kernel.diagonal(x) };
      if (h.mean.size !== 1) throw new GPError('argument', 'sampleCurve: the state has several target columns');
      const mean = offset.add(h.mean.reshape());
      const covariance = observed.add(h.variance.reshape());
      const seen = own?.targets.length ?? 0;
      if (seen === R) return tensor(own!.targets.map((t) => t[0]!), settings).reshape(R, 1).broadcastTo([R, samples]);
      const noise = rng.normal([R - seen, samples], settings);
      if (seen === 0) return factorizeSync(covariance).factor.matmul(noise).add(mean.reshape(R, 1));
      // the Schur complement of the observed block is that of the factor
      const { factor } = factorizeSync(covariance);
      const y = tensor(own!.targets.map((t) => [t[0]!]), settings);
      const white = triangular(factor, y.sub(mean.slice([0, seen]).reshape(seen, 1)), seen);
      const conditional = mean.slice([seen, R]).reshape(R - seen, 1).add(factor.slice([seen, R], [0, seen]).matmul(white));
      const rest = factor.slice([seen, R], [seen, R]).matmul(noise).add(conditional);
      return concat([y.broadcastTo([seen, samples]), rest], 0);
    });
  }
  backwardGradient(x: TensorLike, head: HeadGradients, meanData: number = 0, stdData: number = 1): Tensor {
    return backwardGradientOf((p) => this.predict(p), x, head, meanData, stdData, this.state.X);
  }
  /** The state with the curve of a configuration that has none yet, in O(n²). One target column; the likelihood is not carried along. */
  update(configuration: readonly number[], targets: readonly number[]): AdditivePosterior {
    if (this.curves.some((curve) => same(curve.configuration, configuration))) throw new GPError('argument', 'update: the configuration has a curve already; use withCurve');
    const curve = { configuration, targets: targets.map((t) => [t]) };
    const state = this.within(() => updateState(this.parts, this.state, curveTensors([curve], this.#column, this.state.X)));
    return new AdditivePosterior(this.parts, [...this.curves, curve], this.#column, this.state.X, { state, values: this.#values });
  }
  /** The state with this curve in place of the configuration's own, if it has one: from scratch. */
  withCurve(curve: Curve): AdditivePosterior {
    const rest = this.curves.filter((other) => !same(other.configuration, curve.configuration));
    return this.#of([...rest, curve]);
  }
  /**
   * Draws targets for the next `pending` resources of each configuration in turn, taking each draw in before the next (the original's
   * sample_and_update_for_pending).
   */
  sampleAndUpdate(pending: readonly { configuration: readonly number[]; pending: number }[], options: { rng?: Rng } = {}): { targets: number[][]; state: AdditivePosterior } {
    let state: AdditivePosterior = this;
    const targets = pending.map(({ configuration, pending: count }) => {
      const seen = state.curves.find((curve) => same(curve.configuration, configuration))?.targets.length ?? 0;
      const drawn = Array.from(state.sampleCurve(configuration, { samples: 1, ...options }).dataSync(), Number);
      state = state.withCurve({ configuration, targets: drawn.slice(0, seen + count).map((v) => [v]) });
      return drawn.slice(seen, seen + count);
    });
    return { targets, state };
  }
  #without(curve: Curve): AdditivePosterior | undefined {
    const rest = this.curves.filter((other) => other !== curve);
    return rest.length > 0 ? this.#of(rest) : undefined;
  }
  #of(curves: readonly Curve[]): AdditivePosterior {
    return this.within(() => new AdditivePosterior(this.parts, curves, this.#column, this.state.X));
  }
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((v, i) => v === b[i]);
}
function triangular(factor: Tensor, b: Tensor, n: number): Tensor {
  return triangularSolve(factor.slice([0, n], [0, n]), b);
}
