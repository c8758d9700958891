import { Tensor, formatShape, normalizeAxis } from '@matheron/core-tensor';
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
 * A loss: one number a sample, [batch], the mean over all other axes unless a class says otherwise. A third argument weighs samples: one number
 * each, [batch], or a tensor of the loss's rank that broadcasts against the elementwise losses. ArgumentError for weights that fit neither.
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
    const sampled = sampleWeight ? loss.mul(this.#beside(loss, sampleWeight)) : loss;
    return weight === undefined || weight === 1 ? sampled : sampled.mul(weight);
  }
  /** Weights along the axes they belong to: broadcasting from the last axis on would give every sample the weights of all. */
  #beside(loss: Tensor, weights: Tensor): Tensor {
    if (weights.ndim === 0 || weights.ndim === loss.ndim) return weights;
    const batch = this.#batch(loss);
    const shape = weights.ndim === 1 ? loss.shape.map((_, k) => (k === batch ? weights.size : 1)) : loss.shape.map((_, k) => weights.shape[k] ?? 1);
    if (weights.shape.slice(loss.ndim).some((n) => n !== 1) || !shape.every((n, k) => n === 1 || n === loss.shape[k])) {
      throw new ArgumentError('sampleWeight', `shape ${formatShape(weights.shape)} beside losses of shape ${formatShape(loss.shape)}`, `one number a sample, [${loss.shape[batch] ?? 1}], or a tensor of rank ${loss.ndim}`);
    }
    return weights.reshape(...shape);
  }
  /** The batch's axis of a tensor that has one. */
  #batch(x: Tensor): number {
    return x.ndim === 0 ? 0 : normalizeAxis(this.constructor.name, this.batchAxis, x.ndim);
  }
  /** All axes but the batch's. IndexError where there is no such axis. */
  protected others(x: Tensor): number[] {
    const batch = this.#batch(x);
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
export function like(label: Tensor | undefined, pred: Tensor, argument = 'label'): Tensor {
  return given(argument, label).reshape(...pred.shape);
}
/** An argument that must be there. ArgumentError where it is no tensor. */
export function given(argument: string, x: Tensor | undefined): Tensor {
  if (!(x instanceof Tensor)) throw new ArgumentError(argument, x, 'a tensor; a loss is called with predictions and labels');
  return x;
}
