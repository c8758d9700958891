// What the methods of Tensor call. Each is a free function of the public API.
import { type CompareOp, type BinaryOp, binaryKinds } from '../backend.ts';
import type { TensorLike } from '../operands.ts';
import type { Axis } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { dot, matmul, outer } from './contraction.ts';
import { binaryKind, compareKind } from './elementwise.ts';
import type { BinaryName, ReduceName, ReduceOptions } from './names.ts';
import { type Reduce, all, any, argmax, argmin, logSumExp, max, mean, min, prod, sum } from './reduce.ts';

export { clip, unaryByName } from './elementwise.ts';
export { diagonal, take } from './indexing.ts';
export { astype, broadcastTo, expandDims, matrixTranspose, reshape, squeeze, transpose } from './movement.ts';
export { softmax, variance } from './reduce.ts';
export { slice } from './slice.ts';
export { detach, to } from './transfer.ts';

export function binaryByName(name: BinaryName, a: TensorLike, b: TensorLike): Tensor {
  if (name === 'matmul') return matmul(a, b);
  if (name === 'dot') return dot(a, b);
  if (name === 'outer') return outer(a, b);
  return name in binaryKinds ? binaryKind(name as BinaryOp, a, b) : compareKind(name as CompareOp, a, b);
}

export function reduceByName(name: ReduceName, x: TensorLike, axis?: Axis, options?: ReduceOptions): Tensor {
  const reductions: Record<ReduceName, Reduce> = { sum, mean, prod, max, min, any, all, logSumExp, argmax, argmin };
  return reductions[name](x, axis, options);
}
