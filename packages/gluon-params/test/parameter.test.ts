import { backward, record } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { CsrTensor, RowSparseTensor, type Shape, setDefaultContext, setSeed, tensor, withContext } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';
import { ArgumentError, Constant, DeferredInitializationError, GluonError, IncompatibleParameterError, Parameter, type ParameterOptions, UninitializedParameterError, init } from '../src/index.ts';
import { warningsOf } from './helpers.ts';

setDefaultContext(cpu());

function made(options: ParameterOptions = {}, values: number | number[] = 1): Parameter {
  const p = new Parameter('p', { shape: [2], ...options });
  p.initialize({ init: () => values });
  return p;
}
/** Gradient c for every element, by a backward of Σ c p. */
function pass(p: Parameter, c = 1): void {
  for (const ctx of p.listCtx()) backward(record(() => p.data(ctx).mul(c).sum()));
}

describe('1.1 Constructor', () => {
  it('has the defaults of Gluon, float64', () => {
    const p = new Parameter('p');
    expect([p.name, p.gradReq, p.shape, p.dtype, p.lrMult, p.wdMult, p.init, p.allowDeferredInit, p.differentiable, p.stype, p.gradStype]).toEqual(['p', 'write', undefined, 'float64', 1, 1, undefined, false, true, 'default', 'default']);
  });
  it('takes a number for the shape of a vector', () => expect(new Parameter('p', { shape: 3 }).shape).toEqual([3]));
  it('refuses storage types that are not default, row_sparse or csr (AE)', () => {
    expect(() => new Parameter('p', { stype: 'dense' as 'csr' })).toThrow(ArgumentError);
    expect(() => new Parameter('p', { gradStype: 'coo' as 'csr' })).toThrow(/'row_sparse'/);
  });
  it("differentiable false fixes gradReq to 'null' for good", () => {
    const p = made({ differentiable: false });
    p.gradReq = 'write';
    expect(p.gradReq).toBe('null');
  });
  it('treats 0 and -1 as unknown, a scalar shape as known', () => {
    const scalar = new Parameter('s', { shape: [] });
    scalar.initialize({ init: 'ones' });
    expect(scalar.data().item()).toBe(1);
    for (const unknown of [0, -1]) {
      const p = new Parameter('p', { shape: [2, unknown], allowDeferredInit: true });
      p.initialize();
      expect(p.deferred).toBe(true);
    }
  });
  it('prints as Parameter NAME (shape=SHAPE, dtype=DTYPE)', () => {
    expect(`${new Parameter('w', { shape: [3, 2] })}`).toBe('Parameter w (shape=(3, 2), dtype=float64)');
    expect(`${new Parameter('w', { shape: 3, dtype: 'float32' })}`).toBe('Parameter w (shape=(3,), dtype=float32)');
    expect(`${new Parameter('w')}`).toBe('Parameter w (shape=None, dtype=float64)');
  });
});

describe('1.2 gradReq', () => {
  it('refuses other values (AE)', () => expect(() => (new Parameter('p').gradReq = 'sum' as 'add')).toThrow(ArgumentError));
  it('leaves the gradient where the value is the same', () => {
    const p = made();
    pass(p);
    p.gradReq = 'write';
    expect(p.grad().toArray()).toEqual([1, 1]);
  });
  it("drops the gradient for 'null', and what was recorded no longer writes it", () => {
    const p = made();
    const loss = record(() => p.data().sum());
    p.gradReq = 'null';
    expect(() => p.grad()).toThrow(GluonError);
    backward(loss);
    p.gradReq = 'write';
    expect(p.grad().toArray()).toEqual([0, 0]);
  });
  it('makes new zeros at any other change: write to add, null to write', () => {
    const p = made();
    pass(p);
    p.gradReq = 'add';
    expect(p.grad().toArray()).toEqual([0, 0]);
  });
  it('is only recorded before initialization', () => {
    const p = new Parameter('p', { shape: 2 });
    p.gradReq = 'add';
    p.initialize({ init: 'ones' });
    pass(p);
    pass(p);
    expect(p.grad().toArray()).toEqual([2, 2]);
  });
  it("'add' accumulates until zeroGrad, 'write' overwrites and sums the uses inside one backward", () => {
    const p = made({ gradReq: 'add' });
    pass(p);
    pass(p);
    expect(p.grad().toArray()).toEqual([2, 2]);
    p.zeroGrad();
    expect(p.grad().toArray()).toEqual([0, 0]);
    const q = made();
    pass(q, 5);
    backward(record(() => q.data().add(q.data().mul(2)).sum()));
    expect(q.grad().toArray()).toEqual([3, 3]);
  });
});

