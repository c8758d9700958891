import { type DType, allocate } from '@matheron/core-tensor';
import { CpuTensor, denseStrides } from './cpu-tensor.ts';
import type { BinaryLoop, TernaryLoop, UnaryLoop } from './loops.ts';
import { makeNest, walkBinary, walkTernary, walkUnary } from './walk.ts';

/*
 * One application of a loop to whole tensors of equal shapes. Evenly spaced operands take one call; where every operand is one value
 * broadcast, so is the result.
 */

/** f(a), of dtype `dtype`. */
export function mapUnary(loop: UnaryLoop, dtype: DType, a: CpuTensor): CpuTensor {
  const { step } = a;
  if (step === 0) {
    const data = allocate(dtype, 1);
    loop(1, a.data, a.offset, 1, data, 0, 1);
    return new CpuTensor(data, a.shape, dtype, a.strides, 0, a.size, 0);
  }
  const data = allocate(dtype, a.size), strides = denseStrides(a);
  if (step !== undefined) loop(a.size, a.data, a.offset, step, data, 0, 1);
  else walkUnary(makeNest(a.shape, [a.strides, strides]), loop, a.data, a.offset, data, 0);
  return new CpuTensor(data, a.shape, dtype, strides, 0, a.size, 1);
}

/** f(a, b), of dtype `dtype`. */
export function mapBinary(loop: BinaryLoop, dtype: DType, a: CpuTensor, b: CpuTensor): CpuTensor {
  const p = a.step, q = b.step;
  if (p === 0 && q === 0) {
    const data = allocate(dtype, 1);
    loop(1, a.data, a.offset, 1, b.data, b.offset, 1, data, 0, 1);
    return new CpuTensor(data, a.shape, dtype, a.strides, 0, a.size, 0);
  }
  const data = allocate(dtype, a.size), strides = denseStrides(p === 1 ? a : b);
  if (p !== undefined && q !== undefined) loop(a.size, a.data, a.offset, p, b.data, b.offset, q, data, 0, 1);
  else walkBinary(makeNest(a.shape, [a.strides, b.strides, strides]), loop, a.data, a.offset, b.data, b.offset, data, 0);
  return new CpuTensor(data, a.shape, dtype, strides, 0, a.size, 1);
}

/** f(c, a, b), of dtype `dtype`. */
export function mapTernary(loop: TernaryLoop, dtype: DType, c: CpuTensor, a: CpuTensor, b: CpuTensor): CpuTensor {
  const p = c.step, q = a.step, r = b.step;
  if (p === 0 && q === 0 && r === 0) {
    const data = allocate(dtype, 1);
    loop(1, c.data, c.offset, 1, a.data, a.offset, 1, b.data, b.offset, 1, data, 0, 1);
    return new CpuTensor(data, a.shape, dtype, a.strides, 0, a.size, 0);
  }
  const data = allocate(dtype, a.size), strides = denseStrides(p === 1 ? c : q === 1 ? a : b);
  if (p !== undefined && q !== undefined && r !== undefined) loop(a.size, c.data, c.offset, p, a.data, a.offset, q, b.data, b.offset, r, data, 0, 1);
  else {
    const nest = makeNest(a.shape, [c.strides, a.strides, b.strides, strides]);
    walkTernary(nest, loop, c.data, c.offset, a.data, a.offset, b.data, b.offset, data, 0);
  }
  return new CpuTensor(data, a.shape, dtype, strides, 0, a.size, 1);
}
