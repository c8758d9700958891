import { type Tensor, clip, floor, isFloat, log, logSoftmax, softplus, takeAlongAxis } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import { Loss, type LossOptions, given, like } from './loss.ts';

const tiny = 1e-12;

/** Cross entropy of independent binary labels, from logits p without overflow or cancellation; a fourth argument weighs the positive ones. */
export class SigmoidBinaryCrossEntropyLoss extends Loss {
  readonly fromSigmoid: boolean;
  constructor(options: LossOptions & { fromSigmoid?: boolean } = {}) {
    super({ alias: 'sigmoidbinarycrossentropyloss', ...options });
    this.fromSigmoid = options.fromSigmoid ?? false;
  }
  override forward(pred: Tensor, label: Tensor, sampleWeight?: Tensor, posWeight?: Tensor): Tensor {
    const target = like(label, pred);
    return this.perSample(this.weighted(this.fromSigmoid ? this.#ofProbability(pred, target, posWeight) : crossEntropy(pred, target, posWeight), sampleWeight));
  }
  #ofProbability(p: Tensor, target: Tensor, posWeight: Tensor | undefined): Tensor {
    const yes = log(p.add(tiny)).mul(target);
    const no = log(p.neg().add(1 + tiny)).mul(target.neg().add(1));
    return (posWeight ? yes.mul(posWeight) : yes).add(no).neg();
  }
}

/** z·log(1 + e⁻ˣ) + (1 − z)·log(1 + eˣ): with the right gradient at 0 too, where max(x, 0) − xz + log(1 + e^−|x|) has none. */
function crossEntropy(x: Tensor, z: Tensor, posWeight?: Tensor): Tensor {
  const yes = softplus(x.neg()).mul(z);
  return (posWeight ? yes.mul(posWeight) : yes).add(softplus(x).mul(z.neg().add(1)));
}

/** What labels and predictions of {@link SoftmaxCrossEntropyLoss} are. */
export interface SoftmaxCrossEntropyOptions extends LossOptions {
  /** −1 */
  axis?: number;
  /** Whether labels are class numbers, else distributions; true. Numbers outside the classes are clipped, as in MXNet. */
  sparseLabel?: boolean;
  /** Whether `pred` is the log of probabilities already; false. */
  fromLogits?: boolean;
}

/** Cross entropy of classes. */
export class SoftmaxCrossEntropyLoss extends Loss {
  readonly axis: number;
  readonly sparseLabel: boolean;
  readonly fromLogits: boolean;
  constructor(options: SoftmaxCrossEntropyOptions = {}) {
    super({ alias: 'softmaxcrossentropyloss', ...options });
    this.axis = options.axis ?? -1;
    this.sparseLabel = options.sparseLabel ?? true;
    this.fromLogits = options.fromLogits ?? false;
  }
  override forward(pred: Tensor, label: Tensor, sampleWeight?: Tensor): Tensor {
    const axis = this.axis < 0 ? this.axis + pred.ndim : this.axis;
    const logs = this.fromLogits ? pred : logSoftmax(pred, axis);
    const loss = this.sparseLabel ? pick(logs, given('label', label), axis) : logs.mul(like(label, pred)).sum(axis, { keepdims: true });
    return this.perSample(this.weighted(loss.neg(), sampleWeight));
  }
}

/** The element that a class number names along `axis`, which stays, of size 1. */
function pick(x: Tensor, label: Tensor, axis: number): Tensor {
  const index = clip(isFloat(label.dtype) ? floor(label) : label, 0, x.shape[axis]! - 1).astype('int32');
  return takeAlongAxis(x, index.reshape(...x.shape.map((n, k) => (k === axis ? 1 : n))), axis);
}

/** label (log(label + 1e-12) − pred), summed over all axes but the batch's; `pred` is a log of probabilities, or is made one (`fromLogits` false). */
export class KLDivLoss extends Loss {
  readonly fromLogits: boolean;
  readonly axis: number;
  constructor(options: LossOptions & { fromLogits?: boolean; axis?: number } = {}) {
    super({ alias: 'kldivloss', ...options });
    this.fromLogits = options.fromLogits ?? true;
    this.axis = options.axis ?? -1;
  }
  override forward(pred: Tensor, label: Tensor, sampleWeight?: Tensor): Tensor {
    const logs = this.fromLogits ? pred : logSoftmax(pred, this.axis);
    const loss = this.weighted(label.mul(log(label.add(tiny)).sub(logs)), sampleWeight);
    return loss.sum(this.others(loss));
  }
}

/** log(1 + e^(−pred · label)) for labels ±1 (`labelFormat` 'signed') or 0 and 1 ('binary'). */
export class LogisticLoss extends Loss {
  readonly labelFormat: 'signed' | 'binary';
  constructor(options: LossOptions & { labelFormat?: 'signed' | 'binary' } = {}) {
    super({ alias: 'logisticloss', ...options });
    this.labelFormat = options.labelFormat ?? 'signed';
    if (this.labelFormat !== 'signed' && this.labelFormat !== 'binary') throw new ArgumentError('labelFormat', this.labelFormat, "'signed' or 'binary'");
  }
  override forward(pred: Tensor, label: Tensor, sampleWeight?: Tensor): Tensor {
    const own = like(label, pred);
    const target = this.labelFormat === 'signed' ? own.add(1).div(2) : own;
    return this.perSample(this.weighted(crossEntropy(pred, target), sampleWeight));
  }
}
