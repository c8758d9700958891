import { type Tensor, matmul, sigmoid, tanh } from '@matheron/core-tensor';
import { ArgumentError, type InitLike, type Parameter } from '@matheron/gluon-params';
import type { BlockOptions } from '../block.ts';
import { type ActivationName, activationFunction } from '../nn/activation.ts';
import { layerParameter, positiveInteger } from '../nn/parameters.ts';
import { dimension } from '../nn/print.ts';
import { RecurrentCell, type StateInfo } from './recurrent-cell.ts';
import { type StepFunction, clipper, gruStep, lstmStep } from './steps.ts';

/** An activation by name or as a function. */
export type CellActivation = ActivationName | StepFunction;
/** What every cell takes. */
export interface CellOptions extends BlockOptions {
  i2hWeightInitializer?: InitLike;
  h2hWeightInitializer?: InitLike;
  /** 'zeros' */
  i2hBiasInitializer?: InitLike;
  /** 'zeros' */
  h2hBiasInitializer?: InitLike;
  /** Learned at the first step where it is not given. */
  inputSize?: number;
}

/** The function that is meant. */
export function functionOf(activation: CellActivation): StepFunction {
  return typeof activation === 'function' ? activation : activationFunction(activation);
}

/** What cells with weights share: i2h [g·h, inputs], h2h [g·h, h] and their biases. */
abstract class GatedCell extends RecurrentCell {
  readonly hiddenSize: number;
  readonly i2h_weight: Parameter;
  readonly h2h_weight: Parameter;
  readonly i2h_bias: Parameter;
  readonly h2h_bias: Parameter;
  readonly #gates: number;
  constructor(hiddenSize: number, gates: number, stateSize: number, options: CellOptions) {
    super(options);
    this.hiddenSize = positiveInteger('hiddenSize', hiddenSize);
    this.#gates = gates;
    const rows = gates * hiddenSize;
    this.i2h_weight = layerParameter(this.params, 'i2h_weight', { shape: [rows, options.inputSize ?? 0], init: options.i2hWeightInitializer });
    this.h2h_weight = layerParameter(this.params, 'h2h_weight', { shape: [rows, stateSize], init: options.h2hWeightInitializer });
    this.i2h_bias = layerParameter(this.params, 'i2h_bias', { shape: [rows], init: options.i2hBiasInitializer ?? 'zeros' });
    this.h2h_bias = layerParameter(this.params, 'h2h_bias', { shape: [rows], init: options.h2hBiasInitializer ?? 'zeros' });
  }
  override inferShape(x: Tensor): void {
    this.i2h_weight.shape = [this.#gates * this.hiddenSize, x.shape.at(-1) ?? 0];
  }
  override stateInfo(batchSize = 0): StateInfo[] {
    return [{ shape: [batchSize, this.hiddenSize], layout: 'NC' }];
  }
  /** The input's part of the gates, with bias. */
  protected fromInput(x: Tensor): Tensor {
    return matmul(x, this.i2h_weight.data(x.ctx).T).add(this.i2h_bias.data(x.ctx));
  }
  /** The state's part of the gates, with bias. */
  protected fromState(h: Tensor): Tensor {
    return matmul(h, this.h2h_weight.data(h.ctx).T).add(this.h2h_bias.data(h.ctx));
  }
  /** State k. ArgumentError where it is missing. */
  protected state(states: readonly Tensor[], k: number): Tensor {
    const found = states?.[k];
    if (!found) throw new ArgumentError(`${this.constructor.name}.call`, `${states?.length ?? 'no'} states`, `${this.stateInfo().length} states, as beginState(batchSize) gives them`);
    return found;
  }
  /** The cell as Gluon prints it, `more` being what the class adds. */
  protected print(more = ''): string {
    return `${this.constructor.name}(${dimension(this.i2h_weight.shape?.[1])} -> ${this.hiddenSize}${more})`;
  }
}

/** What {@link RNNCell} takes. */
export interface RNNCellOptions extends CellOptions {
  /** 'tanh' */
  activation?: CellActivation;
}
/** h′ = activation(W_i x + b_i + W_h h + b_h) (Elman, 1990): [n, inputs], [[n, h]] → [n, h], [[n, h]]. */
export class RNNCell extends GatedCell {
  readonly #activation: StepFunction;
  readonly #label: string;
  constructor(hiddenSize: number, options: RNNCellOptions = {}) {
    super(hiddenSize, 1, hiddenSize, { alias: 'rnn', ...options });
    const { activation = 'tanh' } = options;
    this.#activation = functionOf(activation);
    this.#label = typeof activation === 'string' ? activation : activation.name;
  }
  override forward(x: Tensor, states: readonly Tensor[]): [output: Tensor, states: Tensor[]] {
    const h = this.#activation(this.fromInput(x).add(this.fromState(this.state(states, 0))));
    return [h, [h]];
  }
  override toString(): string {
    return this.print(`, ${this.#label}`);
  }
}

/** What cells with gates take. */
export interface GateOptions extends CellOptions {
  /** 'tanh' */
  activation?: CellActivation;
  /** 'sigmoid' */
  recurrentActivation?: CellActivation;
}
/** A long short-term memory (Hochreiter & Schmidhuber, 1997) with gates i, f, c, o: [n, inputs], [h [n, h], c [n, h]] → [n, h], [h, c]. */
export class LSTMCell extends GatedCell {
  readonly #activation: StepFunction;
  readonly #recurrent: StepFunction;
  constructor(hiddenSize: number, options: GateOptions = {}) {
    super(hiddenSize, 4, hiddenSize, { alias: 'lstm', ...options });
    this.#activation = functionOf(options.activation ?? tanh);
    this.#recurrent = functionOf(options.recurrentActivation ?? sigmoid);
  }
  override stateInfo(batchSize = 0): StateInfo[] {
    return [...super.stateInfo(batchSize), ...super.stateInfo(batchSize)];
  }
  override forward(x: Tensor, states: readonly Tensor[]): [output: Tensor, states: Tensor[]] {
    const gates = this.fromInput(x).add(this.fromState(this.state(states, 0)));
    const [h, c] = lstmStep(gates, this.state(states, 1), this.#activation, this.#recurrent);
    return [h, [h, c]];
  }
  override toString(): string {
    return this.print();
  }
}

/** A gated recurrent unit (Cho et al., 2014) with gates r, z, o and the reset after the product: [n, inputs], [[n, h]] → [n, h], [[n, h]]. */
export class GRUCell extends GatedCell {
  readonly #activation: StepFunction;
  readonly #recurrent: StepFunction;
  constructor(hiddenSize: number, options: GateOptions = {}) {
    super(hiddenSize, 3, hiddenSize, { alias: 'gru', ...options });
    this.#activation = functionOf(options.activation ?? tanh);
    this.#recurrent = functionOf(options.recurrentActivation ?? sigmoid);
  }
  override forward(x: Tensor, states: readonly Tensor[]): [output: Tensor, states: Tensor[]] {
    const before = this.state(states, 0);
    const h = gruStep(this.fromInput(x), this.fromState(before), before, this.#activation, this.#recurrent);
    return [h, [h]];
  }
  override toString(): string {
    return this.print();
  }
}

/** What {@link LSTMPCell} takes. */
export interface LSTMPCellOptions extends CellOptions {
  h2rWeightInitializer?: InitLike;
  /** Clips the memory at every step. */
  stateClipMin?: number;
  stateClipMax?: number;
  /** Whether NaN is clipped too; false. */
  stateClipNan?: boolean;
}
/** An LSTM whose output is projected to fewer units, r = W_r h (Sak et al., 2014): [n, inputs], [r [n, p], c [n, h]] → [n, p], [r, c]. */
export class LSTMPCell extends GatedCell {
  readonly projectionSize: number;
  readonly h2r_weight: Parameter;
  readonly #limit: StepFunction | undefined;
  constructor(hiddenSize: number, projectionSize: number, options: LSTMPCellOptions = {}) {
    super(hiddenSize, 4, positiveInteger('projectionSize', projectionSize), { alias: 'lstmp', ...options });
    this.projectionSize = projectionSize;
    this.h2r_weight = layerParameter(this.params, 'h2r_weight', { shape: [projectionSize, hiddenSize], init: options.h2rWeightInitializer });
    this.#limit = clipper(options.stateClipMin, options.stateClipMax, options.stateClipNan ?? false);
  }
  override stateInfo(batchSize = 0): StateInfo[] {
    return [{ shape: [batchSize, this.projectionSize], layout: 'NC' }, ...super.stateInfo(batchSize)];
  }
  override forward(x: Tensor, states: readonly Tensor[]): [output: Tensor, states: Tensor[]] {
    const gates = this.fromInput(x).add(this.fromState(this.state(states, 0)));
    const [h, c] = lstmStep(gates, this.state(states, 1), tanh, sigmoid, this.#limit);
    const r = matmul(h, this.h2r_weight.data(x.ctx).T);
    return [r, [r, c]];
  }
  override toString(): string {
    return this.print();
  }
}
