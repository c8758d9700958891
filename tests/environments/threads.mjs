// The conformance suite on two threads, once both run. Where a thread may wait: runtimes, and workers of a page.
import { testBackend } from '@matheron/backend-conformance';
import { ThreadedBackend, wasmThreads } from '@matheron/backend-wasm/threads';
import { collector } from './runner.mjs';

/** @returns {Promise<{ passed: number, failures: string[] }>} */
export const runThreads = async () => {
  const { describe, it, run } = collector();
  const { backend } = wasmThreads({ threads: 2 });
  if (!(backend instanceof ThreadedBackend)) throw new Error('wasmThreads has no ThreadedBackend');
  await backend.started();
  describe('wasm-threads', () => void testBackend(() => wasmThreads(), { describe, it }));
  const result = await run();
  backend.terminate();
  return result;
};
