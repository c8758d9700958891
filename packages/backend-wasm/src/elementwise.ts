import type { UnaryOp } from '@matheron/core-tensor';
import type { FloatArray } from '@matheron/backend-cpu';
import type { Scratch } from './scratch.ts';

/** Kernel of each kind that has one, and the number of elements from which it beats the loop; measured by bench/thresholds.mjs. */
export const unaryKernels: { readonly [K in KernelOp]: number } = {
  exp: 48, expm1: 96, log: 64, log1p: 128, tanh: 96, sigmoid: 96, softplus: 48, sin: 128, cos: 128, erf: 24, lgamma: 64,
};
export type KernelOp = Extract<UnaryOp, 'exp' | 'expm1' | 'log' | 'log1p' | 'tanh' | 'sigmoid' | 'softplus' | 'sin' | 'cos' | 'erf' | 'lgamma'>;

/** The number of elements from which `powers` beats the loop. */
export const powerFrom = 24;

export function hasKernel(op: UnaryOp): op is KernelOp {
  return Object.hasOwn(unaryKernels, op);
}

/** y = f(x) for dense arrays of one type and equal length, which may be the same. */
export function mapChunks(memory: Scratch, op: KernelOp, x: FloatArray, y: FloatArray): void {
  const scratch = memory.forElements(op, x.length), { chunk } = scratch, kernels = scratch.reserve(16 * chunk), { f64, f32, start } = scratch, f = kernels[op], n = x.length;
  const wide = x instanceof Float64Array, half = start + 8 * chunk;
  for (let i = 0; i < n; i += chunk) {
    const count = Math.min(chunk, n - i), part = count === n ? x : x.subarray(i, i + count);
    if (wide) {
      f64.set(part, start / 8);
      f(count, start, start);
      y.set(f64.subarray(start / 8, start / 8 + count), i);
    } else {
      f32.set(part, half / 4);
      kernels.promote(count, half, start);
      f(count, start, start);
      kernels.demote(count, start, half);
      y.set(f32.subarray(half / 4, half / 4 + count), i);
    }
  }
}

/** z = x ^ y for dense arrays of one type and equal length. */
export function powers(memory: Scratch, x: FloatArray, y: FloatArray, z: FloatArray): void {
  const scratch = memory.forElements('pow', x.length), { chunk } = scratch, kernels = scratch.reserve(24 * chunk), { f64, f32, start } = scratch, n = x.length;
  const wide = x instanceof Float64Array, second = start + 8 * chunk, third = second + 8 * chunk;
  for (let i = 0; i < n; i += chunk) {
    const count = Math.min(chunk, n - i);
    if (wide) {
      f64.set(x.subarray(i, i + count), start / 8);
      f64.set(y.subarray(i, i + count), second / 8);
    } else {
      f32.set(x.subarray(i, i + count), third / 4);
      kernels.promote(count, third, start);
      f32.set(y.subarray(i, i + count), third / 4);
      kernels.promote(count, third, second);
    }
    kernels.pow(count, start, second, start);
    if (wide) z.set(f64.subarray(start / 8, start / 8 + count), i);
    else {
      kernels.demote(count, start, third);
      z.set(f32.subarray(third / 4, third / 4 + count), i);
    }
  }
}
