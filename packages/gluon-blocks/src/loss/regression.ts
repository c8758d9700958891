import { type Tensor, abs, exp, greater, log, relu, where } from '@matheron/core-tensor';
import { Loss, type LossOptions, like } from './loss.ts';

/** weight/2 (label − pred)². */
export class L2Loss extends Loss {
  constructor(options: LossOptions = {}) {
    super({ alias: 'l2loss', ...options }, 1);
  }
  override forward(pred: Tensor, label: Tensor, sampleWeight?: Tensor): Tensor {
    return this.perSample(this.weighted(like(label, pred).sub(pred).square(), sampleWeight, (this.weight ?? 1) / 2));
  }
}
/** |label − pred|. */
export class L1Loss extends Loss {
  constructor(options: LossOptions = {}) {
    super({ alias: 'l1loss', ...options });
  }
  override forward(pred: Tensor, label: Tensor, sampleWeight?: Tensor): Tensor {
    return this.perSample(this.weighted(abs(like(label, pred).sub(pred)), sampleWeight));
  }
}
/** |e| − ρ/2 for |e| > ρ, else e²/(2ρ); e = label − pred, ρ 1. */
export class HuberLoss extends Loss {
  readonly rho: number;
  constructor(options: LossOptions & { rho?: number } = {}) {
    super({ alias: 'huberloss', ...options });
    this.rho = options.rho ?? 1;
  }
  override forward(pred: Tensor, label: Tensor, sampleWeight?: Tensor): Tensor {
    const e = abs(like(label, pred).sub(pred));
    return this.perSample(this.weighted(where(greater(e, this.rho), e.sub(0.5 * this.rho), e.square().mul(0.5 / this.rho)), sampleWeight));
  }
}
/**
 * The negative log likelihood of counts: eᵖ − label p for logarithms of rates, p − label log(p + ε) for rates (`fromLogits` false); with
 * `computeFull` plus Stirling's term for labels above 1. One number, the mean over everything, as [1].
 */
export class PoissonNLLLoss extends Loss {
  readonly fromLogits: boolean;
  readonly computeFull: boolean;
  readonly epsilon: number;
  constructor(options: LossOptions & { fromLogits?: boolean; computeFull?: boolean; epsilon?: number } = {}) {
    super({ alias: 'poissonnllloss', ...options });
    this.fromLogits = options.fromLogits ?? true;
    this.computeFull = options.computeFull ?? false;
    this.epsilon = options.epsilon ?? 1e-8;
  }
  override forward(pred: Tensor, label: Tensor, sampleWeight?: Tensor): Tensor {
    const target = like(label, pred);
    let loss = this.fromLogits ? exp(pred).sub(target.mul(pred)) : pred.sub(target.mul(log(pred.add(this.epsilon))));
    if (this.computeFull) {
      const large = greater(target, 1);
      const safe = where(large, target, 1);
      loss = loss.add(where(large, safe.mul(log(safe)).sub(safe).add(log(safe.mul(2 * Math.PI)).mul(0.5)), 0));
    }
    return this.weighted(loss, sampleWeight).mean().reshape(1);
  }
}
/** relu(margin − pred · label) for labels ±1; margin 1. */
export class HingeLoss extends Loss {
  readonly margin: number;
  constructor(options: LossOptions & { margin?: number } = {}) {
    super({ alias: 'hingeloss', ...options });
    this.margin = options.margin ?? 1;
  }
  override forward(pred: Tensor, label: Tensor, sampleWeight?: Tensor): Tensor {
    return this.perSample(this.weighted(relu(pred.mul(like(label, pred)).neg().add(this.margin)), sampleWeight));
  }
}
/** The square of {@link HingeLoss}'s. */
export class SquaredHingeLoss extends Loss {
  readonly margin: number;
  constructor(options: LossOptions & { margin?: number } = {}) {
    super({ alias: 'squaredhingeloss', ...options });
    this.margin = options.margin ?? 1;
  }
  override forward(pred: Tensor, label: Tensor, sampleWeight?: Tensor): Tensor {
    return this.perSample(this.weighted(relu(pred.mul(like(label, pred)).neg().add(this.margin)).square(), sampleWeight));
  }
}
