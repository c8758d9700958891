import { type Rng, type Tensor, notEqual, onesLike, where, zerosLike } from '@matheron/core-tensor';
import { isTraining } from '@matheron/autograd';
import { ArgumentError } from '@matheron/gluon-params';
import type { BlockOptions } from '../block.ts';
import { type DropoutOptions, dropout, probability } from '../nn/dropout.ts';
import { BidirectionalCell } from './containers.ts';
import { type BeginStateOptions, RecurrentCell, type StateInfo, type UnrollOptions, requireCell, stepOf } from './recurrent-cell.ts';
import { isList, lengthsOf, maskAfter, merge, stepsOf, timeAxis } from './sequence.ts';

/** What {@link DropoutCell} takes. */
export type DropoutCellOptions = DropoutOptions;

function drop(x: Tensor, rate: number, axes: readonly number[], rng: Rng | undefined): Tensor {
  return isTraining() ? dropout(x, rate, { axes, ...(rng && { rng }) }) : x;
}

/** Dropout on the input as a cell without states, for stacks of cells. */
export class DropoutCell extends RecurrentCell {
  readonly rate: number;
  readonly axes: readonly number[];
  readonly #rng: Rng | undefined;
  constructor(rate: number, options: DropoutCellOptions = {}) {
    super({ alias: 'dropout', ...options });
    this.rate = probability('rate', rate);
    this.axes = options.axes ?? [];
    this.#rng = options.rng;
  }
  override stateInfo(): StateInfo[] {
    return [];
  }
  override forward(x: Tensor, states: readonly Tensor[]): [output: Tensor, states: Tensor[]] {
    return [drop(x, this.rate, this.axes, this.#rng), [...states]];
  }
  override runSteps(length: number | undefined, inputs: Tensor | readonly Tensor[], options: UnrollOptions): [outputs: Tensor | Tensor[], states: Tensor[]] {
    const axis = timeAxis(options.layout ?? 'NTC');
    if (isList(inputs)) return super.runSteps(length, inputs, options);
    // A whole sequence is one tensor: `axes` may share the mask along time.
    const steps = stepsOf(inputs, length, axis);
    const whole = drop(inputs, this.rate, this.axes, this.#rng);
    const masked = options.validLength === undefined ? whole : maskAfter(whole, lengthsOf(options.validLength, whole), axis);
    return [options.mergeOutputs ? masked : [...stepsOf(masked, steps.length, axis)], [...(options.beginState ?? [])]];
  }
  override toString(): string {
    return `${this.constructor.name}(rate=${this.rate}, axes=(${this.axes.join(', ')}))`;
  }
}

/** A cell around a cell: states and parameters are the inner one's, which is no longer used by itself. */
export abstract class ModifierCell extends RecurrentCell {
  readonly base_cell: RecurrentCell;
  constructor(baseCell: RecurrentCell, options: BlockOptions) {
    requireCell(baseCell, 'baseCell');
    super({ prefix: `${baseCell.prefix}${options.alias}_`, ...options });
    baseCell.markModified();
    this.base_cell = baseCell;
  }
  override stateInfo(batchSize = 0): StateInfo[] {
    return this.base_cell.stateInfo(batchSize);
  }
  override makeStates(batchSize: number, options: BeginStateOptions): Tensor[] {
    return this.base_cell.makeStates(batchSize, options);
  }
  override toString(): string {
    return `${this.constructor.name}(${this.base_cell})`;
  }
}

/** What {@link ZoneoutCell} takes. */
export interface ZoneoutCellOptions extends BlockOptions {
  /** Probability that an element of the output stays as it was; 0. */
  zoneoutOutputs?: number;
  /** Probability that an element of a state stays as it was; 0. */
  zoneoutStates?: number;
  rng?: Rng;
}
/** In training, elements of outputs and states keep their value of the step before at random (Krueger et al., 2017). */
export class ZoneoutCell extends ModifierCell {
  readonly zoneoutOutputs: number;
  readonly zoneoutStates: number;
  readonly #rng: Rng | undefined;
  #previous: Tensor | undefined;
  constructor(baseCell: RecurrentCell, options: ZoneoutCellOptions = {}) {
    if (baseCell instanceof BidirectionalCell) throw new ArgumentError('baseCell', 'a BidirectionalCell', 'a cell that can be stepped; put ZoneoutCell around each of its cells');
    super(baseCell, { alias: 'zoneout', ...options });
    this.zoneoutOutputs = probability('zoneoutOutputs', options.zoneoutOutputs ?? 0);
    this.zoneoutStates = probability('zoneoutStates', options.zoneoutStates ?? 0);
    this.#rng = options.rng;
  }
  override reset(): void {
    super.reset();
    this.#previous = undefined;
  }
  override forward(x: Tensor, states: readonly Tensor[]): [output: Tensor, states: Tensor[]] {
    const [output, next] = stepOf(this.base_cell, x, states);
    const y = this.#mix(output, this.#previous ?? zerosLike(output), this.zoneoutOutputs);
    this.#previous = this.zoneoutOutputs > 0 ? y : undefined;
    return [y, next.map((s, k) => this.#mix(s, states[k]!, this.zoneoutStates))];
  }
  #mix(next: Tensor, previous: Tensor, rate: number): Tensor {
    if (rate === 0 || !isTraining()) return next;
    return where(notEqual(drop(onesLike(next), rate, [], this.#rng), 0), next, previous);
  }
  override toString(): string {
    return `${this.constructor.name}(p_out=${this.zoneoutOutputs}, p_state=${this.zoneoutStates}, ${this.base_cell})`;
  }
}

/** Adds the input to the output (Wu et al., 2016), which must have its shape. */
export class ResidualCell extends ModifierCell {
  constructor(baseCell: RecurrentCell, options: BlockOptions = {}) {
    super(baseCell, { alias: 'residual', ...options });
  }
  override forward(x: Tensor, states: readonly Tensor[]): [output: Tensor, states: Tensor[]] {
    const [output, next] = stepOf(this.base_cell, x, states);
    return [output.add(x), next];
  }
  override runSteps(length: number | undefined, inputs: Tensor | readonly Tensor[], options: UnrollOptions): [outputs: Tensor | Tensor[], states: Tensor[]] {
    const axis = timeAxis(options.layout ?? 'NTC');
    const [outputs, states] = this.base_cell.unroll(length, inputs, { ...options, mergeOutputs: true });
    const x = isList(inputs) ? merge(inputs, axis) : inputs;
    // What follows the end of a sequence is 0 in the outputs, and stays so.
    const added = outputs.add(options.validLength === undefined ? x : maskAfter(x, lengthsOf(options.validLength, x), axis));
    return [options.mergeOutputs ? added : [...stepsOf(added, undefined, axis)], states];
  }
}

/** What {@link VariationalDropoutCell} takes. */
export interface VariationalDropoutCellOptions extends BlockOptions {
  /** Rates; 0. */
  dropInputs?: number;
  /** Of the first state, which is the output of the step before. */
  dropStates?: number;
  dropOutputs?: number;
  rng?: Rng;
}
/** Dropout with one mask for all steps of a sequence (Gal & Ghahramani, 2016), renewed by `reset`. */
export class VariationalDropoutCell extends ModifierCell {
  readonly dropInputs: number;
  readonly dropStates: number;
  readonly dropOutputs: number;
  readonly #rng: Rng | undefined;
  readonly #masks = new Map<string, Tensor>();
  constructor(baseCell: RecurrentCell, options: VariationalDropoutCellOptions = {}) {
    super(baseCell, { alias: 'vardrop', ...options });
    this.dropInputs = probability('dropInputs', options.dropInputs ?? 0);
    this.dropStates = probability('dropStates', options.dropStates ?? 0);
    this.dropOutputs = probability('dropOutputs', options.dropOutputs ?? 0);
    this.#rng = options.rng;
    if (this.dropStates > 0 && baseCell instanceof BidirectionalCell) throw new ArgumentError('dropStates', this.dropStates, '0 around a BidirectionalCell; put VariationalDropoutCell around each of its cells');
  }
  override reset(): void {
    super.reset();
    this.#masks.clear();
  }
  #masked(x: Tensor, what: string, rate: number): Tensor {
    if (rate === 0 || !isTraining()) return x;
    let mask = this.#masks.get(what);
    if (!mask) this.#masks.set(what, (mask = drop(onesLike(x), rate, [], this.#rng)));
    return x.mul(mask);
  }
  override forward(x: Tensor, states: readonly Tensor[]): [output: Tensor, states: Tensor[]] {
    const own = states.map((s, k) => (k === 0 ? this.#masked(s, 'states', this.dropStates) : s));
    const [output, next] = stepOf(this.base_cell, this.#masked(x, 'inputs', this.dropInputs), own);
    return [this.#masked(output, 'outputs', this.dropOutputs), next];
  }
  override toString(): string {
    return `${this.constructor.name}(p_out = ${this.dropOutputs}, p_state = ${this.dropStates})`;
  }
}
