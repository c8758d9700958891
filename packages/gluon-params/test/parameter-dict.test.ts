import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backward, record } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { setDefaultContext, tensor, zeros } from '@matheron/core-tensor';
import { describe, expect, it, vi } from 'vitest';
import { ArgumentError, Constant, IncompatibleParameterError, KeyError, MissingKeysError, Parameter, ParameterConflictError, ParameterDict, UninitializedParameterError, loadTensors } from '../src/index.ts';

setDefaultContext(cpu());
const folder = mkdtemp(join(tmpdir(), 'matheron-'));

function two(): ParameterDict {
  const d = new ParameterDict('net_');
  d.get('a', { shape: [2] });
  d.get('b', { shape: [1, 2] });
  return d;
}

describe('2 ParameterDict is like a Map', () => {
  it('has size, has, at, keys, values, items and iteration in insertion order', () => {
    const d = two();
    expect([d.size, d.has('net_a'), d.has('a'), [...d.keys()], [...d.values()].map((p) => p.name), [...d.items()].length]).toEqual([2, true, false, ['net_a', 'net_b'], ['net_a', 'net_b'], 2]);
    for (const [name, p] of d) expect(p.name).toBe(name);
    expect(d.prefix).toBe('net_');
  });
  it('raises KeyError with the nearest name (KE)', () => {
    expect(() => two().at('net_c')).toThrow(KeyError);
    expect(() => two().at('net_c')).toThrow(/did you mean "net_a"/);
  });
  it('prints the prefix and a line a parameter', () => {
    expect(`${two()}`).toBe('net_ (\n  Parameter net_a (shape=(2,), dtype=float64)\n  Parameter net_b (shape=(1, 2), dtype=float64)\n)');
    expect(`${new ParameterDict()}`).toBe('(\n\n)');
  });
});

describe('2 get', () => {
  it('makes prefix + name once and gives the same one again', () => {
    const d = two();
    expect(d.get('a')).toBe(d.at('net_a'));
  });
  it('looks into shared by the full name, and keeps what it finds', () => {
    const d = two();
    const same = new ParameterDict('net_', d);
    expect(same.get('a')).toBe(d.at('net_a'));
    expect([...same.keys()]).toEqual(['net_a']);
    expect(new ParameterDict('other_', d).get('a')).not.toBe(d.at('net_a'));
  });
  it('merges dimensions, unknown on either side', () => {
    const d = new ParameterDict();
    d.get('w', { shape: [2, 0] });
    expect(d.get('w', { shape: [-1, 3] }).shape).toEqual([2, 3]);
    expect(() => d.get('w', { shape: [2, 4] })).toThrow(ParameterConflictError);
    expect(() => d.get('w', { shape: [2] })).toThrow(/shape \(2, 3\), and is asked for with \(2,\)/);
  });
  it('refuses other attributes that differ, sets those that are missing (AE)', () => {
    const d = new ParameterDict();
    d.get('w', { shape: 1, lrMult: 2 });
    expect(() => d.get('w', { lrMult: 3 })).toThrow(ParameterConflictError);
    expect(() => d.get('w', { gradReq: 'add' })).toThrow(/gradReq write/);
    expect(() => d.get('w', { dtype: 'float32' })).toThrow(ParameterConflictError);
    expect(d.get('w', { lrMult: 2, dtype: 'float64', allowDeferredInit: true, init: 'ones' }).init).toBe('ones');
    expect(() => d.get('w', { init: 'zeros' })).toThrow(ParameterConflictError);
    expect(d.get('w').shape).toEqual([1]);
  });
});

describe('2 getConstant', () => {
  it('raises KeyError where there is none and no value is given', () => expect(() => new ParameterDict().getConstant('k')).toThrow(KeyError));
  it('finds a constant of the same value, lists too; refuses others (AE)', () => {
    const d = new ParameterDict('x_');
    const k = d.getConstant('k', [1, NaN]);
    expect(k).toBeInstanceOf(Constant);
    expect(d.getConstant('k')).toBe(k);
    expect(d.getConstant('k', [1, NaN])).toBe(k);
    expect(() => d.getConstant('k', [1, 2])).toThrow(ParameterConflictError);
    expect(() => d.getConstant('k', [1])).toThrow(/another value/);
    d.get('w');
    expect(() => d.getConstant('w', 1)).toThrow(/trainable/);
  });
});

describe('2 update', () => {
  it('keeps full names, and checks all before it adds any', () => {
    const d = two();
    const other = new ParameterDict('more_');
    other.get('z');
    d.update(other);
    expect([...d.keys()]).toEqual(['net_a', 'net_b', 'more_z']);
    const clash = new ParameterDict('net_');
    clash.get('new');
    clash.get('a');
    expect(() => d.update(clash)).toThrow(ParameterConflictError);
    expect(d.has('net_new')).toBe(false);
    d.update(d);
  });
});

