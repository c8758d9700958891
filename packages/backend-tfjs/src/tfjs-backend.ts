import {
  type ArgReduceOp, type Backend, type BinaryOp, type Capabilities, type CompareOp, type CumulativeOp, type DType, DTypeError, IndexError, type Range, type ReduceOp, type Shape,
  ShapeError, type TriangularSolveOptions, type TypedArray, type UnaryOp, UnsupportedOperationError, type Widths, type Window,
  allocate, binaryKinds, convert, dtypeOf, formatShape, isFloat, reduceKinds, sameShape, sizeOf, unaryKinds, windowCount,
} from '@matheron/core-tensor';
import { Algebra } from './algebra.ts';
import { cholesky } from './compose/cholesky.ts';
import { floatBinary } from './compose/floats.ts';
import { integerBinary, integerUnary } from './compose/integers.ts';
import { eigh, svd } from './compose/jacobi.ts';
import { lu } from './compose/lu.ts';
import { qr } from './compose/qr.ts';
import { integerCumulativeProduct, integerMatmul, reduceRows } from './compose/reductions.ts';
import { firstExtreme, sortAscending } from './compose/sort.ts';
import { formulas } from './compose/special.ts';
import { choleskyInverse, triangularSolve } from './compose/triangular.ts';
import { fold, scatterInto, unfold } from './compose/windows.ts';
import { FEW, binaryOnHost, compareOnHost, concatOnHost, sliceOnHost } from './host-values.ts';
import type { BinaryKernel, Handle, Kit } from './kit.ts';
import { around, broadcastTo, concat, pad, permute, slice } from './movement.ts';
import { threefryBits } from './randomness.ts';
import { TfjsTensor } from './tfjs-tensor.ts';

/** Floats hold every integer up to here. */
const EXACT = 2 ** 24;
/** Indices up to here are kept on the host, so that they are checked where they came from there. */
const KEPT = 2 ** 16;

const binaryKernels: Readonly<Partial<Record<BinaryOp, BinaryKernel>>> = {
  add: 'Add', sub: 'Sub', mul: 'Multiply', div: 'RealDiv', pow: 'Pow', atan2: 'Atan2', maximum: 'Maximum', minimum: 'Minimum', logicalAnd: 'LogicalAnd', logicalOr: 'LogicalOr', logicalXor: 'NotEqual',
};
const compareKernels: Readonly<Record<CompareOp, BinaryKernel>> = {
  equal: 'Equal', notEqual: 'NotEqual', less: 'Less', lessEqual: 'LessEqual', greater: 'Greater', greaterEqual: 'GreaterEqual',
};

/** The whole Backend interface over a kit: one kernel where the device has it, else a composition of its kernels, else a typed refusal. */
export class TfjsBackend implements Backend<TfjsTensor> {
  readonly name: string;
  readonly capabilities: Capabilities = { fuse: false, triangular: false, lanes: 1, maxUnroll: 1 };
  readonly readSync?: (x: TfjsTensor) => TypedArray;
  readonly #kit: Kit;
  readonly #algebra: Algebra;
  constructor(kit: Kit) {
    this.name = kit.name;
    this.#kit = kit;
    this.#algebra = new Algebra(kit);
    if (kit.readSync) this.readSync = (x) => x.host?.slice() ?? (sizeOf(x.shape) === 0 ? allocate(x.dtype, 0) : kit.readSync!(x.handle));
  }

