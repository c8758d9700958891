import { testBackend } from '@matheron/backend-conformance';
import { tfjsNode } from '@matheron/backend-tfjs';
import { describe, expect, it } from 'vitest';
import { limits } from './limits.mjs';

// The binding is there once tooling/tfjs-node/prepare.mjs has run, as CI's stage tfjs does before it runs this suite.
const prepared = await tfjsNode().then(() => true, () => false);

describe.skipIf(!prepared)('tfjs-node', () => {
  const { cases } = testBackend(() => tfjsNode(), { describe, it, ...limits['tfjs-node'] });
  it('runs more than 1,000 cases', () => {
    expect(cases).toBeGreaterThan(1000);
  });
});
