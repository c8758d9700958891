import { type DType, type TypedArray, allocate } from '@matheron/core-tensor';
import { FileFormatError } from './errors.ts';
import { type HostArray, type StoredType, checkedSize, decodeElements, encodeElements, storedWidth } from './host-array.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const descriptions: Record<DType, string> = { float64: '<f8', float32: '<f4', int32: '<i4', bool: '|b1' };
const stored: Readonly<Record<string, StoredType>> = {
  f8: 'float64', f4: 'float32', f2: 'float16', i8: 'int64', u8: 'uint64', i4: 'int32', u4: 'uint32', i2: 'int16', u2: 'uint16', i1: 'int8', u1: 'uint8', b1: 'bool',
};

/** Whether bytes start as a NumPy `.npy` file. */
export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((b, k) => bytes[k] === b);
}

/** One array in NumPy's `.npy` format, version 1.0 (numpy.lib.format). */
export function npyBytes(array: HostArray): Uint8Array {
  const shape = array.shape.length === 1 ? `(${array.shape[0]},)` : `(${array.shape.join(', ')})`;
  const text = `{'descr': '${descriptions[array.dtype]}', 'fortran_order': False, 'shape': ${shape}, }`;
  const padding = (64 - ((10 + text.length + 1) % 64)) % 64;
  const header = new TextEncoder().encode(`${text}${' '.repeat(padding)}\n`);
  const data = encodeElements(array);
  const out = new Uint8Array(10 + header.length + data.length);
  out.set(MAGIC);
  out.set([1, 0, header.length & 255, header.length >> 8], 6);
  out.set(header, 10);
  out.set(data, 10 + header.length);
  return out;
}

/** Reads `.npy`, versions 1 to 3, either byte order, C or Fortran order. Object arrays (pickles) are refused. */
export function readNpy(bytes: Uint8Array, file = 'npy'): HostArray {
  const fail = (problem: string, offset?: number): never => {
    throw new FileFormatError(file, problem, offset);
  };
  if (!isNpy(bytes) || bytes.length < 12) fail('no .npy header', 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6]! >= 2;
  if (bytes[6]! < 1 || bytes[6]! > 3) fail(`version ${bytes[6]} of .npy is not known`, 6);
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = (wide ? 12 : 10) + length;
  if (start > bytes.length) fail(`the header claims ${length} bytes`, 8);
  const text = new TextDecoder().decode(bytes.subarray(wide ? 12 : 10, start));
  const description = /'descr'\s*:\s*'([<>|=])([a-z]\d+)'/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shapeText = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text);
  if (!order || !shapeText) fail('the header lacks fortran_order or shape', 10);
  const type = description ? stored[description[2]!] : undefined;
  if (!type) return fail(`the dtype ${/'descr'\s*:\s*([^,]*)/.exec(text)?.[1] ?? '?'} is not supported`, 10);
  const shape = shapeText![1]!.split(',').map((s) => s.trim()).filter((s) => s !== '').map(Number);
  const size = checkedSize(shape);
  if (size === undefined || bytes.length - start !== size * storedWidth(type)) return fail(`${bytes.length - start} bytes for shape (${shape.join(', ')}) of ${type}`, start);
  const { dtype, values } = decodeElements(file, bytes.subarray(start), type, description![1] !== '>');
  return { dtype, shape, values: order![1] === 'True' ? fromFortran(values, shape, dtype) : values };
}

function fromFortran(values: TypedArray, shape: readonly number[], dtype: DType): TypedArray {
  const out = allocate(dtype, values.length);
  const index = new Array<number>(shape.length).fill(0);
  for (let k = 0; k < out.length; k++) {
    let at = 0;
    let stride = 1;
    for (let a = 0; a < shape.length; a++) {
      at += index[a]! * stride;
      stride *= shape[a]!;
    }
    out[k] = values[at]!;
    for (let a = shape.length - 1; a >= 0 && ++index[a]! === shape[a]; a--) index[a] = 0;
  }
  return out;
}
