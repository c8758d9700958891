import { type DType, type Context, type Shape, type Tensor, type TensorLike, type TensorOptions, zeros } from '@matheron/core-tensor';
import { ArgumentError, GluonError } from '@matheron/gluon-params';
import type { Block } from '../block.ts';
import { HybridBlock } from '../hybrid-block.ts';
import { type SequenceLayout, isList, lastOf, lengthsOf, maskAfter, merge, stepsOf, timeAxis } from './sequence.ts';

/** Shape and axes of one state. */
export interface StateInfo {
  readonly shape: Shape;
  /** 'NC', 'LNC' for layers, 'NCHW' and the like for convolutional cells. */
  readonly layout: string;
}
/** How states are begun; zeros on the current context unless stated. */
export interface BeginStateOptions extends TensorOptions {
  /** Makes a state by its shape; `zeros`. */
  func?: (shape: Shape, options: TensorOptions) => Tensor;
}
/** What `unroll` takes. */
export interface UnrollOptions {
  /** Zeros unless given. */
  beginState?: readonly Tensor[];
  /** 'NTC' */
  layout?: SequenceLayout;
  /** One tensor of outputs (true) or a list of steps (false, the default). */
  mergeOutputs?: boolean;
  /** Lengths of the sequences, [n]: outputs behind are 0, states are those at the end of each. */
  validLength?: TensorLike;
}

/** States of `batchSize` sequences by their shapes. */
export function beginStates(infos: readonly StateInfo[], { func, ...options }: BeginStateOptions): Tensor[] {
  return infos.map(({ shape }) => (func ?? zeros)(shape, options));
}

/**
 * One step of a recurrent network: `call(x, states)` → [output, states], x [n, inputs]. `unroll` runs it over a sequence. Write `stateInfo` and
 * `forward`.
 */
export abstract class RecurrentCell extends HybridBlock {
  /** Whether a modifier (Dropout, Zoneout, Residual) stands around it: it is then used through that. */
  #modified = false;

  /** Shapes of the states of `batchSize` sequences. */
  abstract stateInfo(batchSize?: number): StateInfo[];
  /** One step: the output, and the states after it. */
  abstract override forward(x: Tensor, states: readonly Tensor[]): [output: Tensor, states: Tensor[]];

  /** Forgets what was kept between steps of an unrolled sequence. */
  reset(): void {
    for (const [, child] of this.children()) if (child instanceof RecurrentCell) child.reset();
  }
  get modified(): boolean {
    return this.#modified;
  }
  /** For modifiers. ArgumentError for a second one. */
  markModified(): void {
    if (this.#modified) throw new ArgumentError('baseCell', this.name, 'a cell without a modifier; one cell takes one');
    this.#modified = true;
  }
  /** The states before the first step. GluonError (code 'modified-cell') for a cell inside of a modifier. */
  beginState(batchSize: number, options: BeginStateOptions = {}): Tensor[] {
    if (this.#modified) throw new GluonError('modified-cell', `${this.name}: a modifier stands around this cell; call beginState of the modifier`);
    return this.makeStates(batchSize, options);
  }
  /** {@link beginState}, for modifiers too. */
  makeStates(batchSize: number, options: BeginStateOptions): Tensor[] {
    return beginStates(this.stateInfo(batchSize), options);
  }

  /**
   * Runs the cell over `length` steps of inputs, [n, t, c] (or [t, n, c] by `layout`) or a list of [n, c]: outputs and final states.
   * ShapeError where the inputs have another length.
   */
  unroll(length: number | undefined, inputs: Tensor | readonly Tensor[], options: UnrollOptions & { mergeOutputs: true }): [outputs: Tensor, states: Tensor[]];
  unroll(length: number | undefined, inputs: Tensor | readonly Tensor[], options?: UnrollOptions & { mergeOutputs?: false }): [outputs: Tensor[], states: Tensor[]];
  unroll(length: number | undefined, inputs: Tensor | readonly Tensor[], options?: UnrollOptions): [outputs: Tensor | Tensor[], states: Tensor[]];
  unroll(length: number | undefined, inputs: Tensor | readonly Tensor[], options: UnrollOptions = {}): [outputs: Tensor | Tensor[], states: Tensor[]] {
    this.reset();
    return this.runSteps(length, inputs, options);
  }
  /** What {@link unroll} does after the reset; modifiers and containers write their own. */
  runSteps(length: number | undefined, inputs: Tensor | readonly Tensor[], { beginState, layout = 'NTC', mergeOutputs = false, validLength }: UnrollOptions): [outputs: Tensor | Tensor[], states: Tensor[]] {
    const axis = timeAxis(layout);
    const steps = stepsOf(inputs, length, axis);
    const [first] = steps as [Tensor];
    let states = [...(beginState ?? this.makeStates(first.shape[0]!, like(first)))];
    const outputs: Tensor[] = [];
    const all: (readonly Tensor[])[] = [];
    for (const x of steps) {
      const [output, next] = stepOf(this, x, states);
      outputs.push(output);
      states = [...next];
      all.push(states);
    }
    if (validLength === undefined) return [mergeOutputs ? merge(outputs, axis) : outputs, states];
    const lengths = lengthsOf(validLength, first);
    const masked = maskAfter(merge(outputs, axis), lengths, axis);
    return [mergeOutputs ? masked : [...stepsOf(masked, undefined, axis)], states.map((_, k) => lastOf(merge(all.map((s) => s[k]!), 0), lengths, 0))];
  }
}

/** `cell.call(x, states)`, typed where the cell's class isn't known. */
export function stepOf(cell: RecurrentCell, x: Tensor, states: readonly Tensor[]): [output: Tensor, states: Tensor[]] {
  return (cell.call as (x: Tensor, states: readonly Tensor[]) => [Tensor, Tensor[]]).call(cell, x, states);
}
/** Context and dtype of new tensors beside `x`. */
export function like(x: Tensor): { ctx: Context; dtype: DType } {
  return { ctx: x.ctx, dtype: x.dtype };
}
/** Batch size and neighbour of new states for a sequence. */
export function firstStep(inputs: Tensor | readonly Tensor[], layout: SequenceLayout | undefined): { batch: number; options: { ctx: Context; dtype: DType } } {
  const x = isList(inputs) ? inputs[0]! : inputs;
  return { batch: x.shape[isList(inputs) ? 0 : 1 - timeAxis(layout ?? 'NTC')]!, options: like(x) };
}
/** The child cells, in order. */
export function cellsOf(block: Block): RecurrentCell[] {
  return Array.from(block.children(), ([, child]) => child as RecurrentCell);
}
/** The children of a recurrent container must be cells. */
export function requireCell(cell: unknown, argument: string): void {
  if (!(cell instanceof RecurrentCell)) throw new ArgumentError(argument, (cell as object | undefined)?.constructor?.name ?? cell, 'a RecurrentCell');
}
