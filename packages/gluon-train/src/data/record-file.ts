import { ArgumentError, FileFormatError, type FileSource } from '@matheron/gluon-params';
import { readSource } from '@matheron/io';
import { DatasetBase, checkedIndex } from './dataset.ts';

const magic = 0xced7230a;

/** MXNet's RecordIO files: item k is the bytes of the k-th record. */
export class RecordFileDataset extends DatasetBase<Uint8Array> {
  readonly #records: readonly Uint8Array[];
  constructor(bytes: Uint8Array, file = 'the bytes') {
    super();
    this.#records = [...recordsOf(bytes, file)];
  }
  /** Reads a file. FileFormatError where it is damaged. */
  static async open(source: FileSource): Promise<RecordFileDataset> {
    return new RecordFileDataset(await readSource(source), typeof source === 'string' ? source : undefined);
  }
  get length(): number {
    return this.#records.length;
  }
  /** The bytes of a record, from the end where negative. ArgumentError outside. */
  at(index: number): Uint8Array {
    return this.#records[checkedIndex(index, this.length)]!;
  }
}

/** Writes records as a RecordIO file's bytes. */
export function recordBytes(records: readonly Uint8Array[]): Uint8Array {
  const size = records.reduce((n, r) => n + 8 + padded(r.length), 0);
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const record of records) {
    if (record.length >= 2 ** 29) throw new ArgumentError('records', `${record.length} bytes`, 'records below 2^29 bytes');
    view.setUint32(at, magic, true);
    view.setUint32(at + 4, record.length, true);
    out.set(record, at + 8);
    at += 8 + padded(record.length);
  }
  return out;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

/** Records; a record that holds the magic number is stored in parts, flagged first, middle, last. */
function* recordsOf(bytes: Uint8Array, file: string): IterableIterator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let parts: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 8 > bytes.length || view.getUint32(at, true) !== magic) throw new FileFormatError(file, 'no record begins here', at);
    const word = view.getUint32(at + 4, true);
    const [flag, length] = [word >>> 29, word & 0x1fffffff];
    if (at + 8 + length > bytes.length) throw new FileFormatError(file, `a record of ${length} bytes goes beyond the end`, at);
    const body = bytes.subarray(at + 8, at + 8 + length);
    at += 8 + padded(length);
    if (flag === 0) yield body;
    else {
      parts.push(body);
      if (flag !== 3) continue;
      yield joined(parts);
      parts = [];
    }
  }
  if (parts.length > 0) throw new FileFormatError(file, 'the last record is not complete', at);
}
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const separator = new Uint8Array(4);
  new DataView(separator.buffer).setUint32(0, magic, true);
  const all = parts.flatMap((part, k) => (k === 0 ? [part] : [separator, part]));
  const out = new Uint8Array(all.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of all) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
