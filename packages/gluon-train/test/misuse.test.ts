import { backward, record } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { type Tensor, arange, setDefaultContext, tensor } from '@matheron/core-tensor';
import { loss, nn } from '@matheron/gluon-blocks';
import { ArgumentError, Parameter } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { ExponentialMovingAverage, Trainer, data, lrScheduler, metric, optimizer, train } from '../src/index.ts';

setDefaultContext(cpu());
function weight(values: readonly number[]): Parameter {
  const p = new Parameter('w', { shape: values.length });
  p.initialize({ init: () => values });
  return p;
}
const pass = (p: Parameter): void => {
  for (const ctx of p.listCtx()) backward(record(() => p.data(ctx).square().sum()));
};
/** As plain JavaScript calls it. */
const untyped = <T>(x: unknown): T => x as T;

describe('optimizers', () => {
  it('name an option that they have not, and the nearest', () => {
    expect(() => new Trainer([weight([1])], 'sgd', untyped<optimizer.OptimizerOptions>({ learning_rate: 0.1 }))).toThrow(/learning_rate.*an option of 'sgd'; did you mean 'learningRate'/);
    expect(() => new Trainer([weight([1])], 'adam', untyped<optimizer.OptimizerOptions>({ momentum: 0.9 }))).toThrow(ArgumentError);
    expect(() => new Trainer([weight([1])], untyped(undefined))).toThrow(ArgumentError);
    new Trainer([weight([1])], 'adam', { lrScheduler: new lrScheduler.FactorScheduler({ step: 2 }), beginNumUpdate: 3, clipGradient: 1, lazyUpdate: false });
    new Trainer([weight([1])], 'lbsgd', { beginEpoch: 1, batchScale: 2 });
  });
  it('take no NaN, and no schedule that gives none', () => {
    for (const options of [{ beta1: NaN }, { epsilon: NaN }]) expect(() => new optimizer.Adam(options)).toThrow(ArgumentError);
    const p = weight([1]);
    const trainer = new Trainer([p], 'sgd');
    expect(() => { trainer.learningRate = NaN; }).toThrow(ArgumentError);
    trainer.optimizer.learningRate = untyped(() => undefined);
    pass(p);
    expect(() => trainer.step(1)).toThrow(/learningRate.*from the schedule at update 1/);
    trainer.optimizer.learningRate = 0.1;
    p.lrMult = NaN;
    expect(() => trainer.step(1)).toThrow(/lrMult.*a finite number for w/);
    expect(() => new optimizer.SGD({ lrScheduler: untyped(lrScheduler.factor({ step: 1 })) })).toThrow(/a function of the step is a learningRate/);
    expect(() => lrScheduler.factor({ step: 2, factor: -0.5 })).toThrow(ArgumentError);
    expect(() => lrScheduler.multiFactor({ step: untyped(5) })).toThrow(ArgumentError);
  });
});

describe('parameters that change under a Trainer', () => {
  it('cast: the states follow, and weights keep the new dtype', () => {
    for (const name of ['adam', 'sgd'] as const) {
      const p = weight([1, 2]);
      const trainer = new Trainer([p], name, { learningRate: 0.1, ...(name === 'sgd' && { momentum: 0.9 }) });
      const same = weight([1, 2]);
      const reference = new Trainer([same], name, { learningRate: 0.1, ...(name === 'sgd' && { momentum: 0.9 }) });
      for (const [q, t] of [[p, trainer], [same, reference]] as const) {
        pass(q);
        t.step(1);
      }
      p.cast('float32');
      for (const [q, t] of [[p, trainer], [same, reference]] as const) {
        pass(q);
        t.step(1);
      }
      expect(p.data().dtype).toBe('float32');
      p.data().toArray<number[]>().forEach((v, k) => expect(v).toBeCloseTo(same.data().toArray<number[]>()[k]!, 5));
    }
  });
  it('cast: a running mean of weights follows', () => {
    const p = weight([1, 3]);
    const average = new ExponentialMovingAverage([p], { decay: 0.5 });
    average.update();
    p.cast('float32');
    p.setData([3, 5]);
    average.update();
    expect(average.apply(() => [p.data().dtype, ...p.data().toArray<number[]>()])).toEqual(['float32', 2, 4]);
    p.resetCtx(cpu(1));
    average.update();
    expect(average.values()['w']!.toArray()).toEqual([2.5, 4.5]);
  });
  it('moved: the states follow to as many contexts, others are an error', () => {
    const [p, same] = [weight([1, 2]), weight([1, 2])];
    const [trainer, reference] = [p, same].map((q) => new Trainer([q], 'adam', { learningRate: 0.1 })) as [Trainer, Trainer];
    for (let k = 0; k < 3; k++) {
      pass(p);
      trainer.step(1);
      pass(same);
      reference.step(1);
      if (k === 0) p.resetCtx(cpu(1));
    }
    expect(p.data().ctx).toBe(cpu(1));
    expect(p.data().toArray()).toEqual(same.data().toArray());
    p.resetCtx([cpu(0), cpu(1)]);
    pass(p);
    expect(() => trainer.step(2)).toThrow(/as many contexts.*make a new one/);
  });
});

