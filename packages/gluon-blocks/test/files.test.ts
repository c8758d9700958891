import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu } from '@matheron/backend-cpu';
import { setDefaultContext, tensor, zeros } from '@matheron/core-tensor';
import { ArgumentError, DeferredInitializationError, MissingKeysError, UninitializedParameterError, encodeSafetensors, loadTensors } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { Block, nn } from '../src/index.ts';

setDefaultContext(cpu());
const folder = mkdtemp(join(tmpdir(), 'matheron-'));
const at = async (name: string): Promise<string> => join(await folder, name);

class Net extends Block {
  readonly body = new nn.Sequential(new nn.Dense(2, { inUnits: 3 }));
  readonly head = new nn.Dense(2, { params: (this.body.at(0) as nn.Dense).params });
}
function initialized(): Net {
  const net = new Net();
  net.initialize({ init: 'ones' });
  return net;
}

describe('3.3 saveParameters and loadParameters', () => {
  it('writes structural names; deduplicate keeps the last name of a shared parameter', async () => {
    const net = initialized();
    await net.saveParameters(await at('all'));
    expect(Object.keys((await loadTensors(await at('all'))).tensors)).toEqual(['body.0.weight', 'body.0.bias', 'head.weight', 'head.bias']);
    await net.saveParameters(await at('once'), { deduplicate: true });
    expect(Object.keys((await loadTensors(await at('once'))).tensors)).toEqual(['head.weight', 'head.bias']);
    const other = new Net();
    await other.loadParameters(await at('once'));
    expect((other.body.at(0) as nn.Dense).weight.data().toArray()).toEqual([[1, 1, 1], [1, 1, 1]]);
  });
  it('refuses deferred parameters', async () => {
    const dense = new nn.Dense(1);
    dense.initialize();
    await expect(dense.saveParameters(await at('x'))).rejects.toThrow(DeferredInitializationError);
  });
  it('loads into uninitialized and deferred blocks, on the given context', async () => {
    await initialized().saveParameters(await at('all'));
    const net = new Net();
    await net.loadParameters(await at('all'), { ctx: [cpu(1)] });
    expect(net.head.weight.listCtx()).toEqual([cpu(1)]);
    const deferred = new nn.Sequential(new nn.Dense(2));
    deferred.initialize();
    await deferred.loadParameters(await encodeSafetensors({ '0.weight': tensor([[1], [2]]), '0.bias': zeros([2]) }));
    expect(deferred.call(tensor([[3]])).toArray()).toEqual([[3, 6]]);
  });
  it('refuses missing (AE) and extra (VE) names unless allowed', async () => {
    const net = new Net();
    const bytes = await encodeSafetensors({ 'head.weight': zeros([2, 3]), 'other.x': zeros([1]) });
    await expect(net.loadParameters(bytes)).rejects.toThrow(MissingKeysError);
    await expect(net.loadParameters(bytes, { allowMissing: true })).rejects.toThrow(/the model lacks other.x/);
    await expect(net.loadParameters(bytes, { ignoreExtra: true })).rejects.toThrow(/lacks body.0.bias/);
    await net.loadParameters(bytes, { allowMissing: true, ignoreExtra: true });
    expect(() => net.head.call(zeros([1, 3]))).toThrow(UninitializedParameterError);
  });
  it('round-trips a single layer across prefixes, and takes full names too, which MXNet does not', async () => {
    const [a, b] = [new nn.Dense(1, { inUnits: 1, prefix: 'a_' }), new nn.Dense(1, { prefix: 'b_' })];
    a.initialize({ init: 'ones' });
    await a.saveParameters(await at('single'));
    await b.loadParameters(await at('single'));
    expect(b.weight.data().item()).toBe(1);
    await b.collectParams().save(await at('full'));
    const c = new nn.Dense(1, { prefix: 'b_' });
    await c.loadParameters(await at('full'));
    expect(c.weight.data().item()).toBe(1);
    await c.loadParameters(await encodeSafetensors({ 'arg:b_weight': tensor([[5]]), 'arg:b_bias': tensor([0]) }));
    expect(c.weight.data().item()).toBe(5);
  });
  it('converts dtypes only when told', async () => {
    const dense = new nn.Dense(1, { inUnits: 1, dtype: 'float32' });
    dense.initialize();
    const bytes = await encodeSafetensors({ weight: tensor([[0.5]]), bias: tensor([0]) });
    await expect(dense.loadParameters(bytes)).rejects.toThrow(/castDtype/);
    await dense.loadParameters(bytes, { castDtype: true });
    expect(dense.weight.data().dtype).toBe('float32');
    await dense.loadParameters(bytes, { castDtype: true, dtypeSource: 'saved' });
    expect(dense.weight.data().dtype).toBe('float64');
  });
});

describe('3.3 save and load', () => {
  it('write the tree of blocks beside the parameters, and check it', async () => {
    const net = initialized();
    await net.save(await at('model'));
    const json = JSON.parse(await readFile(await at('model-model.json'), 'utf8')) as { block: { class: string; children: Record<string, unknown> } };
    expect([json.block.class, Object.keys(json.block.children)]).toEqual(['Net', ['body', 'head']]);
    const other = new Net();
    await other.load(await at('model'));
    expect(other.head.weight.data().toArray()).toEqual([[1, 1, 1], [1, 1, 1]]);
    await expect(new nn.Dense(1).load(await at('model'))).rejects.toThrow(ArgumentError);
    await expect(new nn.Dense(1).load(await at('nothing'))).rejects.toThrow(/ENOENT/);
  });
});
