import { type DType, isFloat } from '@matheron/core-tensor';
import type { Algebra } from '../algebra.ts';
import type { Handle } from '../kit.ts';
import { gatherRows } from './masks.ts';

/** [rows, n] at the positions of each row. */
function at(A: Algebra, x: Handle, index: Handle): Handle {
  const [rows, n] = x.shape as [number, number];
  return A.kit.reshape(gatherRows(A, A.kit.reshape(x, [rows, n, 1]), index), [rows, n]);
}

/**
 * Ascending along the last axis of [rows, n], stable, NaN last: descending by the key that runs the other way, then NaNs moved
 * behind the rest by a second stable pass.
 */
export function sortAscending(A: Algebra, x: Handle): { values: Handle; indices: Handle } {
  // −1 − x runs the other way without overflow at −2³¹
  if (!isFloat(x.dtype as DType)) {
    const { values, indices } = A.kit.sortDescending(A.sub(-1, x));
    return { values: A.sub(-1, values), indices };
  }
  const missing = A.isNaN(x);
  const first = A.kit.sortDescending(A.where(missing, Number.NEGATIVE_INFINITY, A.neg(x))).indices;
  const moved = at(A, A.cast(missing, x.dtype), first);
  const second = A.kit.sortDescending(A.neg(moved)).indices;
  const indices = at(A, first, second);
  return { values: at(A, x, indices), indices };
}

/** Position of the first extreme along the last axis of [rows, n]; the first NaN where there is one. */
export function firstExtreme(A: Algebra, op: 'argmax' | 'argmin', x: Handle): Handle {
  if (!isFloat(x.dtype as DType)) return A.kit.argMax(op === 'argmax' ? x : A.sub(-1, x));
  const missing = A.isNaN(x);
  const key = op === 'argmax' ? x : A.neg(x);
  const plain = A.kit.argMax(A.where(missing, Number.NEGATIVE_INFINITY, key));
  const flags = A.cast(missing, x.dtype);
  return A.where(A.gt(A.kit.reduce('Max', flags), 0), A.kit.argMax(flags), plain);
}
