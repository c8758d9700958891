import { type Tensor, choleskyInfo, eye, ones, tensor, triangularSolve, zeros } from '@matheron/core-tensor';
import { GammaPrior, type Hyperparameter, NormalPrior, ParameterizedBlock, type ParamValues, decay, decayHyperparameters } from '@matheron/gp-kernels';
import type { CurveTensors } from './curve-data.ts';

/**
 * What inference needs of the curves given their asymptotes h: with W and v the whitened targets and ones, |v|², vᵀW, |W|² (one column only), mean −c and
 * variance d between h and the end of each curve, and a log determinant.
 */
export interface CurveStatistics {
  readonly vtv: Tensor;
  readonly wtv: Tensor;
  readonly wtw: Tensor | undefined;
  readonly c: Tensor;
  readonly d: Tensor;
  readonly logDeterminant: Tensor | undefined;
}
/** A whole curve given h = 0: mean [R], covariances [R, R] of the latent curve and of its targets. */
export interface CurveMoments { readonly mean: Tensor; readonly latent: Tensor; readonly observed: Tensor }

/** How curves over resources come out of an asymptote: additive, Gaussian, independent between configurations. */
export abstract class CurveModel extends ParameterizedBlock {
  readonly min: number;
  readonly max: number;
  constructor(range: { min: number; max: number }, alias: string) {
    super({ alias });
    this.min = range.min;
    this.max = range.max;
  }
  /** Of observed curves, differentiable in the hyperparameters and the noise variance (a scalar). */
  abstract statistics(curves: CurveTensors, noise: Tensor): CurveStatistics;
  /** Mean and variance to add to those of h for the latent curve at each resource: [m] each. */
  abstract increments(resources: readonly number[], noise: Tensor): { mean: Tensor; variance: Tensor };
  /** Means and covariances of the increments over all resources. */
  abstract moments(noise: Tensor): CurveMoments;
}

/**
 * An innovation state space model of power-law decay: f_{r−1} = f_r − a_r (γ ε_r + 1), y_r = f_r + ε_r, a_r = α r^(α−1) e^β, α < 0, f at the largest
 * resource is the asymptote. `unitInnovations`, as gpautograd does, takes ε for unit variance between a curve's end and its asymptote, though it has the
 * noise variance along the curve.
 */
