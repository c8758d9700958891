import { MatheronError } from '@matheron/core-tensor';
import type { CoreKernels } from '../engine.ts';
import { type Host, startWorker } from './host.ts';

/** A call of a kernel by name; pointers into the shared memory. */
export interface Task { readonly kernel: keyof CoreKernels; readonly args: readonly number[] }

// states of a worker, in the control block
const starting = -1, idle = 0, busy = 1, reload = 2, failed = -2;
/** Bytes of the control block before the argument blocks, and numbers of an argument block: count, then kernel, length and arguments of each call. */
const header = 1024, slot = 64;

/** The loop of a worker. It runs in a scope of its own, from its source text, so it may use nothing but its parameters and globals. */
const workerSource = `
const run = ({ memory, module, control, index, names, header, slot, generation }) => {
  const state = new Int32Array(control, 0, header / 4), block = new Float64Array(control, header + index * slot * 8, slot);
  const kernels = new WebAssembly.Instance(module, { env: { memory, sin: Math.sin, cos: Math.cos, pow: Math.pow } }).exports;
  if (Atomics.load(state, header / 4 - 1) !== generation) return; // meanwhile there is another memory, and a message with it
  Atomics.store(state, index, ${idle});
  Atomics.notify(state, index);
  for (;;) {
    let now = Atomics.load(state, index);
    for (let spins = 0; now === ${idle}; now = Atomics.load(state, index)) if (++spins > 20000) Atomics.wait(state, index, ${idle});
    if (now === ${reload}) return Atomics.store(state, index, ${starting});
    try {
      for (let call = 0, at = 1; call < block[0]; call++) {
        kernels[names[block[at]]](...block.subarray(at + 2, at + 2 + block[at + 1]));
        at += 2 + block[at + 1];
      }
      Atomics.store(state, index, ${idle});
    } catch {
      Atomics.store(state, index, ${failed});
    }
    Atomics.notify(state, index);
  }
};
`;

/**
 * Workers on one shared memory. They start in the background: until one is ready, its share is done by the caller, so nothing waits for
 * a start that may need the caller's event loop. Results don't depend on how many take part.
 */
export class Pool {
  readonly workers: number;
  readonly #hosts: Host[] = [];
  readonly #control: SharedArrayBuffer;
  readonly #state: Int32Array<SharedArrayBuffer>;
  readonly #blocks: Float64Array<SharedArrayBuffer>[] = [];
  readonly #codes = new Map<string, number>();

  constructor(workers: number) {
    this.workers = workers;
    this.#control = new SharedArrayBuffer(header + workers * slot * 8);
    this.#state = new Int32Array(this.#control, 0, header / 4).fill(starting, 0, workers);
    for (let k = 0; k < workers; k++) {
      this.#blocks.push(new Float64Array(this.#control, header + k * slot * 8, slot));
      this.#hosts.push(startWorker(workerSource));
    }
  }

  /** Has the workers instantiate `module` on `memory`, now or when they have left the memory before. */
  attach(memory: WebAssembly.Memory, module: WebAssembly.Module): void {
    const generation = Atomics.add(this.#state, header / 4 - 1, 1) + 1;
    const names = WebAssembly.Module.exports(module).filter(({ kind, name }) => kind === 'function' && !name.endsWith('Lanes')).map(({ name }) => name);
    names.forEach((name, code) => this.#codes.set(name, code));
    this.#hosts.forEach((host, index) => {
      if (Atomics.load(this.#state, index) === idle) {
        Atomics.store(this.#state, index, reload);
        Atomics.notify(this.#state, index);
      }
      host.post({ memory, module, control: this.#control, index, names, header, slot, generation });
    });
  }

  /** Indices of the workers that wait for work. */
  ready(): number[] {
    return this.#hosts.flatMap((_, index) => (Atomics.load(this.#state, index) === idle ? [index] : []));
  }

  /** Resolves when all workers are ready; MatheronError where one doesn't start within 30 s. */
  async started(): Promise<void> {
    for (let waited = 0; this.ready().length < this.workers; waited++) {
      if (waited > 3000) throw new MatheronError('worker', `${this.workers - this.ready().length} of ${this.workers} workers did not start within 30 s; allow workers from blob: or data: in the content security policy`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Runs one list of tasks on each of the given workers, `own` meanwhile here; returns when all are done. */
  run(lists: readonly (readonly Task[])[], workers: readonly number[], own: () => void): void {
    lists.forEach((tasks, k) => {
      const index = workers[k]!, block = this.#blocks[index]!;
      block[0] = tasks.length;
      let at = 1;
      for (const { kernel, args } of tasks) {
        block[at] = this.#codes.get(kernel)!;
        block[at + 1] = args.length;
        block.set(args, at + 2);
        at += 2 + args.length;
      }
      Atomics.store(this.#state, index, busy);
      Atomics.notify(this.#state, index);
    });
    own();
    lists.forEach((_, k) => {
      const index = workers[k]!;
      let now = Atomics.load(this.#state, index);
      for (let spins = 0; now === busy; now = Atomics.load(this.#state, index)) if (++spins > 20000) Atomics.wait(this.#state, index, busy);
      if (now === failed) throw new MatheronError('worker', 'a kernel trapped in a worker; this is a defect of @matheron/backend-wasm');
    });
  }

  /** Ends the workers; none is ready any more. */
  terminate(): void {
    for (const host of this.#hosts) host.terminate();
    this.#state.fill(starting, 0, this.workers);
  }
}
