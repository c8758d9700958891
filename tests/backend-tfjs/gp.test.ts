import { tfjsNode } from '@matheron/backend-tfjs';
import { zeros } from '@matheron/core-tensor';
import { describe, expect, it, vi } from 'vitest';

// The fixtures of gpautograd on tfjs-node in float64: the tests of gp themselves, with tfjs-node in the place of cpu and ten times their tolerance.
const context = await tfjsNode().catch(() => undefined);
vi.mock('@matheron/backend-cpu', async (original) => ({ ...(await original<object>()), cpu: () => context }));
vi.mock('../../packages/gp/test/fixture.ts', async (original) => {
  type Close = (actual: unknown, expected: unknown, tolerance?: number, what?: string) => void;
  const fixture = await original<{ close: Close }>();
  return { ...fixture, close: ((actual, expected, tolerance = 1e-10, what) => fixture.close(actual, expected, 10 * tolerance, what)) satisfies Close };
});

const suites = ['behaviour', 'kernels', 'learncurve', 'likelihood', 'parts', 'posterior', 'hypertune', 'independent'];
if (context) {
  it('runs on tfjs-node', () => {
    expect(zeros([1]).ctx).toBe(context);
  });
  for (const suite of suites) await import(`../../packages/gp/test/gpautograd-${suite}.test.ts`);
  // Skipped until the binding is prepared, which stage `tfjs` of CI does before it runs this file again.
} else describe.skip('gpautograd on tfjs-node', () => it('needs the binding that tooling/tfjs-node/prepare.mjs makes', () => {}));
