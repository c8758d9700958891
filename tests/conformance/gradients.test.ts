import { testGradients } from '@matheron/backend-conformance';
import { cpu } from '@matheron/backend-cpu';
import { describe, expect, it } from 'vitest';

const { cases } = testGradients(() => cpu(), { describe, it });

it('runs hundreds of cases', () => {
  expect(cases).toBeGreaterThan(500);
});
