import { type Tensor, type TensorLike, ShapeError, arange, asTensor, equal, formatShape, less, minimum, slice, stack, sum, takeAlongAxis, where } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';

/** Where batch, time and channels stand. */
export type SequenceLayout = 'NTC' | 'TNC';

/** Position of the time axis. ArgumentError for another layout. */
export function timeAxis(layout: string): 0 | 1 {
  if (layout !== 'NTC' && layout !== 'TNC') throw new ArgumentError('layout', layout, "'NTC' or 'TNC'");
  return layout === 'NTC' ? 1 : 0;
}

/** The steps [n, …] of a sequence, given as one tensor or as a list of them already. */
export function stepsOf(inputs: Tensor | readonly Tensor[], length: number | undefined, axis: 0 | 1): readonly Tensor[] {
  const given = isList(inputs) ? inputs.length : (inputs.shape[axis] ?? 0);
  if (given === 0 || (length !== undefined && length !== given)) {
    throw new ShapeError('unroll', `unroll: the inputs have ${given} steps${isList(inputs) ? '' : ` along axis ${axis} of ${formatShape(inputs.shape)}`}, not ${length ?? 'at least one'}`, { expected: `${length ?? 'some'} steps`, actual: isList(inputs) ? inputs.map((x) => x.shape) : [inputs.shape] });
  }
  if (isList(inputs)) return inputs;
  return Array.from({ length: given }, (_, t) => (axis === 0 ? slice(inputs, t) : slice(inputs, [], t)));
}
/** Steps as one tensor. */
export function merge(steps: readonly Tensor[], axis: number): Tensor {
  return stack(steps, axis);
}
export function isList(inputs: Tensor | readonly Tensor[]): inputs is readonly Tensor[] {
  return Array.isArray(inputs);
}

/** Valid lengths as int32 [n] beside `x`. */
export function lengthsOf(lengths: TensorLike, x: Tensor): Tensor {
  return asTensor('validLength', lengths, x.ctx).astype('int32');
}
/** `lengths` [n] and times [t] along their axes of a sequence like `x`; lengths beyond its end mean its end. */
function beside(x: Tensor, lengths: Tensor, axis: 0 | 1): { time: Tensor; length: Tensor } {
  const at = (v: Tensor, k: number): Tensor => v.reshape(...x.shape.map((_, a) => (a === k ? -1 : 1)));
  const steps = x.shape[axis]!;
  return { time: at(arange(0, steps, 1, { ctx: x.ctx, dtype: 'int32' }), axis), length: at(minimum(lengths, steps), 1 - axis) };
}
/** The sequence with 0 after each one's length. */
export function maskAfter(x: Tensor, lengths: Tensor, axis: 0 | 1): Tensor {
  const { time, length } = beside(x, lengths, axis);
  return where(less(time, length), x, 0);
}
/** The last valid step of each: [n, …]. */
export function lastOf(x: Tensor, lengths: Tensor, axis: 0 | 1): Tensor {
  const { time, length } = beside(x, lengths, axis);
  return sum(where(equal(time, length.sub(1)), x, 0), axis);
}
/** Each sequence backwards, what follows its end left in place. */
export function reversed(x: Tensor, lengths: Tensor, axis: 0 | 1): Tensor {
  const { time, length } = beside(x, lengths, axis);
  return takeAlongAxis(x, where(less(time, length), length.sub(1).sub(time), time), axis);
}