describe('1.3 shape', () => {
  it('fills in unknown dimensions and refuses others (AE)', () => {
    const assign = (old: Shape | undefined, next: Shape) => (): Shape | undefined => {
      const p = new Parameter('p', old && { shape: old });
      p.shape = next;
      return p.shape;
    };
    expect(assign(undefined, [4, 5])()).toEqual([4, 5]);
    expect(assign([2, 0], [2, 3])()).toEqual([2, 3]);
    expect(assign([-1, 3], [2, 3])()).toEqual([2, 3]);
    expect(assign([2, 3], [2, 0])).toThrow(IncompatibleParameterError);
    expect(assign([2], [2, 1])).toThrow(IncompatibleParameterError);
    expect(assign([2, 3], [2, 4])).toThrow('p: the shape (2, 4) does not fit its shape (2, 3)');
  });
  it('never ends a deferred initialization by itself', () => {
    const p = new Parameter('p', { shape: [2, 0], allowDeferredInit: true });
    p.initialize();
    p.shape = [2, 3];
    expect(() => p.data()).toThrow(DeferredInitializationError);
    p.finishDeferredInit();
    expect(p.data().shape).toEqual([2, 3]);
  });
});

describe('1.4 initialize', () => {
  it('warns and does nothing when initialized already, unless forceReinit', () => {
    const p = made();
    const [warning] = warningsOf(() => p.initialize({ init: 'zeros' }));
    expect(warning!.message).toMatch(/already initialized.*forceReinit/);
    expect(p.data().toArray()).toEqual([1, 1]);
    p.initialize({ init: 'zeros', ctx: cpu(1), forceReinit: true });
    expect(p.data(cpu(1)).toArray()).toEqual([0, 0]);
    expect(p.listCtx()).toEqual([cpu(1)]);
  });
  it('replaces a pending initialization silently', () => {
    const p = new Parameter('p', { shape: 0, allowDeferredInit: true });
    expect(warningsOf(() => { p.initialize({ init: 'ones' }); p.initialize({ init: 'zeros', ctx: cpu(1) }); })).toEqual([]);
    p.shape = [1];
    p.finishDeferredInit();
    expect([p.data().item(), p.listCtx()]).toEqual([0, [cpu(1)]]);
  });
  it('prefers the argument to the own init to the default', () => {
    const values = (own: boolean, given: boolean): unknown => {
      const p = new Parameter('p', { shape: 1, ...(own && { init: 'ones' as const }) });
      p.initialize({ ...(given && { init: new init.Constant(5) }), defaultInit: 'zeros' });
      return p.data().item();
    };
    expect([values(true, true), values(true, false), values(false, true), values(false, false)]).toEqual([5, 1, 5, 0]);
  });
  it('takes the current context, one, or a list, with the same values on each and zero gradients', () => {
    const p = new Parameter('p', { shape: [2, 3] });
    withContext(cpu(1), () => p.initialize());
    expect(p.listCtx()).toEqual([cpu(1)]);
    p.initialize({ ctx: [cpu(0), cpu(1)], forceReinit: true });
    const [a, b] = p.listData();
    expect(a!.toArray()).toEqual(b!.toArray());
    expect([a!.ctx, b!.ctx]).toEqual([cpu(0), cpu(1)]);
    expect(p.listGrad().map((g) => g.sum().item())).toEqual([0, 0]);
    expect(a!.abs().max().item()).toBeLessThanOrEqual(0.07);
  });
  it('keeps an unknown shape for later only with allowDeferredInit (VE)', () => {
    expect(() => new Parameter('p', { shape: [2, 0] }).initialize()).toThrow(ArgumentError);
    expect(() => new Parameter('p').initialize()).toThrow(/allowDeferredInit/);
  });
  it('pauses recording', () => {
    const p = new Parameter('p', { shape: 2 });
    record(() => p.initialize({ init: 'ones' }));
    pass(p);
    expect(p.grad().toArray()).toEqual([1, 1]);
  });
  it('uses the weight rule whatever the name', () => {
    for (const name of ['x_bias', 'x_gamma', 'x_running_var', 'foo']) {
      const p = new Parameter(name, { shape: 4 });
      p.initialize({ init: new init.Constant(3) });
      expect(p.data().toArray()).toEqual([3, 3, 3, 3]);
      const q = new Parameter(name, { shape: 40 });
      q.initialize();
      expect(q.data().abs().min().item()).toBeGreaterThan(0);
    }
  });
  it('takes names in any case, dumped strings and functions; refuses unknown names (AE, TE)', () => {
    const p = (x: unknown): unknown => {
      const q = new Parameter('p', { shape: [2, 2] });
      q.initialize({ init: x as 'zeros' });
      return q.data().toArray();
    };
    expect(p('Zeros')).toEqual([[0, 0], [0, 0]]);
    expect(p('["constant", {"value": 3}]')).toEqual([[3, 3], [3, 3]]);
    expect(p((shape: Shape) => [shape, shape])).toEqual([[2, 2], [2, 2]]);
    expect(() => p('xaver')).toThrow(/xaver is not registered, did you mean 'xavier'/);
    expect(() => p('constant')).toThrow(ArgumentError);
    expect(() => p(7)).toThrow(ArgumentError);
    expect(() => p(() => [1, 2, 3])).toThrow(IncompatibleParameterError);
  });
  it('refuses Xavier on fewer than two dimensions (VE)', () => {
    expect(() => new Parameter('p', { shape: 3 }).initialize({ init: 'xavier' })).toThrow(ArgumentError);
  });
  it('takes Mixed and Load, which MXNet refuses', () => {
    const mixed = new init.Mixed(['.*bias', '.*'], ['zeros', 'ones']);
    const values = (name: string, x: init.Initializer): unknown => {
      const q = new Parameter(name, { shape: 1 });
      q.initialize({ init: x });
      return q.data().item();
    };
    expect([values('a_bias', mixed), values('a_weight', mixed)]).toEqual([0, 1]);
    expect(values('w', new init.Load({ 'arg:w': [4] }))).toBe(4);
    expect(() => values('v', new init.Load({ w: [4] }))).toThrow(ArgumentError);
    expect(values('v', new init.Load({ w: [4] }, 'ones'))).toBe(1);
  });
});

