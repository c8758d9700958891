import { type Rng, defaultRng } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import type { Dataset } from './dataset.ts';

/** An order of item numbers; each iteration is an epoch. */
export interface Sampler<T = number> extends Iterable<T> {
  readonly length: number;
}
/** What to do with the items that don't fill the last batch: keep them as a smaller one, drop them, or put them before the next epoch's. */
export type LastBatch = 'keep' | 'discard' | 'rollover';

function checkedLength(length: number): number {
  if (!(Number.isInteger(length) && length >= 0)) throw new ArgumentError('length', length, 'a non-negative integer');
  return length;
}

/** start, start + 1, … */
export class SequentialSampler implements Sampler {
  readonly length: number;
  readonly start: number;
  constructor(length: number, start = 0) {
    this.length = checkedLength(length);
    this.start = start;
  }
  *[Symbol.iterator](): Iterator<number> {
    for (let k = 0; k < this.length; k++) yield this.start + k;
  }
}

/** A random order, another one each epoch; the same for the same state of the generator. */
export class RandomSampler implements Sampler {
  readonly length: number;
  readonly #rng: Rng | undefined;
  constructor(length: number, options: { rng?: Rng } = {}) {
    this.length = checkedLength(length);
    this.#rng = options.rng;
  }
  *[Symbol.iterator](): Iterator<number> {
    yield* (this.#rng ?? defaultRng()).permutation(this.length).dataSync();
  }
}

/** The items of a dataset for which `keep` holds. */
export class FilterSampler<T> implements Sampler {
  readonly #indices: readonly number[];
  constructor(keep: (item: T) => boolean, dataset: Dataset<T>) {
    this.#indices = Array.from({ length: dataset.length }, (_, k) => k).filter((k) => keep(dataset.at(k)));
  }
  get length(): number {
    return this.#indices.length;
  }
  [Symbol.iterator](): Iterator<number> {
    return this.#indices[Symbol.iterator]();
  }
}

/** 0, interval, 2 interval, …, then (with `rollover`) 1, 1 + interval, … until all are there. */
export class IntervalSampler implements Sampler {
  readonly #size: number;
  readonly interval: number;
  readonly rollover: boolean;
  constructor(size: number, interval: number, rollover = true) {
    if (!(Number.isInteger(interval) && interval >= 1 && interval <= size)) throw new ArgumentError('interval', interval, `an integer in [1, ${size}]`);
    this.#size = size;
    this.interval = interval;
    this.rollover = rollover;
  }
  get length(): number {
    return this.rollover ? this.#size : Math.ceil(this.#size / this.interval);
  }
  *[Symbol.iterator](): Iterator<number> {
    for (let start = 0; start < (this.rollover ? this.interval : 1); start++) for (let k = start; k < this.#size; k += this.interval) yield k;
  }
}

/** Batches of a sampler's numbers. */
export class BatchSampler implements Sampler<number[]> {
  readonly batchSize: number;
  readonly lastBatch: LastBatch;
  readonly #sampler: Sampler;
  #left: number[] = [];
  constructor(sampler: Sampler, batchSize: number, lastBatch: LastBatch = 'keep') {
    if (!(Number.isInteger(batchSize) && batchSize >= 1)) throw new ArgumentError('batchSize', batchSize, 'a positive integer');
    if (!['keep', 'discard', 'rollover'].includes(lastBatch)) throw new ArgumentError('lastBatch', lastBatch, "'keep', 'discard' or 'rollover'");
    this.#sampler = sampler;
    this.batchSize = batchSize;
    this.lastBatch = lastBatch;
  }
  /** Batches of the next epoch. */
  get length(): number {
    const items = this.#sampler.length + this.#left.length;
    return this.lastBatch === 'keep' ? Math.ceil(items / this.batchSize) : Math.floor(items / this.batchSize);
  }
  /** What is left over for the next epoch: what a checkpoint keeps. */
  get leftover(): readonly number[] {
    return this.#left;
  }
  set leftover(items: readonly number[]) {
    this.#left = [...items];
  }
  *[Symbol.iterator](): Iterator<number[]> {
    let batch = this.#left;
    this.#left = [];
    for (const k of this.#sampler) {
      batch.push(k);
      if (batch.length < this.batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length === 0 || this.lastBatch === 'discard') return;
    if (this.lastBatch === 'keep') yield batch;
    else this.#left = batch;
  }
}
