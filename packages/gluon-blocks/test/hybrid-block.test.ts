import { backward, record } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { type Tensor, ones, setDefaultContext, tensor, zeros } from '@matheron/core-tensor';
import { ArgumentError, DeferredInitializationError } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { type F, HybridBlock, type ParamsOf, nn } from '../src/index.ts';
import { warningsOf } from './helpers.ts';

setDefaultContext(cpu());

class Affine extends HybridBlock {
  readonly weight = this.params.get('weight', { shape: 0, allowDeferredInit: true });
  readonly shift = this.params.get('shift', { shape: 1, init: 'zeros' });
  override inferShape(x: Tensor): void {
    this.weight.shape = x.shape.slice(-1);
  }
  hybridForward(F: F, x: Tensor, { weight, shift }: ParamsOf<Affine>): Tensor {
    return F.add(F.mul(x, weight), shift);
  }
}

describe('3.4 HybridBlock', () => {
  it('hybridForward gets the functions, the inputs and the own parameters by attribute name, last', () => {
    const affine = new Affine();
    affine.initialize({ init: 'ones' });
    expect(affine.call(tensor([[1, 2]])).toArray()).toEqual([[1, 2]]);
    backward(record(() => affine.call(tensor([[1, 2], [3, 4]])).sum()));
    expect([affine.weight.grad().toArray(), affine.shift.grad().toArray()]).toEqual([[4, 6], [4]]);
  });
  it('optional inputs that are left out are undefined', () => {
    class Optional extends HybridBlock {
      readonly weight = this.params.get('weight', { shape: 1, init: 'ones' });
      hybridForward(F: F, x: Tensor, y: Tensor | undefined, { weight }: ParamsOf<Optional>): Tensor {
        return F.mul(y ? F.add(x, y) : x, weight);
      }
    }
    const b = new Optional();
    b.initialize();
    expect((b as unknown as { call(x: Tensor): Tensor }).call(tensor([2])).item()).toBe(2);
    expect(b.call(tensor([2]), tensor([3])).item()).toBe(5);
  });
  it('needs a tensor among the inputs of hybridForward (VE)', () => {
    const affine = new Affine();
    affine.initialize();
    expect(() => (affine as { call(x: unknown): unknown }).call(3)).toThrow(ArgumentError);
  });
  it('takes the parameters on the context of the first tensor', () => {
    const affine = new Affine();
    affine.initialize({ ctx: [cpu(0), cpu(1)], init: 'ones' });
    expect(affine.call(ones([2], { ctx: cpu(1) })).ctx).toBe(cpu(1));
    expect(() => affine.call(ones([2], { ctx: cpu(2) }))).toThrow(/was not initialized on cpu\(2\)/);
  });
  it('infers unknown dimensions at the first forward, composites without a word of their own', () => {
    const net = new nn.HybridSequential(new nn.Dense(4), new nn.HybridSequential(new nn.Dense(3)), new Affine());
    net.initialize();
    expect(net.call(zeros([5, 2, 3])).shape).toEqual([5, 3]);
    expect([...net.collectParams('.*weight').values()].map((p) => p.shape)).toEqual([[4, 6], [3, 4], [3]]);
  });
  it('works where a block looks at shapes, which fails in MXNet', () => {
    class Shapely extends HybridBlock {
      readonly weight = this.params.get('weight', { shape: [0], allowDeferredInit: true });
      override inferShape(x: Tensor): void {
        this.weight.shape = [x.shape[1]!];
      }
      override forward(x: Tensor): Tensor {
        return x.shape[0]! > 1 ? x.mul(this.weight.data()) : x;
      }
    }
    const b = new Shapely();
    b.initialize({ init: 'ones' });
    expect(b.call(ones([2, 3])).shape).toEqual([2, 3]);
  });
  it('says which parameter waits where inferShape does not tell', () => {
    class Mute extends HybridBlock {
      readonly weight = this.params.get('weight', { shape: 0, allowDeferredInit: true });
      override forward(x: Tensor): Tensor {
        return x.mul(this.weight.data());
      }
    }
    const b = new Mute();
    b.initialize();
    expect(() => b.call(zeros([2]))).toThrow(DeferredInitializationError);
    expect(() => b.call(zeros([2]))).toThrow(/mute\d+_weight waits for its shape, \(0,\)/);
  });
  it('finishes a parameter that was initialized anew after the block had settled', () => {
    const affine = new Affine();
    affine.initialize({ init: 'ones' });
    affine.call(zeros([3]));
    affine.initialize({ init: 'zeros', forceReinit: true });
    expect(affine.call(ones([3])).toArray()).toEqual([0, 0, 0]);
  });
  it('inferShape fills shapes of a composite without finishing what it was not run for', () => {
    const net = new nn.HybridSequential(new nn.Dense(4));
    net.initialize();
    net.inferShape(zeros([2, 7]));
    expect((net.at(0) as nn.Dense).weight.shape).toEqual([4, 7]);
  });
  it('inferType gives the parameters the dtype of the input', () => {
    const dense = new nn.Dense(1);
    dense.inferType(zeros([1, 1], { dtype: 'float32' }));
    expect([dense.weight.dtype, dense.bias!.dtype]).toEqual(['float32', 'float32']);
  });
  it('hybridize warns where hooks exist, hybridize(false) does not', () => {
    const dense = new nn.Dense(1);
    dense.registerForwardPreHook(() => {});
    expect(warningsOf(() => dense.hybridize()).length).toBe(1);
    expect(warningsOf(() => dense.hybridize(false))).toEqual([]);
  });
});

