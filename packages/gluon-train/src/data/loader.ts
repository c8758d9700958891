import { Generator, type Rng, defaultRng } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import { type Batch, defaultBatchify } from './batchify.ts';
import type { Dataset } from './dataset.ts';
import { BatchSampler, type LastBatch, RandomSampler, type Sampler, SequentialSampler } from './sampler.ts';

/** How a {@link DataLoader} makes batches. */
export interface LoaderOptions<T, B> {
  /** Items a batch; not beside `batchSampler`. */
  batchSize?: number;
  /** Another random order each epoch; false. */
  shuffle?: boolean;
  /** An order of your own; not beside `shuffle`. */
  sampler?: Sampler;
  /** 'keep' */
  lastBatch?: LastBatch;
  /** Batches of your own; not beside the four above. */
  batchSampler?: Sampler<readonly number[]>;
  /** Items to a batch; stacks tensors, part by part. */
  batchify?: (items: readonly T[]) => B;
  /** Of the random order; the default generator. */
  rng?: Rng;
  /** Batches prepared at the same time in `for await`; 0 is one after the other. For datasets whose `at` returns promises. */
  workers?: number;
  /** Batches held ready at most in `for await`; 2 · workers. */
  prefetch?: number;
}

/**
 * Batches of a dataset: `for … of` here and now; `for await … of` with several batches under way, in the same order, never more than
 * `prefetch` ahead. The order depends on the state of the generator alone.
 */
export class DataLoader<T, B = Batch<T>> implements Iterable<B>, AsyncIterable<B> {
  readonly #dataset: Dataset<T>;
  readonly #batches: Sampler<readonly number[]>;
  readonly #batchify: ((items: readonly T[]) => B) | undefined;
  readonly #rng: Rng | undefined;
  readonly #workers: number;
  readonly #prefetch: number;
  constructor(dataset: Dataset<T>, options: LoaderOptions<T, B>) {
    const { batchSize, shuffle, sampler, lastBatch, batchSampler, batchify, rng } = options;
    if (batchSampler) {
      for (const [name, value] of Object.entries({ batchSize, shuffle, sampler, lastBatch })) if (value !== undefined && value !== false) throw new ArgumentError(name, value, 'nothing beside batchSampler');
      this.#batches = batchSampler;
    } else {
      if (batchSize === undefined) throw new ArgumentError('batchSize', undefined, 'a batch size, or a batchSampler');
      if (shuffle && sampler) throw new ArgumentError('shuffle', true, 'false beside a sampler');
      const order = sampler ?? (shuffle ? new RandomSampler(dataset.length, rng ? { rng } : {}) : new SequentialSampler(dataset.length));
      this.#batches = new BatchSampler(order, batchSize, lastBatch ?? 'keep');
    }
    this.#dataset = dataset;
    this.#batchify = batchify;
    this.#rng = rng;
    this.#workers = nonNegative('workers', options.workers ?? 0);
    this.#prefetch = nonNegative('prefetch', options.prefetch ?? 2 * this.#workers);
  }
  /** Batches of the next epoch. */
  get length(): number {
    return this.#batches.length;
  }
  /** The state of its random order: what a checkpoint keeps, and restores. */
  get state(): string {
    const rng = this.#rng ?? defaultRng();
    return JSON.stringify({ rng: rng instanceof Generator ? rng.state : undefined, leftover: this.#batches instanceof BatchSampler ? this.#batches.leftover : [] });
  }
  set state(text: string) {
    const { rng: state, leftover } = JSON.parse(text) as { rng?: string; leftover: number[] };
    const rng = this.#rng ?? defaultRng();
    if (state !== undefined && rng instanceof Generator) rng.state = state;
    if (this.#batches instanceof BatchSampler) this.#batches.leftover = leftover;
  }
  *[Symbol.iterator](): Iterator<B> {
    for (const indices of this.#batches) yield this.#whole(indices) ?? this.#together(indices.map((k) => synchronous(this.#dataset.at(k))));
  }
  async *[Symbol.asyncIterator](): AsyncIterator<B> {
    const batches = this.#batches[Symbol.iterator]();
    const ahead = Math.max(1, this.#prefetch);
    const waiting: Promise<B>[] = [];
    for (;;) {
      while (waiting.length < ahead) {
        const next = batches.next();
        if (next.done) break;
        const batch = this.#later(next.value);
        // Reported where the batch is awaited; until then nobody listens.
        batch.catch(() => {});
        waiting.push(batch);
      }
      const first = waiting.shift();
      if (!first) return;
      yield await first;
    }
  }
  async #later(indices: readonly number[]): Promise<B> {
    return this.#whole(indices) ?? this.#together(await Promise.all(indices.map(async (k) => await this.#dataset.at(k))));
  }
  #together(items: readonly T[]): B {
    return this.#batchify ? this.#batchify(items) : (defaultBatchify(items) as B);
  }
  /** The batch at once, where the dataset can and nothing is to be done to its items. */
  #whole(indices: readonly number[]): B | undefined {
    const { batch } = this.#dataset as { batch?: (indices: readonly number[]) => unknown };
    return this.#batchify || !batch ? undefined : (batch.call(this.#dataset, indices) as B);
  }
}

function synchronous<T>(item: T): T {
  if (typeof item === 'object' && item !== null && typeof (item as { then?: unknown }).then === 'function') throw new ArgumentError('dataset', 'a promise for an item', 'items; read the loader with for await');
  return item;
}
function nonNegative(name: string, value: number): number {
  if (!(Number.isInteger(value) && value >= 0)) throw new ArgumentError(name, value, 'a non-negative integer');
  return value;
}