export class InnovationCurves extends CurveModel {
  readonly gamma: Hyperparameter | undefined;
  readonly negalpha: Hyperparameter;
  readonly beta: Hyperparameter;
  readonly unitInnovations: boolean;
  constructor(range: { min: number; max: number }, options: { gammaIsOne?: boolean; unitInnovations?: boolean; normalizedPriors?: boolean } = {}) {
    super(range, 'independentissmodelparameters');
    this.unitInnovations = options.unitInnovations ?? false;
    if (!options.gammaIsOne) this.gamma = this.hyperparameter('gamma', { init: 1, shape: [1], bounds: [1e-3, 10], prior: new GammaPrior({ mean: 1, alpha: 0.1 }) });
    this.negalpha = this.hyperparameter('negalpha', { init: 0.5, shape: [1], bounds: [1e-3, 5], prior: new GammaPrior({ mean: 0.5, alpha: 0.1 }) });
    this.beta = this.hyperparameter('beta', { init: 0, shape: [1], bounds: [-5, 5], encoding: 'identity', prior: new NormalPrior({ normalized: options.normalizedPriors ?? true }) });
  }
  /** `alpha` is −`negalpha`. */
  override paramNames(): string[] { return super.paramNames().map((n) => (n === 'negalpha' ? 'alpha' : n)); }
  override getParams(): ParamValues {
    const { negalpha, ...rest } = super.getParams();
    return { ...rest, alpha: -(negalpha as number) };
  }
  protected override assignParams(values: ParamValues): void {
    const { alpha, ...rest } = values;
    super.assignParams(alpha === undefined ? rest : { ...rest, negalpha: -(alpha as number) });
  }
  #parameters(): { alpha: Tensor; beta: Tensor; gamma: Tensor | number } {
    return { alpha: this.negalpha.value().reshape().neg(), beta: this.beta.value().reshape(), gamma: this.gamma ? this.gamma.value().reshape() : 1 };
  }
  /** a_r of log r, any shape. */
  #steps(logr: Tensor): Tensor {
    const { alpha, beta } = this.#parameters();
    return logr.mul(alpha.sub(1)).add(beta).exp().mul(alpha);
  }
  #innovation(noise: Tensor): Tensor | number {
    return this.unitInnovations ? 1 : noise;
  }
  override statistics(curves: CurveTensors, noise: Tensor): CurveStatistics {
    const { gamma } = this.#parameters();
    const { mask, differences, logResources, columns } = curves;
    const [R, n] = mask.shape as [number, number];
    const row = (t: Tensor, j: number): Tensor => t.slice(j);
    let v = ones([n], { ctx: mask.ctx, dtype: mask.dtype });
    let w = row(differences, 0);
    let vtv = v;
    let wtv = w;
    let wtw = w.square();
    const longest = Math.max(...curves.lengths);
    for (let j = 1; j < Math.min(R, longest); j++) {
      const m = row(mask, j);
      const a = this.#steps(row(logResources, j));
      const e = a.mul(gamma).add(1);
      v = v.mul(e).mul(m);
      w = w.mul(e.expandDims(1)).add(row(differences, j)).add(a.expandDims(1)).mul(m.expandDims(1));
      vtv = vtv.add(v.square());
      wtv = wtv.add(w.mul(v.expandDims(1)));
      wtw = wtw.add(w.square());
    }
    const a = this.#steps(curves.logAll);
    const ahead = (values: Tensor): Tensor => curves.tail.matmul(values.reshape(R, 1)).reshape(n);
    return {
      vtv, wtv, wtw: columns === 1 ? wtw.reshape(n) : undefined, c: ahead(a), d: ahead(a.mul(gamma).square()).mul(this.#innovation(noise)), logDeterminant: undefined,
    };
  }
  override increments(resources: readonly number[], noise: Tensor): { mean: Tensor; variance: Tensor } {
    const { gamma } = this.#parameters();
    const R = this.max - this.min + 1;
    const options = { ctx: noise.ctx, dtype: noise.dtype };
    const logs = tensor(Array.from({ length: R }, (_, k) => Math.log(this.min + k)), options);
    const beyond = tensor(resources.map((r) => Array.from({ length: R }, (_, k) => (this.min + k > r ? 1 : 0))), options);
    const a = this.#steps(logs);
    const sum = (values: Tensor): Tensor => beyond.matmul(values.reshape(R, 1)).reshape(resources.length);
    return { mean: sum(a).neg(), variance: sum(a.mul(gamma).square()).mul(this.#innovation(noise)) };
  }
  /** y = h − c + B ε with B unit upper triangular, B_rt = −γ a_t for t > r. */
  override moments(noise: Tensor): CurveMoments {
    const { gamma } = this.#parameters();
    const R = this.max - this.min + 1;
    const options = { ctx: noise.ctx, dtype: noise.dtype };
    const logs = tensor(Array.from({ length: R }, (_, k) => Math.log(this.min + k)), options);
    const beyond = tensor(Array.from({ length: R }, (_, r) => Array.from({ length: R }, (__, t) => (t > r ? 1 : 0))), options);
    const a = this.#steps(logs);
    const latent = beyond.mul(a.mul(gamma).neg().reshape(1, R));
    const B = latent.add(eye(R, options));
    return { mean: beyond.matmul(a.reshape(R, 1)).reshape(R).neg(), latent: latent.matmul(latent.T).mul(noise), observed: B.matmul(B.T).mul(noise) };
  }
  override forward(resources: Tensor): Tensor { return this.#steps(resources.log()); }
}

/**
 * Curves with exponential decay, rates marginalized: mean γ κ(r) and covariance γ² (κ(r + r') − κ(r) κ(r')), κ(r) = (β / (r + β))^α, β = α / mean λ
 * (the freeze-thaw kernel's). `normalizeResources` maps them into [0, 1] first; γ is at most
 * `maxMetricValue`, 1.
 */
export class ExponentialDecayCurves extends CurveModel {
  readonly alpha: Hyperparameter;
  readonly meanLam: Hyperparameter;
  readonly gamma: Hyperparameter;
  readonly normalizeResources: boolean;
  constructor(range: { min: number; max: number }, options: { normalizeResources?: boolean; maxMetricValue?: number } = {}) {
    super(range, 'exponentialdecayresourceskernelfunction');
    this.normalizeResources = options.normalizeResources ?? false;
    const start = decayHyperparameters(options.maxMetricValue === undefined ? {} : { maxMetricValue: options.maxMetricValue });
    this.alpha = this.hyperparameter('alpha', start.alpha);
    this.meanLam = this.hyperparameter('mean_lam', start.meanLam);
    this.gamma = this.hyperparameter('gamma', start.gamma);
  }
  #resource(r: number): number {
    return this.normalizeResources ? (r - (this.min - 0.5 + 1e-8)) / (this.max - this.min + 1 - 2e-8) : r;
  }
  #kernel(resources: readonly number[], like: Tensor): { mean: Tensor; covariance: Tensor; diagonal: Tensor } {
    const m = resources.length;
    const r = tensor(resources.map((v) => this.#resource(v)), { ctx: like.ctx, dtype: like.dtype });
    const [alpha, meanLam, gamma] = [this.alpha.value().reshape(), this.meanLam.value().reshape(), this.gamma.value().reshape()];
    const kappa = decay(r, alpha, meanLam);
    const joint = decay(r.reshape(m, 1).add(r.reshape(1, m)), alpha, meanLam);
    const covariance = joint.sub(kappa.reshape(m, 1).mul(kappa.reshape(1, m))).mul(gamma.square());
    return { mean: kappa.mul(gamma), covariance, diagonal: decay(r.mul(2), alpha, meanLam).sub(kappa.square()).mul(gamma.square()) };
  }
  #all(): number[] { return Array.from({ length: this.max - this.min + 1 }, (_, k) => this.min + k); }
  override statistics(curves: CurveTensors, noise: Tensor): CurveStatistics {
    const { mask, targets, counts, columns } = curves;
    const [R, n] = mask.shape as [number, number];
    const { mean, covariance } = this.#kernel(this.#all(), noise);
    const options = { ctx: noise.ctx, dtype: noise.dtype };
    const { factor } = choleskyInfo(covariance.div(noise).add(eye(R, options)));
    // a curve's whitened targets are the first ones of the whole: the factor is lower triangular
    const v = triangularSolve(factor, ones([R, 1], options));
    const centred = targets.sub(mean.reshape(R, 1, 1)).mul(mask.expandDims(2)).reshape(R, n * columns);
    const w = triangularSolve(factor, centred).reshape(R, n, columns).mul(mask.expandDims(2));
    const zero = zeros([n], options);
    return {
      vtv: mask.T.matmul(v.square()).reshape(n), wtv: w.mul(v.reshape(R, 1, 1)).sum(0), wtw: columns === 1 ? w.square().sum(0).reshape(n) : undefined,
      c: zero, d: zero, logDeterminant: factor.diagonal().log().mul(counts).sum(),
    };
  }
  override increments(resources: readonly number[], noise: Tensor): { mean: Tensor; variance: Tensor } {
    const { mean, diagonal } = this.#kernel(resources, noise);
    return { mean, variance: diagonal };
  }
  override moments(noise: Tensor): CurveMoments {
    const { mean, covariance } = this.#kernel(this.#all(), noise);
    return { mean, latent: covariance, observed: covariance.add(eye(mean.size, { ctx: noise.ctx, dtype: noise.dtype }).mul(noise)) };
  }
  override forward(resources: Tensor): Tensor {
    return decay(resources, this.alpha.value().reshape(), this.meanLam.value().reshape()).mul(this.gamma.value().reshape());
  }
}
