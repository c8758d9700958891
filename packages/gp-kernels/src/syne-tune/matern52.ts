import { customGradient } from '@matheron/autograd';
import { type Tensor, ones, pairwiseSquaredDistance } from '@matheron/core-tensor';
import type { BlockOptions } from '@matheron/gluon-blocks';
import type { EncodingName } from '../encoding.ts';
import { type Hyperparameter } from '../hyperparameter.ts';
import { Kernel, type KernelOptions, type PartConfig, describePart } from '../kernel.ts';
import { ParameterizedBlock } from '../parameterized.ts';
import { LogNormalPrior, UniformPrior } from '../priors.ts';
import { syneTuneConstants as c } from './constants.ts';

/** `ard` false; `encoding` 'logarithm'; the dimension of ARD is learnt at the first call where it is not given. */
export interface SquaredDistanceOptions extends BlockOptions { dimension?: number; ard?: boolean; encoding?: EncodingName }

/** Σ_d b_d² (x_d − z_d)² with inverse bandwidths b: [n1, d], [n2, d] → [n1, n2]. */
export class SquaredDistance extends ParameterizedBlock {
  readonly inverseBandwidths: Hyperparameter;
  constructor(options: SquaredDistanceOptions) {
    const { dimension, ard = false, encoding = 'logarithm', ...rest } = options;
    super(rest);
    const [lower, upper] = c.inverseBandwidthsBounds;
    this.inverseBandwidths = this.hyperparameter('inverse_bandwidths', {
      init: c.initialInverseBandwidths, shape: [ard ? (dimension ?? 0) : 1], bounds: [lower, upper], encoding, prior: new UniformPrior({ lower, upper, normalized: false }),
    });
  }
  protected override elementNames(_p: Hyperparameter, size: number): string[] {
    return size === 1 ? ['inv_bw'] : Array.from({ length: size }, (_, k) => `inv_bw${k}`);
  }
  override forward(X1: Tensor, X2: Tensor): Tensor {
    this.inverseBandwidths.size([X1.shape[1]!]);
    const weights = this.inverseBandwidths.value().square();
    return weights.size === 1 ? pairwiseSquaredDistance(X1, X2).mul(weights.reshape()) : pairwiseSquaredDistance(X1, X2, { weights });
  }
}

/** (1 + r + 5D/3) e^{−r} with r = √(5D + 1e-9). */
const jitteredMatern52 = customGradient<[Tensor], [Tensor, Tensor]>({
  forward: (d) => {
    const r = d.mul(5).add(c.numericalJitter).sqrt();
    const e = r.neg().exp();
    return [r.add(1).add(d.mul(5 / 3)).mul(e), r, e];
  },
  backward: (g, { inputs: [d], kept: [r, e] }) => [g.mul(e).mul(d.mul(25 / 6).div(r).add(5 / 6)).neg()],
});

/** `covarianceScale` true. */
export interface SyneTuneMatern52Options extends KernelOptions { dimension?: number; ard?: boolean; encoding?: EncodingName; covarianceScale?: boolean }

/**
 * gpautograd's Matérn-5/2: inverse bandwidths, a covariance scale with a LogNormal(0, 1) prior, and r = √(5D + 1e-9), so that the
 * diagonal of K(X, X) lies 5e-10 below `diagonal()`. `Matern52` is the exact one.
 */
export class SyneTuneMatern52 extends Kernel {
  readonly covarianceScale: Hyperparameter | undefined;
  readonly squaredDistance: SquaredDistance;
  private readonly _options: { dimension?: number; ard: boolean; encoding: EncodingName; covarianceScale: boolean };
  constructor(options: SyneTuneMatern52Options) {
    const { dimension, ard = false, encoding = 'logarithm', covarianceScale = true, ...rest } = options;
    super({ alias: 'matern52', ...rest });
    this._options = { ...(dimension === undefined ? {} : { dimension }), ard, encoding, covarianceScale };
    if (covarianceScale) {
      this.covarianceScale = this.hyperparameter('covariance_scale', {
        init: c.initialCovarianceScale, shape: [1], bounds: c.covarianceScaleBounds, encoding, prior: new LogNormalPrior({ normalized: false }),
      });
    }
    this.squaredDistance = new SquaredDistance({ ...(dimension === undefined ? {} : { dimension }), ard, encoding });
  }
  override get type(): string { return 'syne-tune-matern52'; }
  override components(): [string, ParameterizedBlock][] {
    return [['', this.squaredDistance]];
  }
  override forward(X1: Tensor, X2: Tensor): Tensor {
    const k = jitteredMatern52(this.squaredDistance.call(X1, X2));
    return this.covarianceScale ? k.mul(this.covarianceScale.value()) : k;
  }
  protected override diagonalOf(X: Tensor): Tensor {
    const one = ones([X.shape[0]!], { ctx: X.ctx, dtype: X.dtype });
    return this.covarianceScale ? one.mul(this.covarianceScale.value()) : one;
  }
  override diagonalDependsOnX(): boolean { return false; }
  protected override settings(): Record<string, unknown> { return { ...this._options }; }
  override toJSON(): PartConfig {
    const own = [...this.ownHyperparameters(), this.squaredDistance.inverseBandwidths];
    return describePart(this.type, this.activeDims, [], own, this.settings());
  }
}
