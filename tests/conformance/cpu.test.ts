import { testBackend } from '@matheron/backend-conformance';
import { cpu } from '@matheron/backend-cpu';
import { describe, expect, it } from 'vitest';

const { cases } = testBackend(() => cpu(), { describe, it });

it('runs more than 1,000 cases', () => {
  expect(cases).toBeGreaterThan(1000);
});
