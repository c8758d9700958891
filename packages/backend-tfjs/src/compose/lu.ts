import type { Algebra } from '../algebra.ts';
import type { Handle } from '../kit.ts';
import { diagonalOf, firstTrue, gatherRows, lowerMask } from './masks.ts';
import { triangularSolve } from './triangular.ts';

const BLOCK = 24;

/** LU with partial pivoting by blocks of columns; which rows change places is decided on the device. */
export function lu(A: Algebra, a: Handle): { lu: Handle; permutation: Handle; info: Handle } {
  const native = A.kit.native.lu?.(a) ?? blocked(A, a);
  const singular = A.eq(diagonalOf(A, native.lu), 0);
  return { ...native, info: firstTrue(A, singular) };
}

function blocked(A: Algebra, a: Handle): { lu: Handle; permutation: Handle } {
  const [batch, n] = a.shape as [number, number, number];
  let permutation = A.kit.tile(A.iota(n, [1, n], 'int32'), [batch, 1]);
  let matrix = a;
  for (let k = 0; k < n; k += BLOCK) {
    const size = Math.min(BLOCK, n - k);
    const left = n - k - size;
    const next = A.kit.tidy(() => {
      const { panel, order } = panelOf(A, A.block(matrix, k, n - k, k, size));
      const whole = k === 0 ? order : A.kit.concat([A.kit.tile(A.iota(k, [1, k], 'int32'), [batch, 1]), A.add(order, k)], 1);
      const moved = gatherRows(A, matrix, whole);
      const places = A.kit.reshape(gatherRows(A, A.kit.reshape(permutation, [batch, n, 1]), whole), [batch, n]);
      const parts: Handle[] = k === 0 ? [] : [A.block(moved, k, n - k, 0, k)];
      parts.push(panel);
      if (left > 0) {
        const upper = triangularSolve(A, A.block(panel, 0, size, 0, size), A.block(moved, k, size, k + size, left), { lower: true, transpose: false, unitDiagonal: true, side: 'left' });
        const rest = A.sub(A.block(moved, k + size, left, k + size, left), A.matmul(A.block(panel, size, left, 0, size), upper));
        parts.push(A.kit.concat([upper, rest], 1));
      }
      const lower = parts.length === 1 ? parts[0]! : A.kit.concat(parts, 2);
      return { matrix: k === 0 ? lower : A.kit.concat([A.block(moved, 0, k, 0, n), lower], 1), permutation: places };
    });
    ({ matrix, permutation } = next);
  }
  return { lu: matrix, permutation };
}

/** Elimination with row exchanges in [batch, rows, size]; `order` says where each row came from. */
function panelOf(A: Algebra, a: Handle): { panel: Handle; order: Handle } {
  const [batch, rows, size] = a.shape as [number, number, number];
  const places = A.iota(rows, [1, rows], 'int32');
  let order = A.kit.tile(places, [batch, 1]);
  let panel = a;
  for (let j = 0; j < Math.min(size, rows); j++) {
    const next = A.kit.tidy(() => {
      const column = A.kit.reshape(A.block(panel, 0, rows, j, 1), [batch, rows]);
      const eligible = A.ge(places, j);
      const pivot = A.kit.reshape(A.kit.argMax(A.where(eligible, A.abs(column), -1)), [batch, 1]);
      // NaN may give any position, also one above j
      const safe = A.max(pivot, j);
      const swap = A.where(A.eq(places, j), safe, A.where(A.eq(A.kit.tile(places, [batch, 1]), safe), j, A.kit.tile(places, [batch, 1])));
      const moved = gatherRows(A, panel, swap);
      const changed = A.kit.reshape(gatherRows(A, A.kit.reshape(order, [batch, rows, 1]), swap), [batch, rows]);
      if (j + 1 === rows) return { panel: moved, order: changed };
      const top = A.block(moved, j, 1, j, 1);
      const below = A.block(moved, j + 1, rows - j - 1, j, 1);
      const multipliers = A.where(A.eq(top, 0), 0, A.div(below, A.where(A.eq(top, 0), 1, top)));
      const parts: Handle[] = j === 0 ? [] : [A.block(moved, j + 1, rows - j - 1, 0, j)];
      parts.push(multipliers);
      if (j + 1 < size) parts.push(A.sub(A.block(moved, j + 1, rows - j - 1, j + 1, size - j - 1), A.mul(multipliers, A.block(moved, j, 1, j + 1, size - j - 1))));
      const lower = parts.length === 1 ? parts[0]! : A.kit.concat(parts, 2);
      return { panel: A.kit.concat([A.block(moved, 0, j + 1, 0, size), lower], 1), order: changed };
    });
    ({ panel, order } = next);
  }
  return { panel, order };
}

/** The upper triangle of [batch, m, n], 0 below. */
export function upperTriangle(A: Algebra, x: Handle): Handle {
  return A.where(lowerMask(A, x.shape[1]!, x.shape[2]!, -1), 0, x);
}
