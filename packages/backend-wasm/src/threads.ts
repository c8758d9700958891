/** The WebAssembly backend on several threads. */
import { BackendUnavailableError, Context, ContextError } from '@matheron/core-tensor';
import type { PlanHost } from './compile/host.ts';
import type { Build } from './engine.ts';
import { parallelism } from './threads/host.ts';
import { Pool } from './threads/pool.ts';
import { sharedHost } from './threads/shared-host.ts';
import { SharedScratch } from './threads/shared-scratch.ts';
import { WasmBackend } from './wasm-backend.ts';

const contexts = new Map<number, { readonly threads: number; readonly context: Context }>();

/**
 * The context of the threaded WebAssembly backend with this id: the same object each time. Products, Cholesky, solves, inverses and large
 * elementwise operations are shared out among `threads` threads (the caller's among them; by default as many as the machine runs, at most
 * 8), with the same results as `wasm()`, bit for bit. In Node, Deno, Bun, and inside a Worker of a cross-origin-isolated page.
 *
 * ContextError on a browser's main thread, which may not block; BackendUnavailableError without shared memory or SIMD.
 */
export function wasmThreads(options: { readonly id?: number; readonly threads?: number } = {}): Context {
  const { id = 0 } = options;
  if (!Number.isInteger(id) || id < 0) throw new ContextError(`wasmThreads: ${id} is no id of a context; use a non-negative integer`);
  const known = contexts.get(id);
  const threads = options.threads ?? known?.threads ?? Math.min(8, Math.max(1, parallelism()));
  if (!Number.isInteger(threads) || threads < 1 || threads > 64) throw new ContextError(`wasmThreads: ${threads} threads; use an integer from 1 to 64`);
  if (known) {
    if (known.threads === threads) return known.context;
    throw new ContextError(`wasmThreads: context ${id} runs on ${known.threads} threads, not ${threads}; use another id`);
  }
  requireBlocking();
  const context = new Context('wasm-threads', id, new ThreadedBackend(threads));
  contexts.set(id, { threads, context });
  return context;
}

/** `WasmBackend` on shared memories with workers. */
export class ThreadedBackend extends WasmBackend {
  readonly threads: number;
  readonly #pool: Pool;
  constructor(threads: number, options: { readonly build?: Build } = {}) {
    const pool = new Pool(threads - 1);
    super({ name: 'wasm-threads', scratch: new SharedScratch(pool, options.build) });
    this.threads = threads;
    this.#pool = pool;
  }
  /** Resolves when all workers run. Before, operations run on the workers that do; nothing has to wait for this. */
  started(): Promise<void> {
    return this.#pool.started();
  }
  /** How often a worker has taken a part so far. */
  get handed(): number {
    return this.#pool.handed;
  }
  /** Ends the workers; operations go on on the caller's thread. */
  terminate(): void {
    this.#pool.terminate();
  }
  protected override planHost(): PlanHost {
    return sharedHost(this.#pool, this.build);
  }
}

/** Refuses where threads can't share memory, or this one may not wait for others. */
function requireBlocking(): void {
  if (typeof SharedArrayBuffer === 'undefined') {
    throw new BackendUnavailableError(
      'wasm-threads', 'there is no SharedArrayBuffer', "serve the page with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or use wasm()", ['SharedArrayBuffer'],
    );
  }
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
  } catch {
    throw new ContextError("wasmThreads: a browser's main thread may not wait for other threads; call it inside a Worker, or use wasm() here", ['wasm-threads(0)']);
  }
}
