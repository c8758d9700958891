// The page: runs the suite here and, on threads, in a worker; leaves the result where the test reads it.
import { wasmThreads } from '@matheron/backend-wasm/threads';
import { runSuite } from './suite.mjs';

/** @typedef {{ passed: number, failures: string[] }} Result */

/** @returns {Promise<Result>} */
const inWorker = () =>
  new Promise((resolve) => {
    const worker = new Worker('/worker.js', { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => resolve({ passed: 0, failures: [`worker: ${event.message}`] });
  });

/** A page's main thread may not wait for others: the error says where to go. */
const refusedHere = () => {
  try {
    wasmThreads();
    return ['wasmThreads() was not refused on the main thread'];
  } catch (error) {
    return error instanceof Error && error.name === 'ContextError' && error.message.includes('inside a Worker') ? [] : [`wasmThreads() on the main thread: ${error}`];
  }
};

/** @type {Window & { suite?: Promise<unknown> }} */
const page = window;
page.suite = Promise.all([runSuite(), inWorker()]).then((results) => ({
  passed: results.reduce((n, result) => n + result.passed, 0), failures: [...results.flatMap((result) => result.failures), ...refusedHere()],
}));
