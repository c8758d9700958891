import { type Shape, type Window, sizeOf, windowCount } from '@matheron/core-tensor';
import type { Algebra } from '../algebra.ts';
import type { Handle } from '../kit.ts';
import { around, permute } from '../movement.ts';

/** Where each element of each window lies on its axis, windows outermost. */
function places(A: Algebra, size: number, w: Window): { index: Handle; count: number } {
  const count = windowCount(size, w);
  const index = Int32Array.from({ length: count * w.width }, (_, p) => Math.floor(p / w.width) * w.stride + (p % w.width) * w.dilation);
  return { index: A.kit.upload(index, [index.length], 'int32'), count };
}

/** [..., s1, …, sk] → [..., o1, …, ok, w1, …, wk], one axis after another by gathering. */
export function unfold(A: Algebra, x: Handle, windows: readonly Window[]): Handle {
  const lead = x.shape.length - windows.length;
  const sizes: number[] = x.shape.slice(0, lead);
  let current = x;
  for (const [k, w] of windows.entries()) {
    const { index, count } = places(A, x.shape[lead + k]!, w);
    const shape = [sizeOf(sizes), x.shape[lead + k]!, sizeOf(x.shape.slice(lead + k + 1))];
    current = A.kit.gather(A.kit.reshape(current, shape), index, 1);
    sizes.push(count, w.width);
  }
  const spread = A.kit.reshape(current, sizes);
  const axes = [...Array(lead).keys(), ...windows.map((_, k) => lead + 2 * k), ...windows.map((_, k) => lead + 2 * k + 1)];
  return permute(A.kit, spread, axes);
}

/** The adjoint: windows summed back into `shape`. */
export function fold(A: Algebra, y: Handle, windows: readonly Window[], shape: Shape): Handle {
  const count = windows.length;
  const lead = shape.length - count;
  const axes = [...Array(lead).keys(), ...windows.flatMap((_, k) => [lead + k, lead + count + k])];
  let current = permute(A.kit, y, axes);
  const sizes = axes.map((a) => y.shape[a]!);
  for (let k = count - 1; k >= 0; k--) {
    const axis = lead + 2 * k;
    const { index } = places(A, shape[lead + k]!, windows[k]!);
    sizes.splice(axis, 2, index.shape[0]!);
    current = scatterInto(A, A.kit.reshape(current, sizes), index, axis, shape[lead + k]!);
    sizes[axis] = shape[lead + k]!;
  }
  return A.kit.reshape(current, shape);
}

/** `updates` summed along `axis` into an axis of `size`, at `index`. */
export function scatterInto(A: Algebra, updates: Handle, index: Handle, axis: number, size: number): Handle {
  const [before, count, after] = around(updates.shape, axis);
  const front = permute(A.kit, A.kit.reshape(updates, [before, count, after]), [1, 0, 2]);
  const sums = A.kit.scatterRows(index, A.kit.reshape(front, [count, before * after]), size);
  const back = permute(A.kit, A.kit.reshape(sums, [size, before, after]), [1, 0, 2]);
  return A.kit.reshape(back, [...updates.shape.slice(0, axis), size, ...updates.shape.slice(axis + 1)]);
}
