import type { TriangularSolveOptions } from '../backend.ts';
import { type Decorator, create, innerOf, run, run1 } from '../dispatch.ts';
import { MatheronError, NotPositiveDefiniteError, ShapeError, SingularMatrixError } from '../errors.ts';
import { type TensorLike, castTo, expand, operand, operands } from '../operands.ts';
import { broadcastShapes, formatShape } from '../shape.ts';
import { type Tensor, backendOf } from '../tensor.ts';
import { matrixTranspose, reshape } from './movement.ts';
import { eye } from './creation.ts';
import { equal, less, mod, mul, where } from './elementwise.ts';
import { diagonal, take } from './indexing.ts';
import { prod, sum } from './reduce.ts';
import { detach } from './transfer.ts';

function matrix(op: string, x: TensorLike): Tensor {
  const t = operand(op, x, 'float');
  if (t.ndim < 2) throw new ShapeError(op, `${op}: ${formatShape(t.shape)} is no matrix; pass [..., m, n]`, { expected: '[..., m, n]', actual: [t.shape] });
  return t;
}
function squareMatrix(op: string, x: TensorLike): Tensor {
  const t = matrix(op, x);
  if (t.shape.at(-1) !== t.shape.at(-2)) throw new ShapeError(op, `${op}: ${formatShape(t.shape)} is not square`, { expected: '[..., n, n]', actual: [t.shape] });
  return t;
}

/** Whether values can be read here and now: no trace runs over `x`, and its device reads synchronously. */
function readable(x: Tensor): boolean {
  for (let b = backendOf(x), inner = innerOf(b); ; b = inner, inner = innerOf(b)) {
    if ((b as Partial<Decorator>).capturesCreation) return false;
    if (!inner) return b.readSync !== undefined;
  }
}
function firstFailure(info: ArrayLike<number>): { pivot: number; batch: number } | undefined {
  for (let batch = 0; batch < info.length; batch++) if (info[batch] !== 0) return { pivot: info[batch]!, batch };
  return undefined;
}
function failure(info: ArrayLike<number>, jitter: number | undefined): NotPositiveDefiniteError | undefined {
  const first = firstFailure(info);
  return first && new NotPositiveDefiniteError(first.pivot, { ...(jitter === undefined ? {} : { jitter }), ...(info.length > 1 ? { batch: first.batch } : {}) });
}
/** Throws NotPositiveDefiniteError where `info`, of `choleskyInfo`, is not all 0. */
export async function assertPositiveDefinite(info: Tensor, options: { jitter?: number } = {}): Promise<void> {
  const error = failure(await detach(info).data(), options.jitter);
  if (error) throw error;
}
/** `assertPositiveDefinite` without waiting. */
export function assertPositiveDefiniteSync(info: Tensor, options: { jitter?: number } = {}): void {
  const error = failure(detach(info).dataSync(), options.jitter);
  if (error) throw error;
}

/**
 * The lower factor L of a = L Lᵀ, [..., n, n]; reads the lower triangle. NotPositiveDefiniteError where `info` can be read at
 * once; inside `compile` and on asynchronous devices the factor is NaN from the failing pivot on.
 */
export function cholesky(a: TensorLike): Tensor {
  const { factor, info } = choleskyInfo(a);
  if (readable(info)) assertPositiveDefiniteSync(info);
  return factor;
}
/** `cholesky` that never throws: `info` int32 [...] is 0 or the failing pivot (1-based), from which on the factor is NaN. */
export function choleskyInfo(a: TensorLike): { factor: Tensor; info: Tensor } {
  const [factor, info] = run('cholesky', [squareMatrix('cholesky', a)], {});
  return { factor: factor!, info: info! };
}
/** x of L Lᵀ x = b, from the lower factor [..., n, n]; b [..., n, m] or [n]. */
export function choleskySolve(factor: TensorLike, b: TensorLike): Tensor {
  return triangularSolve(factor, triangularSolve(factor, b), { transpose: true });
}
/** (L Lᵀ)⁻¹ from the lower factor. */
export function choleskyInverse(factor: TensorLike): Tensor {
  return run1('choleskyInverse', [squareMatrix('choleskyInverse', factor)], {});
}
/** log det(L Lᵀ) = 2 Σ log L_ii: [..., n, n] → [...]. */
export function logDetFromCholesky(factor: TensorLike): Tensor {
  return mul(sum(diagonal(squareMatrix('logDetFromCholesky', factor)).log(), -1), 2);
}

/** Matrices and right sides with equal batch dimensions; a vector b of one axis becomes a column (`side` left) or a row. */
function system(op: string, a: TensorLike, b: TensorLike, side: 'left' | 'right'): { t: Tensor; rhs: Tensor; vector: boolean } {
  const [t, given] = operands(op, [a, b], 'float') as [Tensor, Tensor];
  squareMatrix(op, t);
  const vector = given.ndim === 1;
  const rhs = vector ? reshape(given, side === 'left' ? [given.size, 1] : [1, given.size]) : given;
  const n = t.shape.at(-1)!;
  if (rhs.ndim < 2 || rhs.shape.at(side === 'left' ? -2 : -1) !== n) {
    throw new ShapeError(op, `${op}: the right side ${formatShape(given.shape)} does not fit the matrix ${formatShape(t.shape)}`, { expected: side === 'left' ? `[..., ${n}, m]` : `[..., m, ${n}]`, actual: [t.shape, given.shape] });
  }
  const batch = broadcastShapes(op, t.shape.slice(0, -2), rhs.shape.slice(0, -2));
  return { t: expand(t, [...batch, n, n]), rhs: expand(rhs, [...batch, ...rhs.shape.slice(-2)]), vector };
}
const unvector = (x: Tensor, vector: boolean): Tensor => (vector ? reshape(x, x.shape.includes(0) ? x.shape.filter((_, k) => k < x.ndim - 1) : [...x.shape.slice(0, -2), x.shape.at(-2)! * x.shape.at(-1)!]) : x);

