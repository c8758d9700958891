import { BackendUnavailableError, ContextError, DTypeError, IndexError, UnsupportedOperationError, setDefaultContext, tensor, withContext, zeros, Generator } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';
import { tfjs, tfjsNode } from '../src/index.ts';
import { devices } from './support.ts';

const cpu = await tfjs('cpu', { dtype: 'float32' });

describe('contexts', () => {
  it('are the same object for an engine and an id', async () => {
    expect(await tfjs('cpu', { dtype: 'float32' })).toBe(cpu);
    const other = await tfjs('cpu', { dtype: 'float32', id: 1 });
    expect(other).not.toBe(cpu);
    expect([String(cpu), String(other), cpu.dtype]).toEqual(['tfjs-cpu(0)', 'tfjs-cpu(1)', 'float32']);
    await expect(tfjs('cpu', { dtype: 'float32', id: -1 })).rejects.toThrow(ContextError);
  });
  it('ask for the dtype to be stated, and refuse float64 with the remedy', async () => {
    await expect(tfjs('cpu', { dtype: 'float64' as 'float32' })).rejects.toThrow(DTypeError);
    await expect(tfjs('cpu', undefined as unknown as { dtype: 'float32' })).rejects.toThrow(/dtype: 'float32'/);
    await expect(tfjs('gpu' as 'cpu', { dtype: 'float32' })).rejects.toThrow(/'webgl'/);
    expect(() => zeros([2], { ctx: cpu, dtype: 'float64' })).toThrow(UnsupportedOperationError);
    expect(() => tensor([1], { ctx: cpu, dtype: 'float32' }).astype('float64')).toThrow(/float64/);
  });
  it('say what is missing where an engine does not start', async () => {
    await expect(tfjs('webgl', { dtype: 'float32' })).rejects.toThrow(BackendUnavailableError);
    await expect(tfjs('webgl', { dtype: 'float32' })).rejects.toThrow(/WebGL/);
  });
  it('carry float32 as the default of what is made on them', () => {
    withContext(cpu, () => expect([tensor([1, 2]).dtype, zeros([2]).add(1.5).dtype]).toEqual(['float32', 'float32']));
  });
  it('work side by side, whichever engine was used last', async () => {
    const wasm = await tfjs('wasm', { dtype: 'float32' });
    const a = tensor([1, 2, 3], { ctx: cpu });
    const b = tensor([4, 5, 6], { ctx: wasm });
    expect([a.add(1).toArray(), b.add(1).toArray(), a.mul(2).toArray(), b.to(cpu).add(a).toArray()]).toEqual([[2, 3, 4], [5, 6, 7], [2, 4, 6], [5, 7, 9]]);
    expect(() => a.add(b)).toThrow(ContextError);
  });
});

describe.each(await devices())('$name', ({ ctx }) => {
  it('copies what is uploaded, whatever its size and alignment', () => {
    for (const [dtype, make] of [['float32', Float32Array], ['int32', Int32Array], ['float64', Float64Array]] as const) {
      if (!ctx.backend.supports(dtype)) continue;
      for (let size = 1; size <= 400; size++) {
        for (const offset of [0, 1, 2, 3]) {
          const buffer = new make(Array.from({ length: size + offset }, (_, k) => k * 3 - size));
          const source = buffer.subarray(offset);
          const expected = Array.from(source);
          const placed = ctx.backend.upload(source, [size], dtype);
          source.fill(-77);
          expect(Array.from(ctx.backend.readSync!(placed))).toEqual(expected);
          ctx.backend.dispose(placed);
        }
      }
    }
  });
  it('names an index that is outside', () => {
    const x = tensor([1, 2, 3], { ctx, dtype: 'float32' });
    const index = tensor([0, 3], { ctx, dtype: 'int32' });
    expect(() => x.take(index)).toThrow(IndexError);
    expect(() => x.take(index)).toThrow(/3 is outside an axis of size 3/);
  });
  it('draws the same stream as every backend', () => {
    const draw = (context: typeof ctx): readonly number[] => {
      const rng = new Generator(7);
      return [...rng.uniform([3], { ctx: context, dtype: 'float32' }).dataSync(), ...rng.uniform([4], { ctx: context, dtype: 'float32' }).dataSync()];
    };
    // Threefry2x32-20 under the key 7: the upper 24 bits of the words over 2^24
    const [first] = draw(ctx);
    expect(draw(ctx)).toEqual(draw(cpu));
    expect(first! * 2 ** 24).toBe(Math.floor(first! * 2 ** 24));
  });
});

describe('tfjs-node', async () => {
  const ctx = await tfjsNode().catch(() => undefined);
  it.skipIf(!ctx)('computes in float64 by default', () => {
    setDefaultContext(ctx!);
    const x = tensor([1 / 3, 2 / 3]);
    expect([x.dtype, x.add(1).toArray(), x.dataSync()]).toEqual(['float64', [1 / 3 + 1, 2 / 3 + 1], Float64Array.of(1 / 3, 2 / 3)]);
  });
});
