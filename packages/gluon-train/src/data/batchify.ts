import { Tensor, type TensorLike, type TypedArray, stack, tensor } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';

/** What {@link defaultBatchify} makes of items `T`, or of promises of them. */
export type Batch<T> = unknown extends T ? T
  : T extends Tensor | number | boolean | TypedArray ? Tensor
  : T extends PromiseLike<infer U> ? Batch<U>
  : T extends readonly unknown[] ? { [K in keyof T]: Batch<T[K]> }
  : T extends object ? { [K in keyof T]: Batch<T[K]> }
  : T[];

/**
 * Items as one batch: tensors are stacked, numbers and typed arrays made a tensor, tuples and objects batched part by part, everything
 * else stays a list.
 */
export function defaultBatchify(items: readonly unknown[]): unknown {
  const first = items[0];
  if (first === undefined) throw new ArgumentError('items', '[]', 'at least one item');
  if (first instanceof Tensor) return stack(items as Tensor[]);
  if (typeof first === 'number' || typeof first === 'boolean') return tensor(items as number[]);
  if (ArrayBuffer.isView(first) && !(first instanceof DataView)) return stack(items.map((x) => tensor(x as TensorLike)));
  if (Array.isArray(first)) return first.map((_, k) => defaultBatchify((items as unknown[][]).map((item) => item[k])));
  if (typeof first === 'object' && first !== null && Object.getPrototypeOf(first) === Object.prototype) {
    return Object.fromEntries(Object.keys(first).map((key) => [key, defaultBatchify((items as Record<string, unknown>[]).map((item) => item[key]))]));
  }
  return items;
}
