import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backward, record } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { setDefaultContext, tensor, withContext } from '@matheron/core-tensor';
import { ArgumentError, Constant, DeferredInitializationError, Parameter, ParameterDict, StaleGradientError, UninitializedParameterError } from '@matheron/gluon-params';
import { nn } from '@matheron/gluon-blocks';
import { describe, expect, it } from 'vitest';
import { Trainer, minimizeParameters, optimizer } from '../src/index.ts';

setDefaultContext(cpu());

function made(name: string, values: number[], ctx = [cpu()]): Parameter {
  const p = new Parameter(name, { shape: values.length });
  p.initialize({ init: () => values, ctx });
  return p;
}
/** Backward of Σ c p: the gradient is c. */
function pass(p: Parameter, c: number): void {
  for (const ctx of p.listCtx()) backward(record(() => p.data(ctx).mul(c).sum()));
}

describe('Trainer(params, optimizer, …)', () => {
  it('sorts a dictionary by name and keeps the order of a list', () => {
    const dict = new ParameterDict();
    const order: number[] = [];
    class Spy extends optimizer.SGD {
      override createState(w: Parameters<optimizer.SGD['createState']>[0]): ReturnType<optimizer.SGD['createState']> {
        order.push(w.item());
        return [];
      }
    }
    dict.add(made('b', [1]));
    dict.add(made('a', [2]));
    for (const p of dict.values()) pass(p, 1);
    new Trainer(dict, new Spy()).step(1);
    for (const p of dict.values()) p.setData([p.name === 'a' ? 2 : 1]);
    for (const p of dict.values()) pass(p, 1);
    new Trainer(dict.values(), new Spy()).step(1);
    expect(order).toEqual([2, 1, 1, 2]);
  });
  it('refuses what is no parameter, uninitialized, or on other contexts (RT, VE, AE)', () => {
    expect(() => new Trainer(7 as never, 'sgd')).toThrow(ArgumentError);
    expect(() => new Trainer([1] as never, 'sgd')).toThrow(ArgumentError);
    expect(() => new Trainer([new Parameter('p', { shape: 1 })], 'sgd')).toThrow(UninitializedParameterError);
    expect(() => new Trainer([made('a', [1]), made('b', [1], [cpu(1)])], 'sgd')).toThrow(/same contexts/);
    expect(() => new Trainer([made('a', [1])], new optimizer.SGD(), { momentum: 1 } as never)).toThrow(ArgumentError);
    expect(() => new Trainer([made('a', [1])], 'nothing' as 'sgd')).toThrow(ArgumentError);
  });
  it('divides by the batch size, times the rescaleGrad of the optimizer', () => {
    const p = made('p', [1, 1]);
    const trainer = new Trainer([p], 'sgd', { learningRate: 1, rescaleGrad: 2 });
    pass(p, 3);
    trainer.step(4);
    expect(p.data().toArray()).toEqual([-0.5, -0.5]);
  });
  it('skips parameters without a gradient, and constants', () => {
    const [p, q, k] = [made('p', [1]), made('q', [1]), new Constant('k', [1])];
    q.gradReq = 'null';
    k.initialize();
    const trainer = new Trainer([p, q, k], 'sgd', { learningRate: 1 });
    pass(p, 1);
    trainer.step(1);
    expect([p, q, k].map((x) => x.data().item())).toEqual([0, 1, 1]);
  });
  it('raises DeferredInitializationError for a parameter that is still deferred', () => {
    const net = new nn.Dense(2);
    net.initialize();
    const trainer = new Trainer(net.collectParams(), 'sgd');
    expect(() => trainer.step(1)).toThrow(DeferredInitializationError);
  });
  it('raises StaleGradientError, or leaves the parameter alone with ignoreStaleGrad', () => {
    const [p, q] = [made('p', [1]), made('q', [1])];
    const trainer = new Trainer([p, q], 'sgd', { learningRate: 1 });
    pass(p, 1);
    expect(() => trainer.step(1)).toThrow(StaleGradientError);
    expect(p.data().item()).toBe(1);
    trainer.step(1, { ignoreStaleGrad: true });
    expect([p.data().item(), q.data().item()]).toEqual([0, 1]);
    // zeroGrad and setData do not make a gradient fresh.
    p.zeroGrad();
    p.setData([5]);
    expect(() => trainer.step(1)).toThrow(/the gradient of p on cpu\(0\)/);
  });
  it("keeps an accumulating gradient ('add') until zeroGrad", () => {
    const p = made('p', [0]);
    p.gradReq = 'add';
    const trainer = new Trainer([p], 'sgd', { learningRate: 1 });
    pass(p, 1);
    trainer.step(1);
    pass(p, 1);
    trainer.step(1);
    expect(p.data().item()).toBe(-3);
  });
  it('reads and sets learningRate; under a schedule setting is an error', () => {
    const p = made('p', [1]);
    const trainer = new Trainer([p], 'sgd', { learningRate: 0.5 });
    trainer.learningRate = 0.25;
    pass(p, 1);
    trainer.step(1);
    expect([trainer.learningRate, p.data().item()]).toEqual([0.25, 0.75]);
    const scheduled = new Trainer([p], 'sgd', { learningRate: (n) => 1 / (n + 1) });
    expect(scheduled.learningRate).toBe(1);
    expect(() => (scheduled.learningRate = 1)).toThrow(ArgumentError);
  });
  it('uses lrMult and wdMult of the parameters, as they are at the step', () => {
    const p = made('p', [1]);
    const trainer = new Trainer([p], 'sgd', { learningRate: 1, wd: 0.5 });
    p.lrMult = 0.1;
    p.wdMult = 2;
    pass(p, 1);
    trainer.step(1);
    expect(p.data().item()).toBeCloseTo(1 - 0.1 * (1 + 1), 15);
  });
});

