import { type Tensor, sigmoid } from '@matheron/core-tensor';
import { ArgumentError, type InitLike, type Parameter } from '@matheron/gluon-params';
import type { BlockOptions } from '../block.ts';
import { type Sizes, spread } from '../nn/conv.ts';
import { type Spatial, convolve } from '../nn/convolve.ts';
import { layerParameter, positiveInteger } from '../nn/parameters.ts';
import { tuple } from '../nn/print.ts';
import { type CellActivation, functionOf } from './cells.ts';
import { RecurrentCell, type StateInfo } from './recurrent-cell.ts';
import { type StepFunction, gruStep, lstmStep } from './steps.ts';

/** What every convolutional cell takes. */
export interface ConvCellOptions extends BlockOptions {
  /** Zeros around the input; 0. The state is padded so that it keeps its size. */
  i2hPad?: Sizes;
  /** 1 */
  i2hDilate?: Sizes;
  /** 1 */
  h2hDilate?: Sizes;
  i2hWeightInitializer?: InitLike;
  h2hWeightInitializer?: InitLike;
  /** 'zeros' */
  i2hBiasInitializer?: InitLike;
  /** 'zeros' */
  h2hBiasInitializer?: InitLike;
  /** 'tanh' */
  activation?: CellActivation;
}

/**
 * What cells share whose products are convolutions (Shi et al., "Convolutional LSTM network", NeurIPS 2015): x [n, c, …] and states [n, h, …]. The
 * kernel over the states is odd, so that they keep the size that the convolution of the input has.
 */
abstract class ConvCell extends RecurrentCell {
  /** The number of spatial axes: what tells the classes of a kind from each other. */
  protected static readonly rank: number;
  /** The number of gates, each with `hiddenChannels` rows of the weights. */
  protected static readonly gates: number;
  protected static readonly alias: string;
  readonly hiddenChannels: number;
  readonly i2h_weight: Parameter;
  readonly h2h_weight: Parameter;
  readonly i2h_bias: Parameter;
  readonly h2h_bias: Parameter;
  protected readonly activation: StepFunction;
  readonly #input: readonly number[];
  readonly #sizes: readonly number[];
  readonly #i2h: Spatial;
  readonly #h2h: Spatial;

