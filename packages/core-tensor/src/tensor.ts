import type { Backend, BackendTensor } from './backend.ts';
import type { Context } from './context.ts';
import type { DType, TypedArray } from './dtype.ts';
import { ShapeError, SynchronousReadError } from './errors.ts';
import type { NestedArray, TensorLike } from './operands.ts';
import { nest } from './nested.ts';
import { type BinaryName, type ReduceName, type ReduceOptions, type UnaryName, binaryNames, reduceNames, unaryNames } from './ops/names.ts';
import * as ops from './ops/methods.ts';
import { formatTensor } from './print.ts';
import type { Index } from './ops/slice.ts';
import { type Axis, type Shape, formatShape, sizeOf } from './shape.ts';
import { currentFrame } from './stack.ts';

type UnaryMethods = { [K in UnaryName]: () => Tensor };
type BinaryMethods = { [K in BinaryName]: (y: TensorLike) => Tensor };
type ReduceMethods = { [K in ReduceName]: (axis?: Axis, options?: ReduceOptions) => Tensor };

let make!: (backend: Backend, storage: BackendTensor, ctx: Context) => Tensor;
let open!: (x: Tensor) => BackendTensor;
let home!: (x: Tensor) => Backend;

export interface Tensor extends UnaryMethods, BinaryMethods, ReduceMethods {}
/**
 * An immutable n-dimensional array on a context. Made by `tensor`, `zeros`, … and by operations; every method is one call of the free
 * function of its name, with the tensor first.
 */
export class Tensor implements Disposable {
  readonly #storage: BackendTensor;
  readonly #backend: Backend;
  readonly ctx: Context;
  private constructor(backend: Backend, storage: BackendTensor, ctx: Context) {
    this.#backend = backend;
    this.#storage = storage;
    this.ctx = ctx;
  }
  static {
    make = (backend, storage, ctx) => new Tensor(backend, storage, ctx);
    open = (x) => x.#storage;
    home = (x) => x.#backend;
  }

  get shape(): Shape { return this.#storage.shape; }
  get dtype(): DType { return this.#storage.dtype; }
  /** Number of elements. */
  get size(): number { return sizeOf(this.#storage.shape); }
  /** Number of axes. */
  get ndim(): number { return this.#storage.shape.length; }
  /** The last two axes swapped: [..., m, n] → [..., n, m]. */
  get T(): Tensor { return ops.matrixTranspose(this); }

  reshape(...shape: number[]): Tensor { return ops.reshape(this, shape); }
  transpose(...axes: number[]): Tensor { return ops.transpose(this, axes.length > 0 ? axes : undefined); }
  expandDims(axis: Axis): Tensor { return ops.expandDims(this, axis); }
  squeeze(axis?: Axis): Tensor { return ops.squeeze(this, axis); }
  broadcastTo(shape: Shape): Tensor { return ops.broadcastTo(this, shape); }
  slice(...index: Index[]): Tensor { return ops.slice(this, ...index); }
  take(indices: TensorLike, axis?: number): Tensor { return ops.take(this, indices, axis); }
  clip(low: TensorLike | null, high: TensorLike | null): Tensor { return ops.clip(this, low, high); }
  variance(axis?: Axis, options?: ReduceOptions & { correction?: number }): Tensor { return ops.variance(this, axis, options); }
  softmax(axis?: number): Tensor { return ops.softmax(this, axis); }
  diagonal(offset?: number): Tensor { return ops.diagonal(this, offset); }
  astype(dtype: DType): Tensor { return ops.astype(this, dtype); }
  /** On another context; a recorded step under `record`, whose gradient travels back. Through host memory, so synchronous devices only, unless the context is the same. */
  to(ctx: Context): Tensor { return ops.to(this, ctx); }
  /** The same values without history: a constant for every running transformation. */
  detach(): Tensor { return ops.detach(this); }

  /** A fresh copy in row-major order; works on every backend. */
  async data(): Promise<TypedArray> {
    return await this.#backend.read(this.#storage);
  }
  /** `data()` without waiting. SynchronousReadError on devices that can only be read asynchronously. */
  dataSync(): TypedArray {
    return readNow(this, 'dataSync');
  }
  /** The value of a tensor of size 1 (any rank). ShapeError otherwise. */
  item(): number {
    if (this.size !== 1) {
      throw new ShapeError('item', `item: the tensor has shape ${formatShape(this.shape)}, not one element; index it first, or use toArray()`, { expected: 'size 1', actual: [this.shape] });
    }
    return readNow(this, 'item')[0]!;
  }
  /** Nested arrays of numbers (booleans for bool); a scalar gives its value. */
  toArray<A extends NestedArray = NestedArray>(): A {
    return nest(readNow(this, 'toArray'), this.shape, this.dtype) as A;
  }
  /** Values, shape and dtype, large axes shortened; the shape alone where values can't be read now. */
  toString(): string {
    return formatTensor(this);
  }
  /** Frees device memory (tfjs, GPU); nothing to do on hosts. */
  [Symbol.dispose](): void {
    this.#backend.dispose(this.#storage);
  }
}

function readNow(x: Tensor, caller: string): TypedArray {
  const backend = home(x);
  if (!backend.readSync) throw new SynchronousReadError(caller, String(x.ctx));
  return backend.readSync(open(x));
}

const prototype = Tensor.prototype as unknown as Record<string | symbol, unknown>;
prototype[Symbol.for('nodejs.util.inspect.custom')] = function (this: Tensor) { return formatTensor(this); };
for (const name of unaryNames) prototype[name] = function (this: Tensor) { return ops.unaryByName(name, this); };
for (const name of binaryNames) prototype[name] = function (this: Tensor, y: TensorLike) { return ops.binaryByName(name, this, y); };
for (const name of reduceNames) {
  prototype[name] = function (this: Tensor, axis?: Axis, options?: ReduceOptions) { return ops.reduceByName(name, this, axis, options); };
}

/** A Tensor around a backend's value: for authors of backends and decorators. `ctx` is the context at the bottom of the chain of decorators. */
export function wrapTensor(backend: Backend, storage: BackendTensor, ctx: Context): Tensor {
  const x = make(backend, storage, ctx);
  const { scope } = currentFrame();
  if (scope) scope.add(x);
  return x;
}
/** `wrapTensor` for a value that belongs to someone else: `scope` doesn't free it. For decorators, which keep values of the past. */
export function borrowTensor(backend: Backend, storage: BackendTensor, ctx: Context): Tensor {
  return make(backend, storage, ctx);
}
/** The backend's value inside a Tensor. */
export function storageOf(x: Tensor): BackendTensor {
  return open(x);
}
/** The backend, or the decorator, that a Tensor lives on. */
export function backendOf(x: Tensor): Backend {
  return home(x);
}