  supports(dtype: DType): boolean {
    return this.#kit.dtypes.includes(dtype);
  }
  #refuse(op: string, dtype: DType, reason: string): never {
    throw new UnsupportedOperationError(this.name, op, dtype, reason);
  }
  #require(op: string, dtype: DType, kinds: 'number' | 'float' | 'bool'): void {
    const fits = kinds === 'bool' ? dtype === 'bool' : kinds === 'float' ? isFloat(dtype) : dtype !== 'bool';
    if (!fits) this.#refuse(op, dtype, `it takes ${kinds === 'number' ? 'numbers' : kinds === 'float' ? 'floats' : 'bool'}; cast first`);
  }
  /** Kinds whose results soon leave the integers that the device holds. */
  #requireExact(op: string, dtype: DType): void {
    if (dtype === 'int32' && this.#kit.quirks.smallInt32) this.#refuse(op, dtype, 'results beyond ±2^24 are not exact on this device; cast to float32 first');
  }
  #requireDType(op: string, dtype: DType): void {
    if (!this.supports(dtype)) this.#refuse(op, dtype, `it computes in ${this.#kit.dtypes.join(', ')}; create the tensor with { dtype: 'float32' }, or use a context that has ${dtype}`);
  }
  #wrap(handle: Handle, shape: Shape, dtype: DType, host?: TypedArray): TfjsTensor {
    return new TfjsTensor(this.#kit, handle, shape, dtype, host);
  }
  #made(shape: Shape, dtype: DType, make: () => Handle): TfjsTensor {
    return sizeOf(shape) === 0 ? this.#empty(shape, dtype) : this.#wrap(this.#kit.tidy(make), shape, dtype);
  }
  #empty(shape: Shape, dtype: DType): TfjsTensor {
    return this.#onHost(allocate(dtype, 0), shape, dtype);
  }
  #onHost(values: TypedArray, shape: Shape, dtype: DType): TfjsTensor {
    return new TfjsTensor(this.#kit, { values }, shape, dtype);
  }
  /** The handle of an operand. Integers that the device can't hold stay on the host, where few operations reach them. */
  #open(op: string, x: TfjsTensor): Handle {
    if (this.#kit.quirks.smallInt32 && x.dtype === 'int32' && x.host && x.host.some((v) => Math.abs(v) > EXACT)) {
      this.#refuse(op, 'int32', 'integers beyond ±2^24 are not exact on this device; use values below, float32, or another context');
    }
    return x.handle;
  }
  /** Host values of a few integers, on devices that can't be read at once. */
  #few(xs: readonly TfjsTensor[]): readonly TypedArray[] | undefined {
    if (this.#kit.readSync) return undefined;
    const values: TypedArray[] = [];
    for (const x of xs) {
      if (!x.host || x.shape.length > 1 || x.host.length > FEW || isFloat(x.dtype)) return undefined;
      values.push(x.host);
    }
    return values;
  }

  upload(values: TypedArray, shape: Shape, dtype: DType): TfjsTensor {
    this.#requireDType('upload', dtype);
    if (dtypeOf(values) !== dtype) throw new DTypeError('upload', dtype, `upload: a ${values.constructor.name} doesn't hold ${dtype}; convert(values, '${dtype}') does`);
    if (values.length !== sizeOf(shape)) {
      throw new ShapeError('upload', `upload: ${values.length} values don't fill the shape ${formatShape(shape)}, which has ${sizeOf(shape)} elements`, { expected: `${sizeOf(shape)} values`, actual: [[values.length], shape] });
    }
    if (values.length === 0) return this.#empty(shape, dtype);
    if (dtype === 'int32' && (values.length <= KEPT || this.#kit.quirks.smallInt32)) return this.#onHost(values.slice(), shape, dtype);
    return this.#wrap(this.#kit.upload(values, shape, dtype), shape, dtype);
  }
  async read(x: TfjsTensor): Promise<TypedArray> {
    if (sizeOf(x.shape) === 0) return allocate(x.dtype, 0);
    return x.host?.slice() ?? this.#kit.read(x.handle);
  }
  dispose(x: TfjsTensor): void {
    x.dispose();
  }

  full(value: number, shape: Shape, dtype: DType): TfjsTensor {
    this.#requireDType('full', dtype);
    const size = sizeOf(shape);
    if (size === 0) return this.#empty(shape, dtype);
    const held = dtype === 'bool' ? Number(value !== 0) : convert([value], dtype)[0]!;
    if (dtype === 'int32' && (size <= FEW || (this.#kit.quirks.smallInt32 && Math.abs(held) > EXACT))) return this.#onHost(allocate(dtype, size).fill(held), shape, dtype);
    return this.#wrap(this.#kit.fill(held, shape, dtype), shape, dtype);
  }
  iota(size: number, dtype: DType): TfjsTensor {
    this.#require('iota', dtype, 'number');
    const values = allocate(dtype, size);
    for (let k = 0; k < size; k++) values[k] = k;
    return this.upload(values, [size], dtype);
  }
  cast(x: TfjsTensor, dtype: DType): TfjsTensor {
    this.#requireDType('cast', dtype);
    const few = isFloat(dtype) ? undefined : this.#few([x]);
    if (few) return this.#onHost(convert(few[0]!, dtype), x.shape, dtype);
    if (sizeOf(x.shape) === 0) return this.#empty(x.shape, dtype);
    const handle = this.#open('cast', x);
    return this.#wrap(x.dtype === dtype ? this.#kit.reshape(handle, x.shape) : this.#kit.cast(handle, dtype), x.shape, dtype);
  }
  reshape(x: TfjsTensor, shape: Shape): TfjsTensor {
    if (x.host) return this.#onHost(x.host, shape, x.dtype);
    return this.#wrap(this.#kit.reshape(x.handle, shape), shape, x.dtype);
  }
  permute(x: TfjsTensor, axes: readonly number[]): TfjsTensor {
    return this.#made(axes.map((a) => x.shape[a]!), x.dtype, () => permute(this.#kit, this.#open('permute', x), axes));
  }
  broadcastTo(x: TfjsTensor, shape: Shape): TfjsTensor {
    if (sameShape(x.shape, shape)) return this.reshape(x, shape);
    const few = this.#few([x]);
    if (few && shape.length === 1 && shape[0]! <= FEW) return this.#onHost(allocate(x.dtype, shape[0]!).fill(few[0]![0] ?? 0), shape, x.dtype);
    return this.#made(shape, x.dtype, () => broadcastTo(this.#kit, this.#open('broadcastTo', x), shape));
  }
  concat(xs: readonly TfjsTensor[], axis: number): TfjsTensor {
    const shape = xs[0]!.shape.map((s, k) => (k === axis ? xs.reduce((n, x) => n + x.shape[axis]!, 0) : s));
    const { dtype } = xs[0]!;
    const few = this.#few(xs);
    if (few && shape[0]! <= FEW) return this.#onHost(concatOnHost(few), shape, dtype);
    const parts = xs.filter((x) => sizeOf(x.shape) > 0);
    return this.#made(shape, dtype, () => concat(this.#kit, parts.map((x) => this.#open('concat', x)), axis, shape));
  }
  slice(x: TfjsTensor, ranges: readonly Range[]): TfjsTensor {
    const shape = ranges.map((r) => Math.max(0, Math.ceil((r.stop - r.start) / r.step)));
    const few = ranges.length === 1 ? this.#few([x]) : undefined;
    if (few) return this.#onHost(sliceOnHost(few[0]!, ranges[0]!), shape, x.dtype);
    return this.#made(shape, x.dtype, () => slice(this.#kit, this.#open('slice', x), ranges));
  }
  pad(x: TfjsTensor, widths: readonly Widths[], value: number): TfjsTensor {
    const shape = widths.map((w, k) => w.low + w.high + x.shape[k]! + Math.max(0, x.shape[k]! - 1) * w.interior);
    if (sizeOf(x.shape) === 0 || widths.some((w, k) => -w.low >= x.shape[k]! + Math.max(0, x.shape[k]! - 1) * w.interior || -w.high >= x.shape[k]! + Math.max(0, x.shape[k]! - 1) * w.interior)) {
      return this.full(value, shape, x.dtype);
    }
    return this.#made(shape, x.dtype, () => pad(this.#kit, this.#open('pad', x), widths, value, shape));
  }

  unary(op: UnaryOp, x: TfjsTensor): TfjsTensor {
    const kind = unaryKinds[op];
    this.#require(op, x.dtype, op === 'logicalNot' ? 'bool' : kind === 'same' ? 'number' : 'float');
    const dtype = kind === 'bool' ? 'bool' : x.dtype;
    if (sizeOf(x.shape) === 0) return this.#empty(x.shape, dtype);
    return this.#elementwise(op, [x], dtype, ([h]) => {
      if (x.dtype !== 'int32') return formulas[op](this.#algebra, h!);
      return integerUnary[op]?.(this.#algebra, h!) ?? this.#kit.reshape(h!, h!.shape);
    });
  }
  binary(op: BinaryOp, a: TfjsTensor, b: TfjsTensor): TfjsTensor {
    this.#require(op, a.dtype, binaryKinds[op]);
    const few = this.#few([a, b]);
    const known = few && binaryOnHost(op, few[0]!, few[1]!);
    if (known) return this.#onHost(known, a.shape, a.dtype);
    if (op === 'pow') this.#requireExact('pow', a.dtype);
    if (sizeOf(a.shape) === 0) return this.#empty(a.shape, a.dtype);
    const composed = a.dtype === 'int32' ? integerBinary[op] : isFloat(a.dtype) ? floatBinary[op] : undefined;
    return this.#elementwise(op, [a, b], a.dtype, ([p, q]) => (composed ? composed(this.#algebra, p!, q!) : this.#kit.binary(binaryKernels[op]!, p!, q!)));
  }
  compare(op: CompareOp, a: TfjsTensor, b: TfjsTensor): TfjsTensor {
    const few = this.#few([a, b]);
    if (few) return this.#onHost(compareOnHost(op, few[0]!, few[1]!), a.shape, 'bool');
    return this.#elementwise(op, [a, b], 'bool', ([p, q]) => this.#kit.binary(compareKernels[op], p!, q!));
  }
  where(condition: TfjsTensor, a: TfjsTensor, b: TfjsTensor): TfjsTensor {
    return this.#elementwise('where', [condition, a, b], a.dtype, ([c, p, q]) => this.#kit.select(c!, p!, q!));
  }
  /** Runs on the flat values where the rank is beyond what kernels take. */
  #elementwise(op: string, xs: readonly TfjsTensor[], dtype: DType, f: (xs: readonly Handle[]) => Handle): TfjsTensor {
    const { shape } = xs[0]!;
    const size = sizeOf(shape);
    if (size === 0) return this.#empty(shape, dtype);
    const handles = xs.map((x) => this.#open(op, x));
    if (shape.length <= 4) return this.#wrap(this.#kit.tidy(() => f(handles)), shape, dtype);
    return this.#made(shape, dtype, () => this.#kit.reshape(f(handles.map((h) => this.#kit.reshape(h, [size]))), shape));
  }

  reduce(op: ReduceOp, x: TfjsTensor, axes: readonly number[]): TfjsTensor {
    this.#require(op, x.dtype, reduceKinds[op]);
    if (op === 'prod') this.#requireExact('prod', x.dtype);
    const kept = [...x.shape.keys()].filter((k) => !axes.includes(k));
    const shape = kept.map((k) => x.shape[k]!);
    const count = sizeOf(axes.map((a) => x.shape[a]!));
    if (count === 0) return this.full({ sum: 0, prod: 1, max: Number.NEGATIVE_INFINITY, min: Number.POSITIVE_INFINITY, any: 0, all: 1 }[op], shape, x.dtype);
    return this.#made(shape, x.dtype, () => {
      const handle = this.#open(op, x);
      if (count === 1) return this.#kit.reshape(handle, shape);
      const trailing = axes.every((a, k) => a === x.shape.length - axes.length + k);
      const lined = trailing ? handle : permute(this.#kit, handle, [...kept, ...axes]);
      return this.#kit.reshape(reduceRows(this.#algebra, op, this.#kit.reshape(lined, [sizeOf(shape), count])), shape);
    });
  }
  argReduce(op: ArgReduceOp, x: TfjsTensor, axis: number): TfjsTensor {
    this.#require(op, x.dtype, 'number');
    if (x.shape[axis] === 0) throw new ShapeError(op, `${op}: axis ${axis} of ${formatShape(x.shape)} is empty and has no extreme`, { expected: 'a non-empty axis', actual: [x.shape] });
    const shape = x.shape.filter((_, k) => k !== axis);
    return this.#made(shape, 'int32', () => this.#kit.reshape(firstExtreme(this.#algebra, op, this.#rows(op, x, axis)), shape));
  }
  cumulative(op: CumulativeOp, x: TfjsTensor, axis: number): TfjsTensor {
    this.#require(`cumulative ${op}`, x.dtype, 'number');
    if (op === 'prod') this.#requireExact('cumulative prod', x.dtype);
    return this.#made(x.shape, x.dtype, () => {
      const rows = this.#rows(op, x, axis);
      const integers = op === 'prod' && x.dtype === 'int32';
      return this.#unrows(integers ? integerCumulativeProduct(this.#algebra, rows) : this.#kit.cumulative(op === 'sum' ? 'Cumsum' : 'Cumprod', rows), x.shape, axis);
    });
  }
  sort(x: TfjsTensor, axis: number): { values: TfjsTensor; indices: TfjsTensor } {
    this.#require('sort', x.dtype, 'number');
    if (sizeOf(x.shape) === 0) return { values: this.#empty(x.shape, x.dtype), indices: this.#empty(x.shape, 'int32') };
    const { values, indices } = this.#kit.tidy(() => {
      const sorted = sortAscending(this.#algebra, this.#rows('sort', x, axis));
      return { values: this.#unrows(sorted.values, x.shape, axis), indices: this.#unrows(sorted.indices, x.shape, axis) };
    });
    return { values: this.#wrap(values, x.shape, x.dtype), indices: this.#wrap(indices, x.shape, 'int32') };
  }
  /** [before, n, after] → [before · after, n], and back. */
  #rows(op: string, x: TfjsTensor, axis: number): Handle {
    const [before, size, after] = around(x.shape, axis);
    return this.#kit.reshape(permute(this.#kit, this.#kit.reshape(this.#open(op, x), [before, size, after]), [0, 2, 1]), [before * after, size]);
  }
  #unrows(rows: Handle, shape: Shape, axis: number): Handle {
    const [before, size, after] = around(shape, axis);
    return this.#kit.reshape(permute(this.#kit, this.#kit.reshape(rows, [before, after, size]), [0, 2, 1]), shape);
  }

  gather(x: TfjsTensor, index: TfjsTensor, axis: number): TfjsTensor {
    const [before, size, after] = around(x.shape, axis);
    const count = index.shape[0]!;
    const shape = x.shape.map((s, k) => (k === axis ? count : s));
    return this.#made(shape, x.dtype, () => {
      const folded = this.#kit.reshape(this.#open('gather', x), [before, size, after]);
      const { places, outside } = this.#places('gather', index, size);
      const picked = this.#kit.gather(folded, places, 1);
      if (!outside) return this.#kit.reshape(picked, shape);
      const nothing = this.#kit.fill(isFloat(x.dtype) ? Number.NaN : 0, [], x.dtype);
      return this.#kit.reshape(this.#kit.select(this.#kit.reshape(outside, [1, count, 1]), nothing, picked), shape);
    });
  }
  scatterAdd(x: TfjsTensor, index: TfjsTensor, updates: TfjsTensor, axis: number): TfjsTensor {
    this.#require('scatterAdd', x.dtype, 'number');
    if (sizeOf(updates.shape) === 0) return this.reshape(x, x.shape);
    return this.#made(x.shape, x.dtype, () => {
      const A = this.#algebra;
      const size = x.shape[axis]!;
      const [before, count, after] = around(updates.shape, axis);
      const { places, outside } = this.#places('scatterAdd', index, size);
      let added = this.#kit.reshape(this.#open('scatterAdd', updates), [before, count, after]);
      if (outside) added = A.where(this.#kit.reshape(outside, [1, count, 1]), 0, added);
      const sums = this.#kit.reshape(scatterInto(A, added, places, 1, size), [sizeOf(x.shape)]);
      return this.#kit.reshape(A.add(this.#kit.reshape(this.#open('scatterAdd', x), [sizeOf(x.shape)]), sums), x.shape);
    });
  }
  /** Non-negative indices. Those known on the host are checked; of others `outside` says which are replaced by 0. */
  #places(op: string, index: TfjsTensor, size: number): { places: Handle; outside: Handle | undefined } {
    const A = this.#algebra;
    if (index.host) {
      for (const i of index.host) {
        if (i < -size || i >= size) throw new IndexError(op, `${op}: index ${i} is outside an axis of size ${size}; use integers in [${-size}, ${size})`, i, size);
      }
      const places = (index.host as Int32Array).map((i) => (i < 0 ? i + size : i));
      return { places: this.#kit.upload(places, index.shape, 'int32'), outside: undefined };
    }
    const given = index.handle;
    const places = A.where(A.lt(given, 0), A.add(given, size), given);
    const outside = A.or(A.lt(places, 0), A.ge(places, size));
    return { places: A.where(outside, 0, places), outside };
  }
  unfold(x: TfjsTensor, windows: readonly Window[]): TfjsTensor {
    const lead = x.shape.length - windows.length;
    const shape = [...x.shape.slice(0, lead), ...windows.map((w, k) => windowCount(x.shape[lead + k]!, w)), ...windows.map((w) => w.width)];
    return this.#made(shape, x.dtype, () => unfold(this.#algebra, this.#open('unfold', x), windows));
  }
  fold(x: TfjsTensor, windows: readonly Window[], shape: Shape): TfjsTensor {
    this.#require('fold', x.dtype, 'number');
    if (sizeOf(x.shape) === 0) return this.full(0, shape, x.dtype);
    return this.#made(shape, x.dtype, () => fold(this.#algebra, this.#open('fold', x), windows, shape));
  }

  matmul(a: TfjsTensor, b: TfjsTensor): TfjsTensor {
    this.#require('matmul', a.dtype, 'number');
    const batch = a.shape.slice(0, -2);
    const [m, depth] = a.shape.slice(-2) as [number, number];
    const n = b.shape.at(-1)!;
    const shape = [...batch, m, n];
    if (depth === 0) return this.full(0, shape, a.dtype);
    return this.#made(shape, a.dtype, () => {
      const left = this.#kit.reshape(this.#open('matmul', a), [sizeOf(batch), m, depth]);
      const right = this.#kit.reshape(this.#open('matmul', b), [sizeOf(batch), depth, n]);
      return this.#kit.reshape(a.dtype === 'int32' ? integerMatmul(this.#algebra, left, right) : this.#kit.matmul(left, right, false, false), shape);
    });
  }

  /** Runs `f` on [batch, m, n], and gives its outputs their batch dimensions back. */
  #matrices(op: string, xs: readonly TfjsTensor[], outputs: readonly (readonly [Shape, DType])[], f: (A: Algebra, xs: readonly Handle[]) => readonly Handle[]): TfjsTensor[] {
    for (const x of xs) this.#require(op, x.dtype, 'float');
    if (outputs.every(([shape]) => sizeOf(shape) === 0) || xs.some((x) => sizeOf(x.shape) === 0)) return outputs.map(([shape, dtype]) => this.full(0, shape, dtype));
    const handles = this.#kit.tidy(() => {
      const folded = xs.map((x) => this.#kit.reshape(this.#open(op, x), [sizeOf(x.shape.slice(0, -2)), ...x.shape.slice(-2)]));
      return f(this.#algebra, folded).map((h, k) => this.#kit.reshape(h, outputs[k]![0]));
    });
    return handles.map((h, k) => this.#wrap(h, ...outputs[k]!));
  }
  cholesky(a: TfjsTensor): { factor: TfjsTensor; info: TfjsTensor } {
    const [factor, info] = this.#matrices('cholesky', [a], [[a.shape, a.dtype], [a.shape.slice(0, -2), 'int32']], (A, [x]) => {
      const made = cholesky(A, x!);
      return [made.factor, made.info];
    }) as [TfjsTensor, TfjsTensor];
    return { factor, info };
  }
  triangularSolve(l: TfjsTensor, b: TfjsTensor, options: TriangularSolveOptions): TfjsTensor {
    return this.#matrices('triangularSolve', [l, b], [[b.shape, b.dtype]], (A, [x, y]) => [triangularSolve(A, x!, y!, options)])[0]!;
  }
  choleskyInverse(l: TfjsTensor): TfjsTensor {
    return this.#matrices('choleskyInverse', [l], [[l.shape, l.dtype]], (A, [x]) => [choleskyInverse(A, x!)])[0]!;
  }
  lu(a: TfjsTensor): { lu: TfjsTensor; permutation: TfjsTensor; info: TfjsTensor } {
    const [packed, permutation, info] = this.#matrices('lu', [a], [[a.shape, a.dtype], [a.shape.slice(0, -1), 'int32'], [a.shape.slice(0, -2), 'int32']], (A, [x]) => {
      const made = lu(A, x!);
      return [made.lu, made.permutation, made.info];
    }) as [TfjsTensor, TfjsTensor, TfjsTensor];
    return { lu: packed, permutation, info };
  }
  qr(a: TfjsTensor, options: { readonly pivot: boolean }): { q: TfjsTensor; r: TfjsTensor; permutation: TfjsTensor } {
    const { batch, m, n, k } = sizesOf(a.shape);
    if (sizeOf(a.shape) === 0) {
      const order = allocate('int32', sizeOf([...batch, n]));
      for (let p = 0; p < order.length; p++) order[p] = p % n;
      return { q: this.full(0, [...batch, m, k], a.dtype), r: this.full(0, [...batch, k, n], a.dtype), permutation: this.upload(order, [...batch, n], 'int32') };
    }
    const [q, r, permutation] = this.#matrices('qr', [a], [[[...batch, m, k], a.dtype], [[...batch, k, n], a.dtype], [[...batch, n], 'int32']], (A, [x]) => {
      const made = qr(A, x!, options.pivot);
      return [made.q, made.r, made.permutation];
    }) as [TfjsTensor, TfjsTensor, TfjsTensor];
    return { q, r, permutation };
  }
  eigh(a: TfjsTensor): { values: TfjsTensor; vectors: TfjsTensor } {
    const [values, vectors] = this.#matrices('eigh', [a], [[a.shape.slice(0, -1), a.dtype], [a.shape, a.dtype]], (A, [x]) => {
      const made = eigh(A, x!);
      return [made.values, made.vectors];
    }) as [TfjsTensor, TfjsTensor];
    return { values, vectors };
  }
  svd(a: TfjsTensor): { u: TfjsTensor; s: TfjsTensor; vt: TfjsTensor } {
    const { batch, m, n, k } = sizesOf(a.shape);
    const [u, s, vt] = this.#matrices('svd', [a], [[[...batch, m, k], a.dtype], [[...batch, k], a.dtype], [[...batch, k, n], a.dtype]], (A, [x]) => {
      const made = svd(A, x!);
      return [made.u, made.s, made.vt];
    }) as [TfjsTensor, TfjsTensor, TfjsTensor];
    return { u, s, vt };
  }

  randomBits(key: TfjsTensor, counter: TfjsTensor, shape: Shape, bits: number): TfjsTensor {
    if (!(Number.isInteger(bits) && bits >= 1 && bits <= 32)) throw new UnsupportedOperationError(this.name, 'randomBits', undefined, `${bits} bits were asked for; a word gives 1 to 32`);
    const words = [key, counter].map((x) => x.host ?? this.#kit.readSync?.(x.handle));
    if (!words[0] || !words[1]) this.#refuse('randomBits', 'int32', 'key and counter were computed on the device, which can\'t be read at once; make them of host values');
    return this.upload(threefryBits(words[0], words[1], sizeOf(shape), bits), shape, 'int32');
  }
}

function sizesOf(shape: Shape): { batch: Shape; m: number; n: number; k: number } {
  const [m, n] = shape.slice(-2) as [number, number];
  return { batch: shape.slice(0, -2), m, n, k: Math.min(m, n) };
}
