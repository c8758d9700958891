import {
  type CpuTensor, type FloatArray, type MatrixKernels, type MatrixView, type TriangularOptions, compact, denseTensor, matrixKernels as plain,
} from '@matheron/backend-cpu';
import { wasmDecompositions } from './decompositions.ts';
import { Scratch } from './scratch.ts';

/** Sizes below which the TypeScript loop is faster than copying; measured by bench/thresholds.mjs. */
const small = {
  /** multiplications of a product */
  gemm: 400,
  cholesky: 8, inverse: 8,
  /** n of the triangle, and elements of the right sides */
  solve: 8, rightSides: 24,
} as const;

/** Linear algebra of single matrices in WebAssembly; what is too small for that, in TypeScript. */
export function wasmKernels(scratch: Scratch): MatrixKernels {
  return {
    ...wasmDecompositions(scratch),
    gemm: (m, n, k, alpha, a, b, c, accumulate) => {
      const { data } = c;
      if (m * n * k < small.gemm || m * n < 4) plain.gemm(m, n, k, alpha, a, b, c, accumulate);
      else if (data instanceof Float64Array) multiply(scratch.forProducts(m * n * k), m, n, k, alpha, a, b, c, accumulate);
      else if (alpha === 1) multiply32(scratch.forProducts((m * n * k) / 2), m, n, k, a, b, c, accumulate);
      else plain.gemm(m, n, k, alpha, a, b, c, accumulate);
    },
    cholesky: (n, a) => {
      if (n < small.cholesky) return plain.cholesky(n, a);
      const memory = scratch.forProducts(n ** 3 / 16), kernels = memory.reserve(8 * n * n), { f64, start, ws } = memory, from = start / 8;
      f64.set(a, from);
      const info = kernels.potrf(n, start, n, ws);
      kernels.zeroUpper(n, start, n);
      a.set(f64.subarray(from, from + n * n));
      memory.release();
      return info;
    },
    choleskyInverse: (n, l) => {
      if (n < small.inverse) return plain.choleskyInverse(n, l);
      const memory = scratch.forProducts(n ** 3 / 16), kernels = memory.reserve(8 * n * n), { f64, start, ws } = memory, from = start / 8;
      f64.set(l, from);
      kernels.potri(n, start, n, ws);
      kernels.mirrorLower(n, start, n);
      l.set(f64.subarray(from, from + n * n));
      memory.release();
    },
    triangularSolve: (rows, columns, t, b, options) => {
      const left = options.side === 'left', n = left ? rows : columns, m = left ? columns : rows;
      if (n < small.solve || n * m < small.rightSides) plain.triangularSolve(rows, columns, t, b, options);
      else solve(scratch.forProducts((n * n * m) / 2), n, m, t, b, options);
    },
  };
}

/** The size from which `choleskyFactors` is faster than the TypeScript loop. */
export const choleskyFrom: number = small.cholesky;

/** `Backend.cholesky` of float64, from the operand's storage to the scratch memory and from there to the result's. */
export function choleskyFactors(memory: Scratch, a: CpuTensor): { factor: CpuTensor; info: CpuTensor } {
  const n = a.shape.at(-1)!, scratch = memory.forProducts(n ** 3 / 16), each = n * n, batch = a.shape.slice(0, -2), values = compact(a), count = values.length / each;
  const factor = new Float64Array(values.length), info = new Int32Array(count);
  const kernels = scratch.reserve(8 * each), { f64, start, ws } = scratch, from = start / 8, result = f64.subarray(from, from + each);
  for (let i = 0; i < count; i++) {
    f64.set(count === 1 ? values : values.subarray(i * each, (i + 1) * each), from);
    info[i] = kernels.potrf(n, start, n, ws);
    kernels.zeroUpper(n, start, n);
    factor.set(result, i * each);
  }
  scratch.release();
  return { factor: denseTensor(factor, a.shape, 'float64'), info: denseTensor(info, batch, 'int32') };
}

/** T X = B, or X T = B as Tᵀ Xᵀ = Bᵀ. */
function solve(scratch: Scratch, n: number, m: number, t: FloatArray, b: FloatArray, { lower, transpose, unitDiagonal, side }: TriangularOptions): void {
  const kernels = scratch.reserve(8 * (n * n + n * m)), { f64, start, ws } = scratch, from = start / 8, right = side === 'right';
  const at = start + 8 * n * n, transposed = transpose !== right;
  f64.set(t, from);
  f64.set(b, from + n * n);
  kernels.trsm(lower === transposed ? 1 : 0, unitDiagonal ? 1 : 0, n, m, start, transposed ? 1 : n, transposed ? n : 1, at, right ? 1 : m, right ? n : 1, ws);
  b.set(f64.subarray(from + n * n, from + n * n + n * m));
  scratch.release();
}

/** A matrix in scratch memory: its first element (an index, not an offset in bytes) and its strides. */
interface Placed { readonly at: number; readonly rows: number; readonly columns: number }

