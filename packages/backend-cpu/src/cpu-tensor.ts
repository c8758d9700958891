import { type BackendTensor, type DType, type Shape, type TypedArray, allocate, rowMajorStrides, sizeOf } from '@matheron/core-tensor';

/** Who makes tensors of one kind again and again. */
export interface BufferOrigin {
  /** A buffer for the next one. */
  spare: TypedArray | undefined;
}

/**
 * A window on a typed array: element (i, j, …) stands at `data[offset + i·strides[0] + j·strides[1] + …]`. Strides may be 0 (broadcast)
 * or negative (reversed), and windows share buffers, so nobody writes to `data` once the tensor exists.
 */
export class CpuTensor implements BackendTensor {
  readonly data: TypedArray;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly strides: readonly number[];
  readonly offset: number;
  /** Number of elements. */
  readonly size: number;
  /**
   * Where the elements in row-major order stand at equal distances, that distance: 1 for a dense tensor (also of size 0 and 1),
   * 0 for one value broadcast. Undefined elsewhere.
   */
  readonly step: number | undefined;
  /** A number of its own, given by who asks for it first: to remember a tensor without keeping it. 0 until then. */
  serial = 0;
  /** Where the buffer may serve again once nobody has the tensor: who made it sets this, and whoever shares the buffer clears it. */
  origin: BufferOrigin | undefined = undefined;
  variables: object[] | undefined = undefined;
  constructor(data: TypedArray, shape: Shape, dtype: DType, strides: readonly number[], offset: number, size: number, step: number | undefined) {
    this.data = data;
    this.shape = shape;
    this.dtype = dtype;
    this.strides = strides;
    this.offset = offset;
    this.size = size;
    this.step = step;
  }
}

/** A tensor of `data` in row-major order, from its start. `strides`, where the caller has the row-major ones at hand, saves making them. */
export function denseTensor(data: TypedArray, shape: Shape, dtype: DType, strides: readonly number[] = rowMajorStrides(shape)): CpuTensor {
  return new CpuTensor(data, shape, dtype, strides, 0, sizeOf(shape), 1);
}

/** `value` everywhere: one element, all strides 0. */
export function uniformTensor(value: number, shape: Shape, dtype: DType): CpuTensor {
  const data = allocate(dtype, 1);
  data[0] = value;
  const size = sizeOf(shape);
  return new CpuTensor(data, shape, dtype, new Array<number>(shape.length).fill(0), 0, size, size <= 1 ? 1 : 0);
}

/** Another window on the buffer of `x`. */
export function viewOf(x: CpuTensor, shape: Shape, strides: readonly number[], offset: number): CpuTensor {
  const size = sizeOf(shape);
  x.origin = undefined;
  return new CpuTensor(x.data, shape, x.dtype, strides, offset, size, commonStep(shape, strides, size));
}

function commonStep(shape: Shape, strides: readonly number[], size: number): number | undefined {
  if (size <= 1) return 1;
  let step: number | undefined, expected = 0;
  for (let k = shape.length - 1; k >= 0; k--) {
    const n = shape[k]!, s = strides[k]!;
    if (n === 1) continue;
    if (step === undefined) step = s;
    else if (s !== expected) return undefined;
    expected = s * n;
  }
  return step;
}

/** Row-major strides of the shape of `x`, taken from it where it has them. */
export function denseStrides(x: CpuTensor): readonly number[] {
  return x.step === 1 && x.size > 1 ? x.strides : rowMajorStrides(x.shape);
}
