import { type DType, bytesOf, isPlainObject } from '@matheron/core-tensor';
import { FileFormatError } from './errors.ts';
import { checkMetadata } from './metadata.ts';
import { type HostArray, type StoredType, checkedSize, decodeElements, encodeElements, storedWidth } from './host-array.ts';

const names: Record<DType, string> = { float64: 'F64', float32: 'F32', int32: 'I32', bool: 'BOOL' };
const stored: Readonly<Record<string, StoredType>> = {
  F64: 'float64', F32: 'float32', F16: 'float16', BF16: 'bfloat16', I64: 'int64', U64: 'uint64', I32: 'int32', U32: 'uint32', I16: 'int16', U16: 'uint16', I8: 'int8', U8: 'uint8', BOOL: 'bool',
};
const MAX_HEADER = 100_000_000;

/**
 * The safetensors format (github.com/huggingface/safetensors): an 8-byte length, a JSON header, the data without holes. Arrays are laid out
 * by descending element size, so that each stays aligned. `metadata` maps strings to strings.
 */
export function safetensorsBytes(arrays: Readonly<Record<string, HostArray>>, metadata?: Readonly<Record<string, string>>): Uint8Array {
  const order = Object.keys(arrays).sort((a, b) => bytesOf(arrays[b]!.dtype) - bytesOf(arrays[a]!.dtype));
  checkMetadata('safetensors', metadata);
  const header: [string, unknown][] = [];
  if (metadata && Object.keys(metadata).length > 0) header.push(['__metadata__', metadata]);
  let offset = 0;
  for (const name of order) {
    if (name === '__metadata__') throw new FileFormatError('safetensors', "an array can't be named __metadata__");
    const { dtype, shape, values } = arrays[name]!;
    header.push([name, { dtype: names[dtype], shape, data_offsets: [offset, offset + values.byteLength] }]);
    offset += values.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const padded = Math.ceil(json.length / 8) * 8;
  const out = new Uint8Array(8 + padded + offset);
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true);
  out.fill(0x20, 8, 8 + padded);
  out.set(json, 8);
  let at = 8 + padded;
  for (const name of order) {
    const bytes = encodeElements(arrays[name]!);
    out.set(bytes, at);
    at += bytes.length;
  }
  return out;
}

/** Reads safetensors. Every length and offset is checked against the file before anything is allocated; FileFormatError names what is wrong. */
export function readSafetensors(bytes: Uint8Array, file = 'safetensors'): { arrays: Record<string, HostArray>; metadata: Record<string, string> } {
  const fail = (problem: string, offset?: number): never => {
    throw new FileFormatError(file, problem, offset);
  };
  if (bytes.length < 8) fail(`${bytes.length} bytes are too few for a safetensors file`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(Math.min(MAX_HEADER, bytes.length - 8))) fail(`the header claims ${length} bytes, ${bytes.length - 8} are there`, 0);
  const start = 8 + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, start)));
  } catch (cause) {
    throw new FileFormatError(file, 'the header is no JSON', 8, { cause });
  }
  if (!isPlainObject(header)) return fail('the header is no JSON object', 8);
  const metadata: [string, string][] = [];
  const arrays: [string, HostArray][] = [];
  const spans: { name: string; begin: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      if (!isPlainObject(entry)) return fail('__metadata__ is no object', 8);
      for (const [key, value] of Object.entries(entry)) {
        if (typeof value !== 'string') return fail(`__metadata__.${key} is no string`, 8);
        metadata.push([key, value]);
      }
      continue;
    }
    if (!isPlainObject(entry)) return fail(`the entry of '${name}' is no object`, 8);
    const type = Object.hasOwn(stored, String(entry['dtype'])) ? stored[String(entry['dtype'])] : undefined;
    if (!type) return fail(`'${name}' has dtype ${JSON.stringify(entry['dtype'])}, which is not supported`, 8);
    const shape: unknown = entry['shape'];
    const size = Array.isArray(shape) ? checkedSize(shape) : undefined;
    if (size === undefined) return fail(`'${name}' has no valid shape: ${JSON.stringify(shape)}`, 8);
    const offsets: unknown = entry['data_offsets'];
    if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every((v) => Number.isSafeInteger(v) && v >= 0)) return fail(`'${name}' has no valid data_offsets`, 8);
    const [begin, end] = offsets as [number, number];
    if (end < begin || start + end > bytes.length) return fail(`'${name}' lies at [${begin}, ${end}), outside of the ${bytes.length - start} bytes of data`, start + begin);
    if (end - begin !== size * storedWidth(type)) return fail(`'${name}' has ${end - begin} bytes for ${size} elements of ${String(entry['dtype'])}`, start + begin);
    spans.push({ name, begin, end });
    arrays.push([name, { shape: shape as number[], ...decodeElements(name, bytes.subarray(start + begin, start + end), type) }]);
  }
  spans.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of spans) {
    if (begin !== at) fail(begin < at ? `'${name}' overlaps the array before it` : `there is a hole before '${name}'`, start + begin);
    at = end;
  }
  if (start + at !== bytes.length) fail(`${bytes.length - start - at} bytes follow the last array`, start + at);
  // Not by assignment: an array may be called __proto__.
  return { arrays: Object.fromEntries(arrays), metadata: Object.fromEntries(metadata) };
}
