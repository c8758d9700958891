import type { Algebra } from '../algebra.ts';
import type { Handle } from '../kit.ts';

/** bool [rows, columns]: where column − row ≤ `offset`. */
export function lowerMask(A: Algebra, rows: number, columns: number, offset: number = 0): Handle {
  const values = new Uint8Array(rows * columns);
  for (let i = 0; i < rows; i++) values.fill(1, i * columns, i * columns + Math.max(0, Math.min(columns, i + offset + 1)));
  return A.kit.upload(values, [1, rows, columns], 'bool');
}
/** bool [1, rows, columns] of a predicate. */
export function maskOf(A: Algebra, rows: number, columns: number, accept: (i: number, j: number) => boolean): Handle {
  const values = new Uint8Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) values[i * columns + j] = accept(i, j) ? 1 : 0;
  return A.kit.upload(values, [1, rows, columns], 'bool');
}

/** The main diagonal of [batch, m, n] → [batch, min(m, n)], by gathering from the flattened matrices. */
export function diagonalOf(A: Algebra, x: Handle): Handle {
  const [batch, m, n] = x.shape as [number, number, number];
  const k = Math.min(m, n);
  const index = A.kit.upload(Int32Array.from({ length: k }, (_, i) => i * (n + 1)), [k], 'int32');
  return A.kit.gather(A.kit.reshape(x, [batch, m * n]), index, 1);
}

/** Each matrix of [batch, m, n] with its rows in the order of its own index, int32 [batch, k] → [batch, k, n]. */
export function gatherRows(A: Algebra, x: Handle, index: Handle): Handle {
  const [batch, m, n] = x.shape as [number, number, number];
  const k = index.shape[1]!;
  const rows = batch === 1 ? index : A.add(index, A.mul(A.iota(batch, [batch, 1], 'int32'), m));
  return A.kit.reshape(A.kit.gather(A.kit.reshape(x, [batch * m, n]), A.kit.reshape(rows, [batch * k]), 0), [batch, k, n]);
}
/** The same for columns: [batch, m, n] → [batch, m, k]. */
export function gatherColumns(A: Algebra, x: Handle, index: Handle): Handle {
  return A.transposed(gatherRows(A, A.transposed(x), index));
}

/** The first true of bool [batch, n], 1-based, int32 [batch]; 0 where none is. */
export function firstTrue(A: Algebra, flags: Handle): Handle {
  const [batch, n] = flags.shape as [number, number];
  const places = A.where(flags, A.iota(n, [1, n], 'float32'), A.constant(n, 'float32'));
  const first = A.kit.reduce('Min', places);
  return A.kit.reshape(A.cast(A.where(A.lt(first, n), A.add(first, 1), 0), 'int32'), [batch]);
}
