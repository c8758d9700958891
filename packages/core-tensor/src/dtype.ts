import { DTypeError } from './errors.ts';

/** Element types. `bool` occupies one byte, 0 or 1, wherever a buffer is visible. */
export type DType = 'float64' | 'float32' | 'int32' | 'bool';
/** The dtypes that carry gradients. */
export type FloatDType = 'float64' | 'float32';
/** Buffers by dtype: Float64Array, Float32Array, Int32Array, Uint8Array (bool). */
export type TypedArray = Float64Array | Float32Array | Int32Array | Uint8Array;

const rank = { bool: 0, int32: 1, float32: 2, float64: 3 } as const satisfies Record<DType, number>;
const constructors = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  bool: Uint8Array,
} as const satisfies Record<DType, new (size: number) => TypedArray>;
const bytes = { float64: 8, float32: 4, int32: 4, bool: 1 } as const satisfies Record<DType, number>;

/** The one promotion table: bool < int32 < float32 < float64; the result is the larger of the two. */
export function promote(a: DType, b: DType): DType {
  return rank[a] >= rank[b] ? a : b;
}

/** Whether `dtype` is float64 or float32. */
export function isFloat(dtype: DType): dtype is FloatDType {
  return rank[dtype] >= 2;
}

/** Bytes of one element. */
export function bytesOf(dtype: DType): number {
  return bytes[dtype];
}

/** `dtype`, if it is one. DTypeError otherwise. */
export function checkDType(op: string, dtype: DType): DType {
  if (dtype in rank) return dtype;
  throw new DTypeError(op, dtype, `${op}: ${dtype} is no dtype; use ${Object.keys(rank)}`);
}

/** A zero-filled buffer of `size` elements. */
export function allocate(dtype: DType, size: number): TypedArray {
  return new constructors[dtype](size);
}

/** The dtype a typed array stands for, or undefined where the array is of no supported kind. */
export function dtypeOf(array: ArrayBufferView): DType | undefined {
  if (array instanceof Float64Array) return 'float64';
  if (array instanceof Float32Array) return 'float32';
  if (array instanceof Int32Array) return 'int32';
  return array instanceof Uint8Array ? 'bool' : undefined;
}

/**
 * Elementwise conversion to `dtype`, always a new buffer. Floats become int32 by truncation (saturating nowhere: as
 * `Int32Array` does), anything becomes bool by `!== 0` (NaN is true).
 */
export function convert(values: ArrayLike<number>, dtype: DType): TypedArray {
  const out = allocate(dtype, values.length);
  if (dtype === 'bool') for (let i = 0; i < values.length; i++) out[i] = values[i] !== 0 ? 1 : 0;
  else out.set(values);
  return out;
}

/** Unit roundoff spacing at 1: 2^-52 or 2^-23. */
export function epsilonOf(dtype: FloatDType): number {
  return dtype === 'float64' ? 2 ** -52 : 2 ** -23;
}
