import { type Tensor, concat, flip } from '@matheron/core-tensor';
import { ArgumentError, NotImplementedError } from '@matheron/gluon-params';
import type { BlockOptions } from '../block.ts';
import { indent } from '../walk.ts';
import { type BeginStateOptions, RecurrentCell, type StateInfo, type UnrollOptions, cellsOf, firstStep, requireCell, stepOf } from './recurrent-cell.ts';
import { lengthsOf, merge, reversed, stepsOf, timeAxis } from './sequence.ts';

/** Cells one upon the other: each gets the output of the one before; states stand one cell's after the other's. */
export class SequentialRNNCell extends RecurrentCell {
  constructor(options: BlockOptions = {}) {
    super({ alias: 'sequentialrnncell', ...options });
  }
  /** Puts a cell on top. */
  add(...cells: RecurrentCell[]): this {
    for (const cell of cells) {
      requireCell(cell, 'SequentialRNNCell.add');
      this.registerChild(cell);
    }
    return this;
  }
  /** The cell at `index`, from the end where negative. */
  at(index: number): RecurrentCell {
    const cell = cellsOf(this).at(index);
    if (!cell) throw new ArgumentError('index', index, `an integer in [-${this.length}, ${this.length})`);
    return cell;
  }
  get length(): number {
    return cellsOf(this).length;
  }
  override stateInfo(batchSize = 0): StateInfo[] {
    return cellsOf(this).flatMap((cell) => cell.stateInfo(batchSize));
  }
  override makeStates(batchSize: number, options: BeginStateOptions): Tensor[] {
    return cellsOf(this).flatMap((cell) => cell.makeStates(batchSize, options));
  }
  override forward(x: Tensor, states: readonly Tensor[]): [output: Tensor, states: Tensor[]] {
    let y = x;
    let start = 0;
    const next: Tensor[] = [];
    for (const cell of cellsOf(this)) {
      const size = cell.stateInfo().length;
      const [output, own] = stepOf(cell, y, states.slice(start, start + size));
      y = output;
      next.push(...own);
      start += size;
    }
    return [y, next];
  }
  override runSteps(length: number | undefined, inputs: Tensor | readonly Tensor[], options: UnrollOptions): [outputs: Tensor | Tensor[], states: Tensor[]] {
    const cells = cellsOf(this);
    const { batch, options: beside } = firstStep(inputs, options.layout);
    const states = options.beginState ?? this.makeStates(batch, beside);
    let y: Tensor | readonly Tensor[] = inputs;
    let start = 0;
    const next: Tensor[] = [];
    cells.forEach((cell, k) => {
      const size = cell.stateInfo().length;
      const { mergeOutputs, ...rest } = options;
      const last = k === cells.length - 1;
      const [outputs, own]: [Tensor | Tensor[], Tensor[]] = cell.unroll(length, y, { ...rest, beginState: states.slice(start, start + size), mergeOutputs: last ? (mergeOutputs ?? false) : true });
      y = outputs;
      next.push(...own);
      start += size;
    });
    return [y as Tensor | Tensor[], next];
  }
  override toString(): string {
    const lines = cellsOf(this).map((cell, k) => `(${k}): ${indent(cell.toString())}`);
    return `${this.constructor.name}(\n${lines.join('\n')}\n)`;
  }
}
/** {@link SequentialRNNCell}: all cells are hybrid here; the name is Gluon's. */
export class HybridSequentialRNNCell extends SequentialRNNCell {
  constructor(options: BlockOptions = {}) {
    super({ alias: 'hybridsequentialrnncell', ...options });
  }
}

/**
 * Two cells, one reading forwards, one backwards; outputs are joined along channels, states stand one's after the other's. It is
 * unrolled only: a single step backwards has no meaning.
 */
export class BidirectionalCell extends RecurrentCell {
  readonly l_cell: RecurrentCell;
  readonly r_cell: RecurrentCell;
  constructor(forwardCell: RecurrentCell, backwardCell: RecurrentCell, options: BlockOptions = {}) {
    super({ alias: 'bidirectionalcell', ...options });
    requireCell(forwardCell, 'forwardCell');
    requireCell(backwardCell, 'backwardCell');
    this.l_cell = forwardCell;
    this.r_cell = backwardCell;
  }
  override stateInfo(batchSize = 0): StateInfo[] {
    return [...this.l_cell.stateInfo(batchSize), ...this.r_cell.stateInfo(batchSize)];
  }
  override makeStates(batchSize: number, options: BeginStateOptions): Tensor[] {
    return [...this.l_cell.makeStates(batchSize, options), ...this.r_cell.makeStates(batchSize, options)];
  }
  override forward(_x: Tensor, _states: readonly Tensor[]): [output: Tensor, states: Tensor[]] {
    throw new NotImplementedError(this.constructor.name, 'forward', 'a step backwards needs the whole sequence: call unroll');
  }
  override runSteps(length: number | undefined, inputs: Tensor | readonly Tensor[], options: UnrollOptions): [outputs: Tensor | Tensor[], states: Tensor[]] {
    const { layout = 'NTC', mergeOutputs = false, validLength } = options;
    const axis = timeAxis(layout);
    const steps = stepsOf(inputs, length, axis);
    const x = merge(steps, axis);
    const lengths = validLength === undefined ? undefined : lengthsOf(validLength, x);
    const backwards = (y: Tensor): Tensor => (lengths ? reversed(y, lengths, axis) : flip(y, axis));
    const { batch, options: beside } = firstStep(x, layout);
    const states = options.beginState ?? this.makeStates(batch, beside);
    const size = this.l_cell.stateInfo().length;
    const rest = { layout, mergeOutputs: true as const, ...(lengths && { validLength: lengths }) };
    const [left, leftStates] = this.l_cell.unroll(length, x, { ...rest, beginState: states.slice(0, size) });
    const [right, rightStates] = this.r_cell.unroll(length, backwards(x), { ...rest, beginState: states.slice(size) });
    const y = concat([left, backwards(right)], 2);
    return [mergeOutputs ? y : [...stepsOf(y, undefined, axis)], [...leftStates, ...rightStates]];
  }
  override toString(): string {
    return `${this.constructor.name}(forward=${this.l_cell}, backward=${this.r_cell})`;
  }
}
