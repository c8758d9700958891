import { type DType, type Shape, rowMajorStrides, sizeOf } from '@matheron/core-tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CpuTensor, compact, contiguous } from '../src/index.ts';
import { b, tensor, values } from './support.ts';

/** The reference: an index function in place of strides. */
interface Model { readonly shape: Shape; readonly at: (index: readonly number[]) => number }

const indicesOf = (shape: Shape): number[][] =>
  shape.reduce<number[][]>((list, n) => list.flatMap((i) => Array.from({ length: n }, (_, k) => [...i, k])), [[]]);
const read = (m: Model): number[] => indicesOf(m.shape).map(m.at);
const ofList = (list: readonly number[], shape: Shape): Model => {
  const strides = rowMajorStrides(shape);
  return { shape, at: (i) => list[i.reduce((o, k, axis) => o + k * strides[axis]!, 0)]! };
};

type Step = (x: CpuTensor, m: Model, seed: number) => [CpuTensor, Model];
const divisors = (n: number): number[] => Array.from({ length: n }, (_, k) => k + 1).filter((d) => n % d === 0);
const steps: Record<string, Step> = {
  permute(x, m, seed) {
    const axes = m.shape.map((_, k) => k).sort((p, q) => ((p * 7 + seed) % 5) - ((q * 7 + seed) % 5));
    return [b.permute(x, axes), { shape: axes.map((k) => m.shape[k]!), at: (i) => m.at(m.shape.map((_, k) => i[axes.indexOf(k)]!)) }];
  },
  slice(x, m, seed) {
    const ranges = m.shape.map((n, k) => {
      const step = [1, 2, -1, -2][(seed + k) % 4]!;
      const start = step > 0 ? Math.min((seed >> 3) % 2, n) : n - 1;
      return { start, stop: step > 0 ? n : -1, step };
    });
    const shape = ranges.map((r) => Math.max(0, Math.ceil((r.stop - r.start) / r.step)));
    return [b.slice(x, ranges), { shape, at: (i) => m.at(i.map((k, axis) => ranges[axis]!.start + k * ranges[axis]!.step)) }];
  },
  broadcastTo(x, m, seed) {
    const shape = m.shape.map((n, k) => (n === 1 && sizeOf(m.shape) < 200 ? 1 + ((seed + k) % 3) : n));
    return [b.broadcastTo(x, shape), { shape, at: (i) => m.at(i.map((k, axis) => (m.shape[axis] === 1 ? 0 : k))) }];
  },
  reshape(x, m, seed) {
    const size = sizeOf(m.shape);
    if (size === 0) return [b.reshape(x, [3, 0, seed % 4]), { shape: [3, 0, seed % 4], at: m.at }];
    const list = divisors(size), p = list[seed % list.length]!, rest = divisors(size / p), q = rest[(seed >> 4) % rest.length]!;
    const shape = seed % 3 === 0 ? [1, p, size / p] : [p, q, size / p / q];
    return [b.reshape(x, shape), ofList(read(m), shape)];
  },
  unfold(x, m, seed) {
    const axis = m.shape.length - 1, n = m.shape[axis];
    if (n === undefined || n < 3 || sizeOf(m.shape) > 200) return [x, m];
    const window = { width: 2, stride: 1 + (seed % 2), dilation: 1 + ((seed >> 1) % 2) };
    const count = Math.max(0, Math.floor((n - window.dilation - 1) / window.stride) + 1);
    return [b.unfold(x, [window]), { shape: [...m.shape.slice(0, -1), count, 2], at: (i) => m.at([...i.slice(0, -2), i.at(-2)! * window.stride + i.at(-1)! * window.dilation]) }];
  },
};

