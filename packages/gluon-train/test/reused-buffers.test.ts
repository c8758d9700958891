// Buffers of gradients and states serve again when nobody has them any more: whoever keeps a tensor must not see it change.
import { attachGrad, backward, gradOf, gradients, record } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { wasm } from '@matheron/backend-wasm';
import { type Context, type Tensor, setDefaultContext, setSeed, storageOf, tensor } from '@matheron/core-tensor';
import { loss, nn } from '@matheron/gluon-blocks';
import { Parameter } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { Trainer, optimizer } from '../src/index.ts';

setDefaultContext(cpu());
const batch = 6, width = 12, steps = 7;
const values = (n: number, seed: number): Float64Array => Float64Array.from({ length: n }, (_, k) => Math.sin(seed * 3 + k * 1.7) / 2);
const inputOn = (ctx: Context, step: number): Tensor => tensor(values(batch * width, step), { ctx }).reshape(batch, width);

class Remembers extends optimizer.SGD {
  override createState(weight: Tensor): ReturnType<optimizer.SGD['createState']> {
    return optimizer.zeroStates(weight, 1);
  }
  override coefficients({ lr }: optimizer.UpdateContext): readonly number[] {
    return [lr];
  }
  /** The state is the last gradient, as it came. */
  override rule(w: Tensor, g: Tensor, [last]: readonly Tensor[], _: optimizer.UpdateContext, [rate]: readonly optimizer.Coefficient[]): readonly [Tensor, ...Tensor[]] {
    return [w.sub(g.mul(0.5).add(last!.mul(0.5)).mul(rate!)), g];
  }
}
type Keep = (parameters: readonly Parameter[], trainer: Trainer, step: number) => readonly Tensor[];
/** Trains, and returns the values at the end of all tensors that `keep` kept, as they were then. */
function kept(ctx: Context, make: () => optimizer.Optimizer, keep: Keep): { now: number[][]; then: number[][]; weights: number[][] } {
  setSeed(3);
  const net = new nn.HybridSequential(new nn.Dense(width, { inUnits: width, activation: 'tanh' }), new nn.Dense(width, { inUnits: width }));
  // Two parameters that get one gradient, that of the net's input, by a sum outside of what is compiled.
  const [left, right] = ['left', 'right'].map((name) => new Parameter(name, { shape: [batch, width] })) as [Parameter, Parameter];
  const parameters = [...net.collectParams().values(), left, right];
  parameters.forEach((p, k) => {
    p.initialize({ ctx });
    p.setData(tensor(values(p.shape!.reduce((a, b) => a * b, 1), k), { ctx }).reshape(...p.shape!));
  });
  if (ctx !== cpu()) net.hybridize();
  const trainer = new Trainer(parameters, make()), criterion = new loss.L2Loss();
  const tensors: Tensor[] = [], then: number[][] = [];
  for (let step = 0; step < steps; step++) {
    backward(record(() => {
      const first = criterion.call(net.call(left.data().add(right.data())), inputOn(ctx, step));
      // The second parameter has another gradient beside, in some steps, and so has the net.
      return step % 3 < 2 ? first : first.add(net.call(inputOn(ctx, step + 40)).mean()).add(right.data().square().mean());
    }));
    for (const x of keep(parameters, trainer, step)) {
      tensors.push(x);
      then.push([...x.dataSync()]);
    }
    trainer.step(batch);
  }
  return { now: tensors.map((x) => [...x.dataSync()]), then, weights: parameters.map((p) => [...p.data().dataSync()]) };
}

const { Adam, LBSGD, SGD } = optimizer;
const optimizers: Record<string, () => optimizer.Optimizer> = {
  sgd: () => new SGD({ learningRate: 0.1 }), momentum: () => new SGD({ learningRate: 0.1, momentum: 0.9 }), adam: () => new Adam({ learningRate: 0.01 }),
  'one that keeps gradients': () => new Remembers({ learningRate: 0.1 }), 'one that runs step by step': () => new LBSGD({ learningRate: 0.1, batchScale: 2 }),
};
const keeps: Record<string, Keep> = {
  nothing: () => [],
  'every gradient': (parameters) => parameters.map((p) => p.grad()),
  'some gradients, now and then': (parameters, _, step) => (step % 2 === 0 ? parameters.filter((_p, k) => k % 2 === 0).map((p) => p.grad()) : []),
  'what cells hold, and windows on it': (parameters) => parameters.flatMap(({ copies }) => copies.flatMap(({ data, gradient }) => [data.peek(), data.read().reshape(-1), gradient!.peek(), gradient!.read().reshape(-1)])),
  weights: (parameters, _, step) => parameters.filter((_p, k) => (k + step) % 2 === 0).map((p) => p.data()),
  states: (_, trainer, step) => (step % 3 === 1 ? Object.values(trainer.exportStates().tensors) : []),
};

