import { type DType, type Tensor, type TensorLike, concat, flip, less, matmul, relu, sigmoid, slice, stack, tanh, transpose, where } from '@matheron/core-tensor';
import { isTraining } from '@matheron/autograd';
import { ArgumentError, type InitLike, type Parameter } from '@matheron/gluon-params';
import type { BlockOptions } from '../block.ts';
import { HybridBlock } from '../hybrid-block.ts';
import type { ActivationName } from '../nn/activation.ts';
import { dropout } from '../nn/dropout.ts';
import { layerParameter, positiveInteger } from '../nn/parameters.ts';
import { dimension } from '../nn/print.ts';
import { type BeginStateOptions, type StateInfo, beginStates } from './recurrent-cell.ts';
import { type SequenceLayout, lengthsOf, timeAxis } from './sequence.ts';
import { type StepFunction, clipper, gruStep, lstmStep } from './steps.ts';

/** What every recurrent layer takes. */
export interface LayerOptions extends BlockOptions {
  /** 1 */
  numLayers?: number;
  /** 'TNC' */
  layout?: SequenceLayout;
  /** Rate of dropout on the outputs of every layer but the last; 0. */
  dropout?: number;
  /** Whether a second network reads backwards; outputs are joined. false */
  bidirectional?: boolean;
  i2hWeightInitializer?: InitLike;
  h2hWeightInitializer?: InitLike;
  /** 'zeros' */
  i2hBiasInitializer?: InitLike;
  /** 'zeros' */
  h2hBiasInitializer?: InitLike;
  /** Learned at the first forward where it is not given. */
  inputSize?: number;
  dtype?: DType;
}

/** One layer and direction of the network. */
interface Direction {
  readonly side: 'l' | 'r';
  readonly layer: number;
}
/** One step of a sequence: the projected input and the states, both as [n, …], to the next states. The first is the output. */
type Step = (fromInput: Tensor, states: readonly Tensor[], weights: Weights) => Tensor[];
interface Weights {
  readonly h2h: Tensor;
  readonly bias: Tensor;
  readonly h2r: Tensor | undefined;
}

/**
 * A recurrent network over whole sequences, [t, n, inputs] (or [n, t, inputs] with layout 'NTC') → [t, n, h] (2h bidirectional). Without states
 * `call(x)` gives the outputs alone; `unroll(x, states)` gives outputs and final states, as `call(x, states)` does, whose type is that of `call(x)`. Parameters are
 * named `l0_i2h_weight`, `r0_…` for the second direction.
 */
abstract class RecurrentLayer extends HybridBlock {
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly layout: SequenceLayout;
  readonly dropout: number;
  readonly bidirectional: boolean;
  readonly #gates: number;
  readonly #outputs: number;

