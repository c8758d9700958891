import { BackendUnavailableError, Context, ContextError, tensor, withContext } from '@matheron/core-tensor';
import { describe, expect, it, vi } from 'vitest';
import { WasmBackend, initWasm, wasm } from '../src/index.ts';
import { bestBuild } from '../src/internal.ts';

describe('wasm()', () => {
  it('is one context an id, each with a backend of its own', () => {
    expect(wasm()).toBe(wasm(0));
    expect(wasm(1)).not.toBe(wasm(0));
    expect(wasm(1).backend).not.toBe(wasm(0).backend);
    expect(wasm(0)).toBeInstanceOf(Context);
    expect(String(wasm(2))).toBe('wasm(2)');
    expect(wasm().backend.name).toBe('wasm');
  });

  it('refuses ids that are none', () => {
    for (const id of [-1, 0.5, NaN]) expect(() => wasm(id)).toThrow(ContextError);
  });

  it('runs operations', () => {
    const y = withContext(wasm(), () => tensor([[2, 1], [1, 3]]).matmul([[1], [2]]));
    expect(y.ctx).toBe(wasm());
    expect(y.toArray()).toEqual([[4], [7]]);
  });

  it('can be prepared without blocking', async () => {
    await initWasm();
    await new WasmBackend().prepare();
    expect(wasm().backend).toBeInstanceOf(WasmBackend);
  });

  it('without SIMD says what to use instead', () => {
    const validate = vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
    try {
      expect(() => bestBuild()).toThrow(BackendUnavailableError);
      expect(() => wasm(7)).toThrow(/cpu\(\)/);
    } finally {
      validate.mockRestore();
    }
  });

  it('a loop over 8 MB intermediates stays within 600 MB', () => {
    const backend = new WasmBackend(), n = 1_000_000;
    let x = backend.upload(new Float64Array(n).fill(0.5), [n], 'float64'), most = 0;
    for (let k = 0; k < 120; k++) {
      x = backend.unary('tanh', backend.binary('add', x, x));
      if (k % 20 === 0) most = Math.max(most, process.memoryUsage().rss);
    }
    expect(most / 2 ** 20).toBeLessThan(600);
    expect(x.data[0]).toBeGreaterThan(0.9);
  });
});
