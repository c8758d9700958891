import { DTypeError, IndexError, ShapeError } from './errors.ts';
import { type TensorLike, asTensor, castTo } from './operands.ts';
import { zeros, tensor } from './ops/creation.ts';
import { add, mul, notEqual } from './ops/elementwise.ts';
import { scatterAdd, take } from './ops/indexing.ts';
import { concat, expandDims, reshape } from './ops/movement.ts';
import { any } from './ops/reduce.ts';
import { type Shape, formatShape, sameShape, sizeOf } from './shape.ts';
import type { Tensor } from './tensor.ts';

function indexVector(op: string, indices: TensorLike, beside: Tensor): Tensor {
  const t = asTensor(op, indices, beside.ctx);
  if (t.dtype === 'bool') throw new DTypeError(op, 'bool', `${op}: indices are bool; pass integers`);
  if (t.ndim !== 1) throw new ShapeError(op, `${op}: indices of shape ${formatShape(t.shape)}, expected a vector`, { expected: '[k]', actual: [t.shape] });
  return castTo(t, 'int32');
}

function checkIndices(op: string, values: Int32Array, size: number): void {
  for (const i of values) {
    if (i < 0 || i >= size) throw new IndexError(op, `${op}: index ${i} is outside [0, ${size})`, i, size);
  }
}

/**
 * An array of which only some rows are stored: `values[k]` is row `indices[k]` of `shape`, other rows are 0; a row that is
 * named twice counts as the sum. What the gradient of an embedding is. Indices are read on the host by `fromDense`, `retain` and `coalesce`; values stay
 * differentiable.
 */
export class RowSparseTensor {
  readonly shape: Shape;
  /** [k] int32 */
  readonly indices: Tensor;
  /** [k, ...shape.slice(1)] */
  readonly values: Tensor;
  /** ShapeError where `values`, `indices` and `shape` don't fit; IndexError for rows outside the shape (checked where they can be read at once). */
  constructor(values: TensorLike, indices: TensorLike, shape: Shape) {
    this.values = asTensor('RowSparseTensor', values);
    this.indices = indexVector('RowSparseTensor', indices, this.values);
    this.shape = shape;
    const expected = [this.indices.size, ...shape.slice(1)];
    if (shape.length === 0 || !sameShape(this.values.shape, expected)) {
      throw new ShapeError('RowSparseTensor', `RowSparseTensor: values of ${formatShape(this.values.shape)} don't fit ${this.indices.size} rows of ${formatShape(shape)}`, { expected: formatShape(expected), actual: [this.values.shape, shape] });
    }
  }
  /** The rows of `x` that have an element other than 0. */
  static fromDense(x: TensorLike): RowSparseTensor {
    const t = asTensor('RowSparseTensor.fromDense', x);
    if (t.ndim === 0) throw new ShapeError('RowSparseTensor.fromDense', 'RowSparseTensor.fromDense: a scalar has no rows', { expected: 'at least one axis', actual: [t.shape] });
    const rows = t.shape[0]!;
    const flat = reshape(t, [rows, sizeOf(t.shape.slice(1))]);
    const filled = any(notEqual(flat, 0), 1).dataSync();
    const kept = Int32Array.from(filled.keys()).filter((i) => filled[i]);
    const indices = tensor(kept, { ctx: t.ctx });
    return new RowSparseTensor(take(t, indices), indices, t.shape);
  }
  get dtype(): Tensor['dtype'] {
    return this.values.dtype;
  }
  get ctx(): Tensor['ctx'] {
    return this.values.ctx;
  }
  /** All rows, those that are not stored as zeros. */
  toDense(): Tensor {
    return scatterAdd(zeros(this.shape, { dtype: this.dtype, ctx: this.ctx }), this.indices, this.values);
  }
  /** Rows in increasing order, each once. */
  coalesce(): RowSparseTensor {
    const stored = this.indices.dataSync() as Int32Array;
    checkIndices('RowSparseTensor.coalesce', stored, this.shape[0]!);
    const unique = Int32Array.from(new Set(stored)).sort();
    if (unique.length === stored.length && unique.every((row, k) => row === stored[k])) return this;
    const place = new Map(Array.from(unique, (row, k) => [row, k]));
    const to = tensor(stored.map((row) => place.get(row)!), { ctx: this.ctx });
    const merged = scatterAdd(zeros([unique.length, ...this.shape.slice(1)], { dtype: this.dtype, ctx: this.ctx }), to, this.values);
    return new RowSparseTensor(merged, tensor(unique, { ctx: this.ctx }), this.shape);
  }
  /** Only the rows named; those of them that are not stored stay absent. */
  retain(rows: TensorLike): RowSparseTensor {
    const wanted = new Set(indexVector('RowSparseTensor.retain', rows, this.values).dataSync());
    checkIndices('RowSparseTensor.retain', Int32Array.from(wanted), this.shape[0]!);
    const own = this.coalesce();
    const stored = own.indices.dataSync();
    const kept = tensor(Int32Array.from(stored.keys()).filter((k) => wanted.has(stored[k]!)), { ctx: this.ctx });
    return new RowSparseTensor(take(own.values, kept), take(own.indices, kept), this.shape);
  }
  /** `f` of the stored values: for functions that keep 0 at 0. ShapeError where `f` changes their shape. */
  map(f: (values: Tensor) => Tensor): RowSparseTensor {
    const own = this.coalesce();
    return new RowSparseTensor(f(own.values), own.indices, this.shape);
  }
  /** Times a number. */
  mul(factor: number): RowSparseTensor {
    return new RowSparseTensor(mul(this.values, factor), this.indices, this.shape);
  }
  /** The sum: the rows of both. */
  add(other: RowSparseTensor): RowSparseTensor {
    if (!sameShape(this.shape, other.shape)) {
      throw new ShapeError('RowSparseTensor.add', `RowSparseTensor.add: shapes ${formatShape(this.shape)} and ${formatShape(other.shape)} differ`, { expected: formatShape(this.shape), actual: [other.shape] });
    }
    return new RowSparseTensor(concat([this.values, other.values]), concat([this.indices, other.indices]), this.shape).coalesce();
  }
  toString(): string {
    return `RowSparseTensor(${formatShape(this.shape)}, ${this.indices.size} rows stored, ${this.dtype})`;
  }
}

