import type { TriangularSolveOptions } from '@matheron/core-tensor';
import type { Algebra } from '../algebra.ts';
import type { Handle } from '../kit.ts';
import { lowerMask } from './masks.ts';

/** Rows that are eliminated one by one before a product takes care of the rest. */
const BLOCK = 24;

/** Substitution for l x = b, l lower triangular [batch, n, n], b [batch, n, m]. Only the lower triangle is read; a unit diagonal isn't. */
function forward(A: Algebra, l: Handle, b: Handle, unitDiagonal: boolean): Handle {
  const n = l.shape[1]!;
  const m = b.shape[2]!;
  const solved: Handle[] = [];
  let rest = b;
  for (let k = 0; k < n; k += BLOCK) {
    const size = Math.min(BLOCK, n - k);
    const [block, below] = A.kit.tidy(() => {
      let open = A.block(rest, 0, size, 0, m);
      const rows: Handle[] = [];
      for (let j = 0; j < size; j++) {
        const top = A.block(open, 0, 1, 0, m);
        const row = unitDiagonal ? top : A.div(top, A.block(l, k + j, 1, k + j, 1));
        rows.push(row);
        if (j + 1 < size) open = A.sub(A.block(open, 1, size - j - 1, 0, m), A.mul(A.block(l, k + j + 1, size - j - 1, k + j, 1), row));
      }
      const block = rows.length === 1 ? rows[0]! : A.kit.concat(rows, 1);
      const left = n - k - size;
      if (left === 0) return [block, undefined];
      return [block, A.sub(A.block(rest, size, left, 0, m), A.matmul(A.block(l, k + size, left, k, size), block))];
    });
    solved.push(block);
    if (below) rest = below;
  }
  return solved.length === 1 ? solved[0]! : A.kit.concat(solved, 1);
}

/** Rows and columns of [batch, n, n], or rows of [batch, n, m], in reverse. */
function reversedRows(A: Algebra, x: Handle): Handle {
  const n = x.shape[1]!;
  return A.kit.gather(x, A.kit.upload(Int32Array.from({ length: n }, (_, i) => n - 1 - i), [n], 'int32'), 1);
}
function reversed(A: Algebra, x: Handle): Handle {
  return A.transposed(reversedRows(A, A.transposed(reversedRows(A, x))));
}

/** All sixteen forms come down to forward substitution: by transposing both sides, and by turning an upper triangle round. */
export function triangularSolve(A: Algebra, l: Handle, b: Handle, { lower, transpose, unitDiagonal, side }: TriangularSolveOptions): Handle {
  // x l = b is lᵀ xᵀ = bᵀ
  if (side === 'right') return A.transposed(triangularSolve(A, l, A.transposed(b), { lower, transpose: !transpose, unitDiagonal, side: 'left' }));
  if (A.kit.native.triangularSolve) {
    const n = l.shape[1]!;
    const t = unitDiagonal ? A.where(A.and(lowerMask(A, n, n), A.not(lowerMask(A, n, n, -1))), 1, l) : l;
    return A.kit.native.triangularSolve(t, b, lower, transpose);
  }
  const t = transpose ? A.transposed(l) : l;
  if (lower !== transpose) return forward(A, t, b, unitDiagonal);
  return reversedRows(A, forward(A, reversed(A, t), reversedRows(A, b), unitDiagonal));
}

/** (l lᵀ)⁻¹, exactly symmetric. */
export function choleskyInverse(A: Algebra, l: Handle): Handle {
  const [batch, n] = l.shape as [number, number, number];
  const eye = A.kit.tile(A.cast(A.and(lowerMask(A, n, n), A.not(lowerMask(A, n, n, -1))), l.dtype), [batch, 1, 1]);
  const inverse = triangularSolve(A, l, eye, { lower: true, transpose: false, unitDiagonal: false, side: 'left' });
  const product = A.matmul(inverse, inverse, true);
  return A.where(lowerMask(A, n, n), product, A.transposed(product));
}
