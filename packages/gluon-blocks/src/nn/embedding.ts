import { type DType, type Tensor, clip, floor, isFloat, take } from '@matheron/core-tensor';
import { ArgumentError, type InitLike, type Parameter } from '@matheron/gluon-params';
import type { BlockOptions } from '../block.ts';
import { HybridBlock } from '../hybrid-block.ts';

/** What {@link Embedding} takes. */
export interface EmbeddingOptions extends BlockOptions {
  dtype?: DType;
  weightInitializer?: InitLike;
  /** Whether the weight's gradient holds only the rows that were used; false. */
  sparseGrad?: boolean;
}

/** Rows of a table: indices [...] → [..., outputDim]. Indices outside [0, inputDim) are clipped and fractions cut, as MXNet does. */
export class Embedding extends HybridBlock {
  readonly inputDim: number;
  readonly outputDim: number;
  readonly weight: Parameter;
  constructor(inputDim: number, outputDim: number, options: EmbeddingOptions = {}) {
    super({ alias: 'embedding', ...options });
    for (const [name, n] of Object.entries({ inputDim, outputDim })) if (!Number.isInteger(n) || n < 1) throw new ArgumentError(name, n, 'a positive integer');
    this.inputDim = inputDim;
    this.outputDim = outputDim;
    const { dtype, weightInitializer } = options;
    this.weight = this.params.get('weight', {
      shape: [inputDim, outputDim], gradStype: options.sparseGrad ? 'row_sparse' : 'default', allowDeferredInit: true,
      ...(dtype && { dtype }), ...(weightInitializer !== undefined && { init: weightInitializer }),
    });
  }
  override forward(x: Tensor): Tensor {
    const index = clip(isFloat(x.dtype) ? floor(x) : x, 0, this.inputDim - 1).astype('int32');
    return take(this.weight.data(x.ctx), index);
  }
  override toString(): string {
    return `${this.constructor.name}(${this.inputDim} -> ${this.outputDim}, ${this.weight.dtype})`;
  }
}

/** {@link Embedding} with a row-sparse gradient. */
export class SparseEmbedding extends Embedding {
  constructor(inputDim: number, outputDim: number, options: Omit<EmbeddingOptions, 'sparseGrad'> = {}) {
    super(inputDim, outputDim, { alias: 'sparseembedding', ...options, sparseGrad: true });
  }
}
