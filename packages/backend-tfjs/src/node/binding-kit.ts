import { type DType, type Shape, type TypedArray, allocate } from '@matheron/core-tensor';
import type { BinaryKernel, Handle, Kit, NativeAlgebra, Quirks, ReduceKernel, UnaryKernel } from '../kit.ts';
import { type Binding, INT64, type OpAttribute, typeNumbers } from './binding.ts';

/** A tensor of the binding. */
interface BindingHandle extends Handle {
  readonly id: number;
}

const typeNames: Readonly<Record<number, DType>> = { 1: 'float32', 2: 'float64', 3: 'int32', 10: 'bool' };
const renamed: Readonly<Partial<Record<UnaryKernel | BinaryKernel, string>>> = { Add: 'AddV2', Multiply: 'Mul', Mod: 'FloorMod', Round: 'Rint' };
/** Kernels that don't take bool. */
const ordering: ReadonlySet<BinaryKernel> = new Set(['Less', 'LessEqual', 'Greater', 'GreaterEqual']);
/** How many small integer tensors (shapes, axes, permutations) are kept. */
const KEPT = 512;

/**
 * A kit over the raw operations of tfjs-node's binding. float64, which tfjs refuses, goes up as INT64 and becomes DOUBLE by Bitcast. The
 * binding frees nothing by itself, and may alias the array it is given: every upload is a copy.
 */
