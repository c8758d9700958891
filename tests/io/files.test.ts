import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu } from '@matheron/backend-cpu';
import { DTypeError, Tensor, setDefaultContext, tensor, zeros } from '@matheron/core-tensor';
import { FileFormatError, GluonError, type HostArray, decodeArrays, encodeNpz, encodeSafetensors, loadTensors, readNpy, readNpz, readSafetensors, safetensorsBytes, saveTensors } from '@matheron/io';
import { writeFileAtomic } from '@matheron/io/node';
import fc from 'fast-check';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

setDefaultContext(cpu());
let folder: string;
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'matheron-io-')); });
afterAll(() => rm(folder, { recursive: true }));
const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);
const bytesOf = async (name: string): Promise<Uint8Array> => new Uint8Array(await readFile(fixture(name)));

/** What the fixtures of tooling/oracle/io.py hold. */
const contents: Record<string, { dtype: string; shape: number[]; values: number[] }> = {
  f64: { dtype: 'float64', shape: [2, 3], values: [1.5, -2, Math.PI, Infinity, Number.NaN, 1e-310] },
  f32: { dtype: 'float32', shape: [2], values: [1.5, -0] },
  f16: { dtype: 'float32', shape: [3], values: [1.5, 2 ** -24, -65504] },
  i64: { dtype: 'int32', shape: [2], values: [-1, 2 ** 31 - 1] },
  i64_wide: { dtype: 'float64', shape: [2], values: [2 ** 40, -(2 ** 53)] },
  i32: { dtype: 'int32', shape: [2, 1], values: [7, -8] },
  i16: { dtype: 'int32', shape: [2], values: [-300, 300] },
  u8: { dtype: 'int32', shape: [2], values: [0, 255] },
  bool: { dtype: 'bool', shape: [3], values: [1, 0, 1] },
  scalar: { dtype: 'float64', shape: [], values: [4.25] },
  empty: { dtype: 'float64', shape: [0, 3], values: [] },
};
const plain = (x: HostArray): unknown => ({ dtype: x.dtype, shape: [...x.shape], values: [...x.values] });

describe('safetensors', () => {
  it('reads what Python wrote, every dtype', async () => {
    const { arrays, metadata } = readSafetensors(await bytesOf('python.safetensors'));
    expect(Object.fromEntries(Object.entries(arrays).map(([name, x]) => [name, plain(x)]))).toEqual(contents);
    expect(metadata).toEqual({ 'made by': 'safetensors', unit: 'ppm' });
  });
  it('gives back what it is given', () => {
    const array = fc.oneof(
      fc.array(fc.double()).map((v) => ({ dtype: 'float64' as const, shape: [v.length], values: Float64Array.from(v) })),
      fc.array(fc.float()).map((v) => ({ dtype: 'float32' as const, shape: [1, v.length], values: Float32Array.from(v) })),
      fc.array(fc.integer()).map((v) => ({ dtype: 'int32' as const, shape: [v.length, 1], values: Int32Array.from(v) })),
      fc.array(fc.boolean()).map((v) => ({ dtype: 'bool' as const, shape: [v.length], values: Uint8Array.from(v, Number) })),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string().filter((s) => s !== '__metadata__' && s !== '__proto__'), array), fc.dictionary(fc.string().filter((s) => s !== '__proto__'), fc.string()), (arrays, metadata) => {
        const back = readSafetensors(safetensorsBytes(arrays, metadata));
        expect(back.metadata).toEqual({ ...metadata });
        expect(Object.fromEntries(Object.entries(back.arrays).map(([k, x]) => [k, plain(x)]))).toEqual(Object.fromEntries(Object.entries(arrays).map(([k, x]) => [k, plain(x)])));
      }),
    );
  });
  it('keeps float64 as F64, aligned to its size', async () => {
    const bytes = await encodeSafetensors({ flag: tensor([true]), x: tensor([1, 2]) });
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, { dtype: string; data_offsets: number[] }>;
    expect(header['x']).toMatchObject({ dtype: 'F64', data_offsets: [0, 16] });
    expect((8 + length) % 8).toBe(0);
  });
  const file = (header: unknown, data = new Uint8Array(8), length?: bigint): Uint8Array => {
    const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
    const out = new Uint8Array(8 + json.length + data.length);
    new DataView(out.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
    out.set(json, 8);
    out.set(data, 8 + json.length);
    return out;
  };
  const entry = (shape: unknown, offsets: unknown, dtype = 'F32'): unknown => ({ dtype, shape, data_offsets: offsets });
  it.each([
    ['a header longer than the file', file({}, new Uint8Array(8), 1n << 62n), /claims/],
    ['no JSON', file('{nope'), /no JSON/],
    ['a list as header', file([]), /no JSON object/],
    ['an unknown dtype', file({ a: entry([2], [0, 8], 'F8_E4M3') }), /not supported/],
    ['a negative size', file({ a: entry([-2], [0, 8]) }), /no valid shape/],
    ['a fractional size', file({ a: entry([0.5], [0, 8]) }), /no valid shape/],
    ['a shape that overflows', file({ a: entry([2 ** 40, 2 ** 40, 2 ** 40], [0, 8]) }), /no valid shape/],
    ['offsets beyond the file', file({ a: entry([4], [0, 16]) }), /outside/],
    ['offsets backwards', file({ a: entry([2], [8, 0]) }), /outside/],
    ['a size that does not fit the shape', file({ a: entry([3], [0, 8]) }), /3 elements/],
    ['overlapping arrays', file({ a: entry([2], [0, 8]), b: entry([1], [4, 8]) }), /overlaps/],
    ['a hole', file({ a: entry([1], [4, 8]) }), /hole/],
    ['bytes behind the last array', file({ a: entry([1], [0, 4]) }), /follow/],
    ['metadata that is no string', file({ __metadata__: { a: 1 } }, new Uint8Array(0)), /no string/],
    ['seven bytes', new Uint8Array(7), /too few/],
  ])('refuses %s', (_what, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(message);
    expect(() => readSafetensors(bytes)).toThrow(FileFormatError);
  });
  it('names the number that float64 cannot hold', () => {
    const data = new Uint8Array(8);
    new DataView(data.buffer).setBigInt64(0, (1n << 53n) + 1n, true);
    expect(() => readSafetensors(file({ a: entry([1], [0, 8], 'I64') }, data))).toThrow(DTypeError);
  });
});

