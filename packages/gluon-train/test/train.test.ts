import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu } from '@matheron/backend-cpu';
import { type Tensor, Generator, setDefaultContext, setSeed } from '@matheron/core-tensor';
import { loss, nn } from '@matheron/gluon-blocks';
import { ArgumentError, UninitializedParameterError } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { ExponentialMovingAverage, Trainer, data, lrScheduler, metric, optimizer, train } from '../src/index.ts';

setDefaultContext(cpu());
const folder = mkdtemp(join(tmpdir(), 'matheron-'));

const points = new Generator(1).normal([23, 3]);
const labels = points.sum(1).sin();
function setup(rng?: Generator): { net: nn.Sequential; batches: data.DataLoader<[Tensor, Tensor]> } {
  setSeed(7);
  const net = new nn.Sequential(new nn.Dense(8, { activation: 'tanh' }), new nn.BatchNorm(), new nn.Dropout(0.3), new nn.Dense(1));
  net.initialize({ init: 'xavier' });
  return { net, batches: new data.DataLoader<[Tensor, Tensor]>(new data.ArrayDataset(points, labels), { batchSize: 5, shuffle: true, lastBatch: 'rollover', ...(rng && { rng }) }) };
}
const weights = (net: nn.Sequential): unknown[] => [...net.structuralParams().values()].map((p) => p.data().toArray());
const options = (): Parameters<typeof train>[2] => ({ loss: new loss.L2Loss(), optimizer: new optimizer.Adam({ learningRate: lrScheduler.cosine({ baseLr: 0.05, maxUpdate: 20 }) }), epochs: 3, metrics: [new metric.RMSE(), new metric.PearsonCorrelation({ average: 'micro' })] });

describe('train', () => {
  it('learns, and reports every batch', async () => {
    const { net, batches } = setup();
    const seen: [number, number][] = [];
    const { history, stopped } = await train(net, batches, { ...options(), epochs: 30, onProgress: (p) => void seen.push([p.epoch, p.batch]) });
    expect(stopped).toBe('done');
    expect(history.length).toBe(30);
    expect(history.at(-1)!.loss).toBeLessThan(0.5 * history[0]!.loss);
    expect(Object.keys(history[0]!.metrics)).toEqual(['rmse', 'pearsonr']);
    expect(seen.slice(0, 5)).toEqual([[0, 1], [0, 2], [0, 3], [0, 4], [1, 1]]);
  });
  for (const own of [false, true]) {
    it(`stopped at any batch and resumed, it ends with the same weights, history and metrics${own ? ', with a generator of the loader’s own' : ''}`, async () => {
      const whole = setup(own ? new Generator(3) : undefined);
      const reference = await train(whole.net, whole.batches, options());
      const expected = weights(whole.net);
      for (let stop = 0; stop < 13; stop++) {
        const checkpoint = join(await folder, `run-${own}-${stop}`);
        const first = setup(own ? new Generator(3) : undefined);
        const controller = new AbortController();
        let n = 0;
        if (stop === 0) controller.abort();
        const broken = await train(first.net, first.batches, { ...options(), checkpoint, signal: controller.signal, onProgress: () => void (++n === stop && controller.abort()) });
        // Everything else is thrown away: a new process.
        const second = setup(own ? new Generator(99) : undefined);
        setSeed(1234);
        const resumed = await train(second.net, second.batches, { ...options(), checkpoint });
        expect(weights(second.net)).toEqual(expected);
        expect(resumed).toEqual(reference);
        if (stop < 12) expect(broken.stopped).toBe('aborted');
      }
    });
  }
  it('goes on from the last epoch when killed', async () => {
    const whole = setup();
    await train(whole.net, whole.batches, options());
    const checkpoint = join(await folder, 'killed.safetensors');
    const first = setup();
    let n = 0;
    await expect(train(first.net, first.batches, { ...options(), checkpoint, onProgress: () => { if (++n === 7) throw new Error('killed'); } })).rejects.toThrow('killed');
    const second = setup();
    await train(second.net, second.batches, { ...options(), checkpoint });
    expect(weights(second.net)).toEqual(weights(whole.net));
    const done = await train(second.net, second.batches, { ...options(), checkpoint });
    expect([done.history.length, done.stopped]).toEqual([3, 'done']);
  });
  it('takes any iterable of batches, refuses bad arguments and foreign files', async () => {
    const { net } = setup();
    const { history } = await train(net, [[points, labels]], { loss: new loss.L1Loss(), optimizer: 'sgd', epochs: 2 });
    expect(history.length).toBe(2);
    await expect(train(net, [], { loss: new loss.L1Loss(), optimizer: 'sgd', epochs: -1 })).rejects.toThrow(ArgumentError);
    await expect(train(new nn.Dense(1), [], { loss: new loss.L1Loss(), optimizer: 'sgd', epochs: 1 })).rejects.toThrow(UninitializedParameterError);
    const file = join(await folder, 'other.safetensors');
    await net.saveParameters(file);
    await expect(train(net, [], { loss: new loss.L1Loss(), optimizer: 'sgd', epochs: 1, checkpoint: file })).rejects.toThrow(ArgumentError);
  });
});

describe('ExponentialMovingAverage', () => {
  it('averages weights, lends them, and gives the others back', () => {
    const dense = new nn.Dense(1, { inUnits: 1 });
    dense.initialize({ init: 'ones' });
    const average = new ExponentialMovingAverage(dense.collectParams('.*weight'), { decay: 0.5 });
    expect(() => average.values()).toThrow(ArgumentError);
    average.update();
    dense.weight.setData([[3]]);
    average.update();
    expect(Object.values(average.values())[0]!.item()).toBe(2);
    expect(average.apply(() => dense.weight.data().item())).toBe(2);
    expect(() => average.apply(() => { throw new Error('mine'); })).toThrow('mine');
    expect(dense.weight.data().item()).toBe(3);
    expect(new Trainer(dense.collectParams(), 'sgd').learningRate).toBe(0.01);
    expect(() => new ExponentialMovingAverage([], { decay: 1 })).toThrow(ArgumentError);
  });
});
