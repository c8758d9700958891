import { cpu } from '@matheron/backend-cpu';
import { Generator, type Tensor, onWarning, setDefaultContext, tensor } from '@matheron/core-tensor';
import { nn } from '@matheron/gluon-blocks';
import { backward, record } from '@matheron/autograd';
import { ArgumentError, FileFormatError } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { data, utils } from '../src/index.ts';

setDefaultContext(cpu());

describe('types of batches', () => {
  it('are those of the default batches', () => {
    const numbers: Tensor[] = [...new data.DataLoader(new data.SimpleDataset([1, 2, 3]), { batchSize: 2 })];
    const words: string[][] = [...new data.DataLoader(new data.SimpleDataset(['a', 'b', 'c']), { batchSize: 2 })];
    const pairs = new data.ArrayDataset([[1, 2], [3, 4]], [0, 1]);
    const named: { sum: Tensor; label: Tensor }[] = [...new data.DataLoader(pairs.transform(([x, label]) => ({ sum: x.sum().item(), label })), { batchSize: 2 })];
    const first: [Tensor, Tensor][] = [...new data.DataLoader(pairs.transformFirst((x) => x.mul(2)), { batchSize: 2 })];
    expect(numbers.map((x) => x.toArray())).toEqual([[1, 2], [3]]);
    expect(words).toEqual([['a', 'b'], ['c']]);
    expect(named.map(({ sum, label }) => [sum.toArray(), label.toArray()])).toEqual([[[3, 7], [0, 1]]]);
    expect(first.map(([x, label]) => [x.toArray(), label.toArray()])).toEqual([[[[2, 4], [6, 8]], [0, 1]]]);
  });
});

describe('4.10 datasets', () => {
  const numbers = new data.SimpleDataset([0, 1, 2, 3, 4, 5, 6]);
  it('filter, shard, take, sample, transform and transformFirst', () => {
    expect([...numbers.filter((x) => x % 2 === 0)]).toEqual([0, 2, 4, 6]);
    expect([0, 1, 2].map((k) => [...numbers.shard(3, k)])).toEqual([[0, 1, 2], [3, 4], [5, 6]]);
    expect([[...numbers.take(2)], numbers.take().length, numbers.take(99).length]).toEqual([[0, 1], 7, 7]);
    expect([...numbers.sample([3, 3, 1])]).toEqual([3, 3, 1]);
    let calls = 0;
    const lazy = numbers.transform((x) => (calls++, 10 * x));
    expect([calls, lazy.at(-1), calls]).toEqual([0, 60, 1]);
    expect(numbers.transform((x) => (calls++, x), false).at(2)).toBe(2);
    expect(calls).toBe(8);
    expect(new data.SimpleDataset([[1, 'a'] as const]).transformFirst((x) => x + 1).at(0)).toEqual([2, 'a']);
    expect(() => numbers.shard(2, 2)).toThrow(ArgumentError);
    expect(() => numbers.take(-1)).toThrow(ArgumentError);
    expect(() => numbers.at(7)).toThrow(ArgumentError);
  });
  it('ArrayDataset: rows of each array', () => {
    const d = new data.ArrayDataset([[0, 1], [1, 0], [2, 2]], [5, 6, 7]);
    expect(d.at(1).map((x) => x.toArray())).toEqual([[1, 0], 6]);
    expect(d.batch([2, 0]).map((x) => x.toArray())).toEqual([[[2, 2], [0, 1]], [7, 5]]);
    expect(d.batch([1, 2])[1].toArray()).toEqual([6, 7]);
    expect(() => new data.ArrayDataset([1, 2], [1])).toThrow(/lengths 2, 1/);
    expect(() => new data.ArrayDataset()).toThrow(ArgumentError);
  });
  it('RecordFileDataset reads RecordIO, parts and padding included', () => {
    const records = [Uint8Array.of(1, 2, 3), new Uint8Array(0), Uint8Array.of(9, 8, 7, 6, 5)];
    const bytes = data.recordBytes(records);
    expect([...new data.RecordFileDataset(bytes)].map((r) => [...r])).toEqual(records.map((r) => [...r]));
    const magic = [0x0a, 0x23, 0xd7, 0xce];
    const split = Uint8Array.from([...magic, 1, 0, 0, 0x20, 65, 0, 0, 0, ...magic, 2, 0, 0, 0x60, 66, 67, 0, 0]);
    expect([...new data.RecordFileDataset(split).at(0)]).toEqual([65, ...magic, 66, 67]);
    expect(() => new data.RecordFileDataset(bytes.subarray(0, 10))).toThrow(FileFormatError);
    expect(() => new data.RecordFileDataset(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))).toThrow(/no record begins here/);
    expect(() => new data.RecordFileDataset(split.subarray(0, 12))).toThrow(/not complete/);
  });
});

