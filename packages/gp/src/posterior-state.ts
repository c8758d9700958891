import { grad } from '@matheron/autograd';
import { type Rng, type Tensor, type TensorLike, choleskyInverse, concat, currentContext, defaultRng, logDetFromCholesky, maximum, stack, tensor, triangularSolve, zeros } from '@matheron/core-tensor';
import { GPError, type Kernel, type Mean, type ParameterizedBlock, syneTuneConstants as c } from '@matheron/gp-kernels';
import { type Parameter, withParameterData } from '@matheron/gluon-params';
import { toInputs, toTargets } from './data.ts';
import { type Observations, covarianceOf, momentsOf } from './compiled-kernel.ts';
import { factorize, factorizeSync } from './factorize.ts';
import { Prediction } from './prediction.ts';

/** `samples` 1; `rng` the default generator, or the model's own. */
export interface SampleOptions { samples?: number; rng?: Rng }
/** The number of samples asked for, 1 by default. GPError for what is no positive integer. */
export function sampleCount({ samples = 1 }: SampleOptions): number {
  if (!Number.isInteger(samples) || samples < 1) throw new GPError('argument', `samples: expected an integer of at least 1, got ${String(samples)}`);
  return samples;
}
/** d loss / d mean and d loss / d std at one point, in the units of `meanData` and `stdData`. */
export interface HeadGradients { readonly mean: TensorLike; readonly std?: TensorLike }

/**
 * What a model needs of a posterior, whatever computes it: exact, per resource, of learning curves.
 */
export interface Posterior {
  readonly numData: number;
  readonly numFeatures: number;
  readonly numFantasies: number;
  /** Mean and variance of the latent function at X [m, d]: [m], or means [m, columns]. */
  predict(X: TensorLike): Prediction;
  /** Latent mean [m] or [m, columns] and covariance [m, m]. */
  predictJoint(X: TensorLike): { mean: Tensor; covariance: Tensor };
  /** Independent draws at each point: [m, samples], or [m, columns, samples]. */
  sampleMarginals(X: TensorLike, options?: SampleOptions): Tensor;
  /** Joint draws at all points: [m, samples], or [m, columns, samples]. */
  sampleJoint(X: TensorLike, options?: SampleOptions): Tensor;
  /** A scalar. GPError for several target columns. */
  negLogLikelihood(): Tensor;
  /** d/dx of ⟨head.mean, mean·stdData + meanData⟩ + ⟨head.std, std·stdData⟩ at one point x [d]. */
  backwardGradient(x: TensorLike, head: HeadGradients, meanData?: number, stdData?: number): Tensor;
}

/** What a posterior takes beside its data and functions. */
export interface PosteriorOptions {
  /** Multiplies the kernel: gpautograd's (kernel, scale) pair. */
  covarianceScale?: TensorLike;
  /** Least jitter of joint samples, 1e-5 as gpautograd's. */
  jointJitter?: number;
}

/** The hyperparameters are those of the time, so that later changes of the blocks don't reach this state. */
interface Parts extends Observations {
  readonly jitter: number;
  readonly noiseVariance: Tensor;
  readonly jointJitter: number;
}

/**
 * The posterior of exact GP regression: L of K + σ²I and L⁻¹(y − m), for one or several target columns that share the inputs. It keeps
 * the hyperparameters of its moment. Variances are latent and at least 1e-12. The constructor reads `info` at once; on asynchronous
 * devices use `PosteriorState.create`.
 */
