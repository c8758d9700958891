import { testBackend } from '@matheron/backend-conformance';
import { tfjs } from '@matheron/backend-tfjs';
import { describe, expect, it } from 'vitest';
import { limits } from './limits.mjs';

const { cases } = testBackend(() => tfjs('wasm', { dtype: 'float32' }), { describe, it, ...limits['tfjs-wasm'] });

it('runs more than 1,000 cases', () => {
  expect(cases).toBeGreaterThan(1000);
});