  constructor(hiddenSize: number, gates: number, options: LayerOptions, projection?: { size: number; init: InitLike | undefined }) {
    super(options);
    this.hiddenSize = positiveInteger('hiddenSize', hiddenSize);
    this.numLayers = positiveInteger('numLayers', options.numLayers ?? 1);
    this.layout = options.layout ?? 'TNC';
    timeAxis(this.layout);
    this.dropout = options.dropout ?? 0;
    if (!(this.dropout >= 0 && this.dropout < 1)) throw new ArgumentError('dropout', this.dropout, 'a number in [0, 1)');
    this.bidirectional = options.bidirectional ?? false;
    this.#gates = gates;
    this.#outputs = projection ? positiveInteger('projectionSize', projection.size) : hiddenSize;
    const rows = gates * hiddenSize;
    const { dtype } = options;
    const own = this as unknown as Record<string, Parameter>;
    const add = (name: string, shape: readonly number[], init: InitLike | undefined): void => {
      own[name] = layerParameter(this.params, name, { shape, init, dtype });
    };
    for (const { side, layer } of this.#directions()) {
      add(`${side}${layer}_i2h_weight`, [rows, layer === 0 ? (options.inputSize ?? 0) : this.#outputs * this.#sides], options.i2hWeightInitializer);
      add(`${side}${layer}_h2h_weight`, [rows, this.#outputs], options.h2hWeightInitializer);
      add(`${side}${layer}_i2h_bias`, [rows], options.i2hBiasInitializer ?? 'zeros');
      add(`${side}${layer}_h2h_bias`, [rows], options.h2hBiasInitializer ?? 'zeros');
      if (projection) add(`${side}${layer}_h2r_weight`, [projection.size, hiddenSize], projection.init);
    }
  }
  get #sides(): number {
    return this.bidirectional ? 2 : 1;
  }
  #directions(): Direction[] {
    const sides: readonly ('l' | 'r')[] = this.bidirectional ? ['l', 'r'] : ['l'];
    return Array.from({ length: this.numLayers }, (_, layer) => sides.map((side) => ({ side, layer }))).flat();
  }
  #parameter({ side, layer }: Direction, name: string): Parameter | undefined {
    return (this as unknown as Record<string, Parameter | undefined>)[`${side}${layer}_${name}`];
  }
  protected abstract step: Step;
  /** Sizes of the states of one layer and direction; the first is the output's. */
  protected abstract stateSizes(): readonly number[];

  /** Shapes of the states of `batchSize` sequences: [layers · directions, n, h]. */
  stateInfo(batchSize = 0): StateInfo[] {
    return this.stateSizes().map((size) => ({ shape: [this.numLayers * this.#sides, batchSize, size], layout: 'LNC' as const }));
  }
  /** The states before the first step. */
  beginState(batchSize: number, options: BeginStateOptions = {}): Tensor[] {
    return beginStates(this.stateInfo(batchSize), options);
  }
  /** ArgumentError for an input that is no sequence. */
  #check(x: Tensor): void {
    if (x.ndim !== 3 || x.shape[timeAxis(this.layout)] === 0) throw new ArgumentError(`${this.constructor.name}.call`, `an input of shape [${x.shape.join(', ')}]`, `${this.layout} with at least one step`);
  }
  override inferShape(x: Tensor): void {
    this.#check(x);
    for (const side of ['l', 'r'] as const) {
      const weight = this.#parameter({ side, layer: 0 }, 'i2h_weight');
      if (weight) weight.shape = [this.#gates * this.hiddenSize, x.shape[2] ?? 0];
    }
  }
  override structuralParams(prefix = ''): Map<string, Parameter> {
    // Gluon's names, under which MXNet's files hold them.
    return new Map(
      Array.from(this.ownParams(), ([key, parameter]) => {
        const [, side, layer, rest] = /^([lr])(\d+)_(.+)$/.exec(key)!;
        return [`${prefix}_unfused.${layer}.${this.bidirectional ? `${side}_cell.` : ''}${rest}`, parameter];
      }),
    );
  }

  /** Outputs and final states, from `states` (one tensor where there is one kind). With lengths, outputs behind a sequence's end are 0 and its states those at its end. */
  override forward(x: Tensor, states: Tensor | readonly Tensor[], sequenceLength?: TensorLike): [output: Tensor, states: Tensor[]];
  /** Outputs, from states of zeros. */
  override forward(x: Tensor): Tensor;
  override forward(x: Tensor, states?: Tensor | readonly Tensor[], sequenceLength?: TensorLike): Tensor | [output: Tensor, states: Tensor[]] {
    const result = this.#run(x, states, sequenceLength);
    return states === undefined ? result[0] : result;
  }
  /** Outputs and final states: `call(x, states, sequenceLength)`. */
  unroll(x: Tensor, states?: Tensor | readonly Tensor[], options: { sequenceLength?: TensorLike } = {}): [output: Tensor, states: Tensor[]] {
    const own = states ?? this.beginState(x.shape[1 - timeAxis(this.layout)]!, { ctx: x.ctx, dtype: x.dtype });
    return (this.call as unknown as (...args: unknown[]) => [Tensor, Tensor[]]).call(this, x, own, ...(options.sequenceLength === undefined ? [] : [options.sequenceLength]));
  }

  #run(x: Tensor, given: Tensor | readonly Tensor[] | undefined, sequenceLength: TensorLike | undefined): [output: Tensor, states: Tensor[]] {
    this.#check(x);
    const axis = timeAxis(this.layout);
    const begin = this.#states(x, given);
    const valid = sequenceLength === undefined ? undefined : lengthsOf(sequenceLength, x).reshape(-1, 1);
    let y = axis === 0 ? x : transpose(x, [1, 0, 2]);
    const finals: (readonly Tensor[])[] = [];
    for (let layer = 0; layer < this.numLayers; layer++) {
      if (layer > 0 && this.dropout > 0 && isTraining()) y = dropout(y, this.dropout);
      const outputs = this.#directions().filter((d) => d.layer === layer).map((d) => {
        const [output, final] = this.#runDirection(y, begin.map((s) => slice(s, finals.length)), d, valid);
        finals.push(final);
        return output;
      });
      y = outputs.length === 1 ? outputs[0]! : concat(outputs, 2);
    }
    return [axis === 0 ? y : transpose(y, [1, 0, 2]), begin.map((_, k) => stack(finals.map((s) => s[k]!)))];
  }
  #states(x: Tensor, given: Tensor | readonly Tensor[] | undefined): readonly Tensor[] {
    const batch = x.shape[1 - timeAxis(this.layout)]!;
    if (given === undefined) return this.beginState(batch, { ctx: x.ctx, dtype: x.dtype });
    const list = Array.isArray(given) ? (given as readonly Tensor[]) : [given as Tensor];
    const infos = this.stateInfo(batch);
    if (list.length !== infos.length || list.some((s, k) => s.shape.join() !== infos[k]!.shape.join())) {
      throw new ArgumentError(`${this.constructor.name}.call`, `states of ${list.map((s) => `[${s.shape.join(', ')}]`).join(' and ')}`, `states of ${infos.map(({ shape }) => `[${shape.join(', ')}]`).join(' and ')}, as beginState(${batch}) gives them`);
    }
    return list;
  }
  /** One direction of one layer over [t, n, c]. */
  #runDirection(x: Tensor, begin: readonly Tensor[], direction: Direction, valid: Tensor | undefined): [output: Tensor, states: readonly Tensor[]] {
    const data = (name: string): Tensor | undefined => this.#parameter(direction, name)?.data(x.ctx);
    const weights: Weights = { h2h: data('h2h_weight')!.T, bias: data('h2h_bias')!, h2r: data('h2r_weight')?.T };
    // The inputs of all steps at once: one product of matrices.
    const projected = matmul(x, data('i2h_weight')!.T).add(data('i2h_bias')!);
    const backwards = direction.side === 'r';
    const time = x.shape[0]!;
    let states = begin;
    const outputs: Tensor[] = [];
    for (let k = 0; k < time; k++) {
      const t = backwards ? time - 1 - k : k;
      const next = this.step(slice(projected, t), states, weights);
      if (!valid) {
        states = next;
        outputs.push(next[0]!);
        continue;
      }
      const inside = less(t, valid);
      const before = states;
      states = next.map((s, j) => where(inside, s, before[j]!));
      outputs.push(where(inside, next[0]!, 0));
    }
    const y = stack(outputs);
    return [backwards ? flip(y, 0) : y, states];
  }
  override toString(): string {
    const parts = [`${dimension(this.#parameter({ side: 'l', layer: 0 }, 'i2h_weight')?.shape?.[1])} -> ${this.hiddenSize}`, this.layout];
    if (this.numLayers !== 1) parts.push(`num_layers=${this.numLayers}`);
    if (this.dropout !== 0) parts.push(`dropout=${this.dropout}`);
    if (this.bidirectional) parts.push('bidirectional');
    return `${this.constructor.name}(${parts.join(', ')})`;
  }
}

