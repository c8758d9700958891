import { backward, record } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { TracedValueError, compile } from '@matheron/compiler';
import { ContextError, type Tensor, ones, setDefaultContext, setSeed, tensor } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';
import { HybridBlock, nn } from '../src/index.ts';
import { warningsOf } from './helpers.ts';

setDefaultContext(cpu());

class Counted extends HybridBlock {
  runs = 0;
  readonly dense = new nn.Dense(2);
  override forward(x: Tensor): Tensor {
    this.runs++;
    return this.dense.call(x).tanh();
  }
}

describe('3.4 hybridize', () => {
  it('runs the author’s code once a signature, and gives what eager code gives, gradients included', () => {
    const net = new Counted();
    net.initialize();
    const x = tensor([[1, 2], [3, 4]]);
    const step = (): unknown[] => {
      const y = record(() => net.call(x).square().sum());
      backward(y);
      return [y.item(), net.dense.weight.grad().toArray(), net.dense.bias!.grad().toArray()];
    };
    const eager = step();
    net.hybridize();
    for (let k = 0; k < 3; k++) step().forEach((v, i) => close(v, eager[i]));
    const before = net.runs;
    step();
    net.call(x);
    net.call(x);
    expect(net.runs).toBeLessThanOrEqual(before + 1);
    net.hybridize(false);
    net.call(x);
    net.call(x);
    expect(net.runs).toBeGreaterThan(before + 1);
  });
  it('infers deferred shapes in the tracing call', () => {
    const net = new nn.HybridSequential(new nn.Dense(3, { activation: 'relu' }), new nn.Dense(1));
    net.initialize();
    net.hybridize();
    expect(net.call(ones([4, 5])).shape).toEqual([4, 1]);
    expect((net.at(0) as nn.Dense).weight.shape).toEqual([3, 5]);
  });
  it('sees new data, casts, another mode and other shapes', () => {
    const net = new nn.HybridSequential(new nn.Dense(1, { inUnits: 2 }), new nn.Dropout(0.5));
    net.initialize({ init: 'ones' });
    net.hybridize();
    expect(net.call(ones([1, 2])).item()).toBe(2);
    (net.at(0) as nn.Dense).weight.setData([[3, 4]]);
    expect(net.call(ones([1, 2])).item()).toBe(7);
    expect(net.call(ones([3, 2])).shape).toEqual([3, 1]);
    setSeed(3);
    const drops = Array.from({ length: 20 }, () => record(() => net.call(ones([1, 2]))).item());
    expect(new Set(drops)).toEqual(new Set([0, 14]));
    net.cast('float32');
    expect(net.call(ones([1, 2], { dtype: 'float32' })).dtype).toBe('float32');
  });
  it('takes another child at the next call', () => {
    const net = new nn.HybridSequential(new nn.Dense(1, { inUnits: 1, weightInitializer: 'ones' }));
    net.initialize();
    net.hybridize();
    expect(net.call(tensor([[2]])).item()).toBe(2);
    net.add(new nn.HybridLambda((F, x) => F.mul(x, 10)));
    expect(net.call(tensor([[2]])).item()).toBe(20);
    const counted = new Counted();
    counted.initialize({ init: 'ones' });
    counted.hybridize();
    counted.call(ones([1, 2]));
    (counted as { dense: nn.Dense }).dense = new nn.Dense(3);
    counted.initialize({ init: 'ones' });
    expect(counted.call(ones([1, 2])).shape).toEqual([1, 3]);
  });
  it('runs hooks of children in the tracing call only, its own each time', () => {
    const net = new nn.HybridSequential(new nn.Dense(1));
    net.initialize();
    let [outer, inner] = [0, 0];
    net.at(0).registerForwardHook(() => void inner++);
    net.registerForwardHook(() => void outer++);
    warningsOf(() => net.hybridize());
    for (let k = 0; k < 3; k++) net.call(ones([1, 1]));
    expect([outer, inner]).toEqual([3, 1]);
  });
  it('Sequential of hybrid layers: compiles each, and suggests HybridSequential', () => {
    const net = new nn.Sequential(new nn.Dense(1));
    expect(warningsOf(() => net.hybridize())[0]!.message).toContain('HybridSequential');
    expect((net.at(0) as nn.Dense).hybridized).toBe(true);
  });
});

function close(a: unknown, b: unknown): void {
  if (Array.isArray(a)) a.forEach((v, k) => close(v, (b as unknown[])[k]));
  else expect(a as number).toBeCloseTo(b as number, 12);
}

describe('3.4 inputs of hybridized blocks', () => {
  class Either extends HybridBlock {
    override forward(x: Tensor, y?: Tensor | null): Tensor {
      return y ? x.add(y) : x.mul(2);
    }
  }
  it('may be left out or null, in any call: another structure is another trace (VE in MXNet)', () => {
    const either = new Either();
    either.hybridize();
    const [x, y] = [tensor([1]), tensor([5])];
    expect([either.call(x).item(), either.call(x, y).item(), either.call(x, null).item(), either.call(x, undefined).item()]).toEqual([2, 6, 2, 2]);
  });
  it('of several contexts are refused (VE), as are parameters on another one', () => {
    const either = new Either();
    const dense = new nn.Dense(1, { inUnits: 1 });
    dense.initialize({ ctx: cpu(1) });
    for (const hybrid of [false, true]) {
      either.hybridize(hybrid);
      dense.hybridize(hybrid);
      expect(() => either.call(tensor([1]), tensor([1], { ctx: cpu(1) }))).toThrow(ContextError);
      expect(() => dense.call(tensor([[1]]))).toThrow(/was not initialized on cpu\(0\)|don't mix/);
    }
  });
  it('cannot be read while the block is traced', () => {
    class Reader extends HybridBlock {
      override forward(x: Tensor): Tensor {
        return x.item() > 0 ? x : x.neg();
      }
    }
    const reader = new Reader();
    expect(reader.call(tensor(-1)).item()).toBe(1);
    reader.hybridize();
    expect(() => reader.call(tensor(-1))).toThrow(TracedValueError);
  });
  it('index and broadcast as they do step by step, which symbols of MXNet do not', () => {
    const first = new nn.HybridLambda((_, x) => x.slice(0).add(x));
    const x = tensor([[1, 2], [3, 4]]);
    const eager = first.call(x).toArray();
    first.hybridize();
    expect(first.call(x).toArray()).toEqual(eager);
    expect(eager).toEqual([[2, 4], [4, 6]]);
  });
});

describe('sparse gradients', () => {
  it('reach the rows from a compiled block too; inside of a compiled function they are refused', () => {
    const layer = new nn.Embedding(4, 1, { sparseGrad: true });
    layer.initialize({ init: 'ones' });
    layer.hybridize();
    backward(record(() => layer.call(tensor([2, 2])).sum()));
    expect([layer.weight.rowSparseGrad().indices.toArray(), layer.weight.grad().toArray()]).toEqual([[2], [[0], [0], [2], [0]]]);
    layer.hybridize(false);
    const step = compile((x: Tensor) => {
      const y = record(() => layer.call(x).sum());
      backward(y);
      return y;
    });
    expect(() => step(tensor([1]))).toThrow(/row-sparse gradient/);
  });
});
