import { cpu } from '@matheron/backend-cpu';
import { type Tensor, setDefaultContext } from '@matheron/core-tensor';
import { type Parameter, ParameterConflictError } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { Block, type BlockOptions, NameManager, Prefix, nn, withNames } from '../src/index.ts';
import fixture from './fixtures/gluon_names.json' with { type: 'json' };

setDefaultContext(cpu());
const fresh = <T>(fn: () => T): T => withNames(new NameManager(), fn);

describe('gluon_names.json, what MXNet-style naming gives', () => {
  class Dense extends Block {
    readonly weight: Parameter;
    readonly bias: Parameter;
    constructor(units: number, options?: BlockOptions) {
      super(options);
      this.weight = this.params.get('weight', { shape: [units, 2] });
      this.bias = this.params.get('bias', { shape: [units] });
    }
  }
  class Net extends Block {
    readonly dense0: Dense;
    readonly dense1: Dense;
    readonly shared: Dense;
    constructor(options?: BlockOptions) {
      super(options);
      using _ = this.nameScope();
      this.dense0 = new Dense(3);
      this.dense1 = new Dense(4);
      this.shared = new Dense(3, { params: this.dense0.params });
    }
  }
  const nets = fresh(() => [new Net(), new Net(), new Net({ prefix: 'my_' }), fresh(() => new Net({ prefix: '' }))]);
  for (const [k, expected] of fixture.blocks.entries()) {
    it(`block ${k}, prefix ${JSON.stringify(expected.prefix)}`, () => {
      const net = nets[k]!;
      expect(net.prefix).toBe(expected.prefix);
      expect(net.name).toBe(expected.name);
      expect([...net.collectParams().keys()]).toEqual(expected.collect_params);
      expect([...net.structuralParams().keys()]).toEqual(expected.with_prefix);
      expect([...net.collectParams('.*weight').keys()]).toEqual(expected.select_weight);
      expect([...net.children()].map(([key]) => key)).toEqual(expected.children);
      expect(net.shared.weight === net.dense0.weight).toBe(expected.shared_is_same);
      expect(`${net}`).toBe(expected.repr);
      expect(`${net.dense0}`).toBe(expected.dense0_repr);
      expect(`${net.collectParams()}`).toBe(expected.params_repr.replaceAll("<class 'numpy.float64'>", 'float64'));
    });
  }
});

