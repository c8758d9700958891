import { type Tensor, type TensorLike, asTensor, take, tensor } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';

/** Items by number. `at` may be asynchronous where the dataset is read with `for await`. */
export interface Dataset<T> {
  readonly length: number;
  /** The item of that number. */
  at(index: number): T;
}

/** A dataset with what can be done to one. Subclasses write `length` and `at`. */
export abstract class DatasetBase<T> implements Dataset<T> {
  abstract readonly length: number;
  /** The item of that number. */
  abstract at(index: number): T;
  /** The items for which `keep` holds; it is asked once for each, now. */
  filter(keep: (item: T) => boolean): DatasetBase<T> {
    return new Selection(this, Array.from({ length: this.length }, (_, k) => k).filter((k) => keep(this.at(k))));
  }
  /** Part `index` of `shards` parts of consecutive items; the first `length % shards` have one more. */
  shard(shards: number, index: number): DatasetBase<T> {
    if (!(Number.isInteger(shards) && shards >= 1)) throw new ArgumentError('shards', shards, 'a positive integer');
    if (!(Number.isInteger(index) && index >= 0 && index < shards)) throw new ArgumentError('index', index, `an integer in [0, ${shards})`);
    const [each, more] = [Math.floor(this.length / shards), this.length % shards];
    const start = index * each + Math.min(index, more);
    return new Selection(this, Array.from({ length: each + (index < more ? 1 : 0) }, (_, k) => start + k));
  }
  /** The first `count` items; all where it is absent or larger. */
  take(count?: number): DatasetBase<T> {
    if (count !== undefined && !(Number.isInteger(count) && count >= 0)) throw new ArgumentError('count', count, 'a non-negative integer');
    return new Selection(this, Array.from({ length: Math.min(count ?? this.length, this.length) }, (_, k) => k));
  }
  /** The items that a sampler names, in its order. */
  sample(sampler: Iterable<number>): DatasetBase<T> {
    return new Selection(this, [...sampler]);
  }
  /** `fn` of every item, when it is asked for; at once, and once, where `lazy` is false. */
  transform<U>(fn: (item: T) => U, lazy = true): DatasetBase<U> {
    const mapped = new Mapped(this, fn);
    return lazy ? mapped : new SimpleDataset(Array.from({ length: this.length }, (_, k) => mapped.at(k)));
  }
  /** `fn` of the first part of every item. */
  transformFirst<U>(fn: (first: First<T>) => U, lazy = true): DatasetBase<WithFirst<T, U>> {
    return this.transform((item) => (Array.isArray(item) ? [fn(item[0] as First<T>), ...(item.slice(1) as unknown[])] : fn(item as First<T>)) as WithFirst<T, U>, lazy);
  }
  [Symbol.iterator](): IterableIterator<T> {
    return items(this);
  }
}
type First<T> = T extends readonly [infer A, ...unknown[]] ? A : T;
type WithFirst<T, U> = T extends readonly [unknown, ...infer R] ? [U, ...R] : U;
function* items<T>(dataset: Dataset<T>): IterableIterator<T> {
  for (let k = 0; k < dataset.length; k++) yield dataset.at(k);
}
/** An index from the end where negative. ArgumentError outside. */
export function checkedIndex(index: number, length: number): number {
  const k = index < 0 ? index + length : index;
  if (!Number.isInteger(index) || k < 0 || k >= length) throw new ArgumentError('index', index, `an integer in [${-length}, ${length})`);
  return k;
}

class Selection<T> extends DatasetBase<T> {
  readonly length: number;
  readonly #dataset: Dataset<T>;
  readonly #indices: readonly number[];
  constructor(dataset: Dataset<T>, indices: readonly number[]) {
    super();
    this.#dataset = dataset;
    this.#indices = indices;
    this.length = indices.length;
  }
  /** The item of that number, from the end where negative. ArgumentError outside. */
  at(index: number): T {
    return this.#dataset.at(this.#indices[checkedIndex(index, this.length)]!);
  }
}
class Mapped<T, U> extends DatasetBase<U> {
  readonly #dataset: Dataset<T>;
  readonly #fn: (item: T) => U;
  constructor(dataset: Dataset<T>, fn: (item: T) => U) {
    super();
    this.#dataset = dataset;
    this.#fn = fn;
  }
  get length(): number {
    return this.#dataset.length;
  }
  /** The item of that number, from the end where negative. ArgumentError outside. */
  at(index: number): U {
    return this.#fn(this.#dataset.at(index));
  }
}

/** A list as a dataset. */
export class SimpleDataset<T> extends DatasetBase<T> {
  readonly #list: readonly T[];
  constructor(list: readonly T[]) {
    super();
    this.#list = list;
  }
  get length(): number {
    return this.#list.length;
  }
  /** The item of that number, from the end where negative. ArgumentError outside. */
  at(index: number): T {
    return this.#list[checkedIndex(index, this.length)]!;
  }
}

/** Arrays with a common first axis: item k is the k-th row of each. */
export class ArrayDataset<A extends readonly TensorLike[]> extends DatasetBase<{ [I in keyof A]: Tensor }> {
  readonly length: number;
  readonly #arrays: readonly Tensor[];
  /** ArgumentError where the arrays have different lengths. */
  constructor(...arrays: A) {
    super();
    if (arrays.length === 0) throw new ArgumentError('arrays', '[]', 'at least one array');
    this.#arrays = arrays.map((x) => asTensor('ArrayDataset', x));
    const lengths = this.#arrays.map((x) => x.shape[0]);
    if (lengths.some((n) => n === undefined || n !== lengths[0])) throw new ArgumentError('arrays', `lengths ${lengths.join(', ')}`, 'arrays of one length');
    this.length = lengths[0]!;
  }
  /** The item of that number, from the end where negative. ArgumentError outside. */
  at(index: number): { [I in keyof A]: Tensor } {
    const k = checkedIndex(index, this.length);
    return this.#arrays.map((x) => x.slice(k)) as { [I in keyof A]: Tensor };
  }
  /** The rows of several items at once: what a DataLoader stacks, without making the items. ArgumentError for indices outside. */
  batch(indices: readonly number[]): { [I in keyof A]: Tensor } {
    const rows = indices.map((index) => checkedIndex(index, this.length));
    const consecutive = rows.every((k, i) => i === 0 || k === rows[i - 1]! + 1);
    if (consecutive && rows.length > 0) return this.#arrays.map((x) => x.slice([rows[0]!, rows.at(-1)! + 1])) as { [I in keyof A]: Tensor };
    return this.#arrays.map((x) => take(x, tensor(Int32Array.from(rows), { ctx: x.ctx }))) as { [I in keyof A]: Tensor };
  }
}