/** Elements that `place` takes for an m×n window: its span where that is not much more than its elements, else a dense copy. */
function room(m: number, n: number, x: MatrixView): number {
  const span = 1 + (m - 1) * Math.abs(x.rowStride) + (n - 1) * Math.abs(x.columnStride);
  return Math.min(span, 2 * m * n) === span ? span : m * n;
}
function place(memory: FloatArray, at: number, m: number, n: number, x: MatrixView): Placed {
  const { data, offset, rowStride, columnStride } = x;
  if (room(m, n, x) !== m * n || (columnStride === 1 && rowStride === n) || (rowStride === 1 && columnStride === m)) {
    const low = offset + Math.min(0, (m - 1) * rowStride) + Math.min(0, (n - 1) * columnStride);
    memory.set(data.subarray(low, low + room(m, n, x)), at);
    return { at: at + offset - low, rows: rowStride, columns: columnStride };
  }
  for (let i = 0, q = at; i < m; i++) for (let j = 0, p = offset + i * rowStride; j < n; j++, p += columnStride, q++) memory[q] = data[p]!;
  return { at, rows: n, columns: 1 };
}
function takeBack(memory: FloatArray, at: number, m: number, n: number, x: MatrixView): void {
  const { data, offset, rowStride, columnStride } = x;
  if (columnStride === 1 && rowStride === n) data.set(memory.subarray(at, at + m * n), offset);
  else for (let i = 0, q = at; i < m; i++) for (let j = 0, p = offset + i * rowStride; j < n; j++, p += columnStride, q++) data[p] = memory[q]!;
}

function shifted(x: MatrixView, rows: number, columns: number): MatrixView {
  return { ...x, offset: x.offset + rows * x.rowStride + columns * x.columnStride };
}

type Product = (m: number, n: number, k: number, a: MatrixView, b: MatrixView, c: MatrixView, accumulate: boolean) => void;

/** Runs a product that would take more than the kept scratch memory as two halves; true where it did. */
function halved(bytes: number, m: number, n: number, k: number, a: MatrixView, b: MatrixView, c: MatrixView, accumulate: boolean, run: Product): boolean {
  if (bytes <= Scratch.kept) return false;
  if (m >= n && m >= k) {
    const h = m >> 1;
    run(h, n, k, a, b, c, accumulate);
    run(m - h, n, k, shifted(a, h, 0), b, shifted(c, h, 0), accumulate);
  } else if (n >= k) {
    const h = n >> 1;
    run(m, h, k, a, b, c, accumulate);
    run(m, n - h, k, a, shifted(b, 0, h), shifted(c, 0, h), accumulate);
  } else {
    const h = k >> 1;
    run(m, n, h, a, b, c, accumulate);
    run(m, n, k - h, shifted(a, 0, h), shifted(b, h, 0), c, true);
  }
  return true;
}

function multiply(scratch: Scratch, m: number, n: number, k: number, alpha: number, a: MatrixView, b: MatrixView, c: MatrixView, accumulate: boolean): void {
  const ra = room(m, k, a), rb = room(k, n, b), bytes = 8 * (ra + rb + m * n);
  if (halved(bytes, m, n, k, a, b, c, accumulate, (p, q, r, x, y, z, add) => multiply(scratch, p, q, r, alpha, x, y, z, add))) return;
  const kernels = scratch.reserve(bytes), { f64, start, ws } = scratch, from = start / 8;
  const x = place(f64, from, m, k, a), y = place(f64, from + ra, k, n, b), at = from + ra + rb;
  if (accumulate) copyIn(f64, at, m, n, c);
  else f64.fill(0, at, at + m * n);
  kernels.gemm(m, n, k, alpha, 8 * x.at, x.rows, x.columns, 8 * y.at, y.rows, y.columns, 8 * at, n, 1, 0, ws);
  takeBack(f64, at, m, n, c);
}

function multiply32(scratch: Scratch, m: number, n: number, k: number, a: MatrixView, b: MatrixView, c: MatrixView, accumulate: boolean): void {
  const ra = room(m, k, a), rb = room(k, n, b), bytes = 4 * (ra + rb + m * n);
  if (halved(bytes, m, n, k, a, b, c, accumulate, (p, q, r, x, y, z, add) => multiply32(scratch, p, q, r, x, y, z, add))) return;
  const kernels = scratch.reserve(bytes), { f32, start, ws } = scratch, from = start / 4;
  const x = place(f32, from, m, k, a), y = place(f32, from + ra, k, n, b), at = from + ra + rb;
  if (accumulate) copyIn(f32, at, m, n, c);
  else f32.fill(0, at, at + m * n);
  kernels.gemm32(m, n, k, 4 * x.at, x.rows, x.columns, 4 * y.at, y.rows, y.columns, 4 * at, n, ws);
  takeBack(f32, at, m, n, c);
}

function copyIn(memory: FloatArray, at: number, m: number, n: number, { data, offset, rowStride, columnStride }: MatrixView): void {
  if (columnStride === 1 && rowStride === n) memory.set(data.subarray(offset, offset + m * n), at);
  else for (let i = 0, q = at; i < m; i++) for (let j = 0, p = offset + i * rowStride; j < n; j++, p += columnStride, q++) memory[q] = data[p]!;
}
