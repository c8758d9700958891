import { testBackend } from '@matheron/backend-conformance';
import { WasmBackend } from '@matheron/backend-wasm';
import { canRun } from '@matheron/backend-wasm/internal';
import { Context } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';

for (const build of (['simd', 'relaxed'] as const).filter(canRun)) {
  describe(`wasm, ${build}`, () => {
    const { cases } = testBackend(() => new Context('wasm', 0, new WasmBackend({ build })), { describe, it });
    it('runs every case', () => expect(cases).toBeGreaterThan(1000));
  });
}