/** What {@link RNN} takes. */
export interface RNNOptions extends LayerOptions {
  /** 'relu' */
  activation?: Extract<ActivationName, 'relu' | 'tanh'>;
}
/** h′ = activation(W_i x + b_i + W_h h + b_h) over a sequence (Elman, 1990). States: h. */
export class RNN extends RecurrentLayer {
  protected override readonly step: Step;
  constructor(hiddenSize: number, options: RNNOptions = {}) {
    super(hiddenSize, 1, { alias: 'rnn', ...options });
    const { activation = 'relu' } = options;
    if (activation !== 'relu' && activation !== 'tanh') throw new ArgumentError('activation', activation, "'relu' or 'tanh'");
    const f = activation === 'relu' ? relu : tanh;
    this.step = (x, [h], { h2h, bias }) => [f(x.add(matmul(h!, h2h)).add(bias))];
  }
  protected override stateSizes(): readonly number[] {
    return [this.hiddenSize];
  }
}

/** What {@link LSTM} takes. */
export interface LSTMOptions extends LayerOptions {
  /** Outputs are projected to so many units (Sak et al., 2014). */
  projectionSize?: number;
  h2rWeightInitializer?: InitLike;
  /** Clips the memory at every step. */
  stateClipMin?: number;
  stateClipMax?: number;
  /** Whether NaN is clipped too; false. */
  stateClipNan?: boolean;
}
/** Long short-term memories (Hochreiter & Schmidhuber, 1997) with gates i, f, c, o. States: h (projected, if asked for) and c. */
export class LSTM extends RecurrentLayer {
  readonly projectionSize: number | undefined;
  protected override readonly step: Step;
  constructor(hiddenSize: number, options: LSTMOptions = {}) {
    const { projectionSize, h2rWeightInitializer } = options;
    super(hiddenSize, 4, { alias: 'lstm', ...options }, projectionSize === undefined ? undefined : { size: projectionSize, init: h2rWeightInitializer });
    this.projectionSize = projectionSize;
    const limit: StepFunction | undefined = clipper(options.stateClipMin, options.stateClipMax, options.stateClipNan ?? false);
    this.step = (x, [h, c], { h2h, bias, h2r }) => {
      const [next, memory] = lstmStep(x.add(matmul(h!, h2h)).add(bias), c!, tanh, sigmoid, limit);
      return [h2r ? matmul(next, h2r) : next, memory];
    };
  }
  protected override stateSizes(): readonly number[] {
    return [this.projectionSize ?? this.hiddenSize, this.hiddenSize];
  }
}

/** Gated recurrent units (Cho et al., 2014) with gates r, z, o and the reset after the product. States: h. */
export class GRU extends RecurrentLayer {
  protected override readonly step: Step;
  constructor(hiddenSize: number, options: LayerOptions = {}) {
    super(hiddenSize, 3, { alias: 'gru', ...options });
    this.step = (x, [h], { h2h, bias }) => [gruStep(x, matmul(h!, h2h).add(bias), h!)];
  }
  protected override stateSizes(): readonly number[] {
    return [this.hiddenSize];
  }
}