describe('npz and npy', () => {
  it('reads what NumPy stored, Fortran order and big-endian included', async () => {
    const { arrays } = readNpz(await bytesOf('stored.npz'));
    const { fortran, big, ...rest } = arrays;
    expect(Object.fromEntries(Object.entries(rest).map(([name, x]) => [name, plain(x)]))).toEqual(contents);
    expect(plain(fortran!)).toEqual({ dtype: 'float64', shape: [2, 3, 4], values: Array.from({ length: 24 }, (_, k) => k) });
    expect([...big!.values]).toEqual([0, 1, 2]);
  });
  it('reads what NumPy compressed, and a single array', async () => {
    const { arrays } = readNpz(await bytesOf('compressed.npz'));
    expect(arrays['zeros']!.shape).toEqual([100, 100]);
    expect(arrays['x']!.values[6]).toBe(1);
    expect(plain(decodeArrays(await bytesOf('single.npy')).arrays['arr_0']!)).toEqual({ dtype: 'int32', shape: [2, 3], values: [0, 1, 2, 3, 4, 5] });
  });
  it('gives back what it is given, with metadata', async () => {
    const bytes = await encodeNpz({ a: tensor([[1, 2]]), 'b.c': tensor([true]), scalar: tensor(3), empty: zeros([0, 2]) }, { name: 'net' });
    const { arrays, metadata } = readNpz(bytes);
    expect(metadata).toEqual({ name: 'net' });
    expect(Object.values(arrays).map((x) => x.shape)).toEqual([[1, 2], [1], [], [0, 2]]);
    for (const data of Object.values(unzipSync(bytes)).slice(0, 4)) expect((10 + new DataView(data.buffer, data.byteOffset).getUint16(8, true)) % 64).toBe(0);
  });
  it('refuses pickles, damaged zips and sizes that are lies', async () => {
    expect(() => readNpz(new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]))).toThrow(FileFormatError);
    await expect(bytesOf('pickled.npz').then((b) => readNpz(b))).rejects.toThrow(/not supported/);
    const bomb = zipSync({ 'a.npy': new Uint8Array(1000) });
    const view = new DataView(bomb.buffer, bomb.byteOffset, bomb.byteLength);
    for (let at = 0; at + 28 < bomb.length; at++) if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 0x7fffffff, true);
    expect(() => readNpz(bomb)).toThrow(/claims 2147483647 bytes/);
    expect(() => readNpy(new Uint8Array(20))).toThrow(/no .npy header/);
    const good = (await bytesOf('single.npy')).slice(0, -1);
    expect(() => readNpy(good)).toThrow(/bytes for shape/);
  });
});