describe('4.10 samplers', () => {
  it('Sequential, Random, Filter and Interval', () => {
    expect([...new data.SequentialSampler(3, 2)]).toEqual([2, 3, 4]);
    const random = (): number[] => [...new data.RandomSampler(20, { rng: new Generator(4) })];
    expect(random()).toEqual(random());
    expect(random().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, k) => k));
    expect([...new data.FilterSampler((x: number) => x > 5, new data.SimpleDataset([9, 1, 8]))]).toEqual([0, 2]);
    expect([[...new data.IntervalSampler(5, 2)], [...new data.IntervalSampler(5, 2, false)]]).toEqual([[0, 2, 4, 1, 3], [0, 2, 4]]);
  });
  it('BatchSampler keeps, discards or rolls the last batch over', () => {
    const batches = (last: data.LastBatch): number[][][] => {
      const s = new data.BatchSampler(new data.SequentialSampler(5), 2, last);
      return [s.length, [...s], s.length, [...s]] as unknown as number[][][];
    };
    expect(batches('keep')).toEqual([3, [[0, 1], [2, 3], [4]], 3, [[0, 1], [2, 3], [4]]]);
    expect(batches('discard')).toEqual([2, [[0, 1], [2, 3]], 2, [[0, 1], [2, 3]]]);
    expect(batches('rollover')).toEqual([2, [[0, 1], [2, 3]], 3, [[4, 0], [1, 2], [3, 4]]]);
    expect(() => new data.BatchSampler(new data.SequentialSampler(5), 0)).toThrow(ArgumentError);
    expect(() => new data.BatchSampler(new data.SequentialSampler(5), 1, 'skip' as 'keep')).toThrow(ArgumentError);
  });
});

