import { compiledContext, testBackend, testGradients } from '@matheron/backend-conformance';
import { cpu } from '@matheron/backend-cpu';
import { describe, expect, it } from 'vitest';

const traced = compiledContext(cpu());

describe('tracing(cpu)', () => {
  const { cases } = testBackend(() => traced, { describe, it });
  it('runs more than 1,000 cases', () => expect(cases).toBeGreaterThan(1000));
});

describe('gradients on tracing(cpu)', () => {
  testGradients(() => traced, { describe, it });
});
