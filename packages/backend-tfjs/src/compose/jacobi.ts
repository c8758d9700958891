import type { Algebra } from '../algebra.ts';
import type { Handle } from '../kit.ts';
import { diagonalOf, gatherRows, lowerMask, maskOf } from './masks.ts';
import { eye, qr, scaled } from './qr.ts';

/** Where each element goes between rounds, so that n − 1 rounds of pairs (i, i + n/2) meet every pair once (R. Brent and F. Luk 1985). */
function tournament(n: number): Int32Array {
  const half = n / 2;
  // a ring: top row left to right, bottom row right to left; element 0 stays
  const ring = [...Array.from({ length: half }, (_, i) => i), ...Array.from({ length: half }, (_, i) => n - 1 - i)];
  const order = new Int32Array(n);
  for (let p = 0; p < n; p++) order[ring[p]!] = p === 0 ? ring[0]! : ring[p === 1 ? n - 1 : p - 1]!;
  return order;
}

/** Sweeps after which float32 (float64) has converged; convergence is quadratic in the end. */
function sweepsFor(n: number, dtype: string): number {
  return (dtype === 'float64' ? 7 : 6) + Math.ceil(Math.log2(Math.max(2, n)) / 1.5);
}

/** cos and sin that diagonalize [[p, r], [r, q]]; (1, 0) where r is 0. */
function rotation(A: Algebra, p: Handle, q: Handle, r: Handle): { c: Handle; s: Handle } {
  const none = A.eq(r, 0);
  const theta = A.div(A.sub(q, p), A.mul(A.where(none, 1, r), 2));
  const big = A.abs(theta);
  // beyond 1e8 the square overflows or vanishes beside it
  const root = A.where(A.gt(big, 1e8), big, A.sqrt(A.add(A.square(A.min(big, 1e9)), 1)));
  const t = A.div(A.where(A.lt(theta, 0), A.constant(-1, p.dtype), A.constant(1, p.dtype)), A.add(big, root));
  const c = A.div(1, A.sqrt(A.add(A.square(t), 1)));
  return { c: A.where(none, 1, c), s: A.where(none, 0, A.mul(t, c)) };
}

/** NaN anywhere in a matrix, as 0 · sum: [batch, 1, 1] of 0 or NaN. */
function poison(A: Algebra, a: Handle): Handle {
  const [batch, m, n] = a.shape as [number, number, number];
  return A.kit.reshape(A.kit.reduce('Sum', A.kit.reshape(A.mul(a, 0), [batch, m * n])), [batch, 1, 1]);
}

/** Whether a synchronous device says that every off-diagonal entry is negligible; an asynchronous one isn't asked. */
function settled(A: Algebra, measure: Handle): boolean {
  return A.kit.readSync !== undefined && A.kit.readSync(A.kit.reduce('Any', A.kit.reshape(measure, [measure.shape.reduce((p, q) => p * q, 1)])))[0] === 0;
}

/** Eigenvalues in ascending order and vectors of the lower triangle, by Jacobi's method with n/2 rotations at a time. */
export function eigh(A: Algebra, a: Handle): { values: Handle; vectors: Handle } {
  const [batch, n] = a.shape as [number, number, number];
  const mask = lowerMask(A, n, n);
  const lower = A.where(mask, a, 0);
  const symmetric = A.where(mask, lower, A.transposed(lower));
  const native = A.kit.native.eigh?.(symmetric);
  if (native) return native;
  if (n === 1) return { values: A.kit.reshape(symmetric, [batch, 1]), vectors: A.add(A.mul(symmetric, 0), 1) };
  const size = n + (n % 2);
  const half = size / 2;
  const { matrix, scale } = scaled(A, symmetric);
  let w = size === n ? matrix : A.kit.pad(matrix, [[0, 0], [0, 1], [0, 1]], 0);
  let v = A.kit.tile(eye(A, size, size, a), [batch, 1, 1]);
  const next = A.kit.upload(tournament(size), [size], 'int32');
  const epsilon = a.dtype === 'float64' ? 2 ** -54 : 2 ** -26;
  const off = A.cast(maskOf(A, size, size, (i, j) => i !== j), a.dtype);
  for (let sweep = 0, sweeps = sweepsFor(n, a.dtype); sweep < sweeps; sweep++) {
    for (let round = 0; round < size - 1; round++) {
      const turned = A.kit.tidy(() => {
        const d = A.kit.reshape(diagonalOf(A, w), [batch, size, 1]);
        const r = A.kit.reshape(diagonalOf(A, A.block(w, 0, half, half, half)), [batch, half, 1]);
        const { c, s } = rotation(A, A.block(d, 0, half, 0, 1), A.block(d, half, half, 0, 1), r);
        const turnRows = (x: Handle): Handle => {
          const [top, bottom] = [A.block(x, 0, half, 0, size), A.block(x, half, half, 0, size)];
          return A.kit.gather(A.kit.concat([A.sub(A.mul(c, top), A.mul(s, bottom)), A.add(A.mul(s, top), A.mul(c, bottom))], 1), next, 1);
        };
        // v holds vectors in rows meanwhile
        return { w: turnRows(A.transposed(turnRows(w))), v: turnRows(v) };
      });
      ({ w, v } = turned);
    }
    if (A.kit.tidy(() => settled(A, A.gt(A.abs(A.mul(w, off)), epsilon)))) break;
  }
  // the row of padding is its own eigenvector: it is told by its unit entry, and sorted behind all others
  const values = diagonalOf(A, w);
  const padding = size === n ? undefined : A.gt(A.abs(A.kit.reshape(A.block(v, 0, size, n, 1), [batch, size])), 0.5);
  const keys = A.neg(padding ? A.where(padding, Number.POSITIVE_INFINITY, values) : values);
  const sorted = A.kit.sortDescending(keys);
  const order = size === n ? sorted.indices : A.kit.slice(sorted.indices, [0, 0], [batch, n]);
  const bad = poison(A, symmetric);
  const ascending = A.neg(A.kit.slice(sorted.values, [0, 0], [batch, n]));
  const rows = A.block(gatherRows(A, v, order), 0, n, 0, n);
  return { values: A.add(A.mul(ascending, A.kit.reshape(scale, [batch, 1])), A.kit.reshape(bad, [batch, 1])), vectors: A.add(A.transposed(rows), bad) };
}

