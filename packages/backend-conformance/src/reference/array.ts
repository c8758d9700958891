import { type DType, type Shape, type TypedArray, allocate } from '@matheron/core-tensor';

/** A plain row-major array: what cases and reference implementations are written with. */
export interface NdArray {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: TypedArray;
}

/** Number of elements. */
export function count(shape: Shape): number {
  return shape.reduce((n, s) => n * s, 1);
}

/** Row-major position of an index. */
export function position(shape: Shape, index: readonly number[]): number {
  let p = 0;
  for (let k = 0; k < shape.length; k++) p = p * shape[k]! + index[k]!;
  return p;
}

/** The index at a row-major position. */
export function indexAt(shape: Shape, p: number): number[] {
  const index = new Array<number>(shape.length);
  for (let k = shape.length - 1; k >= 0; k--) {
    const size = shape[k]!;
    index[k] = p % size;
    p = (p - index[k]!) / size;
  }
  return index;
}

/** An array from values in row-major order; they are rounded, wrapped or made 0 and 1 as the dtype asks. */
export function array(dtype: DType, shape: Shape, values: ArrayLike<number>): NdArray {
  const n = count(shape);
  if (values.length !== n) throw new RangeError(`${values.length} values for shape [${shape.join(', ')}]`);
  const data = allocate(dtype, n);
  for (let i = 0; i < n; i++) data[i] = dtype === 'bool' ? Number(values[i] !== 0) : values[i]!;
  return { shape, dtype, data };
}

/** An array whose element at `index` is `f(index)`. */
export function generate(dtype: DType, shape: Shape, f: (index: readonly number[]) => number): NdArray {
  return array(dtype, shape, Array.from({ length: count(shape) }, (_, p) => f(indexAt(shape, p))));
}

/** The element at an index. */
export function element(x: NdArray, index: readonly number[]): number {
  return x.data[position(x.shape, index)]!;
}

/** Elementwise function of one array. */
export function map(x: NdArray, f: (value: number) => number, dtype: DType = x.dtype): NdArray {
  return array(dtype, x.shape, Array.from(x.data, f));
}

/** Elementwise function of two arrays of one shape. */
export function zip(a: NdArray, b: NdArray, f: (p: number, q: number) => number, dtype: DType = a.dtype): NdArray {
  return array(dtype, a.shape, Array.from(a.data, (p, i) => f(p, b.data[i]!)));
}

/** Doubles in [−1, 1) from a linear congruence; tooling/oracle/conformance.py has the same. */
export function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Reproducible values: floats in [−3, 3) away from 0, int32 in −9…9, bools. */
export function sample(dtype: DType, shape: Shape, seed: number): NdArray {
  const next = sequence(seed * 7919 + 17);
  for (let k = 0; k < 4; k++) next();
  return generate(dtype, shape, () => {
    const u = next();
    if (dtype === 'bool') return Number(u > 0);
    if (dtype === 'int32') return Math.round(u * 9);
    return 3 * u + (u < 0 ? -0.05 : 0.05);
  });
}

/** The same values in another shape. */
export function reshaped(x: NdArray, shape: Shape): NdArray {
  return { shape, dtype: x.dtype, data: x.data };
}