describe('1.5 Accessors', () => {
  it('raise UninitializedParameterError before initialize (RT), also for gradients of null', () => {
    const p = new Parameter('p', { shape: 1, gradReq: 'null' });
    for (const call of [() => p.data(), () => p.listData(), () => p.grad(), () => p.listGrad(), () => p.listCtx()]) {
      expect(call).toThrow(UninitializedParameterError);
      expect(call).toThrow(/p has not been initialized.*collectParams/);
    }
  });
  it('raise DeferredInitializationError while deferred', () => {
    const p = new Parameter('p', { shape: 0, allowDeferredInit: true });
    p.initialize({ ctx: [cpu(0), cpu(1)] });
    for (const call of [() => p.data(), () => p.listData(), () => p.grad(), () => p.listGrad()]) expect(call).toThrow(DeferredInitializationError);
    expect(p.listCtx()).toEqual([cpu(0), cpu(1)]);
  });
  it('raise for a context that it is not on (RT), naming those it is on', () => {
    const p = made();
    expect(() => p.data(cpu(3))).toThrow('p was not initialized on cpu(3), only on cpu(0)');
    expect(() => p.grad(cpu(3))).toThrow(UninitializedParameterError);
  });
  it("say gradReq='null' for its gradient (RT)", () => {
    const p = made({ gradReq: 'null' });
    expect(() => p.grad()).toThrow(/gradReq is 'null'/);
    expect(() => p.listGrad()).toThrow(GluonError);
  });
  it('give the only copy whatever the current context; with several the current one', () => {
    const p = made();
    expect(withContext(cpu(1), () => p.data().ctx)).toBe(cpu(0));
    p.resetCtx([cpu(1), cpu(2)]);
    expect(withContext(cpu(2), () => p.data().ctx)).toBe(cpu(2));
    expect(() => p.data()).toThrow(UninitializedParameterError);
  });
  it('count a context that is listed twice once', () => {
    const p = new Parameter('p', { shape: 1 });
    p.initialize({ ctx: [cpu(0), cpu(0)] });
    expect(p.listData().length).toBe(1);
  });
  it('refuse data of sparse storage, and sparse rows of others (RT)', () => {
    const p = made({ stype: 'row_sparse', shape: [3, 2] });
    expect(() => p.data()).toThrow(/rowSparseData/);
    expect(() => p.listData()).toThrow(GluonError);
    expect(() => made().rowSparseData([0])).toThrow(GluonError);
    expect(() => made().listRowSparseData([0])).toThrow(GluonError);
  });
  it('rowSparseData gives the named rows on the context of the ids, without a Trainer', () => {
    const p = new Parameter('p', { stype: 'row_sparse', shape: [3, 2] });
    p.initialize({ init: () => [[1, 2], [3, 4], [5, 6]], ctx: [cpu(0), cpu(1)] });
    const rows = p.rowSparseData(tensor([2, 0, 2], { dtype: 'int32', ctx: cpu(1) }));
    expect([rows.indices.toArray(), rows.values.toArray(), rows.values.ctx]).toEqual([[0, 2], [[1, 2], [5, 6]], cpu(1)]);
    expect(p.listRowSparseData([1]).map((r) => [r.ctx, r.values.toArray()])).toEqual([[cpu(0), [[3, 4]]], [cpu(1), [[3, 4]]]]);
    backward(record(() => p.rowSparseData([1]).values.sum()));
    expect(p.grad(cpu(0)).toArray()).toEqual([[0, 0], [1, 1], [0, 0]]);
  });
  it('zeroGrad does nothing where there is no gradient', () => {
    new Parameter('p').zeroGrad();
    made({ gradReq: 'null' }).zeroGrad();
    const p = made();
    pass(p);
    p.zeroGrad();
    expect(p.grad().toArray()).toEqual([0, 0]);
  });
});

