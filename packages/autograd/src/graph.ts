import { type Backend, type BackendTensor, type Context, type DType, type Shape, type StepOptions, type Tensor, borrowTensor } from '@matheron/core-tensor';
import { GraphFreedError } from './errors.ts';
import { add } from './rules/algebra.ts';
import type { Contribution } from './rules/rule.ts';
import { RowUpdates } from './rules/rows.ts';

/** A value of an autodiff level: a value of the level below, and the step that made it where it depends on a variable. */
export class Tracked implements BackendTensor {
  readonly value: BackendTensor;
  readonly step: Step | undefined;
  readonly output: number;
  constructor(value: BackendTensor, step?: Step, output = 0) {
    this.value = value;
    this.step = step;
    this.output = output;
  }
  get shape(): Shape { return this.value.shape; }
  get dtype(): DType { return this.value.dtype; }
}

/** What a step needs of the decorator it was recorded on. */
interface StepLevel extends Backend {
  readonly inner: Backend;
  readonly ctx: Context;
}

/** Gradients of the outputs, inputs and outputs, all on one level, to gradients of the inputs. */
export type Pull = (g: readonly (Tensor | undefined)[], x: readonly Tensor[], y: readonly Tensor[]) => readonly Contribution[];

/** Where the gradient of a leaf of the tape goes. */
export interface LeafMark {
  /** Whether row updates are handed over as they are, instead of made dense. */
  readonly takesRows: boolean;
}

let counter = 0;

/** One recorded call, or a variable (without `pull`). Ids grow in the order of recording, over all levels and contexts. */
export class Step {
  readonly id: number;
  readonly level: StepLevel;
  inputs: readonly Tracked[];
  values: readonly BackendTensor[];
  pull: Pull | undefined;
  freed = false;
  /** Of a step that was computed elsewhere. A variable that got its only gradient from one whose gradients are fresh has it alone. */
  readonly options: StepOptions | undefined;
  mark: LeafMark | undefined;
  effects: (() => void)[] | undefined;

  constructor(level: StepLevel, inputs: readonly Tracked[], values: readonly BackendTensor[], pull: Pull | undefined, options?: StepOptions) {
    this.id = ++counter;
    this.options = options;
    this.level = level;
    this.inputs = inputs;
    this.values = values;
    this.pull = pull;
  }
  /** Lets go of everything the step keeps alive. Variables stay. */
  free(): void {
    if (!this.pull) return;
    this.pull = undefined;
    this.inputs = [];
    this.values = [];
    this.freed = true;
    this.options?.onFree?.();
  }
}

/** Where a walk starts: the gradient of an output of a step. */
export interface Seed {
  readonly step: Step;
  readonly output: number;
  readonly gradient: Tensor;
}

/** What a walk found for a step: a gradient an output, and rows that were left sparse. */
export interface Found {
  /** Whether nobody else has the gradients, where the step is a variable. */
  alone: boolean;
  readonly outputs: (Tensor | undefined)[];
  rows: RowUpdates[] | undefined;
}

interface WalkOptions {
  /** Named in errors. */
  readonly caller: string;
  /** Compute on the level itself, so that the walk is recorded in turn; else on the level below. */
  readonly graph?: boolean;
  /** Free each step after its turn. */
  readonly free?: boolean;
  /** Steps whose gradients are kept beside those of variables. */
  readonly wanted?: ReadonlySet<Step>;
  /** Sees each step that is reached. */
  readonly visit?: (step: Step) => void;
}

const nothing = (): undefined => undefined;

/**
 * The reverse walk: every reached step once, youngest first, so that a step has all of its gradient when its turn comes. Returns what
 * reached variables (and `wanted` steps). O(n log n) for n steps, without recursion.
 */
export function walk(seeds: readonly Seed[], { caller, graph = false, free = false, wanted, visit }: WalkOptions): Map<Step, Found> {
  const found = new Map<Step, Found>();
  const pending = new StepHeap();
  const give = (step: Step, output: number, contribution: Tensor | RowUpdates, alone: boolean): void => {
    let entry = found.get(step);
    if (!entry) {
      found.set(step, (entry = { outputs: step.values.map(nothing), rows: undefined, alone }));
      pending.push(step);
    } else entry.alone = false;
    if (contribution instanceof RowUpdates) {
      if (step.mark?.takesRows) {
        (entry.rows ??= []).push(contribution);
        return;
      }
      contribution = contribution.toDense();
    }
    const before = entry.outputs[output];
    entry.outputs[output] = before ? add(before, contribution) : contribution;
  };
  for (const { step, output, gradient } of seeds) give(step, output, gradient, false);
  for (let step = pending.pop(); step; step = pending.pop()) {
    if (step.freed) throw new GraphFreedError(caller);
    visit?.(step);
    const { pull, inputs, level } = step;
    if (!pull) continue;
    const g = found.get(step)!.outputs, fresh = step.options?.fresh === true;
    if (!wanted?.has(step)) found.delete(step);
    const { inner, ctx } = level;
    const x = graph ? inputs.map((t) => borrowTensor(level, t, ctx)) : inputs.map((t) => borrowTensor(inner, t.value, ctx));
    const y = graph ? step.values.map((v, k) => borrowTensor(level, new Tracked(v, step, k), ctx)) : step.values.map((v) => borrowTensor(inner, v, ctx));
    const contributions = pull(g, x, y);
    for (let k = 0; k < contributions.length; k++) {
      const input = inputs[k]!;
      const contribution = contributions[k];
      if (input.step && contribution) give(input.step, input.output, typeof contribution === 'function' ? contribution() : contribution, fresh);
    }
    if (free) step.free();
  }
  return found;
}

/** A binary heap, greatest id first. */
class StepHeap {
  readonly #items: Step[] = [];
  push(step: Step): void {
    const items = this.#items;
    let k = items.length;
    items.push(step);
    while (k > 0) {
      const parent = (k - 1) >> 1;
      if (items[parent]!.id >= step.id) break;
      items[k] = items[parent]!;
      k = parent;
    }
    items[k] = step;
  }
  pop(): Step | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (!top || !last || items.length === 0) return top;
    let k = 0;
    for (;;) {
      let child = 2 * k + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && items[child + 1]!.id > items[child]!.id) child++;
      if (items[child]!.id <= last.id) break;
      items[k] = items[child]!;
      k = child;
    }
    items[k] = last;
    return top;
  }
}
