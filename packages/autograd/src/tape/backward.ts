import {
  type Backend, type Decorator, ShapeError, Tensor, type TensorLike, asTensor, astype, backendOf, currentFrame, enter, formatShape, innerOf, sameShape, storageOf,
} from '@matheron/core-tensor';
import { AutogradError, NotRecordedError, UnreachableVariableError } from '../errors.ts';
import { type Found, type Seed, type Step, type Tracked, walk } from '../graph.ts';
import { add, like } from '../rules/algebra.ts';
import { AttachedMark } from './attach.ts';
import { TapeLevel, leavesOf, tape } from './level.ts';
import { Mark } from './marks.ts';

/** Effects wait here for the outermost backward pass to end. */
let waiting: Set<() => void> | undefined;

/**
 * Schedules what a recorded forward pass changes for good (BatchNorm's running statistics): `effect` runs once, at the end of the
 * outermost `backward` that reaches the step that made `x`. Not on the tape, it never runs: prediction, `grad` and `gradients` commit nothing. Inside
 * a compiled function it waits for the backward pass of the call.
 */
export function onBackward(x: Tensor, effect: () => void): void {
  const step = tape.memberOf(x) && (storageOf(x) as Tracked).step;
  if (step) {
    (step.effects ??= []).push(effect);
    return;
  }
  for (let b: Backend | undefined = backendOf(x); b; b = innerOf(b)) {
    const { deferEffect } = b as Partial<Decorator>;
    if (deferEffect) return deferEffect.call(b, effect);
  }
}

function startOf(caller: string, heads: readonly Tensor[], headGrads: readonly (TensorLike | null | undefined)[] | undefined, graph: boolean): Seed[] {
  if (heads.length === 0) throw new AutogradError('argument', `${caller}: there are no heads; pass at least one recorded tensor`);
  if (headGrads && headGrads.length !== heads.length) {
    throw new AutogradError('argument', `${caller}: ${headGrads.length} head gradients for ${heads.length} heads; pass one each (null for ones)`);
  }
  return heads.map((head, k) => {
    const given = headGrads?.[k];
    const below = graph ? head : tape.lower(head);
    const seed = tape.seed(head, given === null || given === undefined ? like(below, 1) : headGradient(caller, given, head, k));
    if (!seed) throw new NotRecordedError(`${caller}: head ${k} was not computed from a marked tensor or parameter inside record(() => …); record the forward pass, or attach a gradient`);
    return seed;
  });
}
function headGradient(caller: string, g: TensorLike, head: Tensor, k: number): Tensor {
  const t = astype(asTensor(caller, g, head.ctx), head.dtype);
  if (!sameShape(t.shape, head.shape)) {
    throw new ShapeError(caller, `${caller}: head gradient ${k} has shape ${formatShape(t.shape)}, the head ${formatShape(head.shape)}`, { expected: formatShape(head.shape), actual: [t.shape] });
  }
  return t;
}

/**
 * Walks back from recorded tensors and puts the gradients of marked tensors and parameters where they belong, as each one's gradReq says:
 * within one pass uses add up. `headGrads` (ones by default) weigh the heads. The graph is freed unless `retainGraph`.
 * NotRecordedError for a head that isn't recorded, GraphFreedError for a second pass over a freed graph.
 */