  constructor(inputShape: readonly number[], hiddenChannels: number, i2hKernel: Sizes, h2hKernel: Sizes, options: ConvCellOptions = {}) {
    const { rank, gates, alias } = new.target;
    super({ alias, ...options });
    if (inputShape.length !== rank + 1 || !inputShape.every((n) => Number.isInteger(n) && n > 0)) throw new ArgumentError('inputShape', inputShape, `channels and ${rank} sizes, without the batch`);
    this.hiddenChannels = positiveInteger('hiddenChannels', hiddenChannels);
    const ones = new Array<number>(rank).fill(1);
    const kernel = spread('h2hKernel', h2hKernel, rank, 1);
    if (kernel.some((k) => k % 2 === 0)) throw new ArgumentError('h2hKernel', h2hKernel, 'odd sizes, so that states keep theirs');
    const dilation = spread('h2hDilate', options.h2hDilate ?? 1, rank, 1);
    this.#i2h = { kernel: spread('i2hKernel', i2hKernel, rank, 1), strides: ones, padding: spread('i2hPad', options.i2hPad ?? 0, rank, 0), dilation: spread('i2hDilate', options.i2hDilate ?? 1, rank, 1) };
    this.#h2h = { kernel, strides: ones, padding: kernel.map((k, a) => (dilation[a]! * (k - 1)) / 2), dilation };
    this.#input = inputShape;
    const [channels, ...sizes] = inputShape as [number, ...number[]];
    this.#sizes = sizes.map((n, a) => n + 2 * this.#i2h.padding[a]! - this.#i2h.dilation[a]! * (this.#i2h.kernel[a]! - 1));
    if (this.#sizes.some((n) => n < 1)) throw new ArgumentError('i2hKernel', i2hKernel, `a kernel that fits an input of ${tuple(sizes)}, padding included`);
    this.activation = functionOf(options.activation ?? 'tanh');
    const rows = gates * hiddenChannels;
    this.i2h_weight = layerParameter(this.params, 'i2h_weight', { shape: [rows, channels, ...this.#i2h.kernel], init: options.i2hWeightInitializer });
    this.h2h_weight = layerParameter(this.params, 'h2h_weight', { shape: [rows, hiddenChannels, ...kernel], init: options.h2hWeightInitializer });
    this.i2h_bias = layerParameter(this.params, 'i2h_bias', { shape: [rows], init: options.i2hBiasInitializer ?? 'zeros' });
    this.h2h_bias = layerParameter(this.params, 'h2h_bias', { shape: [rows], init: options.h2hBiasInitializer ?? 'zeros' });
  }
  override stateInfo(batchSize = 0): StateInfo[] {
    return [{ shape: [batchSize, this.hiddenChannels, ...this.#sizes], layout: `NC${'DHW'.slice(3 - this.#sizes.length)}` }];
  }
  /** The input's part of the gates, with bias. ArgumentError for another shape than `inputShape`. */
  protected fromInput(x: Tensor): Tensor {
    if (x.shape.slice(1).join() !== this.#input.join()) throw new ArgumentError(`${this.constructor.name}.call`, `an input of shape ${tuple(x.shape)}`, `(n, ${this.#input.join(', ')})`);
    return convolve(x, this.i2h_weight.data(x.ctx), this.#i2h, 1).add(this.#beside(this.i2h_bias.data(x.ctx)));
  }
  /** The state's part of the gates, with bias. */
  protected fromState(h: Tensor): Tensor {
    return convolve(h, this.h2h_weight.data(h.ctx), this.#h2h, 1).add(this.#beside(this.h2h_bias.data(h.ctx)));
  }
  #beside(bias: Tensor): Tensor {
    return bias.reshape(-1, ...this.#sizes.map(() => 1));
  }
  /** State k. ArgumentError where it is missing. */
  protected state(states: readonly Tensor[], k: number): Tensor {
    const found = states?.[k];
    if (!found) throw new ArgumentError(`${this.constructor.name}.call`, `${states?.length ?? 'no'} states`, `${this.stateInfo().length} states, as beginState(batchSize) gives them`);
    return found;
  }
  override toString(): string {
    return `${this.constructor.name}(${this.#input[0]} -> ${this.hiddenChannels}, ${tuple(this.#i2h.kernel)}, ${tuple(this.#h2h.kernel)})`;
  }
}

abstract class ConvRNNCell extends ConvCell {
  protected static override readonly gates: number = 1;
  protected static override readonly alias: string = 'conv_rnn';
  override forward(x: Tensor, states: readonly Tensor[]): [output: Tensor, states: Tensor[]] {
    const h = this.activation(this.fromInput(x).add(this.fromState(this.state(states, 0))));
    return [h, [h]];
  }
}
abstract class ConvLSTMCell extends ConvCell {
  protected static override readonly gates: number = 4;
  protected static override readonly alias: string = 'conv_lstm';
  override stateInfo(batchSize = 0): StateInfo[] {
    return [...super.stateInfo(batchSize), ...super.stateInfo(batchSize)];
  }
  override forward(x: Tensor, states: readonly Tensor[]): [output: Tensor, states: Tensor[]] {
    const gates = this.fromInput(x).add(this.fromState(this.state(states, 0)));
    const [h, c] = lstmStep(gates, this.state(states, 1), this.activation, sigmoid, undefined, 1);
    return [h, [h, c]];
  }
}
abstract class ConvGRUCell extends ConvCell {
  protected static override readonly gates: number = 3;
  protected static override readonly alias: string = 'conv_gru';
  override forward(x: Tensor, states: readonly Tensor[]): [output: Tensor, states: Tensor[]] {
    const before = this.state(states, 0);
    const h = gruStep(this.fromInput(x), this.fromState(before), before, this.activation, sigmoid, 1);
    return [h, [h]];
  }
}
/** An RNNCell over sequences, [n, c, w]: convolutions in place of products. `inputShape` is [c, w]. */
export class Conv1DRNNCell extends ConvRNNCell {
  protected static override readonly rank: number = 1;
}
/** An RNNCell over images, [n, c, h, w]: convolutions in place of products. `inputShape` is [c, h, w]. */
export class Conv2DRNNCell extends ConvRNNCell {
  protected static override readonly rank: number = 2;
}
/** An RNNCell over volumes, [n, c, d, h, w]: convolutions in place of products. `inputShape` is [c, d, h, w]. */
export class Conv3DRNNCell extends ConvRNNCell {
  protected static override readonly rank: number = 3;
}
/** An LSTMCell over sequences, [n, c, w]: convolutions in place of products. `inputShape` is [c, w]. */
export class Conv1DLSTMCell extends ConvLSTMCell {
  protected static override readonly rank: number = 1;
}
/** An LSTMCell over images, [n, c, h, w]: convolutions in place of products. `inputShape` is [c, h, w]. */
export class Conv2DLSTMCell extends ConvLSTMCell {
  protected static override readonly rank: number = 2;
}
/** An LSTMCell over volumes, [n, c, d, h, w]: convolutions in place of products. `inputShape` is [c, d, h, w]. */
export class Conv3DLSTMCell extends ConvLSTMCell {
  protected static override readonly rank: number = 3;
}
/** A GRUCell over sequences, [n, c, w]: convolutions in place of products. `inputShape` is [c, w]. */
export class Conv1DGRUCell extends ConvGRUCell {
  protected static override readonly rank: number = 1;
}
/** A GRUCell over images, [n, c, h, w]: convolutions in place of products. `inputShape` is [c, h, w]. */
export class Conv2DGRUCell extends ConvGRUCell {
  protected static override readonly rank: number = 2;
}
/** A GRUCell over volumes, [n, c, d, h, w]: convolutions in place of products. `inputShape` is [c, d, h, w]. */
export class Conv3DGRUCell extends ConvGRUCell {
  protected static override readonly rank: number = 3;
}
