import { type Tensor, concat } from '@matheron/core-tensor';
import type { BlockOptions } from '../block.ts';
import type { Layer } from '../types.ts';
import { HybridSequential, Sequential } from './sequential.ts';

/** Layers side by side: their outputs joined along `axis` (−1). */
export class Concurrent extends Sequential {
  readonly axis: number;
  constructor(options: BlockOptions & { axis?: number } = {}, ...layers: Layer[]) {
    super({ alias: 'concurrent', ...options }, ...layers);
    this.axis = options.axis ?? -1;
  }
  override forward(x: Tensor): Tensor {
    return concat(Array.from(this, (layer) => layer.call(x)), this.axis);
  }
}

/** Hybrid layers side by side: their outputs joined along `axis` (−1). */
export class HybridConcurrent extends HybridSequential {
  readonly axis: number;
  constructor(options: BlockOptions & { axis?: number } = {}, ...layers: Layer[]) {
    super({ alias: 'hybridconcurrent', ...options }, ...layers);
    this.axis = options.axis ?? -1;
  }
  override forward(x: Tensor): Tensor {
    return concat(Array.from(this, (layer) => layer.call(x)), this.axis);
  }
}