describe('several contexts', () => {
  const ctx = [cpu(0), cpu(1)];
  for (const updateOnKvstore of [true, false]) {
    it(`sums gradients and keeps copies equal, updateOnKvstore ${updateOnKvstore}`, () => {
      const p = made('p', [1], ctx);
      const trainer = new Trainer([p], 'sgd', { learningRate: 1, momentum: 0.5 }, { updateOnKvstore });
      for (let k = 0; k < 2; k++) {
        p.listData().forEach((_, i) => backward(record(() => p.data(ctx[i]).mul(i + 1).sum())));
        trainer.step(2);
      }
      // gradient (1 + 2)/2 twice, momentum ½.
      expect(p.listData().map((x) => x.item())).toEqual([1 - 1.5 - 2.25, 1 - 1.5 - 2.25]);
    });
  }
  it('allows allreduceGrads and update only where contexts are updated on their own', () => {
    const p = made('p', [1], ctx);
    expect(() => new Trainer([p], 'sgd').allreduceGrads()).toThrow(ArgumentError);
    expect(() => new Trainer([p], 'sgd').update(1)).toThrow(ArgumentError);
    const trainer = new Trainer([p], 'sgd', { learningRate: 1 }, { updateOnKvstore: false });
    pass(p, 1);
    trainer.allreduceGrads();
    expect(p.listGrad().map((g) => g.item())).toEqual([2, 2]);
    trainer.update(1);
    expect(p.listData().map((x) => x.item())).toEqual([-1, -1]);
  });
  it('starts its states anew when data is set from outside and updates are on the store', () => {
    const p = made('p', [1], ctx);
    const trainer = new Trainer([p], 'sgd', { learningRate: 1, momentum: 0.5 });
    pass(p, 1);
    trainer.step(2);
    p.setData([0]);
    pass(p, 1);
    trainer.step(2);
    expect(p.listData()[0]!.item()).toBe(-1);
  });
});

