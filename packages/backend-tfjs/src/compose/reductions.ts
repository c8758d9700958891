import type { ReduceOp } from '@matheron/core-tensor';
import type { Algebra } from '../algebra.ts';
import type { Handle, ReduceKernel } from '../kit.ts';
import { multiplyInt32 } from './integers.ts';

const kernels = { sum: 'Sum', prod: 'Prod', max: 'Max', min: 'Min', any: 'Any', all: 'All' } as const satisfies Record<ReduceOp, ReduceKernel>;

/** Over the last axis of [rows, n]. */
export function reduceRows(A: Algebra, op: ReduceOp, x: Handle): Handle {
  if (op === 'prod' && x.dtype === 'int32') return integerProduct(A, x);
  const reduced = A.kit.reduce(kernels[op], x);
  if ((op !== 'max' && op !== 'min') || x.dtype === 'int32' || !A.kit.quirks.losesNaN) return reduced;
  return A.where(A.kit.reduce('Any', A.isNaN(x)), Number.NaN, reduced);
}

/** By halves: log₂ n exact products. */
function integerProduct(A: Algebra, x: Handle): Handle {
  let current = x;
  while (current.shape[1]! > 1) {
    const [rows, n] = current.shape as [number, number];
    const half = Math.floor(n / 2);
    const product = multiplyInt32(A, A.kit.slice(current, [0, 0], [rows, half]), A.kit.slice(current, [0, half], [rows, half]));
    current = n % 2 === 0 ? product : A.kit.concat([product, A.kit.slice(current, [0, n - 1], [rows, 1])], 1);
  }
  return A.kit.reshape(current, [x.shape[0]!]);
}

/** Running products of int32 along the last axis of [rows, n], by doubling strides (W. Hillis and G. Steele 1986). */
export function integerCumulativeProduct(A: Algebra, x: Handle): Handle {
  const [rows, n] = x.shape as [number, number];
  let current = x;
  for (let step = 1; step < n; step *= 2) {
    const head = A.kit.slice(current, [0, 0], [rows, step]);
    const product = multiplyInt32(A, A.kit.slice(current, [0, step], [rows, n - step]), A.kit.slice(current, [0, 0], [rows, n - step]));
    current = A.kit.concat([head, product], 1);
  }
  return current;
}

/** Entries of [batch, m, k] · [batch, k, n] of int32, a few rows at a time so that the products between need little room. */
export function integerMatmul(A: Algebra, a: Handle, b: Handle): Handle {
  const [batch, m, k] = a.shape as [number, number, number];
  const n = b.shape[2]!;
  const step = Math.max(1, Math.floor(2 ** 20 / (k * n)));
  const columns = A.kit.reshape(A.transposed(b), [batch, 1, n, k]);
  const parts: Handle[] = [];
  for (let i = 0; i < m; i += step) {
    const rows = Math.min(step, m - i);
    parts.push(A.kit.tidy(() => {
      const left = A.kit.reshape(A.block(a, i, rows, 0, k), [batch, rows, 1, k]);
      const wide = A.kit.tile(left, [1, 1, n, 1]);
      return A.kit.reduce('Sum', multiplyInt32(A, wide, A.kit.tile(columns, [1, rows, 1, 1])));
    }));
  }
  return parts.length === 1 ? parts[0]! : A.kit.concat(parts, 1);
}