describe('1.6 setData', () => {
  it('refuses another shape (AE), and leaves the parameter as it was', () => {
    const p = made();
    expect(() => p.setData([1, 2, 3])).toThrow(IncompatibleParameterError);
    expect(p.data().toArray()).toEqual([1, 1]);
    const q = new Parameter('q', { shape: [0], allowDeferredInit: true });
    expect(() => q.setData([1])).toThrow(UninitializedParameterError);
    expect(q.shape).toEqual([0]);
  });
  it('keeps the value of a deferred parameter until it is finished', () => {
    const p = new Parameter('p', { shape: 0, allowDeferredInit: true });
    p.initialize();
    p.setData([7, 8]);
    expect(() => p.data()).toThrow(DeferredInitializationError);
    p.finishDeferredInit();
    expect(p.data().toArray()).toEqual([7, 8]);
  });
  it('writes to every context, in the dtype of the parameter', () => {
    const p = new Parameter('p', { shape: 2, dtype: 'float32' });
    p.initialize({ ctx: [cpu(0), cpu(1)] });
    p.setData(tensor([0.1, 2]));
    expect(p.listData().map((x) => [x.dtype, x.toArray()])).toEqual([['float32', [Math.fround(0.1), 2]], ['float32', [Math.fround(0.1), 2]]]);
  });
  it('takes arrays, typed arrays and sparse tensors', () => {
    const p = made({ shape: [2, 2] });
    p.setData(RowSparseTensor.fromDense([[0, 0], [1, 2]]));
    expect(p.data().toArray()).toEqual([[0, 0], [1, 2]]);
    p.setData(CsrTensor.fromDense([[0, 3], [1, 0]]));
    expect(p.data().toArray()).toEqual([[0, 3], [1, 0]]);
    const q = made();
    q.setData(Float64Array.of(3, 4));
    expect(q.data().toArray()).toEqual([3, 4]);
  });
});