describe('movement', () => {
  it('chains of views read as chains of index maps', () => {
    const chain = fc.array(fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.nat(1000)), { maxLength: 6 });
    const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 });
    fc.assert(fc.property(shapes, chain, (shape, list) => {
      const data = Array.from({ length: sizeOf(shape) }, (_, k) => k + 1);
      let x = tensor(data, shape), m = ofList(data, shape);
      for (const [name, seed] of list) [x, m] = steps[name]!(x, m, seed);
      const expected = read(m);
      expect(x.shape).toEqual(m.shape);
      expect(values(x)).toEqual(expected);
      expect(Array.from(compact(x))).toEqual(expected);
      expect(values(contiguous(x))).toEqual(expected);
      expect(values(b.unary('neg', x))).toEqual(expected.map((v) => -v));
      expect(values(b.binary('sub', x, contiguous(x)))).toEqual(expected.map(() => 0));
      expect(values(b.reduce('sum', x, x.shape.map((_, k) => k)))).toEqual([expected.reduce((s, v) => s + v, 0)]);
    }), { numRuns: 500 });
  });

  it('copies nothing where strides can say it', () => {
    const x = tensor([1, 2, 3, 4, 5, 6], [2, 3]);
    const t = b.permute(x, [1, 0]);
    for (const y of [
      t, b.reshape(x, [3, 2]), b.reshape(t, [3, 1, 2]), b.broadcastTo(b.reshape(x, [2, 1, 3]), [2, 4, 3]), b.unfold(x, [{ width: 2, stride: 1, dilation: 1 }]),
      b.slice(x, [{ start: 1, stop: -1, step: -1 }, { start: 0, stop: 3, step: 2 }]), b.cast(x, 'float64'), b.concat([x], 0),
    ]) expect(y.data).toBe(x.data);
    expect(b.reshape(t, [6]).data).not.toBe(x.data);
    expect(b.full(3, [1000, 1000], 'float64').data.length).toBe(1);
    expect(b.binary('add', b.full(1, [1000, 1000], 'float64'), b.full(2, [1000, 1000], 'float64')).data.length).toBe(1);
  });

  it('reads fresh copies', async () => {
    const x = tensor([1, 2, 3]);
    const first = b.readSync(x);
    first[0] = 9;
    expect(values(x)).toEqual([1, 2, 3]);
    expect(Array.from(await b.read(x))).toEqual([1, 2, 3]);
    expect(values(b.full(2, [3], 'int32'))).toEqual([2, 2, 2]);
  });

  it('casts as typed arrays store', () => {
    const cast = (list: number[], from: DType, to: DType): number[] => values(b.cast(tensor(list, [list.length], from), to));
    expect(cast([1.9, -1.9, 2 ** 31, NaN, -0], 'float64', 'int32')).toEqual([1, -1, -(2 ** 31), 0, 0]);
    expect(cast([0, -0, 0.5, NaN], 'float64', 'bool')).toEqual([0, 0, 1, 1]);
    expect(cast([0, 256, -1], 'int32', 'bool')).toEqual([0, 1, 1]);
    expect(cast([0.1], 'float64', 'float32')).toEqual([Math.fround(0.1)]);
    expect(cast([1, 0], 'bool', 'float64')).toEqual([1, 0]);
  });

  it('concatenates views', () => {
    const x = b.permute(tensor([1, 2, 3, 4], [2, 2]), [1, 0]);
    expect(values(b.concat([x, b.full(0, [2, 1], 'float64'), x], 1))).toEqual([1, 3, 0, 1, 3, 2, 4, 0, 2, 4]);
    expect(values(b.concat([tensor([], [0, 2]), x], 0))).toEqual([1, 3, 2, 4]);
  });

  it('pads, spreads and crops', () => {
    const x = tensor([1, 2, 3]);
    const pad = (low: number, high: number, interior: number): number[] => values(b.pad(x, [{ low, high, interior }], 9));
    expect(pad(1, 2, 0)).toEqual([9, 1, 2, 3, 9, 9]);
    expect(pad(0, 0, 1)).toEqual([1, 9, 2, 9, 3]);
    expect(pad(-1, 1, 1)).toEqual([9, 2, 9, 3, 9]);
    expect(pad(-2, -2, 1)).toEqual([2]);
    expect(pad(-2, 0, 0)).toEqual([3]);
    expect(pad(-5, 3, 0)).toEqual([9]);
    expect(pad(3, -5, 0)).toEqual([9]);
    expect(pad(-1, -1, 2)).toEqual([9, 9, 2, 9, 9]);
    expect(values(b.pad(tensor([], [0]), [{ low: 1, high: 1, interior: 3 }], 4))).toEqual([4, 4]);
    expect(values(b.pad(tensor([1, 2, 3, 4], [2, 2], 'int32'), [{ low: 0, high: 1, interior: 0 }, { low: 1, high: -1, interior: 0 }], 7))).toEqual([7, 1, 7, 3, 7, 7]);
  });

  it('folds as the adjoint of unfold', () => {
    const windows = [{ width: 3, stride: 2, dilation: 1 }, { width: 2, stride: 1, dilation: 2 }];
    const x = tensor(Array.from({ length: 2 * 7 * 5 }, (_, k) => Math.sin(k)), [2, 7, 5]);
    const u = b.unfold(x, windows);
    expect(u.shape).toEqual([2, 3, 3, 3, 2]);
    const y = tensor(Array.from({ length: sizeOf(u.shape) }, (_, k) => Math.cos(3 * k)), u.shape);
    const dot = (p: CpuTensor, q: CpuTensor): number => values(b.reduce('sum', b.binary('mul', p, q), p.shape.map((_, k) => k)))[0]!;
    expect(dot(u, y)).toBeCloseTo(dot(x, b.fold(y, windows, x.shape)), 12);
    expect(values(b.fold(b.full(1, [4, 2], 'int32'), [{ width: 2, stride: 1, dilation: 1 }], [5]))).toEqual([1, 2, 2, 2, 1]);
  });
});
