import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpu } from '@matheron/backend-cpu';
import { setDefaultContext, tensor } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';
import { nn } from '../src/index.ts';
import expected from './fixtures/mxnet-expected.json' with { type: 'json' };

setDefaultContext(cpu());
const bytes = (name: string): Uint8Array => new Uint8Array(readFileSync(join(import.meta.dirname, 'fixtures', name)));

/** The net whose parameters MXNet 1.9.1 wrote. */
function made(): nn.HybridSequential {
  const net = new nn.HybridSequential({ prefix: 'net_' });
  net.nameScope(() => net.add(new nn.Dense(4, { activation: 'relu' }), new nn.BatchNorm(), new nn.Dense(2)));
  return net;
}

describe("files of MXNet's own", () => {
  for (const name of ['block-structural.params', 'dict-full-names.params'] as const) {
    it(`${name} loads, and the net computes what MXNet's computed`, async () => {
      const net = made();
      await net.loadParameters(bytes(name));
      expect([...net.collectParams().keys()]).toEqual(Object.keys(expected['dict-full-names.params']));
      expect([...net.structuralParams().keys()]).toEqual(Object.keys(expected['block-structural.params']));
      const y = net.call(tensor(expected.forward.x, { dtype: 'float32' }));
      expect(y.dtype).toBe('float32');
      y.toArray<number[][]>().forEach((row, i) => row.forEach((v, j) => expect(v).toBeCloseTo(expected.forward.y[i]![j]!, 6)));
    });
  }
  it('loads into ParameterDicts as well, cast where asked', async () => {
    const net = made();
    net.cast('float64');
    net.initialize();
    await expect(net.collectParams().load(bytes('dict-full-names.params'))).rejects.toThrow(/castDtype/);
    await net.collectParams().load(bytes('dict-full-names.params'), { castDtype: true });
    expect(net.call(tensor(expected.forward.x)).dtype).toBe('float64');
  });
});