describe('buffers that serve again', () => {
  for (const [name, make] of Object.entries(optimizers)) {
    const wanted = kept(cpu(), make, keeps['every gradient']!);
    for (const [what, keep] of Object.entries(keeps)) {
      it(`${name}, keeping ${what}`, () => {
        const { now, then, weights } = kept(wasm(), make, keep);
        expect(now).toEqual(then);
        weights.forEach((w, k) => w.forEach((x, i) => expect(x).toBeCloseTo(wanted.weights[k]![i]!, 11)));
        if (what === 'every gradient') now.forEach((g, k) => g.forEach((x, i) => expect(x).toBeCloseTo(wanted.now[k]![i]!, 11)));
      });
    }
  }
  /** Records losses, trains on, and only then walks back: the gradients that come out, and after them the weights. */
  function late(ctx: Context, walkBack: (losses: readonly Tensor[], train: () => void, gradients: () => number[][]) => void): number[][] {
    setSeed(3);
    const net = new nn.HybridSequential(new nn.Dense(width, { inUnits: width, activation: 'tanh' }), new nn.Dense(width, { inUnits: width }));
    net.initialize({ ctx });
    const parameters = [...net.collectParams().values()], found: number[][] = [];
    parameters.forEach((p, k) => p.setData(tensor(values(p.shape!.reduce((a, b) => a * b, 1), k), { ctx }).reshape(...p.shape!)));
    if (ctx !== cpu()) net.hybridize();
    const trainer = new Trainer(parameters, 'sgd', { learningRate: 0.1, momentum: 0.9 });
    const lossOf = (step: number): Tensor => record(() => net.call(inputOn(ctx, step)).square().sum());
    const gradientsNow = (): number[][] => parameters.map((p) => [...p.grad().dataSync()]);
    let step = 0;
    const train = (): void => {
      for (let k = 0; k < 4; k++) {
        backward(lossOf(step++));
        trainer.step(batch);
      }
    };
    train();
    walkBack([lossOf(70), lossOf(71)], train, () => {
      found.push(...gradientsNow());
      return found;
    });
    return [...found, ...parameters.map((p) => [...p.data().dataSync()])];
  }
  const orders: Record<string, Parameters<typeof late>[1]> = {
    'after the weights have changed': ([a, b], train, gradients) => {
      train();
      backward(b!);
      gradients();
      train();
      backward(a!);
      gradients();
    },
    'again, after the weights have changed': ([a], train, gradients) => {
      backward(a!, { retainGraph: true });
      gradients();
      train();
      backward(a!, { retainGraph: true });
      gradients();
      train();
      backward(a!);
      gradients();
    },
    'over a graph that is dropped': (_losses, train, gradients) => {
      train();
      gradients();
    },
  };
  for (const [name, walkBack] of Object.entries(orders)) {
    it(`are not those of weights that a graph still needs: backward ${name}`, () => {
      const wanted = late(cpu(), walkBack);
      late(wasm(), walkBack).forEach((row, k) => row.forEach((x, i) => expect(x).toBeCloseTo(wanted[k]![i]!, 10)));
    });
  }
  it('are not those of weights that a graph of second order still needs', () => {
    const second = (ctx: Context): number[][] => {
      const net = new nn.HybridSequential(new nn.Dense(width, { inUnits: width, activation: 'tanh' }), new nn.Dense(width, { inUnits: width, activation: 'tanh' }));
      net.initialize({ ctx });
      const parameters = [...net.collectParams().values()];
      parameters.forEach((p, k) => p.setData(tensor(values(p.shape!.reduce((a, b) => a * b, 1), k), { ctx }).reshape(...p.shape!)));
      if (ctx !== cpu()) net.hybridize();
      const trainer = new Trainer(parameters, 'sgd', { learningRate: 0.1 });
      const train = (): void => {
        for (let k = 0; k < 3; k++) {
          backward(record(() => net.call(inputOn(ctx, k)).square().sum()));
          trainer.step(batch);
        }
      };
      train();
      const x = attachGrad(inputOn(ctx, 50));
      const slope = record(() => {
        const [g] = gradients(net.call(x).square().sum(), [x], { createGraph: true });
        return g!.square().sum();
      });
      train();
      backward(slope);
      return [[...gradOf(x).dataSync()], ...parameters.map((p) => [...p.grad().dataSync()])];
    };
    const wanted = second(cpu());
    second(wasm()).forEach((row, k) => row.forEach((y, i) => expect(Math.abs(y - wanted[k]![i]!)).toBeLessThan(1e-9 * Math.max(1, Math.abs(y)))));
  });
  it('are those of the step before, where nobody looks', () => {
    const ctx = wasm(), net = new nn.Dense(width, { inUnits: width });
    net.initialize({ ctx });
    net.hybridize();
    const { weight } = net, gradient = weight.copies[0]!.gradient as { borrow(): Tensor };
    const trainer = new Trainer([...net.collectParams().values()], 'sgd', { learningRate: 0.1 });
    const buffers = new Set<ArrayBufferLike>(), data = weight.copies[0]!.data, weights = new Set<ArrayBufferLike>();
    const bufferOf = (x: Tensor): ArrayBufferLike => (storageOf(x) as unknown as { data: Float64Array }).data.buffer;
    for (let step = 0; step < 10; step++) {
      backward(record(() => net.call(inputOn(ctx, step)).square().sum()));
      buffers.add(bufferOf(gradient.borrow()));
      trainer.step(batch);
      weights.add(bufferOf(data.borrow()));
    }
    expect(buffers.size).toBeLessThanOrEqual(3);
    expect(weights.size).toBeLessThanOrEqual(3);
  });
});
