import type { Algebra } from '../algebra.ts';
import type { Handle } from '../kit.ts';
import { diagonalOf, firstTrue, lowerMask } from './masks.ts';

const BLOCK = 24;

/**
 * The factor and the failing pivot without looking at values: a pivot that isn't positive and finite becomes NaN, which spreads to everything
 * that depends on it, and `info` is the first NaN on the diagonal.
 */
export function cholesky(A: Algebra, a: Handle): { factor: Handle; info: Handle } {
  const n = a.shape[1]!;
  const factor = A.kit.native.cholesky?.(a);
  if (factor) {
    // A failure is rare; only then does the pivot have to be found.
    const failed = A.kit.reduce('Any', A.kit.reshape(A.not(A.lt(diagonalOf(A, factor), Infinity)), [a.shape[0]! * n]));
    if (A.kit.readSync!(failed)[0] === 0) return { factor, info: A.kit.fill(0, [a.shape[0]!], 'int32') };
  }
  const mask = lowerMask(A, n, n);
  const composed = A.where(mask, blocked(A, A.where(mask, a, 0)), 0);
  return { factor: composed, info: firstTrue(A, A.isNaN(diagonalOf(A, composed))) };
}

/** Right-looking by blocks of columns; the strict upper triangle of the result is arbitrary. */
function blocked(A: Algebra, a: Handle): Handle {
  const n = a.shape[1]!;
  const panels: Handle[] = [];
  let rest = a;
  for (let k = 0; k < n; k += BLOCK) {
    const size = Math.min(BLOCK, n - k);
    const left = n - k - size;
    const [panel, below] = A.kit.tidy(() => {
      const factored = panelOf(A, A.block(rest, 0, n - k, 0, size));
      const padded = A.kit.pad(factored, [[0, 0], [k, 0], [0, 0]], 0);
      if (left === 0) return [padded, undefined];
      const lower = A.block(factored, size, left, 0, size);
      return [padded, A.sub(A.block(rest, size, left, size, left), A.matmul(lower, lower, false, true))];
    });
    panels.push(panel);
    if (below) rest = below;
  }
  return panels.length === 1 ? panels[0]! : A.kit.concat(panels, 2);
}

/** Columns of the factor from [batch, rows, size], the diagonal block on top. */
function panelOf(A: Algebra, a: Handle): Handle {
  const [, rows, size] = a.shape as [number, number, number];
  const columns: Handle[] = [];
  let rest = a;
  for (let j = 0; j < size; j++) {
    const pivot = A.block(rest, 0, 1, 0, 1);
    const root = A.where(A.and(A.gt(pivot, 0), A.lt(pivot, Infinity)), A.sqrt(pivot), Number.NaN);
    const column = A.div(A.block(rest, 0, rows - j, 0, 1), root);
    // the pivot over its own root loses an ulp that the root has not
    const exact = rows - j === 1 ? root : A.kit.concat([root, A.block(column, 1, rows - j - 1, 0, 1)], 1);
    columns.push(j === 0 ? exact : A.kit.pad(exact, [[0, 0], [j, 0], [0, 0]], 0));
    if (j + 1 < size) {
      const heads = A.transposed(A.block(column, 1, size - j - 1, 0, 1));
      rest = A.sub(A.block(rest, 1, rows - j - 1, 1, size - j - 1), A.mul(A.block(column, 1, rows - j - 1, 0, 1), heads));
    }
  }
  return columns.length === 1 ? columns[0]! : A.kit.concat(columns, 2);
}