/**
 * One-sided Jacobi (M. Hestenes 1958) on the rows of aᵀ: they become orthogonal, their lengths are the singular values. A QR factorization of
 * the result makes the left vectors orthonormal also where a singular value is 0.
 */
export function svd(A: Algebra, a: Handle): { u: Handle; s: Handle; vt: Handle } {
  const [batch, m, n] = a.shape as [number, number, number];
  if (m < n) {
    const { u, s, vt } = svd(A, A.transposed(a));
    return { u: A.transposed(vt), s, vt: A.transposed(u) };
  }
  const native = A.kit.native.svd?.(a);
  if (native) return { u: native.u, s: native.s, vt: A.transposed(native.v) };
  const { matrix, scale } = scaled(A, a);
  const size = n + (n % 2);
  const half = size / 2;
  let w = A.transposed(matrix);
  if (size > n) w = A.kit.pad(w, [[0, 0], [0, 1], [0, 0]], 0);
  let v = A.kit.tile(eye(A, size, size, a), [batch, 1, 1]);
  const next = A.kit.upload(tournament(size), [size], 'int32');
  const epsilon = a.dtype === 'float64' ? 2 ** -50 : 2 ** -22;
  // products of rows below this are rounding errors of the whole matrix
  const floor = a.dtype === 'float64' ? 1e-300 : 1e-36;
  for (let sweep = 0, sweeps = sweepsFor(n, a.dtype) + 2; sweep < sweeps && n > 1; sweep++) {
    let busy: Handle | undefined;
    for (let round = 0; round < size - 1; round++) {
      const turned = A.kit.tidy(() => {
        const split = (x: Handle): [Handle, Handle] => [A.block(x, 0, half, 0, x.shape[2]!), A.block(x, half, half, 0, x.shape[2]!)];
        const [top, bottom] = split(w);
        const p = A.reduceKeeping('Sum', A.square(top));
        const q = A.reduceKeeping('Sum', A.square(bottom));
        const dot = A.reduceKeeping('Sum', A.mul(top, bottom));
        const significant = A.and(A.gt(A.abs(dot), A.mul(A.mul(A.sqrt(p), A.sqrt(q)), epsilon)), A.gt(A.abs(dot), floor));
        const { c, s } = rotation(A, p, q, A.where(significant, dot, 0));
        const turn = (x: Handle): Handle => {
          const [above, below] = split(x);
          return A.kit.gather(A.kit.concat([A.sub(A.mul(c, above), A.mul(s, below)), A.add(A.mul(s, above), A.mul(c, below))], 1), next, 1);
        };
        return { w: turn(w), v: turn(v), busy: busy ? A.or(busy, significant) : significant };
      });
      ({ w, v, busy } = turned);
    }
    const measure = busy!;
    if (A.kit.tidy(() => settled(A, measure))) break;
  }
  const lengths = A.sqrt(A.kit.reduce('Sum', A.square(w)));
  const padding = size === n ? undefined : A.gt(A.abs(A.kit.reshape(A.block(v, 0, size, n, 1), [batch, size])), 0.5);
  const sorted = A.kit.sortDescending(padding ? A.where(padding, -1, lengths) : lengths);
  const order = A.kit.slice(sorted.indices, [0, 0], [batch, n]);
  const columns = A.transposed(gatherRows(A, w, order));
  const { q, r } = qr(A, columns, false);
  const d = diagonalOf(A, r);
  const signs = A.where(A.lt(d, 0), A.constant(-1, a.dtype), A.constant(1, a.dtype));
  const bad = poison(A, a);
  const s = A.add(A.mul(A.kit.slice(sorted.values, [0, 0], [batch, n]), A.kit.reshape(scale, [batch, 1])), A.kit.reshape(bad, [batch, 1]));
  return { u: A.add(A.mul(q, A.kit.reshape(signs, [batch, 1, n])), bad), s, vt: A.block(gatherRows(A, v, order), 0, n, 0, n) };
}