describe('1.7 resetCtx', () => {
  it('takes the mean of the copies to the new contexts, with new zero gradients', () => {
    const p = made();
    p.resetCtx([cpu(0), cpu(1)]);
    p.copies[1]!.data.write(tensor([3, 3], { ctx: cpu(1) }));
    pass(p);
    p.resetCtx([cpu(2), cpu(3)]);
    expect(p.listData().map((x) => [x.ctx, x.toArray()])).toEqual([[cpu(2), [2, 2]], [cpu(3), [2, 2]]]);
    expect(p.listGrad().map((g) => g.toArray())).toEqual([[0, 0], [0, 0]]);
  });
  it('replaces the pending contexts of a deferred parameter; VE for an uninitialized one', () => {
    const p = new Parameter('p', { shape: 0, allowDeferredInit: true });
    expect(() => p.resetCtx(cpu(1))).toThrow(UninitializedParameterError);
    p.initialize();
    p.resetCtx(cpu(1));
    expect(p.listCtx()).toEqual([cpu(1)]);
  });
  it('takes the current context where none is given', () => {
    const p = made();
    withContext(cpu(2), () => p.resetCtx());
    expect(p.listCtx()).toEqual([cpu(2)]);
  });
});

describe('1.8 cast and dtype', () => {
  it('replaces data and gradients, keeping their values', () => {
    const p = made();
    pass(p, 3);
    p.cast('float32');
    expect([p.dtype, p.data().dtype, p.grad().dtype, p.grad().toArray()]).toEqual(['float32', 'float32', 'float32', [3, 3]]);
    p.dtype = 'float64';
    pass(p, 2);
    expect(p.grad().toArray()).toEqual([2, 2]);
  });
  it('is only recorded before initialization', () => {
    const p = new Parameter('p', { shape: 1 });
    p.cast('float32');
    p.initialize();
    expect(p.data().dtype).toBe('float32');
  });
});

describe('1.9 loading', () => {
  it('refuses a wrong dtypeSource and other shapes (AE), fills unknown dimensions', () => {
    const p = new Parameter('p', { shape: [2, 0] });
    expect(() => p.loadData(tensor([[1]]), { castDtype: true, dtypeSource: 'mine' as 'saved' })).toThrow(ArgumentError);
    expect(() => p.loadData(tensor([1, 2]))).toThrow(/saved value has shape \(2,\), the parameter \(2, 0\)/);
    p.loadData(tensor([[1], [2]]));
    expect([p.shape, p.data().toArray()]).toEqual([[2, 1], [[1], [2]]]);
  });
  it('refuses another dtype unless castDtype; current or saved decides which wins', () => {
    const value = tensor([1.5], { dtype: 'float32' });
    const p = new Parameter('p', { shape: 1, dtype: 'float64' });
    expect(() => p.loadData(value)).toThrow(/castDtype/);
    p.loadData(value, { castDtype: true });
    expect(p.data().dtype).toBe('float64');
    p.loadData(value, { castDtype: true, dtypeSource: 'saved' });
    expect([p.dtype, p.data().dtype]).toEqual(['float32', 'float32']);
  });
  it('uses the pending contexts of a deferred parameter, refuses others (AE)', () => {
    const p = new Parameter('p', { shape: 0, allowDeferredInit: true });
    p.initialize({ ctx: cpu(1) });
    expect(() => p.loadData(tensor([1]), { ctx: cpu(0) })).toThrow(/lives on cpu\(1\)/);
    p.loadData(tensor([1]));
    expect([p.deferred, p.listCtx(), p.data().item()]).toEqual([false, [cpu(1)], 1]);
  });
  it('replaces data that is there, on the same contexts only', () => {
    const p = made();
    p.loadData(tensor([5, 6]), { ctx: [cpu(0)] });
    expect(p.data().toArray()).toEqual([5, 6]);
    expect(() => p.loadData(tensor([5, 6]), { ctx: [cpu(0), cpu(1)] })).toThrow(IncompatibleParameterError);
  });
});

