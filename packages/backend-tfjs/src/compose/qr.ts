import type { Algebra } from '../algebra.ts';
import type { Handle } from '../kit.ts';
import { gatherColumns } from './masks.ts';
import { upperTriangle } from './lu.ts';

/** Each matrix over its largest magnitude, so that squares neither overflow nor vanish; and that magnitude, [batch, 1, 1]. */
export function scaled(A: Algebra, a: Handle): { matrix: Handle; scale: Handle } {
  const [batch, m, n] = a.shape as [number, number, number];
  const largest = A.kit.reshape(A.kit.reduce('Max', A.kit.reshape(A.abs(a), [batch, m * n])), [batch, 1, 1]);
  const scale = A.where(A.and(A.gt(largest, 0), A.lt(largest, Number.POSITIVE_INFINITY)), largest, 1);
  return { matrix: A.div(a, scale), scale };
}

/** Householder's reduction, column by column; with `pivot` the longest remaining column comes first (Businger and Golub 1965), its length computed anew. */
export function qr(A: Algebra, a: Handle, pivot: boolean): { q: Handle; r: Handle; permutation: Handle } {
  const [batch, m, n] = a.shape as [number, number, number];
  const k = Math.min(m, n);
  const places = A.kit.tile(A.iota(n, [1, n], 'int32'), [batch, 1]);
  const { matrix, scale } = scaled(A, a);
  const native = pivot ? undefined : A.kit.native.qr?.(matrix);
  if (native) return { q: native.q, r: A.mul(upperTriangle(A, native.r), scale), permutation: places };
  let rest = matrix;
  let permutation = places;
  const reflectors: { v: Handle; tau: Handle }[] = [];
  for (let j = 0; j < Math.min(k, m); j++) {
    const next = A.kit.tidy(() => {
      let current = rest;
      let order = permutation;
      if (pivot && j + 1 < n) {
        const open = A.block(current, j, m - j, j, n - j);
        const lengths = A.kit.reduce('Sum', A.kit.transpose(A.square(open), [0, 2, 1]));
        const longest = A.min(A.max(A.add(A.kit.reshape(A.kit.argMax(lengths), [batch, 1]), j), j), n - 1);
        const swap = A.where(A.eq(places, j), longest, A.where(A.eq(places, longest), j, places));
        current = gatherColumns(A, current, swap);
        order = A.kit.reshape(gatherColumns(A, A.kit.reshape(order, [batch, 1, n]), swap), [batch, n]);
      }
      const open = A.block(current, j, m - j, j, n - j);
      const column = A.block(open, 0, m - j, 0, 1);
      const head = A.block(column, 0, 1, 0, 1);
      const length = A.sqrt(A.kit.reshape(A.kit.reduce('Sum', A.kit.reshape(A.square(column), [batch, m - j])), [batch, 1, 1]));
      const beta = A.where(A.gt(head, 0), A.neg(length), length);
      const lead = A.sub(head, beta);
      const flat = A.eq(length, 0);
      // v = (1, x₂/(x₁ − β), …), τ = (β − x₁)/β: H = I − τ v vᵀ sends the column to (β, 0, …)
      const ones = A.add(A.mul(head, 0), 1);
      const v = m - j === 1 ? ones : A.kit.concat([ones, A.div(A.block(column, 1, m - j - 1, 0, 1), A.where(flat, 1, lead))], 1);
      const tau = A.where(flat, 0, A.div(A.neg(lead), A.where(flat, 1, beta)));
      const reflected = A.sub(open, A.mul(A.mul(v, tau), A.matmul(v, open, true)));
      const left = j === 0 ? reflected : A.kit.concat([A.block(current, j, m - j, 0, j), reflected], 2);
      return { rest: j === 0 ? left : A.kit.concat([A.block(current, 0, j, 0, n), left], 1), permutation: order, v, tau };
    });
    ({ rest, permutation } = next);
    reflectors.push({ v: next.v, tau: next.tau });
  }
  let q = A.kit.tile(eye(A, m, k, a), [batch, 1, 1]);
  for (let j = reflectors.length - 1; j >= 0; j--) {
    const { v, tau } = reflectors[j]!;
    q = A.kit.tidy(() => {
      const open = A.block(q, j, m - j, 0, k);
      const reflected = A.sub(open, A.mul(A.mul(v, tau), A.matmul(v, open, true)));
      return j === 0 ? reflected : A.kit.concat([A.block(q, 0, j, 0, k), reflected], 1);
    });
  }
  return { q, r: A.mul(upperTriangle(A, A.block(rest, 0, k, 0, n)), scale), permutation };
}

/** [1, rows, columns] with ones on the diagonal, in the dtype of `like`. */
export function eye(A: Algebra, rows: number, columns: number, like: Handle): Handle {
  const values = like.dtype === 'float64' ? new Float64Array(rows * columns) : new Float32Array(rows * columns);
  for (let i = 0; i < Math.min(rows, columns); i++) values[i * (columns + 1)] = 1;
  return A.kit.upload(values, [1, rows, columns], like.dtype);
}
