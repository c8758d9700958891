import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backward, record } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { ShapeError, type Tensor, setDefaultContext, tensor } from '@matheron/core-tensor';
import { ArgumentError, MissingKeysError, UninitializedParameterError, loadTensors } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { HybridBlock, SymbolBlock, nn } from '../src/index.ts';

setDefaultContext(cpu());
const folder = mkdtemp(join(tmpdir(), 'matheron-'));
const at = async (name: string): Promise<string> => join(await folder, name);

async function exported(): Promise<{ net: nn.HybridSequential; files: { graph: string; params: string } }> {
  const net = new nn.HybridSequential({ prefix: 'net_' }, new nn.Dense(3, { activation: 'tanh', prefix: 'a_' }), new nn.Dropout(0.5), new nn.Dense(1, { prefix: 'b_' }));
  net.initialize({ init: 'xavier' });
  (net.at(2) as nn.Dense).bias!.gradReq = 'null';
  net.hybridize();
  net.call(tensor([[1, 2], [3, 4]]));
  return { net, files: await net.export(await at('net'), { epoch: 7 }) };
}

describe('3.4 export and SymbolBlock', () => {
  it('needs a hybridized forward before (RT)', async () => {
    const net = new nn.Dense(1);
    net.initialize();
    await expect(net.export(await at('x'))).rejects.toThrow(ArgumentError);
    net.hybridize();
    await expect(net.export(await at('x'))).rejects.toThrow(/run it once/);
  });
  it("writes path-symbol.json and path-0007.params with 'arg:' and 'aux:' keys", async () => {
    const { files } = await exported();
    expect(files).toEqual({ graph: await at('net-symbol.json'), params: await at('net-0007.params') });
    expect(Object.keys((await loadTensors(files.params)).tensors).sort()).toEqual(['arg:a_bias', 'arg:a_weight', 'arg:b_weight', 'aux:b_bias']);
    const file = JSON.parse(await readFile(files.graph, 'utf8')) as { inputs: { name: string }[] };
    expect(file.inputs.map(({ name }) => name)).toEqual(['data']);
  });
  it('computes what the block computes in prediction mode, for any batch size', async () => {
    const { net, files } = await exported();
    const again = await SymbolBlock.imports(files.graph, ['data'], files.params);
    for (const x of [tensor([[1, 2], [3, 4]]), tensor([[0.5, -1], [2, 0], [1, 1], [0, 3], [2, 2]])]) {
      expect((again.call(x) as Tensor).toArray()).toEqual(net.call(x).toArray());
    }
    expect(again.prefix).toBe('');
    expect([...again.collectParams().keys()]).toEqual(expect.arrayContaining(['a_weight', 'b_weight']));
  });
  it('is trainable, and can be hybridized, on other contexts too', async () => {
    const { files } = await exported();
    const again = await SymbolBlock.imports(files.graph, ['data'], files.params, { ctx: cpu(1) });
    const x = tensor([[1, 2]], { ctx: cpu(1) });
    backward(record(() => (again.call(x) as Tensor).sum()));
    const eager = again.params.at('a_weight').grad().toArray();
    expect((eager as number[][]).flat().some((v) => v !== 0)).toBe(true);
    again.hybridize();
    backward(record(() => (again.call(x) as Tensor).sum()));
    expect(again.params.at('a_weight').grad().toArray()).toEqual(eager);
    expect(again.params.at('b_bias').gradReq).toBe('null');
  });
  it('names several inputs data0, data1, in any order, and keeps lists', async () => {
    class Two extends HybridBlock {
      override forward(x: Tensor, y: Tensor): Tensor[] {
        return [x.sub(y), x.mul(y)];
      }
    }
    const two = new Two();
    two.hybridize();
    two.call(tensor([1]), tensor([2]));
    const { graph } = await two.export(await at('two'));
    const swapped = await SymbolBlock.imports(graph, ['data1', 'data0']);
    expect((swapped.call(tensor([1]), tensor([5])) as Tensor[]).map((y) => y.item())).toEqual([4, 5]);
  });
  it('refuses other inputs, shapes, missing parameters and files that are none', async () => {
    const { files } = await exported();
    await expect(SymbolBlock.imports(files.graph, ['x'])).rejects.toThrow(/inputs of the graph: data/);
    const bare = await SymbolBlock.imports(files.graph, ['data']);
    expect(() => bare.call(tensor([[1, 2]]))).toThrow(UninitializedParameterError);
    bare.initialize();
    expect(() => bare.call(tensor([[1, 2, 3]]))).toThrow(ShapeError);
    expect(() => bare.call(tensor([[1, 2]], { dtype: 'float32' }))).toThrow(ArgumentError);
    await expect(SymbolBlock.imports(new TextEncoder().encode('{}'), [])).rejects.toThrow(ArgumentError);
    await expect(SymbolBlock.imports(new TextEncoder().encode('no json'), [])).rejects.toThrow(/JSON/);
    const hostile = JSON.stringify({ ...JSON.parse(await readFile(files.graph, 'utf8')), outputs: [['node', 999, 0]] });
    await expect(SymbolBlock.imports(new TextEncoder().encode(hostile), ['data'])).rejects.toThrow(/references/);
    const other = new nn.Dense(1, { inUnits: 1 });
    other.initialize();
    await other.collectParams().save(await at('other'));
    await expect(SymbolBlock.imports(files.graph, ['data'], await at('other'))).rejects.toThrow(MissingKeysError);
  });
});