/**
 * A matrix in compressed rows: `values[indptr[i] … indptr[i + 1]]` stand in row i at the columns `indices` has there; everything
 * else is 0. Products are compositions of gather and scatterAdd, so both factors are differentiable.
 */
export class CsrTensor {
  readonly shape: Shape;
  /** [rows + 1] int32 */
  readonly indptr: Tensor;
  /** [nnz] int32, columns */
  readonly indices: Tensor;
  /** [nnz] */
  readonly values: Tensor;
  #rows: Tensor | undefined;
  /** ShapeError, IndexError where the parts don't make a matrix of `shape`. */
  constructor(values: TensorLike, indices: TensorLike, indptr: TensorLike, shape: Shape) {
    this.values = asTensor('CsrTensor', values);
    this.indices = indexVector('CsrTensor', indices, this.values);
    this.indptr = indexVector('CsrTensor', indptr, this.values);
    this.shape = shape;
    if (shape.length !== 2 || this.indptr.size !== shape[0]! + 1 || !sameShape(this.values.shape, this.indices.shape)) {
      throw new ShapeError('CsrTensor', `CsrTensor: ${formatShape(this.values.shape)} values, ${formatShape(this.indices.shape)} columns and ${formatShape(this.indptr.shape)} row starts make no matrix of ${formatShape(shape)}`, {
        expected: '[nnz], [nnz] and [rows + 1]',
        actual: [this.values.shape, this.indices.shape, this.indptr.shape, shape],
      });
    }
  }
  /** The elements of a matrix other than 0. */
  static fromDense(x: TensorLike): CsrTensor {
    const t = asTensor('CsrTensor.fromDense', x);
    if (t.ndim !== 2) throw new ShapeError('CsrTensor.fromDense', `CsrTensor.fromDense: shape ${formatShape(t.shape)} is no matrix`, { expected: '[rows, columns]', actual: [t.shape] });
    const [rows, columns] = t.shape as [number, number];
    const dense = t.dataSync();
    const places: number[] = [];
    const starts = new Int32Array(rows + 1);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) if (dense[i * columns + j] !== 0) places.push(i * columns + j);
      starts[i + 1] = places.length;
    }
    const at = tensor(Int32Array.from(places), { ctx: t.ctx });
    return new CsrTensor(take(reshape(t, [t.size]), at), tensor(Int32Array.from(places, (p) => p % columns), { ctx: t.ctx }), tensor(starts, { ctx: t.ctx }), t.shape);
  }
  get dtype(): Tensor['dtype'] {
    return this.values.dtype;
  }
  get ctx(): Tensor['ctx'] {
    return this.values.ctx;
  }
  /** The row of each stored element: [nnz] int32. */
  get rows(): Tensor {
    return (this.#rows ??= this.#expandRows());
  }
  #expandRows(): Tensor {
    const starts = this.indptr.dataSync();
    const nnz = this.values.size;
    const out = new Int32Array(nnz);
    for (let i = 0; i + 1 < starts.length; i++) {
      if (starts[i]! > starts[i + 1]! || starts[0] !== 0 || starts.at(-1) !== nnz) {
        throw new IndexError('CsrTensor', `CsrTensor: row starts must rise from 0 to ${nnz}; they go from ${starts[i]} to ${starts[i + 1]} at row ${i} and end at ${starts.at(-1)}`, starts[i + 1]!, nnz);
      }
      out.fill(i, starts[i], starts[i + 1]);
    }
    checkIndices('CsrTensor', this.indices.dataSync() as Int32Array, this.shape[1]!);
    return tensor(out, { ctx: this.ctx });
  }
  /** The whole matrix, zeros where nothing is stored. */
  toDense(): Tensor {
    const [rows, columns] = this.shape as [number, number];
    const flat = add(mul(this.rows, columns), this.indices);
    return reshape(scatterAdd(zeros([rows * columns], { dtype: this.dtype, ctx: this.ctx }), flat, this.values), [rows, columns]);
  }
  /** This matrix times a matrix [columns, p] or a vector [columns]; with `transpose` its transpose times [rows, p] or [rows]. */
  dot(x: TensorLike, options: { transpose?: boolean } = {}): Tensor {
    const t = asTensor('CsrTensor.dot', x, this.ctx);
    const [from, to] = options.transpose ? [this.rows, this.indices] : [this.indices, this.rows];
    const [inner, outer] = options.transpose ? [this.shape[0]!, this.shape[1]!] : [this.shape[1]!, this.shape[0]!];
    if (t.ndim < 1 || t.ndim > 2 || t.shape[0] !== inner) {
      throw new ShapeError('CsrTensor.dot', `CsrTensor.dot: inner dimensions differ, ${formatShape(options.transpose ? [outer, inner] : this.shape)} · ${formatShape(t.shape)}`, { expected: `[${inner}] or [${inner}, p]`, actual: [this.shape, t.shape] });
    }
    const weights = t.ndim === 2 ? expandDims(this.values, 1) : this.values;
    const terms = mul(weights, take(t, from));
    return scatterAdd(zeros([outer, ...t.shape.slice(1)], { dtype: terms.dtype, ctx: this.ctx }), to, terms);
  }
  /** `f` of the stored values: for functions that keep 0 at 0. */
  map(f: (values: Tensor) => Tensor): CsrTensor {
    return new CsrTensor(f(this.values), this.indices, this.indptr, this.shape);
  }
  /** Times a number. */
  mul(factor: number): CsrTensor {
    return this.map((v) => mul(v, factor));
  }
  toString(): string {
    return `CsrTensor(${formatShape(this.shape)}, ${this.values.size} elements stored, ${this.dtype})`;
  }
}