/** x of t x = b (`side: 'left'`) or x t = b ('right') for a triangular t; `lower` true, `transpose`, `unitDiagonal` false by default. A zero on the diagonal gives Infinity or NaN. */
export function triangularSolve(t: TensorLike, b: TensorLike, options: Partial<TriangularSolveOptions> = {}): Tensor {
  const full: TriangularSolveOptions = { lower: options.lower ?? true, transpose: options.transpose ?? false, unitDiagonal: options.unitDiagonal ?? false, side: options.side ?? 'left' };
  if (full.side !== 'left' && full.side !== 'right') throw new MatheronError('argument', `triangularSolve: side '${String(full.side)}'; use 'left' or 'right'`);
  const { t: left, rhs, vector } = system('triangularSolve', t, b, full.side);
  return unvector(run1('triangularSolve', [left, rhs], full), vector);
}

function luChecked(op: string, t: Tensor): { lu: Tensor; permutation: Tensor } {
  const [lu, permutation, info] = run('lu', [t], {}) as [Tensor, Tensor, Tensor];
  if (readable(info)) {
    const first = firstFailure(detach(info).dataSync());
    if (first) throw new SingularMatrixError(op, first.pivot);
  }
  return { lu, permutation };
}
/** Rows of [..., n, m] in the order of `permutation` [..., n], as a product with a permutation matrix where there is a batch. */
function permuteRows(x: Tensor, permutation: Tensor): Tensor {
  if (permutation.ndim === 1) return take(x, permutation, 0);
  const n = permutation.shape.at(-1)!;
  const columns = create('iota', x.ctx, { size: n, dtype: 'int32' });
  return castTo(equal(reshape(permutation, [...permutation.shape, 1]), columns), x.dtype).matmul(x);
}
/** x of a x = b through LU with partial pivoting; b [..., n, m] or [n]. SingularMatrixError where it can be seen at once, else Infinity or NaN. */
export function solve(a: TensorLike, b: TensorLike): Tensor {
  return solveFor('solve', a, b);
}
function solveFor(op: string, a: TensorLike, b: TensorLike): Tensor {
  const { t, rhs, vector } = system(op, a, b, 'left');
  const { lu, permutation } = luChecked(op, t);
  const y = triangularSolve(lu, permuteRows(rhs, permutation), { unitDiagonal: true });
  return unvector(triangularSolve(lu, y, { lower: false }), vector);
}
/** a⁻¹ through LU. SingularMatrixError where it can be seen at once. */
export function inv(a: TensorLike): Tensor {
  const t = squareMatrix('inv', a);
  return solveFor('inv', t, eye(t.shape.at(-1)!, { dtype: t.dtype, ctx: t.ctx }));
}
/** Determinant [..., n, n] → [...], through LU; 0 for a singular matrix. */
export function det(a: TensorLike): Tensor {
  const t = squareMatrix('det', a);
  const [packed, permutation] = run('lu', [t], {}) as [Tensor, Tensor, Tensor];
  const n = t.shape.at(-1)!;
  const p = reshape(permutation, [...permutation.shape, 1]);
  const k = create('iota', t.ctx, { size: n, dtype: 'int32' });
  const inversions = sum(less(matrixTranspose(p), p).logicalAnd(less(reshape(k, [n, 1]), k)), [-1, -2]);
  return mul(prod(diagonal(packed), -1), castTo(where(equal(mod(inversions, 2), 0), 1, -1), t.dtype));
}

/** P a = L U with partial pivoting: `lu` holds U and the unit lower L below it, a[permutation] = L U. */
export function lu(a: TensorLike): { lu: Tensor; permutation: Tensor } {
  const [packed, permutation] = run('lu', [squareMatrix('lu', a)], {});
  return { lu: packed!, permutation: permutation! };
}
/** Reduced a[:, permutation] = q r; the permutation is the identity unless `pivot` (then |r_ii| descends). Signs unspecified. */
export function qr(a: TensorLike, options: { pivot?: boolean } = {}): { q: Tensor; r: Tensor; permutation: Tensor } {
  const [q, r, permutation] = run('qr', [matrix('qr', a)], { pivot: options.pivot ?? false });
  return { q: q!, r: r!, permutation: permutation! };
}
/** Eigenvalues of a symmetric matrix (its lower triangle), ascending, and orthonormal vectors in columns. */
export function eigh(a: TensorLike): { values: Tensor; vectors: Tensor } {
  const [values, vectors] = run('eigh', [squareMatrix('eigh', a)], {});
  return { values: values!, vectors: vectors! };
}
/** Reduced a = u diag(s) vt, s descending. */
export function svd(a: TensorLike): { u: Tensor; s: Tensor; vt: Tensor } {
  const [u, s, vt] = run('svd', [matrix('svd', a)], {});
  return { u: u!, s: s!, vt: vt! };
}
