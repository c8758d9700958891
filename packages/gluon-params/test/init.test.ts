import { cpu } from '@matheron/backend-cpu';
import { RandomState, type Tensor, eye, setDefaultContext } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';
import { ArgumentError, type InitLike, Initializer, Parameter, init } from '../src/index.ts';

setDefaultContext(cpu());
const rng = new RandomState(1);

function values(x: InitLike, shape: number[], name = 'w'): Tensor {
  const p = new Parameter(name, { shape });
  p.initialize({ init: x });
  return p.data();
}

describe('4.8 initializers', () => {
  it('Zero, One, Constant(scalar | array)', () => {
    expect(values(new init.Zero(), [2]).toArray()).toEqual([0, 0]);
    expect(values(new init.One(), [2]).toArray()).toEqual([1, 1]);
    expect(values(new init.Constant([1, 2]), [2, 2]).toArray()).toEqual([[1, 2], [1, 2]]);
    expect(() => new init.Constant(undefined as never)).toThrow(ArgumentError);
  });
  it('Uniform(.07) and Normal(.01)', () => {
    const u = values(new init.Uniform(undefined, { rng }), [10000]);
    expect([u.abs().max().item() <= 0.07, Math.abs(u.mean().item()) < 0.002]).toEqual([true, true]);
    expect(u.variance().item()).toBeCloseTo(0.07 ** 2 / 3, 4);
    const n = values(new init.Normal(2, { rng }), [10000]);
    expect(n.variance().item()).toBeGreaterThan(3.8);
    expect(n.variance().item()).toBeLessThan(4.2);
  });
  it('Xavier: scale √(magnitude / factor) of fan-in, fan-out or their mean, receptive field included', () => {
    for (const [factorType, factor] of [['in', 12], ['out', 24], ['avg', 18]] as const) {
      const u = values(new init.Xavier({ factorType, rng }), [8, 4, 3]);
      expect(u.abs().max().item()).toBeLessThanOrEqual(Math.sqrt(3 / factor));
      expect(u.abs().max().item()).toBeGreaterThan(0.8 * Math.sqrt(3 / factor));
    }
    const g = values(new init.Xavier({ rndType: 'gaussian', magnitude: 2, rng }), [100, 100]);
    expect(g.variance().item()).toBeGreaterThan(0.019);
    expect(g.variance().item()).toBeLessThan(0.021);
    expect(() => new init.Xavier({ factorType: 'both' as 'in' })).toThrow(ArgumentError);
  });
  it('MSRAPrelu: gaussian of magnitude 2/(1 + slope²)', () => {
    const x = new init.MSRAPrelu({ factorType: 'in', slope: 1, rng });
    expect(x.magnitude).toBe(1);
    expect(values(x, [200, 100]).variance().item()).toBeCloseTo(0.01, 3);
  });
  it('Orthogonal: W Wᵀ = scale² I, the first axis against the rest', () => {
    for (const randType of ['uniform', 'normal'] as const) {
      const wide = values(new init.Orthogonal({ randType, rng }), [3, 2, 4]).reshape(3, 8);
      expect(wide.matmul(wide.T).sub(eye(3).mul(1.414 ** 2)).abs().max().item()).toBeLessThan(1e-12);
      const tall = values(new init.Orthogonal({ scale: 2, randType, rng }), [5, 2]);
      expect(tall.T.matmul(tall).sub(eye(2).mul(4)).abs().max().item()).toBeLessThan(1e-12);
    }
  });
  it('Bilinear: (1 − |x/f − c|)(1 − |y/f − c|), four dimensions', () => {
    // f = 2, c = 3/4 for a kernel of 4.
    const row = [0.25, 0.75, 0.75, 0.25];
    expect(values('bilinear', [1, 2, 4, 4]).toArray()).toEqual([[row, row].map(() => row.map((a) => row.map((b) => a * b)))]);
    expect(() => values('bilinear', [4, 4])).toThrow(ArgumentError);
  });
  it('LSTMBias: the forget gate, the second quarter', () => {
    expect(values(new init.LSTMBias(2), [8]).toArray()).toEqual([0, 0, 2, 2, 0, 0, 0, 0]);
    expect(values('lstmbias', [4]).toArray()).toEqual([0, 1, 0, 0]);
  });
  it('FusedRNN: the packed vector, weights by the inner init, forget biases', () => {
    // lstm, 2 units, 3 inputs, 2 layers, bidirectional: per layer and side 8·in + 8·2 weights, then 8 + 8 biases.
    const x = new init.FusedRNN('ones', { hiddenSize: 2, numLayers: 2, mode: 'lstm', bidirectional: true, forgetBias: 3 });
    const weights = 2 * (8 * 3 + 16) + 2 * (8 * 4 + 16);
    const v = values(x, [weights + 4 * 16]).toArray<number[]>();
    expect(v.slice(0, weights)).toEqual(new Array(weights).fill(1));
    expect(v.slice(weights, weights + 8)).toEqual([0, 0, 3, 3, 0, 0, 0, 0]);
    expect(() => values(x, [100])).toThrow(ArgumentError);
  });
  it('Mixed: the first pattern that matches from the start; none is an error (VE)', () => {
    const x = new init.Mixed([/a/, 'b.*t$'], ['ones', new init.Constant(2)]);
    expect([values(x, [1], 'a1').item(), values(x, [1], 'b_weight').item()]).toEqual([1, 2]);
    expect(() => values(x, [1], 'xa')).toThrow(ArgumentError);
    expect(() => new init.Mixed(['a'], [])).toThrow(ArgumentError);
  });
  it('Load: by name, another shape is an error (AE)', () => {
    const x = new init.Load({ 'aux:w': [1, 2] }, 'zeros');
    expect([values(x, [2]).toArray(), values(x, [2], 'v').toArray()]).toEqual([[1, 2], [0, 0]]);
    expect(() => values(x, [3])).toThrow(/w has shape \[3\], the loaded value \[2\]/);
  });
  it('dumps() writes what makes the same initializer again; equality by class and settings', () => {
    expect(new init.Xavier().dumps()).toBe('["xavier", {"rnd_type": "uniform", "factor_type": "avg", "magnitude": 3}]');
    for (const x of [new init.Xavier({ magnitude: 2 }), new init.Zero(), new init.One(), new init.Constant([1, 2]), new init.Uniform(0.5), new init.Normal(3), new init.Orthogonal({ randType: 'normal' }), new init.MSRAPrelu(), new init.Bilinear(), new init.LSTMBias(4)]) {
      const again = init.create(x.dumps());
      expect(again.constructor).toBe(x.constructor);
      expect([again.dumps(), x.equals(again)]).toEqual([x.dumps(), true]);
    }
    expect(new init.Uniform(1).equals(new init.Uniform(2))).toBe(false);
  });
  it('register makes a class known by name, in any case', () => {
    class Half extends Initializer {
      override initWeight(_name: string, shape: readonly number[], dtype: 'float64'): Tensor {
        return new init.Constant(0.5).initWeight('', shape, dtype);
      }
    }
    init.register('Half', () => new Half());
    expect(values('half' as 'one', [1]).item()).toBe(0.5);
    expect(new Half().dumps()).toBe('["half", {}]');
  });
  it('a direct call goes by the ending of the name', () => {
    const x = new init.Constant(7);
    const v = (name: string): number => x.call(name, [1], 'float64').item();
    expect(['a_weight', 'a_bias', 'a_beta', 'a_min', 'a_gamma', 'a_max', 'a_running_mean', 'a_moving_var'].map(v)).toEqual([7, 0, 0, 0, 1, 1, 0, 1]);
    expect(() => v('thing')).toThrow(ArgumentError);
    expect(() => new Initializer().initWeight('w', [1], 'float64')).toThrow(ArgumentError);
  });
});