describe('4.10 DataLoader', () => {
  it('stacks tuples part by part, shuffles by the generator', () => {
    const d = new data.ArrayDataset([[0, 1], [1, 0], [2, 2]], [5, 6, 7]);
    expect(Array.from(new data.DataLoader<[Tensor, Tensor]>(d, { batchSize: 2 }), ([x, y]) => [x.toArray(), y.toArray()])).toEqual([[[[0, 1], [1, 0]], [5, 6]], [[[2, 2]], [7]]]);
    const order = (): unknown[] => Array.from(new data.DataLoader<[Tensor, Tensor]>(d, { batchSize: 1, shuffle: true, rng: new Generator(2) }), ([, y]) => y.item());
    expect(order()).toEqual(order());
    expect((order() as number[]).toSorted((a, b) => a - b)).toEqual([5, 6, 7]);
    const items = new data.SimpleDataset([{ a: 1, b: [tensor([1]), 2] }, { a: 3, b: [tensor([5]), 6] }]);
    const [batch] = [...new data.DataLoader<unknown, { a: Tensor; b: [Tensor, Tensor] }>(items, { batchSize: 2 })];
    expect([batch!.a.toArray(), batch!.b[0].toArray(), batch!.b[1].toArray()]).toEqual([[1, 3], [[1], [5]], [2, 6]]);
    expect([...new data.DataLoader<number, number>(new data.SimpleDataset([1, 2, 3]), { batchSize: 2, batchify: (xs) => xs.reduce((a, b) => a + b) })]).toEqual([3, 3]);
  });
  it('refuses what excludes each other (VE)', () => {
    const d = new data.SimpleDataset([1, 2]);
    const sampler = new data.SequentialSampler(2);
    for (const options of [{}, { batchSize: 1, shuffle: true, sampler }, { batchSize: 1, batchSampler: new data.BatchSampler(sampler, 1) }, { batchSampler: new data.BatchSampler(sampler, 1), lastBatch: 'keep' as const }, { batchSize: 1, workers: -1 }]) {
      expect(() => new data.DataLoader(d, options)).toThrow(ArgumentError);
    }
    expect(new data.DataLoader(d, { batchSampler: new data.BatchSampler(sampler, 1) }).length).toBe(2);
  });
  it('for await keeps the order with several workers and never runs further ahead than prefetch', async () => {
    let [started, finished, most] = [0, 0, 0];
    const slow = {
      length: 12,
      async at(k: number): Promise<number> {
        started++;
        await new Promise((resolve) => setTimeout(resolve, (k * 7) % 5));
        return k;
      },
    };
    const seen: number[] = [];
    for await (const x of new data.DataLoader<Promise<number>, Tensor>(slow, { batchSize: 1, workers: 3, prefetch: 4 })) {
      seen.push(x.item());
      finished++;
      most = Math.max(most, started - finished);
    }
    expect(seen).toEqual(Array.from({ length: 12 }, (_, k) => k));
    expect(most).toBeLessThanOrEqual(4);
    expect(most).toBeGreaterThan(1);
    expect(() => [...new data.DataLoader(slow, { batchSize: 2 })]).toThrow(/for await/);
  });
  it('passes errors of the dataset on, where the batch is awaited', async () => {
    const bad = { length: 4, at: (k: number) => { if (k === 2) throw new Error('mine'); return k; } };
    const seen: number[] = [];
    await expect((async () => { for await (const x of new data.DataLoader<number, Tensor>(bad, { batchSize: 1, workers: 2 })) seen.push(x.item()); })()).rejects.toThrow('mine');
    expect(seen).toEqual([0, 1]);
  });
});

describe('4.11 utils', () => {
  it('splitData: even, uneven, fewer rows than parts, another axis', () => {
    const x = tensor([[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]);
    expect(() => utils.splitData(x, 2)).toThrow(ArgumentError);
    expect(utils.splitData(x, 2, { evenSplit: false }).map((p) => p.shape)).toEqual([[3, 2], [2, 2]]);
    expect(utils.splitData(x, 7, { evenSplit: false }).map((p) => p.shape[0])).toEqual([1, 1, 1, 1, 1, 0, 0]);
    expect(utils.splitData(x, 2, { batchAxis: 1 }).map((p) => p.toArray())).toEqual([[[0], [2], [4], [6], [8]], [[1], [3], [5], [7], [9]]]);
  });
  it('splitAndLoad puts a part on each context', () => {
    const parts = utils.splitAndLoad([[1], [2]], [cpu(0), cpu(1)]);
    expect(parts.map((p) => [p.ctx, p.toArray()])).toEqual([[cpu(0), [[1]]], [cpu(1), [[2]]]]);
  });
  it('clipGlobalNorm and clipGradients: one norm for all', () => {
    const { norm, arrays } = utils.clipGlobalNorm([tensor([3]), tensor([4])], 1);
    expect(norm).toBe(5);
    arrays.forEach((a, k) => expect(a.item()).toBeCloseTo([0.6, 0.8][k]!, 8));
    expect(utils.clipGlobalNorm([tensor([3])], 5).arrays[0]!.item()).toBe(3);
    expect(() => utils.clipGlobalNorm([], 1)).toThrow(ArgumentError);
    const warnings: string[] = [];
    const restore = onWarning((w) => warnings.push(w.message));
    utils.clipGlobalNorm([tensor([NaN])], 1);
    restore();
    expect(warnings[0]).toContain('NaN');
    const dense = new nn.Dense(1, { inUnits: 2 });
    dense.initialize();
    backward(record(() => dense.call(tensor([[3, 4]]))));
    expect(utils.clipGradients(dense.collectParams(), 1)).toBeCloseTo(Math.sqrt(26), 12);
    expect(Math.hypot(...dense.weight.grad().dataSync(), dense.bias!.grad().item())).toBeCloseTo(1, 7);
  });
});
