import { compiledContext, testBackend, testGradients } from '@matheron/backend-conformance';
import { WasmBackend } from '@matheron/backend-wasm';
import { Context } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';

// Every call planned, emitted and run in a memory of its own.
const compiled = compiledContext(new Context('wasm', 0, new WasmBackend()));

describe('compiled on wasm', () => {
  const { cases } = testBackend(() => compiled, { describe, it });
  it('runs more than 1,000 cases', () => expect(cases).toBeGreaterThan(1000));
  testGradients(() => compiled, { describe, it });
});