export class BindingKit implements Kit {
  readonly name: string = 'tfjs-node';
  readonly dtypes: readonly DType[] = ['float64', 'float32', 'int32', 'bool'];
  readonly quirks: Quirks = { smallInt32: false, roundedInt32Product: false, losesNaN: true, graphics: false, composed: [] };
  readonly native: NativeAlgebra<Handle>;
  readonly #binding: Binding;
  /** Handles made in each running `tidy`. */
  readonly #scopes: Set<Handle>[] = [];
  readonly #vectors = new Map<string, number>();
  readonly #flags: Readonly<Record<string, readonly [OpAttribute, OpAttribute]>>;
  readonly #toDouble: readonly OpAttribute[];
  readonly #toBits: readonly OpAttribute[];
  readonly #casts: Readonly<Record<DType, readonly OpAttribute[]>>;
  constructor(binding: Binding) {
    this.#binding = binding;
    const flag = (name: string): [OpAttribute, OpAttribute] => [{ name, type: binding.TF_ATTR_BOOL, value: false }, { name, type: binding.TF_ATTR_BOOL, value: true }];
    const type = (name: string, value: number): OpAttribute => ({ name, type: binding.TF_ATTR_TYPE, value });
    this.#flags = Object.fromEntries(['keep_dims', 'adj_x', 'adj_y', 'lower', 'adjoint', 'full_matrices', 'compute_uv', 'compute_v', 'sorted'].map((name) => [name, flag(name)]));
    this.#toDouble = [type('type', typeNumbers.float64)];
    this.#toBits = [type('type', INT64)];
    this.#casts = { float64: [type('DstT', 2)], float32: [type('DstT', 1)], int32: [type('DstT', 3)], bool: [type('DstT', 10)] };
    this.native = {
      cholesky: (a) => this.#run('Cholesky', [], a),
      triangularSolve: (l, b, lower, transpose) => this.#run('MatrixTriangularSolve', [this.#flag('lower', lower), this.#flag('adjoint', transpose)], l, b),
      lu: (a) => {
        const factors = this.#attempt(() => this.#runAll('Lu', [type('output_idx_type', typeNumbers.int32)], [a], 2));
        return factors && { lu: factors[0]!, permutation: factors[1]! };
      },
      qr: (a) => {
        const factors = this.#attempt(() => this.#runAll('Qr', [this.#flag('full_matrices', false)], [a], 2));
        return factors && { q: factors[0]!, r: factors[1]! };
      },
      eigh: (a) => {
        const pairs = this.#attempt(() => this.#runAll('SelfAdjointEigV2', [this.#flag('compute_v', true)], [a], 2));
        return pairs && { values: pairs[0]!, vectors: pairs[1]! };
      },
      svd: (a) => {
        const triplets = this.#attempt(() => this.#runAll('Svd', [this.#flag('compute_uv', true), this.#flag('full_matrices', false)], [a], 3));
        return triplets && { s: triplets[0]!, u: triplets[1]!, v: triplets[2]! };
      },
    };
  }
  #flag(name: string, value: boolean): OpAttribute {
    return this.#flags[name]![Number(value) as 0 | 1];
  }
  /** undefined where TensorFlow refuses the values: singular matrices, NaN. */
  #attempt<T>(compute: () => T): T | undefined {
    try {
      return compute();
    } catch {
      return undefined;
    }
  }
  #own(made: { readonly id: number; readonly shape: Shape; readonly dtype: number }): BindingHandle {
    const handle = { id: made.id, shape: made.shape, dtype: typeNames[made.dtype]! };
    this.#scopes.at(-1)?.add(handle);
    return handle;
  }
  #run(op: string, attributes: readonly OpAttribute[], ...inputs: readonly Handle[]): Handle {
    return this.#own(this.#binding.executeOp(op, attributes, inputs.map((x) => (x as BindingHandle).id), 1)[0]!);
  }
  #runAll(op: string, attributes: readonly OpAttribute[], inputs: readonly Handle[], outputs: number): Handle[] {
    return this.#binding.executeOp(op, attributes, inputs.map((x) => (x as BindingHandle).id), outputs).map((made) => this.#own(made));
  }
  /** With integer arguments behind the inputs: shapes, axes, sizes. */
  #runWith(op: string, attributes: readonly OpAttribute[], inputs: readonly Handle[], ...integers: readonly (number | Shape)[]): Handle {
    const ids = inputs.map((x) => (x as BindingHandle).id);
    for (const v of integers) ids.push(this.#integers(v));
    return this.#own(this.#binding.executeOp(op, attributes, ids, 1)[0]!);
  }
  /** An int32 scalar or vector; made once as long as it stays among the recent ones. */
  #integers(v: number | Shape): number {
    const key = typeof v === 'number' ? `${v}` : `[${v.join()}]`;
    let id = this.#vectors.get(key);
    if (id !== undefined) {
      // moved to the end: those that this very operation takes are never the oldest
      this.#vectors.delete(key);
      this.#vectors.set(key, id);
      return id;
    }
    if (this.#vectors.size >= KEPT) {
      const [oldest, unused] = this.#vectors.entries().next().value!;
      this.#binding.deleteTensor(unused);
      this.#vectors.delete(oldest);
    }
    id = typeof v === 'number' ? this.#binding.createTensor([], typeNumbers.int32, Int32Array.of(v)) : this.#binding.createTensor([v.length], typeNumbers.int32, Int32Array.from(v));
    this.#vectors.set(key, id);
    return id;
  }

  tidy<R>(fn: () => R): R {
    const made = new Set<Handle>();
    this.#scopes.push(made);
    try {
      const result = fn();
      this.#release(result, made);
      return result;
    } finally {
      this.#scopes.pop();
      for (const x of made) this.#binding.deleteTensor((x as BindingHandle).id);
    }
  }
  /** Hands what stands in a result to the tidy around. */
  #release(result: unknown, made: Set<Handle>): void {
    if (typeof result !== 'object' || result === null) return;
    if (made.delete(result as Handle)) this.#scopes.at(-2)?.add(result as Handle);
    else if (!('id' in result)) for (const x of Object.values(result)) this.#release(x, made);
  }
  keep(x: Handle): Handle {
    for (const made of this.#scopes) made.delete(x);
    return x;
  }
  dispose(x: Handle): void {
    this.#binding.deleteTensor((x as BindingHandle).id);
  }

  upload(values: TypedArray, shape: Shape, dtype: DType): Handle {
    if (dtype !== 'float64') return this.#own({ id: this.#binding.createTensor(shape, typeNumbers[dtype], values.slice()), shape, dtype: typeNumbers[dtype] });
    const bits = this.#binding.createTensor(shape, INT64, new Int32Array(values.slice().buffer));
    const handle = this.#own(this.#binding.executeOp('Bitcast', this.#toDouble, [bits], 1)[0]!);
    this.#binding.deleteTensor(bits);
    return handle;
  }
  read(x: Handle): Promise<TypedArray> {
    return Promise.resolve(this.readSync(x));
  }
  readSync(x: Handle): TypedArray {
    const { id } = x as BindingHandle;
    if (x.dtype !== 'float64') return copied(this.#binding.tensorDataSync(id), x.dtype);
    const bits = this.#binding.executeOp('Bitcast', this.#toBits, [id], 1)[0]!.id;
    const values = copied(this.#binding.tensorDataSync(bits), x.dtype);
    this.#binding.deleteTensor(bits);
    return values;
  }

  fill(value: number, shape: Shape, dtype: DType): Handle {
    const scalar = this.upload(allocate(dtype, 1).fill(value), [], dtype);
    if (shape.length === 0) return scalar;
    const filled = this.#own(this.#binding.executeOp('Fill', [], [this.#integers(shape), (scalar as BindingHandle).id], 1)[0]!);
    this.keep(scalar);
    this.dispose(scalar);
    return filled;
  }
  reshape(x: Handle, shape: Shape): Handle {
    return this.#runWith('Reshape', [], [x], shape);
  }
  cast(x: Handle, dtype: DType): Handle {
    return this.#run('Cast', this.#casts[dtype], x);
  }
  transpose(x: Handle, axes: readonly number[]): Handle {
    return this.#runWith('Transpose', [], [x], axes);
  }
  slice(x: Handle, begin: readonly number[], size: readonly number[]): Handle {
    return this.#runWith('Slice', [], [x], begin, size);
  }
  concat(xs: readonly Handle[], axis: number): Handle {
    const attributes = [{ name: 'T', type: this.#binding.TF_ATTR_TYPE, value: typeNumbers[xs[0]!.dtype] }, { name: 'N', type: this.#binding.TF_ATTR_INT, value: xs.length }];
    return this.#runWith('ConcatV2', attributes, xs, axis);
  }
  pad(x: Handle, widths: readonly (readonly [number, number])[], value: number): Handle {
    return this.tidy(() => {
      const paddings = this.upload(Int32Array.from(widths.flat()), [widths.length, 2], 'int32');
      return this.#run('PadV2', [], x, paddings, this.fill(value, [], x.dtype));
    });
  }
  tile(x: Handle, repeats: readonly number[]): Handle {
    return this.#runWith('Tile', [], [x], repeats);
  }
  gather(x: Handle, index: Handle, axis: number): Handle {
    return this.#runWith('GatherV2', [], [x, index], axis);
  }
  scatterRows(index: Handle, updates: Handle, n: number): Handle {
    return this.#runWith('UnsortedSegmentSum', [], [updates, index], n);
  }

  unary(kernel: UnaryKernel, x: Handle): Handle {
    return this.#run(renamed[kernel] ?? kernel, [], x);
  }
  binary(kernel: BinaryKernel, a: Handle, b: Handle): Handle {
    if (a.dtype === 'bool' && ordering.has(kernel)) return this.tidy(() => this.binary(kernel, this.cast(a, 'int32'), this.cast(b, 'int32')));
    return this.#own(this.#binding.executeOp(renamed[kernel] ?? kernel, [], [(a as BindingHandle).id, (b as BindingHandle).id], 1)[0]!);
  }
  select(condition: Handle, a: Handle, b: Handle): Handle {
    return this.#run('SelectV2', [], condition, a, b);
  }
  reduce(kernel: ReduceKernel, x: Handle): Handle {
    return this.#runWith(kernel, [], [x], x.shape.length - 1);
  }
  argMax(x: Handle): Handle {
    return this.#runWith('ArgMax', [{ name: 'output_type', type: this.#binding.TF_ATTR_TYPE, value: typeNumbers.int32 }], [x], x.shape.length - 1);
  }
  cumulative(kernel: 'Cumsum' | 'Cumprod', x: Handle): Handle {
    return this.#runWith(kernel, [], [x], x.shape.length - 1);
  }
  sortDescending(x: Handle): { values: Handle; indices: Handle } {
    const ids = [(x as BindingHandle).id, this.#integers(x.shape.at(-1)!)];
    const [values, indices] = this.#binding.executeOp('TopKV2', [this.#flag('sorted', true)], ids, 2).map((made) => this.#own(made));
    return { values: values!, indices: indices! };
  }
  matmul(a: Handle, b: Handle, transposeA: boolean, transposeB: boolean): Handle {
    return this.#run('BatchMatMulV2', [this.#flag('adj_x', transposeA), this.#flag('adj_y', transposeB)], a, b);
  }
}

/** A fresh copy, read as `dtype`: the binding gives float64's bits as BigInt64Array. */
function copied(view: ArrayBufferView, dtype: DType): TypedArray {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
  if (dtype === 'bool') return bytes;
  if (dtype === 'int32') return new Int32Array(bytes.buffer);
  return dtype === 'float32' ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
}
