import { backward, record } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { wasm } from '@matheron/backend-wasm';
import { setDefaultContext, tensor } from '@matheron/core-tensor';
import { loss, nn } from '@matheron/gluon-blocks';
import { describe, expect, it } from 'vitest';
import { Trainer, utils } from '../src/index.ts';

setDefaultContext(cpu());
const [x, y] = [tensor([[1, 0], [0, 1], [1, 1], [2, 1]]), tensor([[1], [2], [3], [4]])];

/** A few steps of training on some contexts; the weights. */
function trained(ctx: Parameters<typeof utils.splitAndLoad>[1], updateOnKvstore?: boolean, hybrid = false): number[] {
  const net = new nn.HybridSequential(new nn.Dense(3, { activation: 'tanh', weightInitializer: () => [[0.1, 0.2], [0.3, -0.1], [0.2, 0.2]] }), new nn.Dense(1, { weightInitializer: 'ones' }));
  net.initialize({ ctx });
  if (hybrid) net.hybridize();
  const trainer = new Trainer(net.collectParams(), 'sgd', { learningRate: 0.1, momentum: 0.9 }, updateOnKvstore === undefined ? {} : { updateOnKvstore });
  const criterion = new loss.L2Loss();
  for (let k = 0; k < 5; k++) {
    const [xs, ys] = [utils.splitAndLoad(x, ctx), utils.splitAndLoad(y, ctx)];
    const losses = record(() => xs.map((part, i) => criterion.call(net.call(part), ys[i]!)));
    backward(losses);
    trainer.step(4);
  }
  const [first, ...others] = [...net.collectParams().values()].map((p) => p.listData()).reduce<number[][]>((all, copies) => copies.map((c, i) => [...(all[i] ?? []), ...c.dataSync()]), []);
  for (const other of others) expect(other).toEqual(first);
  return first!;
}

describe('several contexts, of different backends', () => {
  const alone = trained([cpu()]);
  for (const [name, contexts] of [['cpu and wasm', [cpu(), wasm()]], ['two of each', [wasm(0), wasm(1), cpu(), cpu(1)]]] as const) {
    for (const updateOnKvstore of [true, false]) {
      for (const hybrid of [false, true]) {
        it(`${name}: training is that of the whole batch on one, updateOnKvstore ${updateOnKvstore}, hybridized ${hybrid}`, () => {
          trained(contexts, updateOnKvstore, hybrid).forEach((v, k) => expect(v).toBeCloseTo(alone[k]!, 12));
        });
      }
    }
  }
});
