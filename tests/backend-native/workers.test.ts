import { native } from '@matheron/backend-native';
import { buildSync } from 'esbuild';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, expect, it } from 'vitest';
import { libraries, withBlas } from './libraries.ts';
import { type Round, work } from './worker-problem.ts';

// Beside the package, so that the bundle finds koffi.
const folder = join(import.meta.dirname, '../../packages/backend-native/node_modules/.cache/workers'), bundle = join(folder, 'worker.mjs');
const rounds = 6;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(n: number, bad: number): Promise<Round[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(bundle, { workerData: { library: libraries[0]!.path, n, bad, rounds } });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
function check(results: readonly Round[], bad: number): void {
  expect(results.map(({ pivot }) => pivot)).toEqual(Array.from({ length: rounds }, (_, k) => bad + k));
  for (const { product, inverse } of results) {
    expect(product).toBeLessThan(1);
    expect(inverse).toBeLessThan(1);
  }
}

withBlas('worker threads', () => {
  it('four with different sizes at once, and several threads in the main one, never mix results or errors', async () => {
    mkdirSync(folder, { recursive: true });
    buildSync({ entryPoints: [join(import.meta.dirname, 'worker.ts')], outfile: bundle, bundle: true, format: 'esm', platform: 'node', target: 'es2022', conditions: ['@matheron/source'], logLevel: 'error' });
    const tasks = [[64, 20], [200, 150], [333, 300], [520, 400]] as const;
    const running = tasks.map(([n, bad]) => start(n, bad));
    const ctx = native({ id: 9, library: libraries[0]!.path, threads: 2 }), own: Round[] = [];
    for (let k = 0; k < rounds; k++) {
      own.push(work(ctx, 530, 77 + k));
      await new Promise((resolve) => setImmediate(resolve));
    }
    check(own, 77);
    for (const [k, results] of (await Promise.all(running)).entries()) check(results, tasks[k]![1]);
  });
});
