import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cpu } from '@matheron/backend-cpu';
import { type DType, setDefaultContext } from '@matheron/core-tensor';
import { FileFormatError, type HostArray, loadTensors, readMxnetParams } from '@matheron/io';
import { describe, expect, it } from 'vitest';

setDefaultContext(cpu());
const folder = process.env['MATHERON_MXNET_PARAMS'] ?? join(import.meta.dirname, 'fixtures', 'mxnet-params');

interface Expected { dtype?: string; stype?: 'row_sparse' | 'csr'; shape: number[]; values: number[] | number[][]; indices?: number[]; indptr?: number[] }
type File = Record<string, Expected> | Expected[];
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<string, File>;
const files = Object.keys(expected).filter((name) => name.endsWith('.params'));
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)));
const held: Record<string, DType> = { float64: 'float64', float32: 'float32', float16: 'float32', bfloat16: 'float32', int32: 'int32', int8: 'int32', uint8: 'int32', bool: 'bool' };
const flat = (values: Expected['values']): number[] => values.flat();

describe('MXNet .params', () => {
  it('covers the files of the folder', () => {
    expect(files.sort()).toEqual(readdirSync(folder).filter((name) => name.endsWith('.params')).sort());
    expect(files.length).toBeGreaterThan(0);
  });
  for (const name of files) {
    it(`reads ${name}`, async () => {
      const entries = Object.entries(expected[name]!) as [string, Expected][];
      const arrays = readMxnetParams(bytesOf(name), name);
      const { tensors } = await loadTensors(bytesOf(name));
      expect(Object.keys(arrays)).toEqual(entries.map(([key]) => key));
      for (const [key, want] of entries) {
        const got = arrays[key]!;
        expect(got.storage, key).toBe(want.stype ?? 'default');
        expect(tensors[key]!.shape, key).toEqual(want.shape);
        if (got.storage === 'default') {
          if (want.dtype && held[want.dtype]) expect(got.dtype, key).toBe(held[want.dtype]);
          expect([...got.values], key).toEqual(flat(want.values));
          expect([...tensors[key]!.dataSync()], key).toEqual(flat(want.values));
        } else {
          expect([...got.indices.values], key).toEqual(want.indices);
          expect([...(got.values as HostArray).values], key).toEqual(flat(want.values));
          if (got.storage === 'csr') expect([...got.indptr.values], key).toEqual(want.indptr);
          expect(tensors[key]!.sum().item()).toBeCloseTo(flat(want.values).reduce((a, b) => a + b, 0), 5);
        }
      }
    });
    it(`refuses every truncation of ${name}`, () => {
      const bytes = bytesOf(name);
      for (let size = 0; size < bytes.length; size++) expect(() => readMxnetParams(bytes.subarray(0, size), name), `${size} bytes`).toThrow(FileFormatError);
      expect(() => readMxnetParams(new Uint8Array([...bytes, 0]), name)).toThrow(/follow the last name/);
    });
    it(`ends in an error or in arrays that fit the file, whatever byte of ${name} is changed`, () => {
      const bytes = bytesOf(name);
      for (let at = 0; at < bytes.length; at++) {
        const changed = bytes.slice();
        changed[at]! ^= 0xff;
        try {
          for (const array of Object.values(readMxnetParams(changed, name))) {
            const held = array.values instanceof Object && 'values' in array.values ? array.values.values : array.values;
            expect((held as ArrayLike<number>).length).toBeLessThanOrEqual(bytes.length);
          }
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/file-format|dtype/) });
        }
      }
    });
  }
});
