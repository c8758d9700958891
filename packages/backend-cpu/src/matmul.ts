import { type TypedArray, allocate, sizeOf } from '@matheron/core-tensor';
import { type CpuTensor, denseTensor } from './cpu-tensor.ts';
import type { FloatArray, MatrixView } from './numerics/index.ts';
import type { MatrixKernels } from './kernels.ts';
import { makeNest, walkBinary } from './walk.ts';

/** a · b over equal batch dimensions, of floats or int32. Operands of any strides are used as they lie. */
export function multiplied(gemm: MatrixKernels['gemm'], a: CpuTensor, b: CpuTensor): CpuTensor {
  const rank = a.shape.length, row = rank - 2, column = rank - 1;
  const m = a.shape[row]!, k = a.shape[column]!, n = b.shape[column]!;
  const shape = a.shape.slice();
  shape[column] = n;
  const out = denseTensor(allocate(a.dtype, sizeOf(shape)), shape, a.dtype);
  if (out.size === 0 || k === 0) return out;
  const ar = a.strides[row]!, ac = a.strides[column]!, br = b.strides[row]!, bc = b.strides[column]!;
  const product = (rows: number, ao: number, bo: number, yo: number): void => {
    if (a.dtype === 'int32') return multiplyInt32(rows, n, k, a.data, ao, ar, ac, b.data, bo, br, bc, out.data, yo);
    gemm(rows, n, k, 1, matrix(a, ao, ar, ac), matrix(b, bo, br, bc), matrix(out, yo, n, 1), false);
  };
  if (rank === 2) {
    product(m, a.offset, b.offset, 0);
    return out;
  }
  const nest = makeNest(shape.slice(0, -2), [a.strides.slice(0, -2), b.strides.slice(0, -2), out.strides.slice(0, -2)]);
  const [as, bs] = nest.steps as [readonly number[], readonly number[]];
  // One b for the whole batch, whose rows run on from matrix to matrix: a single product.
  if (nest.sizes.length === 1 && bs[0] === 0 && as[0] === m * ar) product(nest.sizes[0]! * m, a.offset, b.offset, 0);
  else {
    walkBinary(nest, (count, _a, ao, at, _b, bo, bt, _y, yo, yt) => {
      for (let i = 0; i < count; i++) product(m, ao + i * at, bo + i * bt, yo + i * yt);
    }, a.data, a.offset, b.data, b.offset, out.data, 0);
  }
  return out;
}

function matrix(x: CpuTensor, offset: number, rowStride: number, columnStride: number): MatrixView {
  return { data: x.data as FloatArray, offset, rowStride, columnStride };
}

/** Products and sums modulo 2^32. */
function multiplyInt32(
  m: number, n: number, k: number, a: TypedArray, ao: number, ar: number, ac: number, b: TypedArray, bo: number, br: number, bc: number, y: TypedArray, yo: number,
): void {
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      const v = a[ao + i * ar + l * ac]!;
      for (let j = 0, p = bo + l * br, q = yo + i * n; j < n; j++, p += bc, q++) y[q] = y[q]! + Math.imul(v, b[p]!);
    }
  }
}