describe('containers', () => {
  it('Sequential: add, at, slice, length, iteration', () => {
    for (const Container of [nn.Sequential, nn.HybridSequential]) {
      const layers = [new nn.Dense(1), new nn.Flatten(), new nn.Dense(2)];
      const net = new Container({ prefix: 'net_' }, ...layers.slice(0, 1)).add(...layers.slice(1));
      expect([net.length, net.at(-1), [...net]]).toEqual([3, layers[2], layers]);
      const part = net.slice(1);
      expect([part.constructor, part.prefix, [...part.children()]]).toEqual([Container, 'net_', [['0', layers[1]], ['1', layers[2]]]]);
      expect(() => net.at(3)).toThrow(/no layer 3 among 3/);
    }
  });
});

describe('basic layers', () => {
  it('Dense: flatten, no flatten, no bias, activation', () => {
    const d = (options: nn.DenseOptions, x: Tensor): unknown => {
      const layer = new nn.Dense(1, { weightInitializer: 'ones', ...options });
      layer.initialize();
      return layer.call(x).toArray();
    };
    expect(d({ biasInitializer: 'ones' }, tensor([[[1, 2], [3, 4]]]))).toEqual([[11]]);
    expect(d({ flatten: false, useBias: false }, tensor([[[1, 2], [3, 4]]]))).toEqual([[[3], [7]]]);
    expect(d({ activation: 'relu' }, tensor([[-1, -2]]))).toEqual([[0]]);
    expect(d({}, tensor([5, 6]))).toEqual([[5], [6]]);
    expect(() => new nn.Dense(0)).toThrow(ArgumentError);
    expect(() => new nn.Dense(2, { activation: 'rellu' as 'relu' })).toThrow(/did you mean 'relu'/);
  });
  it('Dropout: in training only, scaled, masks shared along axes', () => {
    const layer = new nn.Dropout(0.4, { axes: [1] });
    const x = ones([2000, 3]);
    expect(layer.call(x)).toBe(x);
    const y = record(() => layer.call(x)).toArray<number[][]>();
    expect(y.every((row) => row.every((v) => v === row[0]))).toBe(true);
    const kept = y.filter((row) => row[0] !== 0);
    expect(kept.every((row) => Math.abs(row[0]! - 1 / 0.6) < 1e-15)).toBe(true);
    expect(Math.abs(kept.length / 2000 - 0.6)).toBeLessThan(0.06);
    expect(() => new nn.Dropout(1)).toThrow(ArgumentError);
  });
  it('Lambda and HybridLambda: functions, or names of core-tensor', () => {
    expect(new nn.Lambda((x: Tensor) => x.mul(2)).call(tensor([1])).item()).toBe(2);
    expect(new nn.Lambda('exp').call(tensor([0])).item()).toBe(1);
    expect(new nn.HybridLambda((F, x) => F.add(x, 1)).call(tensor([1])).item()).toBe(2);
    expect(new nn.HybridLambda('tanh').call(tensor([0])).item()).toBe(0);
    expect(() => new nn.Lambda('expp')).toThrow(/did you mean 'exp'/);
    expect(() => new nn.HybridLambda(3 as never)).toThrow(ArgumentError);
    expect(`${new nn.Lambda('exp')}`).toBe('Lambda(exp)');
  });
});
