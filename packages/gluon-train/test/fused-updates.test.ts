import { cpu } from '@matheron/backend-cpu';
import { wasm } from '@matheron/backend-wasm';
import { backward, record } from '@matheron/autograd';
import { type Context, type FloatDType, type Tensor, setDefaultContext, tensor } from '@matheron/core-tensor';
import { Parameter } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { Trainer, optimizer } from '../src/index.ts';

setDefaultContext(cpu());

/** Whole numbers from −8 to 8, over 8. */
const values = (n: number, seed: number): number[] => Array.from({ length: n }, (_, k) => (((k + 3) * (seed * 7 + 5)) % 17 - 8) / 8);
const shapes = [[3, 5], [5], [2, 4], [1], [7, 3]];

/** Parameters with loss Σ c w²/2: the gradient is c w, so that a wrong step changes all that follow. */
function parametersOn(ctx: Context, dtype: FloatDType): Parameter[] {
  return shapes.map((shape, k) => {
    const p = new Parameter(k === 1 ? 'first_bias' : `weight${k}`, { shape, dtype, lrMult: k === 2 ? 0.5 : 1, wdMult: k === 3 ? 0 : 1, gradReq: k === 4 ? 'add' : 'write' });
    p.initialize({ ctx });
    p.setData(tensor(values(shape.reduce((a, b) => a * b, 1), k + 1), { ctx }).reshape(...shape));
    return p;
  });
}
function gradientsOf(parameters: readonly Parameter[], step: number): void {
  backward(record(() => parameters.map((p, k): Tensor => p.data().square().mul((k + 1) / (2 + step)).sum()).reduce((a, b) => a.add(b))));
}

type Change = (trainer: Trainer, step: number) => void;
function trained(ctx: Context, make: () => optimizer.Optimizer, dtype: FloatDType, change: Change = () => {}): { weights: number[][]; states: number[][] } {
  const parameters = parametersOn(ctx, dtype);
  const trainer = new Trainer(parameters, make());
  for (let step = 0; step < 6; step++) {
    change(trainer, step);
    // The third parameter sits a step out.
    gradientsOf(step === 3 ? parameters.filter((_, k) => k !== 2) : parameters, step);
    trainer.step(step === 4 ? 3 : 4, { ignoreStaleGrad: true });
  }
  const { tensors } = trainer.exportStates();
  return { weights: parameters.map((p) => [...p.data().dataSync()]), states: Object.keys(tensors).sort().map((name) => [...tensors[name]!.dataSync()]) };
}
function agree(a: readonly number[][], b: readonly number[][], tolerance: number): void {
  expect(a.length).toBe(b.length);
  a.forEach((row, k) => row.forEach((x, i) => expect(Math.abs(x - b[k]![i]!), `value ${i} of ${k}: ${x}, ${b[k]![i]}`).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(x)))));
}

const { AdaDelta, AdaGrad, Adam, Adamax, DCASGD, FTML, Ftrl, LAMB, LARS, LBSGD, NAG, Nadam, RMSProp, SGD, Signum, Test } = optimizer;
const rate = (step: number): number => 0.1 / (1 + step);
const cases: Record<string, () => optimizer.Optimizer> = {
  sgd: () => new SGD({ learningRate: rate, wd: 0.01 }), 'sgd, momentum': () => new SGD({ learningRate: rate, momentum: 0.9, clipGradient: 0.1 }),
  nag: () => new NAG({ learningRate: rate, momentum: 0.9, wd: 0.1 }), signum: () => new Signum({ learningRate: rate, wd: 0.1, wdLh: 0.1 }), 'signum, plain': () => new Signum({ learningRate: rate, momentum: 0, wd: 0.1 }),
  adam: () => new Adam({ learningRate: rate, wd: 0.01, clipGradient: 0.2 }), adamax: () => new Adamax({ learningRate: rate, wd: 0.01 }), nadam: () => new Nadam({ learningRate: rate, wd: 0.01 }),
  adagrad: () => new AdaGrad({ learningRate: rate, wd: 0.01 }), rmsprop: () => new RMSProp({ learningRate: rate, wd: 0.01, clipWeights: 0.9 }), 'rmsprop, centered': () => new RMSProp({ learningRate: rate, centered: true }),
  adadelta: () => new AdaDelta({ wd: 0.01 }), ftrl: () => new Ftrl({ learningRate: rate, wd: 0.01 }), ftml: () => new FTML({ learningRate: rate, wd: 0.01 }),
  lamb: () => new LAMB({ learningRate: rate, wd: 0.01, upperBound: 0.8 }), 'lamb, uncorrected': () => new LAMB({ learningRate: rate, biasCorrection: false }), lars: () => new LARS({ learningRate: rate, momentum: 0.9, wd: 0.01 }),
  lbsgd: () => new LBSGD({ learningRate: rate, batchScale: 2 }), dcasgd: () => new DCASGD({ learningRate: rate, momentum: 0.9, wd: 0.01 }), test: () => new Test(),
};

