// The conformance suite on each device that tfjs has here, for environments without a test runner: from dist.
import { testBackend } from '@matheron/backend-conformance';
import { tfjs, tfjsNode } from '@matheron/backend-tfjs';
import { collector } from '../environments/runner.mjs';
import { limits } from './limits.mjs';

/** @type {Readonly<Record<string, () => Promise<import('@matheron/core-tensor').Context>>>} */
export const devices = {
  'tfjs-cpu': () => tfjs('cpu', { dtype: 'float32' }),
  'tfjs-wasm': () => tfjs('wasm', { dtype: 'float32' }),
  'tfjs-webgl': () => tfjs('webgl', { dtype: 'float32' }),
  'tfjs-webgpu': () => tfjs('webgpu', { dtype: 'float32' }),
  'tfjs-node': () => tfjsNode(),
};

/**
 * `only` picks groups of cases; `progress` is told of each case before it runs.
 * @type {(name: string, options?: { only?: RegExp, progress?: (done: number, name: string) => void }) => Promise<{ passed: number, failures: string[] }>}
 */
export const runSuite = (name, { only, progress } = {}) => {
  const runner = collector();
  let chosen = true;
  let done = 0;
  testBackend(/** @type {() => Promise<import('@matheron/core-tensor').Context>} */ (devices[name]), {
    describe: (group, body) => {
      chosen = !only || only.test(group);
      runner.describe(group, body);
    },
    it: (one, body) => {
      if (!chosen) return;
      runner.it(one, () => {
        progress?.(done++, one);
        return body();
      });
    },
    ...limits[name],
  });
  return runner.run();
};