describe('2 initialize, zeroGrad, resetCtx, setattr, listCtx', () => {
  it("passes init as the default, so that a parameter's own init counts more", () => {
    const d = two();
    d.at('net_a').init = 'ones';
    d.initialize({ init: 'zeros' });
    expect([d.at('net_a').data().toArray(), d.at('net_b').data().toArray()]).toEqual([[1, 1], [[0, 0]]]);
  });
  it('logs each parameter when verbose, also for a named init', () => {
    const log = vi.spyOn(console, 'info').mockImplementation(() => {});
    two().initialize({ init: 'zeros', verbose: true });
    expect(log.mock.calls.map(([line]) => line)).toEqual(['Parameter net_a (shape=(2,), dtype=float64): zeros', 'Parameter net_b (shape=(1, 2), dtype=float64): zeros']);
    log.mockRestore();
  });
  it('zeros gradients, and skips null and uninitialized ones', () => {
    const d = two();
    d.at('net_a').initialize();
    const [a] = d.values();
    backward(record(() => a!.data().sum()));
    d.zeroGrad();
    expect(a!.grad().toArray()).toEqual([0, 0]);
  });
  it('moves all to other contexts and lists their union', () => {
    const d = two();
    d.initialize({ ctx: [cpu(0), cpu(1)] });
    d.resetCtx(cpu(2));
    d.at('net_a').resetCtx([cpu(2), cpu(3)]);
    expect(d.listCtx()).toEqual([cpu(2), cpu(3)]);
    d.get('late');
    expect(() => d.listCtx()).toThrow(UninitializedParameterError);
  });
  it('sets any attribute on all', () => {
    const d = two();
    d.setattr('gradReq', 'null');
    d.setattr('lrMult', 0.5);
    expect([...d.values()].map((p) => [p.gradReq, p.lrMult])).toEqual([['null', 0.5], ['null', 0.5]]);
  });
});

describe('2 save and load', () => {
  it('writes the mean over contexts under stripped names, and loads with a prefix', async () => {
    const file = join(await folder, 'dict.safetensors');
    const d = two();
    d.initialize({ ctx: [cpu(0), cpu(1)], init: 'ones' });
    d.at('net_a').copies[1]!.data.write(tensor([3, 3], { ctx: cpu(1) }));
    await d.save(file, { stripPrefix: 'net_' });
    expect((await loadTensors(file)).tensors['a']!.toArray()).toEqual([2, 2]);
    const other = two();
    await other.load(file, { restorePrefix: 'net_' });
    expect(other.at('net_a').data().toArray()).toEqual([2, 2]);
    expect([...other.keys()].length).toBe(2);
  });
  it('refuses uninitialized parameters (RT) and names without the prefix (VE)', async () => {
    const d = two();
    await expect(d.save(join(await folder, 'x'))).rejects.toThrow(UninitializedParameterError);
    d.initialize();
    await expect(d.save(join(await folder, 'x'), { stripPrefix: 'other_' })).rejects.toThrow(ArgumentError);
    expect(() => d.loadDict({}, { restorePrefix: 'other_' })).toThrow(ArgumentError);
  });
  it("takes 'arg:' and 'aux:' off keys, refuses missing and extra ones (AE) unless allowed", () => {
    const d = two();
    expect(() => d.loadDict({ 'arg:net_a': zeros([2]) })).toThrow(MissingKeysError);
    expect(() => d.loadDict({ 'arg:net_a': zeros([2]) })).toThrow(/lacks net_b/);
    d.loadDict({ 'arg:net_a': zeros([2]) }, { allowMissing: true });
    expect([d.at('net_a').initialized, d.at('net_b').initialized]).toEqual([true, false]);
    const all = { 'aux:net_a': tensor([1, 2]), net_b: zeros([1, 2]), net_c: zeros([1]) };
    try {
      d.loadDict(all);
      expect.unreachable();
    } catch (error) {
      expect((error as MissingKeysError).extra).toEqual(['net_c']);
    }
    d.loadDict(all, { ignoreExtra: true });
    expect(d.at('net_a').data().toArray()).toEqual([1, 2]);
  });
  it('casts only when told', () => {
    const d = new ParameterDict();
    d.add(new Parameter('w', { shape: 1, dtype: 'float32' }));
    expect(() => d.loadDict({ w: tensor([0.1]) })).toThrow(IncompatibleParameterError);
    d.loadDict({ w: tensor([0.1]) }, { castDtype: true, dtypeSource: 'saved' });
    expect(d.at('w').dtype).toBe('float64');
  });
});

describe('initialize', () => {
  it('takes options only', () => {
    const dict = new ParameterDict();
    dict.get('w', { shape: 2 });
    expect(() => dict.initialize('xavier' as never)).toThrow(ArgumentError);
    expect(dict.at('w').initialized).toBe(false);
  });
});

describe('setattr', () => {
  it('names the attribute that is meant', () => {
    const dict = new ParameterDict();
    dict.get('w', { shape: 2 });
    expect(() => dict.setattr('grad_req' as 'gradReq', 'null')).toThrow(/grad_req.*did you mean 'gradReq'/);
  });
});

describe('loadDict', () => {
  it('loads all or nothing', () => {
    const dict = new ParameterDict();
    for (const name of ['a', 'b']) dict.get(name, { shape: 2 });
    dict.get('c', { shape: [2, 0], allowDeferredInit: true });
    dict.initialize({ init: 'zeros' });
    const fits = { a: tensor([1, 2]), b: tensor([3, 4]), c: tensor([[5], [6]]) };
    for (const bad of [{ b: tensor([1, 2, 3]) }, { b: tensor([1, 2], { dtype: 'float32' }) }, { c: tensor([1, 2]) }]) {
      expect(() => dict.loadDict({ ...fits, ...bad })).toThrow(IncompatibleParameterError);
      expect([dict.at('a').data().toArray(), dict.at('b').data().toArray(), dict.at('c').shape]).toEqual([[0, 0], [0, 0], [2, 0]]);
    }
    dict.loadDict(fits);
    expect([dict.at('a').data().toArray(), dict.at('c').data().toArray()]).toEqual([[1, 2], [[5], [6]]]);
  });
});
