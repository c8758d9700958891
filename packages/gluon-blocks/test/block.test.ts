import { backward, record } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { type Tensor, onWarning, ones, relu, setDefaultContext, tensor, zeros } from '@matheron/core-tensor';
import { ArgumentError, Constant, DeferredInitializationError, NotImplementedError, Parameter, ParameterConflictError, UninitializedParameterError } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { Block, type BlockOptions, CycleError, HybridBlock, NameManager, nn, withNames } from '../src/index.ts';
import { warningsOf } from './helpers.ts';

setDefaultContext(cpu());
const open = <B extends Block>(b: B): B & Record<string, unknown> => b as B & Record<string, unknown>;

describe('3.2 Attributes and children', () => {
  it('class fields and assignments register blocks and parameters, in order; names with _ do not', () => {
    class Net extends Block {
      readonly first = new nn.Dense(1);
      readonly scale = this.params.get('scale', { shape: 1 });
      readonly _hidden = new nn.Dense(1);
    }
    const net = open(new Net());
    net['late'] = new nn.Dense(1);
    net.registerChild(new nn.Dense(1));
    net['last'] = new nn.Dense(1);
    expect([...net.children()].map(([key]) => key)).toEqual(['first', 'late', '2', 'last']);
    expect([...net.ownParams()].map(([key]) => key)).toEqual(['scale']);
  });
  it('registerChild numbers children, or takes a name; the same name replaces', () => {
    const net = new Block();
    const [a, b] = [new nn.Dense(1), new nn.Dense(2)];
    net.registerChild(a);
    net.registerChild(a, 'named');
    net.registerChild(b, 'named');
    expect([...net.children()]).toEqual([['0', a], ['named', b]]);
  });
  it('refuses a replacement that is not of the old class (TE), at the next structural use', () => {
    const net = open(new Block());
    net['a'] = new nn.Dense(1);
    net.collectParams();
    net['a'] = null;
    expect(() => net.collectParams()).toThrow(ArgumentError);
    net['a'] = new nn.Dropout(0.5);
    expect(() => [...net.children()]).toThrow(/Block.a: "Dropout" was given, expected a Dense/);
    const other = new nn.Dense(2);
    net['a'] = other;
    expect([...net.children()]).toEqual([['a', other]]);
  });
  it('lets nothing become a block, and a block one of a derived class', () => {
    const net = open(new Block());
    net['a'] = null;
    net['b'] = new Block();
    net.collectParams();
    net['a'] = new nn.Dense(1);
    net['b'] = new nn.Dense(1);
    expect([...net.children()].length).toBe(2);
    delete net['a'];
    expect([...net.children()].map(([key]) => key)).toEqual(['b']);
  });
  it('refuses a second parameter on the same name (AE)', () => {
    const net = open(new Block());
    net['p'] = net.params.get('one');
    net.collectParams();
    net['p'] = net.params.get('two');
    expect(() => net.collectParams()).toThrow(ParameterConflictError);
    expect(() => net.collectParams()).toThrow(/Block.p is the parameter .*one and can't become .*two/);
  });
  it('collects a parameter that was made by hand, which MXNet does not', () => {
    const net = open(new Block({ prefix: 'net_' }));
    net['mine'] = new Parameter('mine', { shape: 1 });
    net['k'] = new Constant('k', 3);
    expect([...net.collectParams().keys()]).toEqual(['mine', 'k']);
    expect([...net.structuralParams().keys()]).toEqual(['mine', 'k']);
  });
  it('refuses children of a HybridBlock that are not hybrid (VE), naming HybridSequential', () => {
    const net = new nn.HybridSequential();
    expect(() => net.registerChild(new Block())).toThrow(/HybridSequential/);
    const field = open(new HybridBlock());
    field['a'] = new nn.Sequential();
    expect(() => field.collectParams()).toThrow(ArgumentError);
  });
  it('collectParams(select) matches full names from their start; own parameters come first', () => {
    class Net extends Block {
      readonly dense = this.nameScope(() => new nn.Dense(1));
      readonly scale = this.params.get('scale');
    }
    const net = new Net({ prefix: 'net_' });
    expect([...net.collectParams().keys()]).toEqual(['net_scale', 'net_dense0_weight', 'net_dense0_bias']);
    expect([...net.collectParams('.*weight|net_scale').keys()]).toEqual(['net_scale', 'net_dense0_weight']);
    expect([...net.collectParams(/dense/).keys()]).toEqual([]);
    expect([...net.collectParams(/NET_DENSE/i).keys()].length).toBe(2);
    expect([...net.params.keys()]).toEqual(['net_scale']);
    expect(net.collectParams().prefix).toBe('net_');
  });
  it('warns of blocks in arrays, objects and Maps that are nobody’s child', () => {
    const net = open(new Block());
    net['layers'] = [new nn.Dense(1)];
    expect(warningsOf(() => net.collectParams())[0]!.message).toMatch(/Block.layers holds blocks/);
    net['body'] = new nn.Sequential(...(net['layers'] as nn.Dense[]));
    expect(warningsOf(() => net.collectParams())).toEqual([]);
    net['more'] = { a: new Map([['b', new nn.Dense(1)]]) };
    expect(warningsOf(() => net.collectParams()).length).toBe(1);
  });
  it('names the path of a cycle', () => {
    const [a, b] = [open(new Block({ prefix: 'a_' })), open(new Block({ prefix: 'b_' }))];
    a['b'] = b;
    b['a'] = a;
    expect(() => a.collectParams()).toThrow(CycleError);
    expect(() => a.collectParams()).toThrow('a → b → a');
  });
  it('apply calls children first, then itself, and returns the block', () => {
    const seen: string[] = [];
    const net = new nn.Sequential({ prefix: 'top_' }, new nn.Dense(1, { prefix: 'a_' }), new nn.Sequential({ prefix: 'in_' }, new nn.Dense(1, { prefix: 'b_' })));
    expect(net.apply((b) => seen.push(b.name))).toBe(net);
    expect(seen).toEqual(['a', 'b', 'in', 'top']);
  });
  it('cast, zeroGrad, resetCtx and initialize reach all parameters', () => {
    const net = new nn.Sequential(new nn.Dense(2, { inUnits: 2 }), new nn.Dense(1, { inUnits: 2 }));
    net.initialize({ init: 'ones', ctx: cpu(1) });
    net.cast('float32');
    backward(record(() => net.call(ones([1, 2], { ctx: cpu(1), dtype: 'float32' }))));
    expect([...net.collectParams().values()].every((p) => p.dtype === 'float32' && p.grad().abs().sum().item() > 0)).toBe(true);
    net.zeroGrad();
    expect([...net.collectParams().values()].every((p) => p.grad().abs().sum().item() === 0)).toBe(true);
    net.resetCtx([cpu(0), cpu(1)]);
    expect(net.collectParams().listCtx()).toEqual([cpu(0), cpu(1)]);
  });
  it('forward is the author’s to write (NotImplementedError)', () => {
    expect(() => (new Block() as { call(): unknown }).call()).toThrow(NotImplementedError);
    expect(() => (new HybridBlock() as { call(x: Tensor): unknown }).call(zeros([1]))).toThrow(/hybridForward/);
  });
  it('raises UninitializedParameterError for parameters without data, DeferredInitializationError for plain blocks that wait', () => {
    expect(() => new nn.Dense(1).call(zeros([1, 1]))).toThrow(UninitializedParameterError);
    class Own extends Block {
      readonly w = this.params.get('w', { shape: 0, allowDeferredInit: true });
      override forward(x: Tensor): Tensor {
        return x.mul(this.w.data());
      }
    }
    const own = new Own();
    own.initialize();
    expect(() => own.call(zeros([2]))).toThrow(DeferredInitializationError);
  });
});

describe('3.2 Hooks', () => {
  it('run before and after forward in the order they were registered; return values are ignored', () => {
    const seen: unknown[] = [];
    const dense = new nn.Dense(1, { inUnits: 1 });
    dense.initialize({ init: 'ones' });
    dense.registerForwardHook((block, [x], y) => void seen.push(['after', block === dense, x.item(), y.item()]));
    dense.registerForwardPreHook((_, [x]) => void seen.push(['before', x.item()]));
    dense.registerForwardHook(() => void seen.push('second'));
    expect(dense.call(tensor([[2]])).item()).toBe(2);
    expect(seen).toEqual([['before', 2], ['after', true, 2, 2], 'second']);
  });
  it('detach, twice too, and as a scope; a function registered twice is called once; errors pass through', () => {
    let calls = 0;
    const dense = new nn.Dense(1, { inUnits: 1 });
    dense.initialize();
    const hook = (): void => void calls++;
    const a = dense.registerForwardHook(hook);
    dense.registerForwardHook(hook);
    dense.call(zeros([1, 1]));
    expect(calls).toBe(1);
    a.detach();
    a.detach();
    {
      using _ = dense.registerForwardHook(hook);
      dense.call(zeros([1, 1]));
    }
    dense.call(zeros([1, 1]));
    expect(calls).toBe(2);
    dense.registerForwardPreHook(() => { throw new Error('mine'); });
    expect(() => dense.call(zeros([1, 1]))).toThrow('mine');
  });
});

describe('3.2 Printing and summary', () => {
  it('prints class, children by attribute or number, layers with their settings', () => {
    class Net extends Block {
      readonly body = new nn.Sequential(new nn.Dense(2, { activation: 'relu', inUnits: 3 }), new nn.Dropout(0.5));
      readonly head = new nn.Dense(1);
    }
    const net = new Net();
    net.registerChild(new nn.Flatten());
    expect(`${net}`).toBe('Net(\n  (body): Sequential(\n    (0): Dense(3 -> 2, Activation(relu))\n    (1): Dropout(p = 0.5, axes=())\n  )\n  (head): Dense(None -> 1, linear)\n  (2): Flatten\n)');
  });
  it('an empty block prints a blank line', () => expect(`${new Block()}`).toBe('Block(\n\n)'));
  it('summary lists layers with shapes and counts, shared and frozen ones right, deferred ones too', () => {
    const a = new nn.Dense(4, { inUnits: 4 });
    const net = new nn.Sequential(a, new nn.Activation('relu'), new nn.Dense(4, { params: a.params }), new nn.Dense(2));
    net.initialize();
    a.bias!.gradReq = 'null';
    const text = net.summary(zeros([3, 4]));
    const row = (layer: string): string[] => text.split('\n').filter((line) => line.includes(layer)).map((line) => line.trim().replace(/ {2,}/g, ' | '));
    expect([row('Input'), row('Dense'), row('Activation')]).toEqual([['Input | (3, 4) | 0'], ['Dense-1 | (3, 4) | 20', 'Dense-3 | (3, 4) | 20', 'Dense-4 | (3, 2) | 10'], ['Activation-2 | (3, 4) | 0']]);
    expect(text).toContain('Total params: 50');
    expect(text).toContain('Trainable params: 42');
    expect(text).toContain('Non-trainable params: 8');
    expect(text).toContain('Shared params in forward computation graph: 20');
    expect(text).toContain('Unique parameters in model: 30');
  });
  it('summary refuses uninitialized and hybridized blocks (RT, AE), and leaves no hooks behind', () => {
    const net = new nn.Dense(1);
    expect(() => net.summary(zeros([1, 1]))).toThrow(UninitializedParameterError);
    net.initialize();
    net.hybridize();
    expect(() => net.summary(zeros([1, 1]))).toThrow(ArgumentError);
    net.hybridize(false);
    net.summary(zeros([1, 1]));
  });
});

describe("the original documentation's examples", () => {
  class Model extends Block {
    readonly dense0: nn.Dense;
    readonly dense1: nn.Dense;
    constructor(options?: BlockOptions) {
      super(options);
      using _ = this.nameScope();
      this.dense0 = new nn.Dense(20);
      this.dense1 = new nn.Dense(20);
    }
    override forward(x: Tensor): Tensor {
      x = relu(this.dense0.call(x));
      return relu(this.dense1.call(x));
    }
  }
  it('Model with two Dense layers in a name scope on cpu(0)', () => {
    const model = withNames(new NameManager(), () => new Model());
    model.initialize({ ctx: cpu(0) });
    expect(model.call(zeros([10, 10], { ctx: cpu(0) })).shape).toEqual([10, 20]);
    expect([...model.collectParams().keys()]).toEqual(['model0_dense0_weight', 'model0_dense0_bias', 'model0_dense1_weight', 'model0_dense1_bias']);
    expect(model.dense0.weight.shape).toEqual([20, 10]);
  });
  it('sharing weights through params', () => {
    const dense0 = new nn.Dense(20);
    const dense1 = new nn.Dense(20, { params: dense0.collectParams() });
    expect(dense1.weight).toBe(dense0.weight);
  });
  it('collect_params with regular expressions', () => {
    const model = withNames(new NameManager(), () => new Model());
    expect([...model.collectParams('model0_dense0_weight|model0_dense1_bias').keys()]).toEqual(['model0_dense0_weight', 'model0_dense1_bias']);
    expect([...model.collectParams('.*weight|.*bias').keys()].length).toBe(4);
  });
  it('initialize on two contexts', () => {
    const weight = new Parameter('fc_weight', { shape: [2, 2] });
    weight.initialize({ ctx: [cpu(0), cpu(1)] });
    expect([weight.data(cpu(0)).ctx, weight.grad(cpu(1)).toArray()]).toEqual([cpu(0), [[0, 0], [0, 0]]]);
    weight.initialize({ init: 'zeros', ctx: cpu(0), forceReinit: true });
    expect(weight.data(cpu(0)).toArray()).toEqual([[0, 0], [0, 0]]);
  });
  it('setattr of grad_req and lr_mult', () => {
    const model = new Model();
    model.collectParams().setattr('gradReq', 'null');
    model.collectParams().setattr('lrMult', 0.5);
    expect([...model.collectParams().values()].every((p) => p.gradReq === 'null' && p.lrMult === 0.5)).toBe(true);
  });
});

describe('size', () => {
  it('collects the parameters of a thousand blocks, each once, in order', () => {
    const net = new nn.Sequential(...Array.from({ length: 1000 }, () => new nn.Dense(1)));
    const names = [...net.collectParams().keys()];
    expect(names.length).toBe(2000);
    expect(new Set(names).size).toBe(2000);
    onWarning(() => {})();
  });
});