describe('files', () => {
  it('save and load in both formats, told by content', async () => {
    const tensors = { w: tensor([[1, 2], [3, 4]]), b: tensor([1.5], { dtype: 'float32' }) };
    for (const name of ['net.safetensors', 'net.npz', 'deep/er/net.bin']) {
      await saveTensors(join(folder, name), tensors, { metadata: { v: '1' } });
      const { tensors: back, metadata } = await loadTensors(join(folder, name));
      expect(metadata).toEqual({ v: '1' });
      expect(back['w']!.toArray()).toEqual([[1, 2], [3, 4]]);
      expect(back['b']!.dtype).toBe('float32');
      expect(back['b']).toBeInstanceOf(Tensor);
    }
  });
  it('take a Blob, a file address and the bytes', async () => {
    const bytes = await encodeSafetensors({ x: tensor([1]) });
    await writeFile(join(folder, 'x.safetensors'), bytes);
    for (const source of [bytes, new Blob([bytes as Uint8Array<ArrayBuffer>]), new URL(`file://${join(folder, 'x.safetensors')}`)]) {
      expect((await loadTensors(source, { ctx: cpu(1) })).tensors['x']!.ctx).toBe(cpu(1));
    }
  });
  it('are refused with their name', async () => {
    await writeFile(join(folder, 'bad.safetensors'), 'this is not a tensor file');
    await expect(loadTensors(join(folder, 'bad.safetensors'))).rejects.toThrow(/bad\.safetensors: the header claims/);
    await expect(loadTensors(new Uint8Array(3))).rejects.toBeInstanceOf(GluonError);
  });
  it('are written aside and renamed: a failure leaves the old file and nothing else', async () => {
    const file = join(folder, 'kept.txt');
    await writeFileAtomic(file, 'old');
    await expect(writeFileAtomic(file, { toString: () => 'x' } as never)).rejects.toThrow();
    expect(await readFile(file, 'utf8')).toBe('old');
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await expect(writeFileAtomic(join(file, 'below'), 'x')).rejects.toThrow();
  });
});

describe('what must not pass in silence', () => {
  it('a damaged entry of an npz whose structure is whole', async () => {
    const bytes = await encodeNpz({ a: tensor([1, 2, 3]) });
    const at = bytes.findIndex((_, k) => new DataView(bytes.buffer, bytes.byteOffset + k, 8).getFloat64(0, true) === 2);
    bytes[at + 3]! ^= 1;
    expect(() => readNpz(bytes)).toThrow(/checksum of the entry 'a\.npy'/);
  });
  it('checks the standard check value', () => {
    const data = new TextEncoder().encode('123456789');
    const zipped = zipSync({ 'a.npy': data });
    // The check value of CRC-32 (Williams, A painless guide to CRC error detection algorithms).
    expect(new DataView(zipped.buffer, zipped.byteOffset).getUint32(14, true)).toBe(0xcbf43926);
    expect(() => readNpz(zipped)).toThrow(/no \.npy header/);
  });
  it('an array called __proto__', async () => {
    const named = Object.fromEntries([['__proto__', tensor([1, 2])], ['constructor', tensor(3)]]);
    for (const encode of [encodeSafetensors, encodeNpz]) {
      const { arrays } = decodeArrays(await encode(named));
      expect(Object.keys(arrays).sort()).toEqual(['__proto__', 'constructor']);
      expect([...Object.getOwnPropertyDescriptor(arrays, '__proto__')!.value.values]).toEqual([1, 2]);
      expect(Object.getPrototypeOf(arrays)).toBe(Object.prototype);
    }
  });
  it('metadata that no reader takes, values that are no tensors, formats that there are not', async () => {
    for (const encode of [encodeSafetensors, encodeNpz]) {
      await expect(encode({ a: tensor(1) }, { epoch: 5 as never })).rejects.toThrow(/metadata 'epoch' is of type number/);
      await expect(encode({ a: [1, 2] as never })).rejects.toThrow(GluonError);
    }
    await expect(saveTensors(join(folder, 'x'), { a: tensor(1) }, { format: 'hdf5' as never })).rejects.toThrow(/use 'safetensors' or 'npz'/);
  });
});