describe('3.1 Naming', () => {
  it('without a scope: a counter by kind, prefix KIND + N + _', () => {
    fresh(() => expect([new nn.Dense(1), new nn.Dense(1), new nn.Dropout(0.5), new nn.Dense(1)].map((b) => b.prefix)).toEqual(['dense0_', 'dense1_', 'dropout0_', 'dense2_']));
  });
  it('kinds: an Activation is called after its function, other blocks after their class', () => {
    class MyThing extends Block {}
    fresh(() => expect([new nn.Activation('relu'), new MyThing(), new nn.Sequential()].map((b) => b.name)).toEqual(['relu0', 'mything0', 'sequential0']));
  });
  it('in a scope: the counters of that block, kept over re-entering; its prefix before', () => {
    fresh(() => {
      const net = new Block({ prefix: 'net_' });
      const first = net.nameScope(() => [new nn.Dense(1), new nn.Dense(1)]);
      const later = net.nameScope(() => new nn.Dense(1));
      expect([...first, later].map((b) => b.prefix)).toEqual(['net_dense0_', 'net_dense1_', 'net_dense2_']);
      expect(new nn.Dense(1).prefix).toBe('dense0_');
    });
  });
  it('an explicit prefix continues the scope and does not count', () => {
    fresh(() => {
      const outer = new Block({ prefix: 'o_' });
      outer.nameScope(() => expect([new nn.Dense(1, { prefix: 'zz_' }).prefix, new nn.Dense(1).prefix]).toEqual(['o_zz_', 'o_dense0_']));
    });
  });
  it('the name is the prefix without one trailing underscore; a prefix without one is put before as it is', () => {
    const b = new nn.Dense(1, { prefix: 'n__' });
    expect(b.name).toBe('n_');
    const n = new Block({ prefix: 'n' });
    fresh(() => n.nameScope(() => expect(new nn.Dense(1).weight.name).toBe('ndense0_weight')));
  });
  it('an empty prefix leaves the scope around it in place', () => {
    fresh(() => {
      const empty = new Block({ prefix: '' });
      expect(empty.nameScope(() => new nn.Dense(1)).prefix).toBe('dense0_');
      const outer = new Block({ prefix: 'o_' });
      outer.nameScope(() => {
        const inner = new Block({ prefix: '' });
        expect(inner.prefix).toBe('o_');
      });
      using _ = outer.nameScope();
      using __ = empty.nameScope();
      expect(new nn.Dense(1).prefix).toBe('o_dense0_');
    });
  });
  it('children that are made outside of the scope have global names', () => {
    fresh(() => {
      const net = new nn.Sequential({ prefix: 'net_' }, new nn.Dense(1), new nn.Dense(1));
      expect([...net.collectParams('.*weight').keys()]).toEqual(['dense0_weight', 'dense1_weight']);
    });
  });
  it('with params the names come from the shared dictionary, the prefix stays its own', () => {
    fresh(() => {
      const a = new nn.Dense(10, { inUnits: 3 });
      const b = new nn.Dense(10, { params: a.params });
      expect([b.prefix, b.params.prefix, b.weight === a.weight, b.weight.name]).toEqual(['dense1_', 'dense0_', true, 'dense0_weight']);
      expect(() => new nn.Dense(11, { params: a.params })).toThrow(ParameterConflictError);
    });
  });
  it('children in the scope of a block that shares inherit the shared dictionary', () => {
    class Net extends Block {
      readonly dense = this.nameScope(() => new nn.Dense(2, { inUnits: 2 }));
    }
    fresh(() => {
      const a = new Net();
      const b = new Net({ params: a.collectParams() });
      expect(b.dense.weight).toBe(a.dense.weight);
      expect([b.prefix, b.dense.prefix, b.dense.params.prefix]).toEqual(['net1_', 'net1_dense0_', 'net0_dense0_']);
    });
  });
  it('a Prefix goes before automatic names at the top, not before explicit ones', () => {
    withNames(new Prefix('pre_'), () => expect([new nn.Dense(1).prefix, new nn.Dense(1, { prefix: 'mine_' }).prefix]).toEqual(['pre_dense0_', 'mine_']));
    expect(new NameManager().get('given', 'hint')).toBe('given');
  });
  it('two blocks with one explicit prefix fail when their parameters are collected', () => {
    const net = new Block({ prefix: 'net_' });
    net.nameScope(() => {
      net.registerChild(new nn.Dense(1, { prefix: 'a_' }));
      net.registerChild(new nn.Dense(1, { prefix: 'a_' }));
    });
    expect(() => net.collectParams()).toThrow(ParameterConflictError);
    expect(() => net.collectParams()).toThrow(/two different parameters are named net_a_weight/);
  });
  it('a scope unwinds with an error, and `using` checks the order', () => {
    fresh(() => {
      const net = new Block({ prefix: 'net_' });
      expect(() => net.nameScope(() => { throw new Error('mine'); })).toThrow('mine');
      expect(new nn.Dense(1).prefix).toBe('dense0_');
      expect(() => net.nameScope(async () => 1)).toThrow(/promise/);
      const [outer, inner] = [net.nameScope(), net.nameScope()];
      expect(() => outer[Symbol.dispose]()).toThrow(/reverse order/);
      inner[Symbol.dispose]();
      outer[Symbol.dispose]();
    });
  });
});

describe('types', () => {
  it('a field keeps the type of what stands in it', () => {
    class Net extends Block {
      readonly body = this.nameScope(() => new nn.Dense(8, { activation: 'tanh' }));
      override forward(x: Tensor): Tensor {
        return this.body.call(x);
      }
    }
    const units: number = new Net().body.units;
    expect(units).toBe(8);
  });
});