describe('updates compiled for all weights together are those made one by one', () => {
  for (const [name, make] of Object.entries(cases)) {
    it(name, () => {
      const [one, all] = [trained(cpu(), make, 'float64'), trained(wasm(), make, 'float64')];
      agree(all.weights, one.weights, 1e-12);
      agree(all.states, one.states, 1e-12);
    });
    it(`${name}, float32`, () => {
      const [one, all] = [trained(cpu(), make, 'float32'), trained(wasm(), make, 'float32')];
      agree(all.weights, one.weights, 2e-5);
      agree(all.states, one.states, 2e-5);
    });
  }
  it('when settings change between steps', () => {
    const change: Change = ({ optimizer: o }, step) => Object.assign(o, { momentum: 0.5 + step / 20, wd: step === 2 ? 0 : 0.1 * step, clipGradient: step === 3 ? 0.05 : undefined });
    const make = (): optimizer.Optimizer => new SGD({ learningRate: 0.1, momentum: 0.9 });
    agree(trained(wasm(), make, 'float64', change).weights, trained(cpu(), make, 'float64', change).weights, 1e-12);
    const betas: Change = ({ optimizer: o }, step) => Object.assign(o, { beta1: 0.9 - step / 20, epsilon: 10 ** -step });
    agree(trained(wasm(), cases['adam']!, 'float64', betas).weights, trained(cpu(), cases['adam']!, 'float64', betas).weights, 1e-12);
  });
  it('for a weight that is listed twice: one update after the other', () => {
    const run = (ctx: Context): number[] => {
      const [p] = parametersOn(ctx, 'float64');
      const trainer = new Trainer([p!, p!], 'sgd', { learningRate: 0.1 });
      gradientsOf([p!], 0);
      trainer.step(1);
      return [...p!.data().dataSync()];
    };
    agree([run(wasm())], [run(cpu())], 1e-14);
  });
});

describe('a subclass that changes the rule', () => {
  class Slower extends SGD {
    override rule(w: Tensor, g: Tensor, _: readonly Tensor[], { lr, t }: optimizer.UpdateContext): readonly [Tensor, ...Tensor[]] {
      return [w.sub(g.mul(lr / t))];
    }
  }
  it('and says nothing of its numbers is run as it is written', () => {
    const make = (): optimizer.Optimizer => new Slower({ learningRate: rate });
    agree(trained(wasm(), make, 'float64').weights, trained(cpu(), make, 'float64').weights, 1e-14);
  });
  class Hasty extends SGD {
    override coefficients({ lr }: optimizer.UpdateContext): readonly number[] {
      return [lr];
    }
    override rule(w: Tensor, g: Tensor, _: readonly Tensor[], { lr }: optimizer.UpdateContext): readonly [Tensor, ...Tensor[]] {
      return [w.sub(g.mul(lr))];
    }
  }
  it('and states numbers but reads others is refused where it would be compiled', () => {
    expect(() => trained(wasm(), () => new Hasty(), 'float64')).toThrow(/rule that reads lr of its context/);
  });
});
