import { cpu } from '@matheron/backend-cpu';
import { setDefaultContext } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { lrScheduler, optimizer } from '../src/index.ts';

setDefaultContext(cpu());

/** MXNet's stateful FactorScheduler, asked in order. */
function stateful(base: number, step: number, factor: number, stop: number): (n: number) => number {
  let [lr, count] = [base, 0];
  return (n) => {
    while (n > count + step) {
      count += step;
      lr = Math.max(stop, lr * factor);
    }
    return lr;
  };
}

describe('4.7 schedules', () => {
  it('factor decays strictly after each step, down to stopFactorLr', () => {
    const [f, reference] = [lrScheduler.factor({ baseLr: 1, step: 3, factor: 0.5, stopFactorLr: 0.2 }), stateful(1, 3, 0.5, 0.2)];
    for (let n = 0; n < 20; n++) expect(f(n)).toBe(reference(n));
  });
  it('multiFactor decays past each of its steps', () => {
    const f = lrScheduler.multiFactor({ baseLr: 1, step: [2, 5], factor: 0.1 });
    expect([0, 2, 3, 5, 6].map((n) => Number(f(n).toFixed(12)))).toEqual([1, 1, 0.1, 0.1, 0.01]);
  });
  it('poly and cosine end at finalLr and stay there, in whatever order they are asked', () => {
    const poly = lrScheduler.poly({ baseLr: 1, maxUpdate: 10, pwr: 2, finalLr: 0.1 });
    expect([100, 0, 5, 10].map(poly)).toEqual([0.1, 1, 0.1 + 0.9 * 0.25, 0.1]);
    const cosine = lrScheduler.cosine({ baseLr: 2, maxUpdate: 8, finalLr: 0 });
    [[4, 1], [8, 0], [9, 0], [0, 2], [2, 1 + Math.SQRT1_2]].forEach(([n, lr]) => expect(cosine(n!)).toBeCloseTo(lr!, 14));
  });
  it('warms up, linear or constant', () => {
    const linear = lrScheduler.cosine({ baseLr: 1, maxUpdate: 12, warmupSteps: 4, warmupBeginLr: 0.2 });
    expect([0, 2, 4].map((n) => Number(linear(n).toFixed(12)))).toEqual([0.2, 0.6, 1]);
    expect(linear(8)).toBeCloseTo(0.5, 14);
    expect(lrScheduler.factor({ baseLr: 1, step: 9, warmupSteps: 4, warmupBeginLr: 0.1, warmupMode: 'constant' })(3)).toBe(0.1);
  });
  it('refuses bad settings (VE)', () => {
    for (const make of [
      () => lrScheduler.factor({ step: 0 }), () => lrScheduler.factor({ step: 1, factor: 2 }), () => lrScheduler.multiFactor({ step: [3, 2] }), () => lrScheduler.multiFactor({ step: [] }),
      () => lrScheduler.poly({ maxUpdate: 0 }), () => lrScheduler.cosine({ maxUpdate: 5, warmupSteps: 5 }), () => lrScheduler.cosine({ maxUpdate: 5, baseLr: 0.1, warmupBeginLr: 1 }),
      () => new lrScheduler.FactorScheduler({ step: 0 }), () => lrScheduler.factor({ step: 1, warmupMode: 'cubic' as 'linear' }),
    ]) expect(make).toThrow(ArgumentError);
  });
  it('the classes are the functions with a baseLr that may change; learningRate beside one sets it', () => {
    const scheduler = new lrScheduler.FactorScheduler({ baseLr: 1, step: 2, factor: 0.5 });
    expect([1, 3, 1].map((n) => scheduler.call(n))).toEqual([1, 0.5, 1]);
    const sgd = new optimizer.SGD({ lrScheduler: scheduler, learningRate: 4 });
    expect([scheduler.baseLr, sgd.currentRate, new lrScheduler.CosineScheduler({ baseLr: 1, maxUpdate: 4 }).call(4), new lrScheduler.PolyScheduler({ baseLr: 1, maxUpdate: 4 }).call(0), new lrScheduler.MultiFactorScheduler({ baseLr: 1, step: [1], factor: 0.5 }).call(2)]).toEqual([4, 4, 0, 1, 0.5]);
  });
});
