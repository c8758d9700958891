import type { Tensor } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import type { BlockOptions } from '../block.ts';
import { HybridBlock } from '../hybrid-block.ts';

/** What every loss takes. */
export interface LossOptions extends BlockOptions {
  /** Multiplies the loss; 1, or none. */
  weight?: number;
  /** 0 */
  batchAxis?: number;
}

/**
 * A loss: one number a sample, [batch], the mean over all other axes unless a class says otherwise. A third argument weighs samples,
 * broadcast against the elementwise losses.
 */
export abstract class Loss extends HybridBlock {
  readonly weight: number | undefined;
  readonly batchAxis: number;
  constructor(options: LossOptions = {}, weight?: number) {
    super(options);
    this.weight = options.weight ?? weight;
    this.batchAxis = options.batchAxis ?? 0;
    if (this.weight !== undefined && typeof this.weight !== 'number') throw new ArgumentError('weight', this.weight, 'a number');
  }
  abstract override forward(pred: Tensor, label: Tensor, sampleWeight?: Tensor): Tensor;
  /** The elementwise loss times the sample weights and the loss's weight. */
  protected weighted(loss: Tensor, sampleWeight: Tensor | undefined, weight: number | undefined = this.weight): Tensor {
    const sampled = sampleWeight ? loss.mul(sampleWeight) : loss;
    return weight === undefined || weight === 1 ? sampled : sampled.mul(weight);
  }
  /** All axes but the batch's. */
  protected others(x: Tensor): number[] {
    const batch = this.batchAxis < 0 ? this.batchAxis + x.ndim : this.batchAxis;
    return x.shape.map((_, k) => k).filter((k) => k !== batch);
  }
  /** The mean over all axes but the batch's. */
  protected perSample(loss: Tensor): Tensor {
    return loss.mean(this.others(loss));
  }
  override toString(): string {
    return `${this.constructor.name}(batch_axis=${this.batchAxis}, w=${this.weight ?? 'None'})`;
  }
}

/** `label` in the shape of `pred`. */
export function like(label: Tensor, pred: Tensor): Tensor {
  return label.reshape(...pred.shape);
}
