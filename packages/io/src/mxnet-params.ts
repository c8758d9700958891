import { type DType, type Shape, type TypedArray, allocate, sizeOf } from '@matheron/core-tensor';
import { FileFormatError } from './errors.ts';
import { type HostArray, type StoredType, checkedSize, decodeElements, storedWidth } from './host-array.ts';

const LIST = 0x112n;
const V1 = 0xf993fac8;
const V2 = 0xf993fac9;
const V3 = 0xf993faca;
const types: readonly (StoredType | undefined)[] = [
  'float32', 'float64', 'float16', 'uint8', 'int32', 'int8', 'int64', 'bool', 'int16', 'uint16', 'uint32', 'uint64', 'bfloat16',
];

/** An array of an MXNet file: dense, or sparse with its parts. */
export type MxnetArray =
  | ({ readonly storage: 'default' } & HostArray)
  | { readonly storage: 'row_sparse'; readonly shape: Shape; readonly indices: HostArray; readonly values: HostArray }
  | { readonly storage: 'csr'; readonly shape: Shape; readonly indptr: HostArray; readonly indices: HostArray; readonly values: HostArray };

/** Whether bytes start as a list of NDArrays of MXNet. */
export function isMxnetParams(bytes: Uint8Array): boolean {
  return bytes.length >= 24 && new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true) === LIST;
}

/**
 * Reads what MXNet 1.x writes by `nd.save`, `save_parameters` and `ParameterDict.save` (NDArray file format, versions 1, 2 and 3 and the legacy
 * one), every dtype, row_sparse and csr. A list without names gets '0', '1', …. Lengths are checked before anything is allocated.
 */
export function readMxnetParams(bytes: Uint8Array, file = '.params'): Record<string, MxnetArray> {
  const reader = new Reader(bytes, file);
  if (!isMxnetParams(bytes)) reader.fail('this is no list of MXNet arrays', 0);
  reader.skip(16);
  const count = reader.count('arrays', 4);
  const arrays = Array.from({ length: count }, () => readArray(reader));
  const named = reader.count('names', 8);
  if (named !== 0 && named !== count) reader.fail(`${named} names for ${count} arrays`);
  const out = new Map<string, MxnetArray>();
  for (let k = 0; k < count; k++) {
    const name = named === 0 ? String(k) : reader.text(reader.count('characters', 1));
    if (out.has(name)) reader.fail(`two arrays are named '${name}'`);
    out.set(name, arrays[k]!);
  }
  if (reader.left > 0) reader.fail(`${reader.left} bytes follow the last name`);
  return Object.fromEntries(out);
}

function readArray(reader: Reader): MxnetArray {
  const magic = reader.uint32();
  if (magic !== V2 && magic !== V3) return readLegacy(reader, magic);
  const storage = reader.int32();
  if (storage < 0 || storage > 2) reader.fail(`storage type ${storage} is not known`);
  const storedShape = storage === 0 ? undefined : reader.shape();
  const shape = reader.shape();
  if (storage === 0 && shape.length === 0 && magic === V2) return { storage: 'default', dtype: 'float32', shape: [0], values: new Float32Array(0) };
  reader.skip(8); // the context it was saved from
  const type = reader.type();
  const parts = Array.from({ length: storage === 0 ? 0 : storage }, () => ({ type: reader.type(), shape: reader.shape() }));
  const values = reader.array(storedShape ?? shape, type);
  if (storage === 0) return { storage: 'default', ...values };
  const [first, second] = parts.map((part) => reader.array(part.shape, part.type));
  return storage === 1 ? { storage: 'row_sparse', shape, indices: first!, values } : { storage: 'csr', shape, indptr: first!, indices: second!, values };
}
/** Version 1 has 64-bit sizes after its magic number; before that the number itself is the rank and sizes have 32 bits. */
function readLegacy(reader: Reader, magic: number): MxnetArray {
  const shape = magic === V1 ? reader.shape() : reader.dims(magic, 4);
  if (shape.length === 0) return { storage: 'default', dtype: 'float32', shape: [0], values: new Float32Array(0) };
  reader.skip(8);
  return { storage: 'default', ...reader.array(shape, reader.type()) };
}

/** The dense form of an array of an MXNet file. */
export function densify(array: MxnetArray, file = '.params'): HostArray {
  if (array.storage === 'default') return { dtype: array.dtype, shape: array.shape, values: array.values };
  const { shape, values } = array;
  const dtype: DType = values.dtype;
  const out: TypedArray = allocate(dtype, sizeOf(shape));
  const outside = (index: number | undefined, size: number): never => {
    throw new FileFormatError(file, `a sparse array of shape [${shape.join(', ')}] has the index ${index}, outside of ${size}`);
  };
  if (array.storage === 'row_sparse') {
    const width = sizeOf(shape.slice(1));
    array.indices.values.forEach((row, k) => {
      if (!(row >= 0 && row < shape[0]!)) outside(row, shape[0]!);
      out.set(values.values.subarray(k * width, (k + 1) * width), row * width);
    });
  } else {
    const [rows, columns] = shape as [number, number];
    const { indptr, indices } = array;
    for (let row = 0; row < rows; row++) {
      for (let k = indptr.values[row]!; k < indptr.values[row + 1]!; k++) {
        const column = indices.values[k];
        if (!(column !== undefined && column >= 0 && column < columns)) outside(column, columns);
        out[row * columns + column!]! += values.values[k]!;
      }
    }
  }
  return { dtype, shape, values: out };
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #file: string;
  #at = 0;
  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#file = file;
  }
  get left(): number {
    return this.#bytes.length - this.#at;
  }
  fail(problem: string, offset: number = this.#at): never {
    throw new FileFormatError(this.#file, problem, offset);
  }
  #take(size: number): number {
    if (size > this.left) this.fail(`${size} bytes are expected, ${this.left} are left`);
    const at = this.#at;
    this.#at += size;
    return at;
  }
  skip(size: number): void {
    this.#take(size);
  }
  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }
  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }
  /** A 64-bit count of things of at least `width` bytes each, so no more than the file can hold. */
  count(what: string, width: number): number {
    const value = this.#view.getBigUint64(this.#take(8), true);
    if (value > BigInt(Math.floor(this.left / width))) this.fail(`${value} ${what} are claimed, more than the file can hold`);
    return Number(value);
  }
  text(length: number): string {
    const at = this.#take(length);
    return new TextDecoder().decode(this.#bytes.subarray(at, at + length));
  }
  shape(): Shape {
    return this.dims(this.uint32(), 8);
  }
  dims(rank: number, width: 4 | 8): Shape {
    if (rank > 32) this.fail(`${rank} axes are claimed`);
    const shape = Array.from({ length: rank }, () => (width === 4 ? this.uint32() : Number(this.#view.getBigInt64(this.#take(8), true))));
    if (checkedSize(shape) === undefined) this.fail(`[${shape.join(', ')}] is no shape`);
    return shape;
  }
  type(): StoredType {
    const flag = this.int32();
    return types[flag] ?? this.fail(`type ${flag} is not known`);
  }
  array(shape: Shape, type: StoredType): HostArray {
    const size = sizeOf(shape) * storedWidth(type);
    const at = this.#take(size);
    return { shape, ...decodeElements(this.#file, this.#bytes.subarray(at, at + size), type) };
  }
}