describe('1.10 Constant', () => {
  it('has the shape and dtype of its value, and no gradient ever', () => {
    const k = new Constant('k', [[1, 2]]);
    expect([k.shape, k.dtype, k.gradReq, `${k}`]).toEqual([[1, 2], 'float64', 'null', 'Constant k (shape=(1, 2), dtype=float64)']);
    expect(warningsOf(() => (k.gradReq = 'write'))[0]!.message).toContain('ignored');
    k.gradReq = 'null';
    k.initialize();
    expect(k.data().toArray()).toEqual([[1, 2]]);
    expect(() => k.grad()).toThrow(GluonError);
  });
  it('holds its value before a default init, not before an explicit one; setData works', () => {
    const k = new Constant('k', 3);
    k.initialize({ defaultInit: 'zeros' });
    expect(k.data().item()).toBe(3);
    k.initialize({ init: 'ones', forceReinit: true });
    expect(k.data().item()).toBe(1);
    k.setData(9);
    expect([k.data().item(), k.value.item()]).toEqual([9, 9]);
  });
  it('is constant under record', () => {
    const [k, p] = [new Constant('k', [2, 2]), made()];
    k.initialize();
    backward(record(() => k.data().mul(p.data()).sum()));
    expect(p.grad().toArray()).toEqual([2, 2]);
  });
});

describe('sparse storage', () => {
  it('a csr parameter multiplies, and its stored elements get gradients', () => {
    const p = new Parameter('p', { stype: 'csr', shape: [2, 3] });
    p.initialize({ init: () => [[0, 2, 0], [3, 0, 4]] });
    expect(() => p.data()).toThrow(/csrData/);
    const x = tensor([[1, 1], [2, 2], [3, 3]]);
    const y = record(() => p.csrData().dot(x));
    expect(y.toArray()).toEqual([[4, 4], [15, 15]]);
    backward(y);
    expect(p.grad().toArray()).toEqual([[0, 4, 0], [2, 0, 6]]);
    expect(() => made().csrData()).toThrow(GluonError);
  });
  it('a row_sparse gradient holds rows; duplicates merge, dense parts make it dense', () => {
    const p = made({ shape: [4, 2], gradStype: 'row_sparse' });
    const rows = tensor([3, 1, 3], { dtype: 'int32' });
    backward(record(() => p.data().take(rows).sum()));
    expect([p.rowSparseGrad().indices.toArray(), p.rowSparseGrad().values.toArray()]).toEqual([[1, 3], [[1, 1], [2, 2]]]);
    expect(p.grad().toArray()).toEqual([[0, 0], [1, 1], [0, 0], [2, 2]]);
    backward(record(() => p.data().sum().add(p.data().take(rows).sum())));
    expect(p.grad().toArray()).toEqual([[1, 1], [2, 2], [1, 1], [3, 3]]);
    p.zeroGrad();
    expect(p.rowSparseGrad().indices.size).toBe(0);
  });
});

describe('seeds', () => {
  it('make initialization repeat itself', () => {
    const values = (): unknown => {
      setSeed(5);
      const p = new Parameter('p', { shape: [2, 2] });
      p.initialize();
      return p.data().toArray();
    };
    expect(values()).toEqual(values());
  });
});

describe('a context that is named twice', () => {
  it('counts once, before the shape is known too', () => {
    const p = new Parameter('p', { shape: 0, allowDeferredInit: true });
    p.initialize({ ctx: [cpu(0), cpu(0)] });
    expect(p.listCtx()).toEqual([cpu(0)]);
    p.shape = [2];
    p.finishDeferredInit();
    expect(p.listData()).toHaveLength(1);
  });
});

describe('arguments that are none', () => {
  it('are named', () => {
    const bad = <T>(x: unknown): T => x as T;
    expect(() => new Parameter(bad(undefined))).toThrow(/name/);
    expect(() => new Parameter('p', { dtype: bad('float16') })).toThrow(/dtype.*float16/);
    expect(() => made().cast(bad('float16'))).toThrow(ArgumentError);
    expect(() => new Parameter('p', { shape: 2 }).initialize({ ctx: bad('cpu') })).toThrow(/ctx.*such as cpu\(\)/);
    for (const options of ['xavier', new init.One(), cpu(), [cpu()], null]) expect(() => new Parameter('p', { shape: 2 }).initialize(bad(options))).toThrow(/an object of options, such as/);
    expect(() => made().loadData(bad([1, 2]))).toThrow(/a tensor, as files hold them/);
  });
});