describe('data', () => {
  const dataset = new data.ArrayDataset(arange(0, 10));
  const batches = (indices: readonly number[]): unknown => [...new data.DataLoader<[Tensor]>(dataset, { batchSize: 2, sampler: indices })].map(([x]) => x.toArray());
  it('indices outside of arrays are errors, negative ones count from the end', () => {
    expect(batches([-2, -1, -1, 5])).toEqual([[8, 9], [9, 5]]);
    for (const indices of [[9, 10], [20, 21], [-11, 3], [0.5, 1.5]]) expect(() => batches(indices)).toThrow(ArgumentError);
    for (const length of [-1, 1.5, NaN]) for (const kind of [data.SequentialSampler, data.RandomSampler]) expect(() => new kind(length)).toThrow(ArgumentError);
  });
});

describe('metrics', () => {
  const rows = [[0.9, 0.1, 0], [0.2, 0.8, 0]];
  it('labels that are no class are errors', () => {
    for (const labels of [[9, 0], [-1, 0], [NaN, 0]]) {
      for (const m of [new metric.TopKAccuracy(2), new metric.CrossEntropy()]) expect(() => m.update(labels, rows)).toThrow(ArgumentError);
      if (labels[0] !== 9) expect(() => new metric.PCC().update(labels, rows)).toThrow(ArgumentError);
    }
    expect(() => new metric.Perplexity({ ignoreLabel: 0 }).update([0, 0, 1], rows)).toThrow(ArgumentError);
  });
  it('Loss takes one array or one a context, and looks at no label', () => {
    const m = new metric.Loss();
    m.update(0, [tensor([1, 2]), tensor([3])]);
    m.update(null, tensor([6]));
    expect(m.get()).toEqual(['loss', 3]);
  });
  it('updateDict pairs equal names', () => {
    const m = new metric.MAE();
    m.updateDict({ a: tensor([1]), b: tensor([5]) }, { b: tensor([5]), a: tensor([1]) });
    expect(m.get()[1]).toBe(0);
    m.updateDict({ label: tensor([1]) }, { output: tensor([3]) });
    expect(m.get()[1]).toBe(2 / 3);
  });
});

describe('train', () => {
  const pair = [tensor([[1, 2], [3, 4]]), tensor([[1], [2]])] as const;
  const net = (): nn.Dense => {
    const dense = new nn.Dense(1, { inUnits: 2 });
    dense.initialize({ init: 'ones' });
    return dense;
  };
  it('takes a function for its loss', async () => {
    const [a, b] = [net(), net()];
    const l2 = new loss.L2Loss();
    await train(a, [pair], { loss: l2, optimizer: 'sgd', epochs: 2 });
    await train(b, [pair], { loss: (pred, label) => l2.call(pred, label), optimizer: 'sgd', epochs: 2 });
    expect(b.weight.data().toArray()).toEqual(a.weight.data().toArray());
    await expect(train(net(), [pair], untyped({ optimizer: 'sgd', epochs: 1 }))).rejects.toThrow(/loss/);
  });
  it('refuses batches that are no pairs, and a generator for several epochs', async () => {
    const options = { loss: new loss.L2Loss(), optimizer: 'sgd', epochs: 2 } as const;
    await expect(train(net(), untyped([pair[0]]), options)).rejects.toThrow(ArgumentError);
    await expect(train(net(), [pair].values(), options)).rejects.toThrow(/used up.*a DataLoader or a list/);
    expect((await train(net(), [pair].values(), { ...options, epochs: 1 })).history).toHaveLength(1);
  });
});
