import { MatheronError } from '@matheron/core-tensor';
import { type Host, startWorker } from './host.ts';

/** Functions that the workers have on a memory: made by `Pool.attach`. */
export interface Attachment {
  /** The message that brought them; workers that have seen it can run them. */
  readonly message: number;
  readonly codes: ReadonlyMap<string, number>;
}
/** A call of an attached function. */
export interface Task {
  readonly on: Attachment;
  readonly name: string;
  readonly args: readonly number[];
}

// states of a worker, in the control block
const starting = -1, idle = 0, busy = 1, reload = 2, failed = -2;
/**
 * The control block: int32 states of up to 64 workers, then the last message each has seen, then the number of messages sent; from `header`
 * on an argument block for each worker of `slot` numbers: count of calls, then code, length and arguments of each.
 */
const header = 1024, slot = 64, seen = 64, sent = 128;

/** A worker's part. It runs in a scope of its own, from its source text, so it uses nothing but its message and globals. */
const workerSource = `
const functions = [], memories = new Map();
const take = ({ memory, key, module, codes, names, drop }) => {
  if (drop !== undefined) {
    for (const code of memories.get(drop)?.codes ?? []) functions[code] = undefined;
    return memories.delete(drop);
  }
  let known = memories.get(key);
  if (!known) memories.set(key, (known = { env: { memory, sin: Math.sin, cos: Math.cos, pow: Math.pow }, codes: [] }));
  const { exports } = new WebAssembly.Instance(module, { env: known.env });
  // later modules on the memory import vector functions of the first
  for (const name of Object.keys(exports)) if (name.endsWith('Lanes')) known.env[name] = exports[name];
  names.forEach((name, k) => {
    functions[codes[k]] = exports[name];
    known.codes.push(codes[k]);
  });
};
const run = (message) => {
  const { control, index, number } = message;
  const state = new Int32Array(control, 0, ${header / 4}), block = new Float64Array(control, ${header} + index * ${slot * 8}, ${slot});
  take(message);
  Atomics.store(state, ${seen} + index, number);
  // where more messages are under way, the event loop has to bring them first
  if (Atomics.load(state, ${sent}) !== number) return;
  Atomics.store(state, index, ${idle});
  if (Atomics.load(state, ${sent}) !== number && Atomics.compareExchange(state, index, ${idle}, ${starting}) === ${idle}) return;
  for (;;) {
    let now = Atomics.load(state, index);
    for (let spins = 0; now === ${idle}; now = Atomics.load(state, index)) if (++spins > 5000) Atomics.wait(state, index, ${idle});
    if (now === ${reload}) return Atomics.store(state, index, ${starting});
    try {
      for (let call = 0, at = 1; call < block[0]; call++) {
        functions[block[at]](...block.subarray(at + 2, at + 2 + block[at + 1]));
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
 * Workers that call functions of WebAssembly modules on memories shared with the caller. They start, and learn of new modules, in the
 * background: until a worker is ready its share is done by the caller, so that nothing waits for what may need the caller's event loop.
 * Results don't depend on how many take part.
 */
export class Pool {
  readonly workers: number;
  /** Lists of tasks that workers were given so far. */
  handed: number = 0;
  readonly #hosts: Host[] = [];
  readonly #control: SharedArrayBuffer;
  readonly #state: Int32Array<SharedArrayBuffer>;
  readonly #blocks: Float64Array<SharedArrayBuffer>[] = [];
  readonly #keys = new WeakMap<WebAssembly.Memory, number>();
  readonly #attached = new WeakMap<WebAssembly.Memory, WeakMap<WebAssembly.Module, Attachment>>();
  readonly #dropped = new FinalizationRegistry<number>((drop) => this.#send({ drop }));
  #nextKey = 0;
  #nextCode = 0;
  #messages = 0;

  constructor(workers: number) {
    this.workers = workers;
    this.#control = new SharedArrayBuffer(header + workers * slot * 8);
    this.#state = new Int32Array(this.#control, 0, header / 4).fill(starting, 0, workers);
    for (let k = 0; k < workers; k++) {
      this.#blocks.push(new Float64Array(this.#control, header + k * slot * 8, slot));
      this.#hosts.push(startWorker(workerSource));
    }
  }

  /** Has the workers instantiate `module` on `memory`: the core module first, then others, which may import its vector functions. */
  attach(memory: WebAssembly.Memory, module: WebAssembly.Module): Attachment {
    let modules = this.#attached.get(memory);
    if (!modules) this.#attached.set(memory, (modules = new WeakMap()));
    let attachment = modules.get(module);
    if (!attachment) {
      let key = this.#keys.get(memory);
      if (key === undefined) {
        this.#keys.set(memory, (key = this.#nextKey++));
        this.#dropped.register(memory, key);
      }
      const names = WebAssembly.Module.exports(module).filter(({ kind, name }) => kind === 'function' && !name.endsWith('Lanes')).map(({ name }) => name);
      const codes = names.map(() => this.#nextCode++);
      const message = this.#send({ memory, key, module, names, codes });
      modules.set(module, (attachment = { message, codes: new Map(names.map((name, k) => [name, codes[k]!])) }));
    }
    return attachment;
  }
  /** Sends each worker a message, for which it leaves its loop; returns its number. */
  #send(content: object): number {
    const number = ++this.#messages;
    Atomics.store(this.#state, sent, number);
    this.#hosts.forEach((host, index) => {
      host.post({ ...content, control: this.#control, index, number });
      if (Atomics.compareExchange(this.#state, index, idle, reload) === idle) Atomics.notify(this.#state, index);
    });
    return number;
  }

  /** Indices of the workers that wait for work and have the functions of `on`. */
  ready(on: Attachment): number[] {
    const state = this.#state;
    return this.#hosts.flatMap((_, index) => (Atomics.load(state, index) === idle && Atomics.load(state, seen + index) >= on.message ? [index] : []));
  }

  /** Resolves when all workers are ready; MatheronError where one doesn't start within 30 s. */
  async started(): Promise<void> {
    const missing = (): number => this.#hosts.filter((_, index) => Atomics.load(this.#state, index) !== idle).length;
    for (let waited = 0; missing() > 0; waited++) {
      if (waited > 3000) throw new MatheronError('worker', `${missing()} of ${this.workers} workers did not start within 30 s; allow workers from blob: or data: in the content security policy`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Runs one list of tasks on each of the given workers, `own` meanwhile here; returns when all are done. */
  run(lists: readonly (readonly Task[])[], workers: readonly number[], own: () => void): void {
    this.handed += lists.length;
    lists.forEach((tasks, k) => {
      const index = workers[k]!, block = this.#blocks[index]!;
      block[0] = tasks.length;
      let at = 1;
      for (const { on, name, args } of tasks) {
        block[at] = on.codes.get(name)!;
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
      for (let spins = 0; now === busy; now = Atomics.load(this.#state, index)) if (++spins > 5000) Atomics.wait(this.#state, index, busy);
      if (now === failed) throw new MatheronError('worker', 'a kernel trapped in a worker; this is a defect of @matheron/backend-wasm');
    });
  }

  /**
   * Splits 0 … size at multiples of `step` into parts of equal weight and runs them, the first here by `own`; `weight` maps a fraction of the
   * work to one of the range. `tasks` are told which worker they are for.
   */
  share(on: Attachment, size: number, step: number, tasks: (from: number, to: number, worker: number) => Task[], own: (from: number, to: number) => void, weight: (part: number) => number = (part) => part): void {
    const workers = this.ready(on), parts = Math.max(1, Math.min(workers.length + 1, Math.ceil(size / step)));
    const bound = (k: number): number => (k === parts ? size : Math.min(size, Math.round((size * weight(k / parts)) / step) * step));
    const lists: Task[][] = [];
    for (let k = 1; k < parts; k++) lists.push(tasks(bound(k), bound(k + 1), workers[k - 1]!));
    this.run(lists, workers, () => own(0, bound(1)));
  }

  /** Ends the workers; none is ready any more. */
  terminate(): void {
    for (const host of this.#hosts.splice(0)) host.terminate();
  }
}
