import { type DType, DTypeError, type Shape, type TypedArray, allocate, sizeOf } from '@matheron/core-tensor';

/** A named array on the host, row-major: what files hold and tensors are made of. */
export interface HostArray {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly values: TypedArray;
}

/** Element types that occur in files. Those that are no dtype here are widened: see `decodeElements`. */
export type StoredType = 'float64' | 'float32' | 'float16' | 'bfloat16' | 'int64' | 'uint64' | 'int32' | 'uint32' | 'int16' | 'uint16' | 'int8' | 'uint8' | 'bool';

const widths: Record<StoredType, number> = {
  float64: 8, float32: 4, float16: 2, bfloat16: 2, int64: 8, uint64: 8, int32: 4, uint32: 4, int16: 2, uint16: 2, int8: 1, uint8: 1, bool: 1,
};
/** Bytes of one stored element. */
export function storedWidth(type: StoredType): number {
  return widths[type];
}

/**
 * Elements of `bytes` as the dtype that holds them exactly: float16 and bfloat16 become float32, integers up to 32 bits int32, wider
 * ones int32 where all fit, else float64 where all are exact, else DTypeError. `name` is for the message.
 */
export function decodeElements(name: string, bytes: Uint8Array, type: StoredType, littleEndian = true): { dtype: DType; values: TypedArray } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = widths[type];
  const size = Math.floor(bytes.byteLength / width);
  const fill = (dtype: DType, read: (at: number) => number): { dtype: DType; values: TypedArray } => {
    const values = allocate(dtype, size);
    for (let k = 0; k < size; k++) values[k] = read(k * width);
    return { dtype, values };
  };
  const le = littleEndian;
  switch (type) {
    case 'float64': return fill('float64', (at) => view.getFloat64(at, le));
    case 'float32': return fill('float32', (at) => view.getFloat32(at, le));
    case 'float16': return fill('float32', (at) => fromHalf(view.getUint16(at, le)));
    case 'bfloat16': return fill('float32', (at) => fromBfloat(view.getUint16(at, le)));
    case 'int32': return fill('int32', (at) => view.getInt32(at, le));
    case 'int16': return fill('int32', (at) => view.getInt16(at, le));
    case 'uint16': return fill('int32', (at) => view.getUint16(at, le));
    case 'int8': return fill('int32', (at) => view.getInt8(at));
    case 'uint8': return fill('int32', (at) => view.getUint8(at));
    case 'bool': return fill('bool', (at) => (view.getUint8(at) === 0 ? 0 : 1));
    case 'uint32': return narrowest(Float64Array.from({ length: size }, (_, k) => view.getUint32(k * width, le)));
    case 'int64': return narrowest(exactNumbers(name, type, size, (k) => view.getBigInt64(k * width, le)));
    case 'uint64': return narrowest(exactNumbers(name, type, size, (k) => view.getBigUint64(k * width, le)));
  }
}
function exactNumbers(name: string, type: StoredType, size: number, read: (k: number) => bigint): Float64Array {
  const out = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    const exact = read(k);
    const value = Number(exact);
    if (BigInt(value) !== exact) throw new DTypeError('load', type, `${name}: ${exact} of ${type} fits neither int32 nor, exactly, float64; convert the file to float64 or smaller integers first`);
    out[k] = value;
  }
  return out;
}
function narrowest(values: Float64Array): { dtype: DType; values: TypedArray } {
  return values.every((v) => v === (v | 0)) ? { dtype: 'int32', values: Int32Array.from(values) } : { dtype: 'float64', values };
}
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
const scratch = new DataView(new ArrayBuffer(4));
function fromBfloat(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

/** Little-endian bytes of an array, as files store them. */
export function encodeElements({ dtype, values }: HostArray): Uint8Array {
  if (isLittleEndian || dtype === 'bool') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const out = new Uint8Array(values.byteLength);
  const view = new DataView(out.buffer);
  const width = values.BYTES_PER_ELEMENT;
  for (let k = 0; k < values.length; k++) {
    if (dtype === 'float64') view.setFloat64(k * width, values[k]!, true);
    else if (dtype === 'float32') view.setFloat32(k * width, values[k]!, true);
    else view.setInt32(k * width, values[k]!, true);
  }
  return out;
}
const isLittleEndian: boolean = /* @__PURE__ */ new Uint8Array(/* @__PURE__ */ new Uint16Array([1]).buffer)[0] === 1;

/** Number of elements of a shape read from a file: undefined where it is no shape, or too large to count exactly. */
export function checkedSize(shape: readonly unknown[]): number | undefined {
  for (const s of shape) if (typeof s !== 'number' || !Number.isInteger(s) || s < 0) return undefined;
  const size = sizeOf(shape as Shape);
  return Number.isSafeInteger(size) ? size : undefined;
}
