import type { FloatArray } from '@matheron/backend-wasm/internal';
import type { Library } from '../library.ts';
import { A, S, U, V, int, zero } from '../routines.ts';
import { transposeInto } from './dense.ts';
import { at, integers, lapack, work } from './lapack.ts';

const query = new Float64Array(1);

/** L U of the row-major a (m×n) in place, row i of it being row permutation[i] of `a`. 0, or the first zero pivot, 1-based. */
export function factorLu(library: Library, m: number, n: number, a: Float64Array, permutation: Int32Array): number {
  const x = new Float64Array(m * n), size = Math.min(m, n), pivots = integers(library, size);
  transposeInto(m, n, a, n, x, m);
  const info = lapack(library, 'getrf', int(0, m), int(1, n), x, int(2, m), pivots);
  transposeInto(n, m, x, m, a, n);
  for (let i = 0; i < m; i++) permutation[i] = i;
  for (let i = 0; i < size; i++) {
    const other = at(library, pivots, i) - 1, moved = permutation[i]!;
    permutation[i] = permutation[other]!;
    permutation[other] = moved;
  }
  return info;
}

/** Reduced Q R of the row-major a (m×n): q (m×k), r (k×n), k = min(m, n); with `permutation`, of a[:, permutation]. */
export function factorQr(library: Library, m: number, n: number, a: FloatArray, q: FloatArray, r: FloatArray, permutation?: Int32Array): void {
  const size = Math.min(m, n), x = new Float64Array(m * n), tau = new Float64Array(size);
  transposeInto(m, n, a, n, x, m);
  if (permutation) {
    const order = integers(library, n);
    const call = (room: Float64Array, length: number): number => lapack(library, 'geqp3', int(0, m), int(1, n), x, int(2, m), order, tau, room, int(3, length));
    call(query, -1);
    call(work(query[0]!), query[0]!);
    for (let j = 0; j < n; j++) permutation[j] = at(library, order, j) - 1;
  } else {
    const call = (room: Float64Array, length: number): number => lapack(library, 'geqrf', int(0, m), int(1, n), x, int(2, m), tau, room, int(3, length));
    call(query, -1);
    call(work(query[0]!), query[0]!);
  }
  transposeInto(n, size, x, m, r, n);
  for (let i = 0; i < size; i++) r.fill(0, i * n, i * n + i);
  const form = (room: Float64Array, length: number): number => lapack(library, 'orgqr', int(0, m), int(1, size), int(2, size), x, int(3, m), tau, room, int(4, length));
  form(query, -1);
  form(work(query[0]!), query[0]!);
  transposeInto(size, m, x, m, q, size);
}

/** The largest workspace that 32-bit integers can state. */
const mostWork = 2 ** 31 - 1;

/**
 * Ascending eigenvalues and eigenvectors, in columns, of the row-major lower triangle of a (n×n): divide and conquer, or, where that doesn't
 * converge or its workspace is too large, relatively robust representations. false where neither converges.
 */
export function symmetricEigen(library: Library, n: number, a: FloatArray, values: FloatArray, vectors: FloatArray): boolean {
  const w = values instanceof Float64Array ? values : new Float64Array(n);
  // Row-major and lower is upper to Fortran; each vector is then a row.
  let z = Float64Array.from(a);
  if (1 + 6 * n + 2 * n * n > mostWork || divideAndConquer(library, n, z, w) !== 0) {
    const x = Float64Array.from(a);
    z = new Float64Array(n * n);
    if (robust(library, n, x, w, z) !== 0) return false;
  }
  if (w !== values) values.set(w);
  transposeInto(n, n, z, n, vectors, n);
  return true;
}
function divideAndConquer(library: Library, n: number, z: Float64Array, w: Float64Array): number {
  const length = 1 + 6 * n + 2 * n * n, count = 3 + 5 * n;
  return lapack(library, 'syevd', V, U, int(0, n), z, int(1, n), w, work(length), int(2, length), integers(library, count), int(3, count));
}
function robust(library: Library, n: number, x: Float64Array, w: Float64Array, z: Float64Array): number {
  const length = 40 * n, count = 10 * n;
  return lapack(
    library, 'syevr', V, A, U, int(0, n), x, int(1, n), zero, zero, int(2, 1), int(3, n), zero, new Int32Array(2), w, z, int(4, n), integers(library, 2 * n),
    work(length), int(5, length), integers(library, count), int(6, count),
  );
}

/** u (m×k), descending s (k) and vt (k×n) of the row-major a (m×n). false where the iteration doesn't converge. */
export function singularValues(library: Library, m: number, n: number, a: FloatArray, u: FloatArray, s: FloatArray, vt: FloatArray): boolean {
  const size = Math.min(m, n);
  const own = (x: FloatArray, length: number): Float64Array => (x instanceof Float64Array ? x : new Float64Array(length));
  const left = own(u, m * size), values = own(s, size), right = own(vt, size * n);
  // To Fortran aᵀ, whose left vectors are the right ones of a, and each factor the transpose of what is row-major: it all falls into place.
  const x = Float64Array.from(a), counts = integers(library, 8 * size);
  const call = (room: Float64Array, length: number): number =>
    lapack(library, 'gesdd', S, int(0, n), int(1, m), x, int(2, n), values, right, int(3, n), left, int(4, size), room, int(5, length), counts);
  call(query, -1);
  if (call(work(query[0]!), query[0]!) !== 0) return false;
  if (left !== u) u.set(left);
  if (values !== s) s.set(values);
  if (right !== vt) vt.set(right);
  return true;
}