describe('saveStates and loadStates', () => {
  it('restore states, counts and the rate', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'matheron-'));
    const run = async (resume: boolean): Promise<number[]> => {
      const p = made('p', [1, 2]);
      let trainer = new Trainer([p], 'adam', { learningRate: 0.1 });
      for (let k = 0; k < 4; k++) {
        if (k === 2 && resume) {
          trainer.learningRate = 0.1;
          await trainer.saveStates(join(folder, 't.states'));
          trainer = new Trainer([p], 'adam', { learningRate: 0.7, beta1: 0.3 });
          await trainer.loadStates(join(folder, 't.states'));
          expect(trainer.learningRate).toBe(0.1);
        }
        backward(record(() => p.data().square().sum()));
        trainer.step(1);
      }
      return p.data().toArray() as number[];
    };
    expect(await run(true)).toEqual(await run(false));
    const other = new Trainer([made('p', [1])], 'sgd');
    await expect(other.loadStates(join(folder, 't.states'))).rejects.toThrow(ArgumentError);
  });
  it('restore what an optimizer knows of the step before: every optimizer under a schedule goes on to the bit', () => {
    const names = ['sgd', 'nag', 'signum', 'adam', 'adamax', 'nadam', 'adagrad', 'groupadagrad', 'rmsprop', 'adadelta', 'ftrl', 'ftml', 'lamb', 'lars', 'lbsgd', 'dcasgd'] as const;
    for (const name of names) {
      const run = (resume: boolean): unknown => {
        const p = new Parameter('p_weight', { shape: [2, 2] });
        p.initialize({ init: () => [[1, 2], [3, -1]] });
        const fresh = (): Trainer => {
          const trainer = new Trainer([p], name, { learningRate: (k) => 0.1 / k });
          if ('momentum' in trainer.optimizer) trainer.optimizer.momentum = 0.9;
          return trainer;
        };
        let trainer = fresh();
        for (let k = 0; k < 6; k++) {
          if (k === 3 && resume) {
            const states = trainer.exportStates();
            trainer = fresh();
            trainer.importStates(states);
          }
          backward(record(() => p.data().square().sum()));
          trainer.step(1);
        }
        return p.data().toArray();
      };
      expect(run(true), name).toEqual(run(false));
    }
  });
});

describe('sparse gradients', () => {
  it('update only the rows that were used', () => {
    const p = new Parameter('e', { shape: [3, 2], gradStype: 'row_sparse' });
    p.initialize({ init: 'ones' });
    const trainer = new Trainer([p], 'sgd', { learningRate: 1, wd: 0.5 });
    backward(record(() => p.data().take(tensor([2, 2], { dtype: 'int32' })).sum()));
    expect(p.rowSparseGrad().indices.toArray()).toEqual([2]);
    trainer.step(1);
    expect(p.data().toArray()).toEqual([[1, 1], [1, 1], [1 - 2.5, 1 - 2.5]]);
  });
});

describe('minimizeParameters', () => {
  it('fits a block, keeps bounds and what is frozen', async () => {
    const net = new nn.Dense(1, { inUnits: 2, flatten: false });
    net.initialize();
    net.bias!.gradReq = 'null';
    const [x, y] = [tensor([[1, 0], [0, 1], [1, 1]]), tensor([[2], [-3], [-1]])];
    const result = await minimizeParameters(net.collectParams(), () => net.call(x).sub(y).square().sum(), { bounds: (p) => (p === net.weight ? [-1, 5] : undefined), gradientTolerance: 1e-10 });
    expect(result.converged).toBe(true);
    const w = net.weight.data().toArray<number[][]>()[0]!;
    // Bounded at −1: minimize (a − 2)² + 4 + (a − 1 + 1)².
    expect(w[0]).toBeCloseTo(1, 8);
    expect(w[1]).toBe(-1);
    expect(net.bias!.data().item()).toBe(0);
    expect(Object.keys(result.x)).toEqual([net.weight.name]);
    expect(withContext(cpu(), () => result.value)).toBeCloseTo(1 + 4 + 1, 8);
  });
  it('leaves the parameters at the best point when aborted, and as they were when the loss throws', async () => {
    const p = made('p', [3]);
    const controller = new AbortController();
    let calls = 0;
    const result = await minimizeParameters([p], () => (++calls === 3 && controller.abort(), p.data().square().square().sum()), { signal: controller.signal });
    expect(result.reason).toBe('aborted');
    expect(p.data().toArray()).toEqual(result.x['p']!.toArray());
    const q = made('q', [3]);
    let n = 0;
    await expect(minimizeParameters([q], () => { if (++n === 2) throw new Error('mine'); return q.data().square().sum(); })).rejects.toThrow('mine');
    expect(q.data().toArray()).toEqual([3]);
  });
});
