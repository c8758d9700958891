import type { Shape, Tensor } from '@matheron/core-tensor';
import { like, scatterAdd } from './algebra.ts';

/**
 * A gradient of `shape` that is zero but for some rows: `updates` [k, …] added at `index` int32 [k] (repeated rows add up, negative ones
 * count from the end). Shapes are static, so it may stand in a compiled graph.
 */
export class RowUpdates {
  readonly shape: Shape;
  readonly index: Tensor;
  readonly updates: Tensor;
  constructor(shape: Shape, index: Tensor, updates: Tensor) {
    this.shape = shape;
    this.index = index;
    this.updates = updates;
  }
  /** The same as a tensor. */
  toDense(): Tensor {
    return scatterAdd(like(this.updates, 0, this.shape), this.index, this.updates, 0);
  }
}
