import { type DType, type Shape, type Tensor, concat, tensor, zeros } from '@matheron/core-tensor';
import { ArgumentError } from '../errors.ts';
import { type InitLike, Initializer, type Setting } from './initializer.ts';
import { gateBias } from './lstm.ts';
import { resolveInit } from './registry.ts';

const gates = { rnn_relu: 1, rnn_tanh: 1, lstm: 4, gru: 3 } as const;

/** Settings of {@link FusedRNN}. */
export interface FusedRNNOptions {
  hiddenSize: number;
  numLayers: number;
  mode: keyof typeof gates;
  /** false */
  bidirectional?: boolean;
  /** 1; for LSTM only. */
  forgetBias?: number;
}

/**
 * The packed parameter vector of a whole recurrent network, as MXNet's fused operators store it: the weights i2h, h2h of every layer
 * and direction, each by `init`, then the biases, 0 but for an LSTM's forget gates. The input size follows from the vector's length.
 */
export class FusedRNN extends Initializer {
  readonly init: InitLike;
  readonly options: FusedRNNOptions;
  constructor(init: InitLike, options: FusedRNNOptions) {
    super();
    this.init = init;
    this.options = options;
  }
  override get kind(): string {
    return 'fusedrnn';
  }
  override get settings(): Readonly<Record<string, Setting>> {
    const { hiddenSize, numLayers, mode, bidirectional, forgetBias } = this.options;
    return { init: this.init instanceof Initializer ? this.init.dumps() : String(this.init), num_hidden: hiddenSize, num_layers: numLayers, mode, bidirectional: bidirectional ?? false, forget_bias: forgetBias ?? 1 };
  }
  override initWeight(name: string, shape: Shape, dtype: DType): Tensor {
    const { hiddenSize: h, numLayers, mode } = this.options;
    const directions = this.options.bidirectional ? 2 : 1;
    const g = gates[mode] * h;
    const deeper = (numLayers - 1) * directions * g * (directions * h + h + 2);
    const inputs = ((shape[0] ?? 0) - deeper) / (directions * g) - h - 2;
    if (shape.length !== 1 || !Number.isInteger(inputs) || inputs < 1) {
      throw new ArgumentError('init', `fusedrnn for ${name} of shape [${shape.join(', ')}]`, `a vector that holds ${numLayers} layers of ${h} units (${mode}${directions === 2 ? ', bidirectional' : ''})`);
    }
    const weights: Tensor[] = [];
    for (let layer = 0; layer < numLayers; layer++) {
      for (const side of ['l', 'r'].slice(0, directions)) {
        for (const [part, columns] of [['i2h', layer === 0 ? inputs : directions * h], ['h2h', h]] as const) {
          weights.push(resolveInit(this.init)(`${name}_${side}${layer}_${part}_weight`, [g, columns], dtype).reshape(g * columns));
        }
      }
    }
    const bias = mode === 'lstm' ? tensor(gateBias(g, this.options.forgetBias ?? 1), { dtype }) : zeros([g], { dtype });
    return concat([...weights, ...new Array<Tensor>(2 * numLayers * directions).fill(bias)]);
  }
}
