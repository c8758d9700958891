import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, ConfigError, ContextError, configure, createContext, currentContext, defaultRng, loadConfig, ones, tensor, wasm } from '../src/index.ts';

describe('createContext', () => {
  it('gives the same context for the same configuration', async () => {
    for (const config of [{ backend: 'cpu' }, { dtype: 'float32' }, { backend: 'wasm', threads: 2 }] satisfies Config[]) expect(await createContext(config)).toBe(await createContext(config));
    const x = tensor([1, 2], { ctx: await createContext({ dtype: 'float32' }) }), y = ones([2], { ctx: await createContext({ dtype: 'float32' }) });
    expect([x.add(y).dtype, x.add(y).toArray()]).toEqual(['float32', [2, 3]]);
  });
  it('tells a context from its sibling of another dtype', async () => {
    const single = await createContext({ dtype: 'float32' });
    expect([single.type, single.backend === wasm().backend, String(single)]).toEqual(['wasm', true, 'wasm(0) in float32']);
    expect(() => tensor([1], { ctx: single }).add(tensor([1], { ctx: wasm() }))).toThrow(ContextError);
  });
  it('takes another id where one runs with other options', async () => {
    const two = await createContext({ backend: 'wasm', threads: 2 }), three = await createContext({ backend: 'wasm', threads: 3 });
    expect([two.type, three.type, two === three]).toEqual(['wasm-threads', 'wasm-threads', false]);
    expect(await createContext({ backend: 'wasm', threads: 2 })).toBe(two);
    await expect(createContext({ backend: 'wasm', threads: 65 })).rejects.toThrow('65 threads');
  });
  it('goes on to the next of a list, and names what is wrong', async () => {
    expect((await createContext({ backend: ['native', 'cpu'], blas: '/nowhere.so' })).type).toBe('cpu');
    await expect(createContext({ backend: 'wsam' as 'wasm' })).rejects.toMatchObject({ code: 'config', key: 'backend', suggestion: 'wasm' });
    await expect(createContext({ bakend: 'wasm' } as Config)).rejects.toMatchObject({ key: 'bakend', suggestion: 'backend' });
    await expect(createContext({ backend: 'tfjs-cpu' })).rejects.toThrow(ConfigError);
  });
});

describe('loadConfig', () => {
  let folder: string;
  const before = process.env['MATHERON_BACKEND'];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'matheron-config-'));
    delete process.env['MATHERON_BACKEND'];
  });
  afterEach(async () => {
    if (before === undefined) delete process.env['MATHERON_BACKEND'];
    else process.env['MATHERON_BACKEND'] = before;
    await rm(folder, { recursive: true });
  });
  it('reads the nearest file upwards, and the variable over it', async () => {
    const inner = join(folder, 'a', 'b');
    await mkdir(inner, { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify({ matheron: { backend: 'cpu', seed: 3 } }));
    await writeFile(join(folder, 'a', 'package.json'), '{}');
    expect(await loadConfig(inner)).toEqual({ backend: 'cpu', seed: 3 });
    await writeFile(join(folder, 'a', 'matheron.config.json'), '{ "threads": 2 }');
    expect(await loadConfig(inner)).toEqual({ threads: 2 });
    process.env['MATHERON_BACKEND'] = 'wasm, cpu';
    expect(await loadConfig(inner)).toEqual({ threads: 2, backend: ['wasm', 'cpu'] });
  });
  it('names the file and the key of a mistake', async () => {
    const file = join(folder, 'matheron.config.json');
    await writeFile(file, '{ "backend": "cpuu" }');
    await expect(loadConfig(folder)).rejects.toMatchObject({ file, key: 'backend', suggestion: 'cpu' });
    await writeFile(file, '{ backend }');
    await expect(loadConfig(folder)).rejects.toThrow('is no JSON');
  });
});

it('configure makes the context the default, and a seed repeats', async () => {
  const draw = async (): Promise<unknown> => {
    const ctx = await configure({ backend: 'cpu', seed: 5 });
    expect(currentContext()).toBe(ctx);
    return defaultRng().uniform([3]).toArray();
  };
  expect(await draw()).toEqual(await draw());
});