export function backward(
  heads: Tensor | readonly Tensor[],
  options: { headGrads?: TensorLike | readonly (TensorLike | null)[]; retainGraph?: boolean; trainMode?: boolean } = {},
): void {
  const { headGrads, retainGraph = false, trainMode = true } = options;
  const list = heads instanceof Tensor ? [heads] : heads;
  const weights = headGrads === undefined ? undefined : heads instanceof Tensor ? oneHeadGradient(headGrads) : (headGrads as readonly (TensorLike | null)[]);
  const outermost = waiting === undefined;
  const effects = (waiting ??= new Set());
  try {
    enter('backward', { recording: false, training: trainMode }, () => {
      const found = walk(startOf('backward', list, weights, false), { caller: 'backward', free: !retainGraph, visit: (step) => collectEffects(step, effects) });
      for (const [mark, { dense, rows, alone }] of byMark(found)) mark.deliver(dense, rows, alone);
    });
  } finally {
    if (outermost) waiting = undefined;
  }
  if (outermost) for (const effect of effects) effect();
}
/** For a single head the gradient stands alone, or in a list of one. */
function oneHeadGradient(given: TensorLike | readonly (TensorLike | null)[]): readonly (TensorLike | null)[] {
  const listed = Array.isArray(given) && given.length === 1 && (given[0] === null || given[0] instanceof Tensor);
  return listed ? (given as readonly (TensorLike | null)[]) : [given as TensorLike];
}
function collectEffects(step: Step, effects: Set<() => void>): void {
  if (!step.effects) return;
  for (const effect of step.effects) effects.add(effect);
  step.effects = undefined;
}
/** A mark may have several leaves (its Cell was read on several levels, or written in between): their gradients add up. */
function byMark(found: Map<Step, Found>): Map<Mark | AttachedMark, { dense: Tensor | undefined; rows: NonNullable<Found['rows']>; alone: boolean }> {
  const sums = new Map<Mark | AttachedMark, { dense: Tensor | undefined; rows: NonNullable<Found['rows']>; alone: boolean }>();
  for (const [{ mark }, { outputs, rows, alone }] of found) {
    if (!(mark instanceof Mark || mark instanceof AttachedMark)) continue;
    const [dense] = outputs;
    const sum = sums.get(mark);
    if (!sum) sums.set(mark, { dense, rows: [...(rows ?? [])], alone });
    else {
      sum.alone = false;
      if (dense) sum.dense = sum.dense ? add(sum.dense, dense) : dense;
      sum.rows.push(...(rows ?? []));
    }
  }
  return sums;
}

/**
 * Gradients of heads with respect to variables, as a list, whatever their gradReq; gradients kept by parameters stay untouched. Variables
 * are marked or recorded tensors, or the data of a parameter. With `createGraph` the pass is recorded in turn, for higher orders.
 * UnreachableVariableError names a variable that the heads don't depend on.
 */
export function gradients(
  heads: Tensor | readonly Tensor[],
  variables: readonly Tensor[],
  options: { headGrads?: readonly TensorLike[]; retainGraph?: boolean; createGraph?: boolean; trainMode?: boolean } = {},
): Tensor[] {
  const { headGrads, createGraph = false, retainGraph = createGraph, trainMode = true } = options;
  if (variables.length === 0) throw new AutogradError('argument', 'gradients: there are no variables; pass at least one');
  const targets = variables.map(targetsOf);
  const wanted = new Set(targets.flatMap((list) => list.map(({ step }) => step!)));
  return enter('gradients', { recording: createGraph, training: trainMode }, () => {
    const seeds = startOf('gradients', heads instanceof Tensor ? [heads] : heads, headGrads, createGraph);
    const found = walk(seeds, { caller: 'gradients', graph: createGraph, free: !retainGraph, wanted });
    return targets.map((list, k) => {
      let total: Tensor | undefined;
      for (const { step, output } of list) {
        const entry = found.get(step!);
        for (const part of [entry?.outputs[output], ...(entry?.rows ?? []).map((rows) => rows.toDense())]) if (part) total = total ? add(total, part) : part;
      }
      if (!total) throw new UnreachableVariableError('gradients', k);
      return total;
    });
  });
}
/** The steps that stand for a variable: its own, or those made when the Cell that holds it was read. */
function targetsOf(x: Tensor): readonly Tracked[] {
  if (tape.memberOf(x)) {
    const tracked = storageOf(x) as Tracked;
    return tracked.step ? [tracked] : [];
  }
  const b = backendOf(x);
  const members = new Set<Backend>([tape.over(b, x.ctx)]);
  for (const level of currentFrame().levels) if (level instanceof TapeLevel) members.add(level.decoratorOver(b) ?? b);
  return [...members].flatMap((member) => leavesOf(member, storageOf(x)));
}
