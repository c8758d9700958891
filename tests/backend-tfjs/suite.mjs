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

/** @type {(name: string) => Promise<{ passed: number, failures: string[] }>} */
export const runSuite = (name) => {
  const { describe, it, run } = collector();
  testBackend(/** @type {() => Promise<import('@matheron/core-tensor').Context>} */ (devices[name]), { describe, it, ...limits[name] });
  return run();
};
