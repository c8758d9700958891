import { DTypeError, type Tensor, backendOf, currentLevel, isFloat, liftTo, storageOf, wrapTensor } from '@matheron/core-tensor';
import { Autodiff } from '../autodiff.ts';
import { NotRecordedError } from '../errors.ts';
import { type LeafMark, Step, Tracked } from '../graph.ts';
import { add, like } from '../rules/algebra.ts';
import { tape } from './level.ts';
import type { GradReq } from './marks.ts';
import type { RowUpdates } from '../rules/rows.ts';

/** The mark of a tensor: its gradient is a plain field, which may even belong to a running transformation. */
export class AttachedMark implements LeafMark {
  readonly takesRows = false;
  readonly gradReq: GradReq;
  gradient: Tensor;
  constructor(gradReq: GradReq, gradient: Tensor) {
    this.gradReq = gradReq;
    this.gradient = gradient;
  }
  deliver(dense: Tensor | undefined, _rows: readonly RowUpdates[]): void {
    if (dense && this.gradReq !== 'null') this.gradient = this.gradReq === 'add' ? add(this.gradient, dense) : dense;
  }
}

/**
 * `x` as a variable: a new tensor with the same values, whose gradient `backward` keeps for `gradOf`; `x` is left alone. On a recorded
 * tensor this cuts the graph. `gradReq` 'add' sums over passes, 'null' makes a constant. DTypeError unless `x` is a float.
 */
export function attachGrad(x: Tensor, gradReq: GradReq = 'write'): Tensor {
  if (!isFloat(x.dtype)) throw new DTypeError('attachGrad', x.dtype, `attachGrad: a tensor of ${x.dtype} has no gradient; cast it to float64 first`);
  const level = currentLevel([x], x.ctx);
  const member = level instanceof Autodiff && level.family === tape ? level : tape.over(level, x.ctx);
  const value = member === backendOf(x) ? (storageOf(x) as Tracked).value : liftTo(x, member.inner);
  const step = new Step(member, [], [value], undefined);
  const marked = wrapTensor(member, new Tracked(value, step), x.ctx);
  step.mark = new AttachedMark(gradReq, like(tape.lower(marked), 0));
  return marked;
}

/** The gradient of a tensor that `attachGrad` marked: zeros before the first backward pass. NotRecordedError for any other tensor. */
export function gradOf(x: Tensor): Tensor {
  const mark = tape.memberOf(x) && (storageOf(x) as Tracked).step?.mark;
  if (!(mark instanceof AttachedMark)) throw new NotRecordedError('gradOf: the tensor is not marked; use the one that attachGrad returned');
  return mark.gradient;
}