export class PosteriorState implements Posterior {
  readonly #parts: Parts;
  constructor(X: TensorLike, y: TensorLike, mean: Mean, kernel: Kernel, noiseVariance: TensorLike, options: PosteriorOptions = {}) {
    if (X instanceof Ready) {
      this.#parts = X.parts;
      return;
    }
    const problem = setUp(X, y, mean, kernel, noiseVariance, options);
    this.#parts = finish(problem, factorizeSync(problem.covariance, { start: problem.parts.noiseVariance, X: problem.parts.X }));
  }
  /** The constructor on any device. FactorizationError with the cause where K + σ²I has no factor. */
  static async create(X: TensorLike, y: TensorLike, mean: Mean, kernel: Kernel, noiseVariance: TensorLike, options: PosteriorOptions = {}): Promise<PosteriorState> {
    const problem = setUp(X, y, mean, kernel, noiseVariance, options);
    return PosteriorState.#of(finish(problem, await factorize(problem.covariance, { start: problem.parts.noiseVariance, X: problem.parts.X })));
  }
  static #of(parts: Parts): PosteriorState {
    return new PosteriorState(new Ready(parts) as unknown as Tensor, 0, parts.mean, parts.kernel, 0);
  }

  /** Training inputs [n, d]. */
  get X(): Tensor { return this.#parts.X; }
  /** The lower factor of K + (σ² + jitter) I, [n, n]. */
  get factor(): Tensor { return this.#parts.factor; }
  /** L⁻¹(y − m), [n, columns]. */
  get whitened(): Tensor { return this.#parts.whitened; }
  get mean(): Mean { return this.#parts.mean; }
  get kernel(): Kernel { return this.#parts.kernel; }
  get noiseVariance(): Tensor { return this.#parts.noiseVariance; }
  /** What the factorization needed beyond the noise variance. */
  get jitter(): number { return this.#parts.jitter; }
  get numData(): number { return this.#parts.X.shape[0]!; }
  get numFeatures(): number { return this.#parts.X.shape[1]!; }
  /** Target columns. */
  get numFantasies(): number { return this.#parts.whitened.shape[1]!; }
  /** Runs `fn` with the hyperparameters of this state. */
  within<T>(fn: () => T): T { return withParameterData(this.#parts.values, fn); }

  /** Latent mean and variance at X [m, d], differentiable in X. */
  predict(X: TensorLike): Prediction {
    const [mean, variance] = momentsOf(this.#parts, this.#inputs('predict', X));
    return new Prediction(squeezeColumns(mean), maximum(variance, c.minPosteriorVariance));
  }
  /** Latent mean [m] or [m, columns] and covariance [m, m]. */
  predictJoint(X: TensorLike): { mean: Tensor; covariance: Tensor } {
    const x = this.#inputs('predictJoint', X), { X: train, factor, whitened } = this.#parts;
    const cross = triangularSolve(factor, covarianceOf(this.#parts, train, x));
    const mean = cross.T.matmul(whitened).add(this.within(() => this.mean.call(x)).reshape(-1, 1));
    return { mean: squeezeColumns(mean), covariance: covarianceOf(this.#parts, x, x).sub(cross.T.matmul(cross)) };
  }
  /** Independent draws of the latent values at each point: [m, samples], or [m, columns, samples]. */
  sampleMarginals(X: TensorLike, options: SampleOptions = {}): Tensor {
    const { mean, variance } = this.predict(X);
    const columns = this.#columns(mean);
    const noise = normals(options, [columns.shape[0]!, columns.shape[1]!], columns);
    return squeezeSamples(noise.mul(variance.sqrt().reshape(-1, 1, 1)).add(columns.expandDims(2)));
  }
  /** Joint draws of the latent values: [m, samples], or [m, columns, samples]. */
  sampleJoint(X: TensorLike, options: SampleOptions = {}): Tensor {
    const { mean, covariance } = this.predictJoint(X);
    const columns = this.#columns(mean);
    const [m, k] = columns.shape as [number, number];
    const { factor } = factorizeSync(covariance, { start: this.#parts.jointJitter });
    const noise = normals(options, [m, k], columns);
    const samples = factor.matmul(noise.reshape(m, -1)).reshape(m, k, -1).add(columns.expandDims(2));
    return squeezeSamples(samples);
  }
  negLogLikelihood(): Tensor {
    const { factor, whitened } = this.#parts;
    if (whitened.shape[1] !== 1) throw new GPError('argument', `negLogLikelihood: it is defined for one target column, there are ${whitened.shape[1]}`);
    return whitened.square().sum().mul(0.5).add(logDetFromCholesky(factor).mul(0.5)).add(this.numData * 0.5 * Math.log(2 * Math.PI));
  }
  /** Mean and variance of each observation given the others, noise included (Rasmussen & Williams 2006, eqs. 5.10–5.12): one target column. */
  leaveOneOut(y: Tensor): Prediction {
    const { factor, whitened } = this.#parts;
    const alpha = triangularSolve(factor, whitened, { transpose: true });
    const precision = choleskyInverse(factor).diagonal();
    const inverse = precision.reciprocal();
    return new Prediction(squeezeColumns(y.reshape(this.numData, -1).sub(alpha.mul(inverse.reshape(-1, 1)))), inverse);
  }
  backwardGradient(x: TensorLike, head: HeadGradients, meanData: number = 0, stdData: number = 1): Tensor {
    return backwardGradientOf((p) => this.predict(p), x, head, meanData, stdData, this.X);
  }

  /** The state with more rows: x [d] or [m, d] with targets of as many columns. O(n² m), through a block of the factor. */
  update(x: TensorLike, y: TensorLike): PosteriorState {
    const { X, whitened } = this.#parts;
    const rows = this.#rows('update', x);
    const targets = toTargets('update', asRow(y, rows.shape[0]!, this.numFantasies), X.ctx, rows.shape[0]!);
    if (targets.shape[1] !== whitened.shape[1]) {
      throw new GPError('argument', `update: the state has ${whitened.shape[1]} target columns, the new targets ${targets.shape[1]}; expandFantasies first`);
    }
    return this.#extend(rows, () => targets);
  }
  /** Draws targets at one point from the posterior (the mean where the mask says so), and takes them in. */
  sampleAndUpdate(x: TensorLike, options: { rng?: Rng; meanImputeMask?: readonly boolean[] } = {}): { target: Tensor; state: PosteriorState } {
    const rows = this.#rows('sampleAndUpdate', x);
    if (rows.shape[0] !== 1) throw new GPError('argument', `sampleAndUpdate: expected one point, got ${rows.shape[0]}`);
    const k = this.numFantasies;
    const mask = options.meanImputeMask;
    if (mask && mask.length !== k) throw new GPError('argument', `sampleAndUpdate: the mask has ${mask.length} entries for ${k} target columns`);
    const noise = (options.rng ?? defaultRng()).normal([1, k], { ctx: rows.ctx, dtype: rows.dtype });
    const masked = mask ? noise.mul(tensor([mask.map((m) => (m ? 0 : 1))], { ctx: rows.ctx, dtype: rows.dtype })) : noise;
    const { mean, variance } = this.predict(rows);
    const target = this.#columns(mean).add(masked.mul(variance.sqrt().reshape(1, 1)));
    return { target, state: this.#extend(rows, () => target) };
  }
  /** One target column repeated, so that fantasies can be added. */
  expandFantasies(columns: number): PosteriorState {
    const { whitened } = this.#parts;
    if (whitened.shape[1] !== 1) throw new GPError('argument', `expandFantasies: the state has ${whitened.shape[1]} target columns already`);
    return PosteriorState.#of({ ...this.#parts, whitened: whitened.broadcastTo([whitened.shape[0]!, columns]) });
  }

  #extend(rows: Tensor, targetsOf: () => Tensor): PosteriorState {
    return this.within(() => {
      const { X, factor, whitened, noiseVariance, jitter, kernel, mean } = this.#parts;
      const m = rows.shape[0]!;
      const n = X.shape[0]!;
      const cross = triangularSolve(factor, covarianceOf(this.#parts, X, rows));
      const options = { ctx: X.ctx, dtype: X.dtype };
      const corner = m === 1
        ? maximum(this.#scaled(kernel.diagonal(rows)).add(noiseVariance.reshape()).add(jitter).sub(cross.square().sum(0)), c.minCholeskyDiagonal ** 2).sqrt().reshape(1, 1)
        : this.#block(rows, cross, noiseVariance, jitter);
      const centred = targetsOf().sub(mean.call(rows).reshape(m, 1));
      const whitenedNew = triangularSolve(corner, centred.sub(cross.T.matmul(whitened)));
      const top = concat([factor, zeros([n, m], options)], 1);
      return PosteriorState.#of({
        ...this.#parts, X: concat([X, rows], 0), factor: concat([top, concat([cross.T, corner], 1)], 0), whitened: concat([whitened, whitenedNew], 0),
      });
    });
  }
  #block(rows: Tensor, cross: Tensor, noiseVariance: Tensor, jitter: number): Tensor {
    const schur = covarianceOf(this.#parts, rows, rows).sub(cross.T.matmul(cross));
    return factorizeSync(schur, { start: noiseVariance.add(jitter), X: rows }).factor;
  }
  #scaled(k: Tensor): Tensor {
    const { scale } = this.#parts;
    return scale ? k.mul(scale) : k;
  }
  #inputs(caller: string, X: TensorLike): Tensor {
    return toInputs(caller, X, this.X.ctx, this.numFeatures);
  }
  #rows(caller: string, x: TensorLike): Tensor {
    const t = toInputs(caller, x, this.X.ctx);
    const d = this.numFeatures;
    return t.shape[1] === 1 && d > 1 && t.shape[0] === d ? t.reshape(1, d) : toInputs(caller, t, this.X.ctx, d);
  }
  #columns(mean: Tensor): Tensor {
    return mean.ndim === 1 ? mean.reshape(-1, 1) : mean;
  }
}

interface Problem { readonly covariance: Tensor; readonly centred: Tensor; readonly parts: Omit<Parts, 'factor' | 'whitened' | 'jitter'> }

function setUp(X: TensorLike, y: TensorLike, mean: Mean, kernel: Kernel, noiseVariance: TensorLike, options: PosteriorOptions): Problem {
  const ctx = contextOf(X, y);
  const x = toInputs('PosteriorState', X, ctx);
  const targets = toTargets('PosteriorState', y, ctx, x.shape[0]!);
  if (typeof noiseVariance === 'number' && !(noiseVariance >= 0)) throw new GPError('argument', `PosteriorState: the noise variance must not be negative, got ${noiseVariance}`);
  const scalar = (v: TensorLike): Tensor => tensor(v, { ctx, dtype: x.dtype }).reshape();
  const scale = options.covarianceScale === undefined ? undefined : scalar(options.covarianceScale);
  // A first call at few rows gives blocks their shapes; parameters are complete from then on.
  kernel.call(x.slice([0, 1]), x.slice([0, 1]));
  const centred = targets.sub(mean.call(x).reshape(-1, 1));
  const of = { kernel, mean, scale, values: valuesOf(kernel, mean) };
  return { covariance: covarianceOf(of, x, x), centred, parts: { ...of, X: x, noiseVariance: scalar(noiseVariance), jointJitter: options.jointJitter ?? 1e-5 } };
}
function finish(problem: Problem, { factor, jitter }: { factor: Tensor; jitter: number }): Parts {
  return { ...problem.parts, factor, jitter, whitened: triangularSolve(factor, problem.centred) };
}
/** How a state with a factor reaches the constructor, whose public form computes one. */
class Ready {
  readonly parts: Parts;
  constructor(parts: Parts) {
    this.parts = parts;
  }
}
/** The present data of all parameters of these blocks, hyperparameters and others. */
export function valuesOf(...blocks: readonly ParameterizedBlock[]): Map<Parameter, Tensor> {
  const values = new Map<Parameter, Tensor>();
  for (const block of blocks) {
    for (const p of block.hyperparameters()) if (p.sized) values.set(p, p.internal());
    for (const p of block.collectParams().values()) if (!values.has(p) && p.initialized) values.set(p, p.data());
  }
  return values;
}
function contextOf(...xs: TensorLike[]): Tensor['ctx'] {
  for (const x of xs) if (typeof x === 'object' && 'ctx' in x) return x.ctx;
  return currentContext();
}
function squeezeColumns(mean: Tensor): Tensor {
  return mean.shape[1] === 1 ? mean.reshape(mean.shape[0]!) : mean;
}
function squeezeSamples(samples: Tensor): Tensor {
  return samples.shape[1] === 1 ? samples.reshape(samples.shape[0]!, samples.shape[2]!) : samples;
}
/** [m, k, samples], one draw of [m, k] after another, so that streams agree with gpautograd's. */
function normals(options: SampleOptions, [m, k]: readonly [number, number], like: Tensor): Tensor {
  const rng = options.rng ?? defaultRng();
  return stack(Array.from({ length: sampleCount(options) }, () => rng.normal([m, k, 1], { ctx: like.ctx, dtype: like.dtype }).reshape(m, k)), 2);
}
/** A vector of targets for one row is a row; for one column, a column. */
function asRow(y: TensorLike, rows: number, columns: number): TensorLike {
  const t = tensor(y);
  return t.ndim < 2 && rows === 1 && t.size === columns ? t.reshape(1, columns) : t;
}

/** The gradient behind `Posterior.backwardGradient`, of any prediction function. */
export function backwardGradientOf(predict: (x: Tensor) => Prediction, x: TensorLike, head: HeadGradients, meanData: number, stdData: number, like: Tensor): Tensor {
  const point = tensor(x, { ctx: like.ctx, dtype: like.dtype });
  const options = { ctx: like.ctx, dtype: like.dtype };
  const headMean = tensor(head.mean, options);
  const headStd = head.std === undefined ? undefined : tensor(head.std, options);
  const gradient = grad((p: Tensor) => {
    const { mean, variance } = predict(p);
    const first = mean.mul(stdData).add(meanData).mul(headMean.reshape(...mean.shape)).sum();
    return headStd ? first.add(variance.sqrt().mul(stdData).mul(headStd.reshape(...variance.shape)).sum()) : first;
  })(point.reshape(1, point.size));
  return gradient.reshape(...point.shape);
}

