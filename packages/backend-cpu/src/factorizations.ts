import { type DType, type Shape, type TriangularSolveOptions, type TypedArray, allocate, sizeOf } from '@matheron/core-tensor';
import { compact, copyOf } from './copy.ts';
import { type CpuTensor, denseTensor } from './cpu-tensor.ts';
import type { FloatArray } from './numerics/index.ts';
import type { MatrixKernels } from './kernels.ts';

/** Sizes of the matrices at the end of `shape`, and of the batch before them. */
function sizes(shape: Shape): { batch: Shape; count: number; m: number; n: number } {
  const batch = shape.slice(0, -2);
  return { batch, count: sizeOf(batch), m: shape.at(-2)!, n: shape.at(-1)! };
}
/** A dense result and its matrices (or vectors) of `length` elements, one a place of the batch. */
function result(shape: Shape, dtype: DType, length: number): { tensor: CpuTensor; part(i: number): TypedArray } {
  return parts(denseTensor(allocate(dtype, sizeOf(shape)), shape, dtype), length);
}
function parts(tensor: CpuTensor, length: number): { tensor: CpuTensor; part(i: number): TypedArray } {
  return { tensor, part: (i) => tensor.data.subarray(i * length, (i + 1) * length) };
}
/** A copy of `x` that may be written to until it is handed out. */
function working(x: CpuTensor, length: number): { tensor: CpuTensor; part(i: number): FloatArray } {
  return parts(denseTensor(copyOf(x), x.shape, x.dtype), length) as { tensor: CpuTensor; part(i: number): FloatArray };
}
/** The matrices of `x`, not to be written to. */
function reading(x: CpuTensor, length: number): (i: number) => FloatArray {
  const data = compact(x) as FloatArray;
  return (i) => data.subarray(i * length, (i + 1) * length);
}

/** Lower factors; see `Backend.cholesky`. */
export function choleskyFactors(kernels: MatrixKernels, a: CpuTensor): { factor: CpuTensor; info: CpuTensor } {
  const { batch, count, n } = sizes(a.shape);
  const factor = working(a, n * n), info = result(batch, 'int32', 1).tensor;
  for (let i = 0; i < count; i++) {
    const pivot = kernels.cholesky(n, factor.part(i));
    info.data[i] = pivot;
    if (pivot > 0) finishColumns(kernels, n, pivot - 1, reading(a, n * n)(i), factor.part(i));
  }
  return { factor: factor.tensor, info };
}

/**
 * What is defined of a factor that stopped after `done` columns: those columns, also below the leading block (blocked algorithms stop before
 * they get there). All later ones are NaN on and below the diagonal.
 */
function finishColumns(kernels: MatrixKernels, n: number, done: number, a: FloatArray, factor: FloatArray): void {
  const rows = n - done;
  const leading = factor.slice(0, done * done), below = factor.slice(0, rows * done);
  for (let i = 0; i < done; i++) for (let j = 0; j < done; j++) leading[i * done + j] = factor[i * n + j]!;
  for (let i = 0; i < rows; i++) for (let j = 0; j < done; j++) below[i * done + j] = a[(done + i) * n + j]!;
  if (done > 0) kernels.triangularSolve(rows, done, leading, below, { lower: true, transpose: true, unitDiagonal: false, side: 'right' });
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < done; j++) factor[(done + i) * n + j] = below[i * done + j]!;
    for (let j = done; j <= done + i; j++) factor[(done + i) * n + j] = NaN;
  }
}

/** Solutions of triangular systems; see `Backend.triangularSolve`. */
export function triangularSolutions(kernels: MatrixKernels, l: CpuTensor, b: CpuTensor, options: TriangularSolveOptions): CpuTensor {
  const { count, n } = sizes(l.shape), { m: rows, n: columns } = sizes(b.shape);
  const triangle = reading(l, n * n), x = working(b, rows * columns);
  for (let i = 0; i < count; i++) kernels.triangularSolve(rows, columns, triangle(i), x.part(i), options);
  return x.tensor;
}

/** Inverses from factors; see `Backend.choleskyInverse`. */
export function choleskyInverses(kernels: MatrixKernels, l: CpuTensor): CpuTensor {
  const { count, n } = sizes(l.shape);
  const inverse = working(l, n * n);
  for (let i = 0; i < count; i++) kernels.choleskyInverse(n, inverse.part(i));
  return inverse.tensor;
}

/** Packed LU factors; see `Backend.lu`. */
export function luFactors(kernels: MatrixKernels, a: CpuTensor): { lu: CpuTensor; permutation: CpuTensor; info: CpuTensor } {
  const { batch, count, n } = sizes(a.shape);
  const factors = working(a, n * n), permutation = result([...batch, n], 'int32', n), info = result(batch, 'int32', 1).tensor;
  for (let i = 0; i < count; i++) info.data[i] = kernels.lu(n, n, factors.part(i), permutation.part(i) as Int32Array);
  return { lu: factors.tensor, permutation: permutation.tensor, info };
}

/** Reduced QR factors; see `Backend.qr`. */
export function qrFactors(kernels: MatrixKernels, a: CpuTensor, pivot: boolean): { q: CpuTensor; r: CpuTensor; permutation: CpuTensor } {
  const { batch, count, m, n } = sizes(a.shape), k = Math.min(m, n);
  const matrix = reading(a, m * n);
  const q = result([...batch, m, k], a.dtype, m * k), r = result([...batch, k, n], a.dtype, k * n), permutation = result([...batch, n], 'int32', n);
  for (let i = 0; i < count; i++) {
    const columns = permutation.part(i) as Int32Array;
    for (let j = 0; j < n; j++) columns[j] = j;
    if (pivot) kernels.qr(m, n, matrix(i), q.part(i) as FloatArray, r.part(i) as FloatArray, columns);
    else kernels.qr(m, n, matrix(i), q.part(i) as FloatArray, r.part(i) as FloatArray);
  }
  return { q: q.tensor, r: r.tensor, permutation: permutation.tensor };
}

/** Symmetric eigendecompositions; see `Backend.eigh`. */
export function eigenpairs(kernels: MatrixKernels, a: CpuTensor): { values: CpuTensor; vectors: CpuTensor } {
  const { batch, count, n } = sizes(a.shape);
  const matrix = reading(a, n * n), values = result([...batch, n], a.dtype, n), vectors = result(a.shape, a.dtype, n * n);
  for (let i = 0; i < count; i++) kernels.eigh(n, matrix(i), values.part(i) as FloatArray, vectors.part(i) as FloatArray);
  return { values: values.tensor, vectors: vectors.tensor };
}

/** Reduced singular value decompositions; see `Backend.svd`. */
export function singularTriplets(kernels: MatrixKernels, a: CpuTensor): { u: CpuTensor; s: CpuTensor; vt: CpuTensor } {
  const { batch, count, m, n } = sizes(a.shape), k = Math.min(m, n);
  const matrix = reading(a, m * n);
  const u = result([...batch, m, k], a.dtype, m * k), s = result([...batch, k], a.dtype, k), vt = result([...batch, k, n], a.dtype, k * n);
  for (let i = 0; i < count; i++) kernels.svd(m, n, matrix(i), u.part(i) as FloatArray, s.part(i) as FloatArray, vt.part(i) as FloatArray);
  return { u: u.tensor, s: s.tensor, vt: vt.tensor };
}
