import type { RowGradientSink, RowUpdates } from '@matheron/autograd';
import { type Context, type DType, RowSparseTensor, type Shape, type Tensor, backendOf, innerOf, zeros } from '@matheron/core-tensor';
import { GluonError } from '@matheron/io';

/**
 * The gradient of a parameter with `gradStype: 'row_sparse'`: what backward delivers as rows stays rows, until something dense (weight
 * decay in the loss, say) is added, which makes it dense.
 */
export class RowGradient implements RowGradientSink {
  readonly #ctx: Context;
  readonly #shape: Shape;
  readonly #dtype: DType;
  #parts: RowSparseTensor[] = [];
  #dense: Tensor | undefined;
  #version = 0;
  constructor(ctx: Context, shape: Shape, dtype: DType) {
    this.#ctx = ctx;
    this.#shape = shape;
    this.#dtype = dtype;
  }
  /** Counts writes. */
  get version(): number {
    return this.#version;
  }
  /** Takes one backward pass's gradient, as rows or dense. */
  acceptRows(parts: readonly RowUpdates[], dense: Tensor | undefined, req: 'write' | 'add'): void {
    for (const x of [...parts.map(({ updates }) => updates), ...(dense ? [dense] : [])]) {
      if (innerOf(backendOf(x))) throw new GluonError('traced-rows', "a row-sparse gradient can't be delivered inside of a compiled function; run backward outside of it, or make the parameter with gradStype 'default'");
    }
    if (req === 'write') this.#drop();
    this.#version++;
    for (const { updates, index, shape } of parts) this.#parts.push(new RowSparseTensor(updates, index, shape));
    if (dense) this.#dense = this.#dense ? this.#dense.add(dense) : dense;
  }
  /** Everything, as one dense tensor. */
  read(): Tensor {
    let sum = this.#dense;
    for (const part of this.#parts) sum = sum ? sum.add(part.toDense()) : part.toDense();
    return sum ?? zeros(this.#shape, { ctx: this.#ctx, dtype: this.#dtype });
  }
  /** The same as `read`: nothing is recorded here. */
  peek(): Tensor {
    return this.read();
  }
  /** The rows that have a gradient, each once, in order; all of them where it is dense. */
  rows(): RowSparseTensor {
    if (this.#dense) return RowSparseTensor.fromDense(this.read());
    const [first, ...rest] = this.#parts;
    if (!first) return this.#none();
    return rest.reduce((a, b) => a.add(b), first).coalesce();
  }
  #none(): RowSparseTensor {
    const options = { ctx: this.#ctx, dtype: this.#dtype };
    return new RowSparseTensor(zeros([0, ...this.#shape.slice(1)], options), zeros([0], { ctx: this.#ctx, dtype: 'int32' }), this.#shape);
  }
  /** Replaces it by rows, or by a dense value. */
  replace(value: RowSparseTensor | Tensor): void {
    this.#drop();
    this.#version++;
    if (value instanceof RowSparseTensor) this.#parts = [value];
    else this.#dense = value;
  }
  /** No rows any more. */
  zero(): void {
    this.#drop();
    this.#version++;
  }
  #drop(): void {
    this.#parts = [];
    this.#dense = undefined;
  }
}
