import { type Tensor, equal, eye, logSoftmax, maximum, norm, relu } from '@matheron/core-tensor';
import { Loss, type LossOptions, given, like } from './loss.ts';

/** relu(Σ(pred − positive)² − Σ(pred − negative)² + margin), sums over all axes but the batch's; margin 1. */
export class TripletLoss extends Loss {
  readonly margin: number;
  constructor(options: LossOptions & { margin?: number } = {}) {
    super({ alias: 'tripletloss', ...options });
    this.margin = options.margin ?? 1;
  }
  override forward(pred: Tensor, positive: Tensor, negative?: Tensor, sampleWeight?: Tensor): Tensor {
    const gap = like(positive, pred, 'positive').sub(pred).square().sub(like(negative, pred, 'negative').sub(pred).square());
    return this.weighted(relu(gap.sum(this.others(gap)).add(this.margin)), sampleWeight);
  }
}

/** 1 − cos(a, b) for labels 1, relu(cos(a, b) − margin) for labels −1: [n, 1]. */
export class CosineEmbeddingLoss extends Loss {
  readonly margin: number;
  constructor(options: LossOptions & { margin?: number } = {}) {
    super({ alias: 'cosineembeddingloss', ...options });
    this.margin = options.margin ?? 0;
  }
  override forward(a: Tensor, b: Tensor, label?: Tensor, sampleWeight?: Tensor): Tensor {
    const x = like(a, b);
    const column = (t: Tensor): Tensor => t.reshape(-1, 1);
    const cosine = column(x.mul(b).sum(-1)).div(maximum(column(norm(x, -1)).mul(column(norm(b, -1))), 1e-12));
    const sign = column(given('label', label));
    const [same, other] = [equal(sign, 1).astype(x.dtype), equal(sign, -1).astype(x.dtype)];
    return this.weighted(cosine.neg().add(1).mul(same).add(relu(other.mul(cosine.sub(this.margin)))), sampleWeight);
  }
}

/**
 * Deep metric learning over the pairs of a batch: the cross entropy between softmax(−‖aᵢ − bⱼ‖²) and the pairing, smoothed. [n].
 *
 * Bonadiman, Kumar and Mittal, "Large scale question paraphrase retrieval with smoothed deep metric learning", arXiv:1905.12786.
 */
export class SDMLLoss extends Loss {
  readonly smoothingParameter: number;
  constructor(options: LossOptions & { smoothingParameter?: number } = {}) {
    super({ alias: 'sdmlloss', ...options }, 1);
    this.smoothingParameter = options.smoothingParameter ?? 0.3;
  }
  override forward(a: Tensor, b: Tensor): Tensor {
    const n = a.shape[0]!;
    const distances = a.expandDims(1).sub(b.expandDims(0)).square().sum(2);
    const logs = logSoftmax(distances.neg(), 1);
    const off = this.smoothingParameter / (n - 1);
    const labels = eye(n, { ctx: a.ctx, dtype: logs.dtype }).mul(1 - this.smoothingParameter - off).add(off);
    return this.weighted(labels.mul(labels.add(1e-12).log().sub(logs)).sum(1), undefined);
  }
}
