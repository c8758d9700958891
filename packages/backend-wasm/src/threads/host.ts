/** A worker, whatever the runtime calls it. */
export interface Host {
  post(message: object): void;
  terminate(): void;
}

interface NodeProcess { getBuiltinModule?(name: string): unknown }
interface NodeWorker { postMessage(message: object): void; terminate(): unknown; unref(): void }
interface NodeWorkers { Worker: new (url: URL) => NodeWorker }
interface NodeOs { availableParallelism(): number }

/** A module of Node's own, also in Deno and Bun; undefined in browsers. Not imported, so that bundles for browsers need no stub. */
function builtin(name: string): unknown {
  return (globalThis as { process?: NodeProcess }).process?.getBuiltinModule?.(name);
}

/**
 * Starts a worker from text that defines `run(message)`, called with each message. Its source is inlined so that bundlers, CDNs, Deno and
 * Bun need no configuration. It doesn't keep a process alive.
 */
export function startWorker(source: string): Host {
  const workers = builtin('node:worker_threads') as NodeWorkers | undefined;
  if (workers) {
    const text = `import { parentPort } from 'node:worker_threads';${source}parentPort.on('message', run);`;
    const worker = new workers.Worker(new URL(`data:text/javascript,${encodeURIComponent(text)}`));
    worker.unref();
    return { post: (message) => worker.postMessage(message), terminate: () => void worker.terminate() };
  }
  const url = URL.createObjectURL(new Blob([`${source}onmessage = ({ data }) => run(data);`], { type: 'text/javascript' }));
  const worker = new Worker(url, { type: 'module' });
  return { post: (message) => worker.postMessage(message), terminate: () => worker.terminate() };
}

/** Threads that the machine runs at once; 1 where that is unknown. */
export function parallelism(): number {
  const os = builtin('node:os') as NodeOs | undefined;
  return os?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}
