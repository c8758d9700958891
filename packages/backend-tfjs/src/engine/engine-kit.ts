import { type DType, type Shape, type TypedArray, allocate, convert, dtypeOf, rowMajorStrides, sameShape, sizeOf } from '@matheron/core-tensor';
import type { BinaryKernel, Handle, Kit, NativeAlgebra, Quirks, ReduceKernel, UnaryKernel } from '../kit.ts';
import type { EngineProfile } from './profiles.ts';
import type { TfEngine, TfModule, TfTensor } from './tf-module.ts';

/**
 * A kit over the kernels of one tfjs engine. tfjs-core has one running engine at a time; each call makes sure that it is this one,
 * so engines can be used side by side, also beside code that calls tfjs itself and selects its own engine.
 */
export class EngineKit implements Kit {
  readonly name: string;
  readonly dtypes: readonly DType[] = ['float32', 'int32', 'bool'];
  readonly quirks: Quirks;
  readonly native: NativeAlgebra<Handle> = {};
  readonly readSync?: (x: Handle) => TypedArray;
  readonly #tf: TfModule;
  readonly #engine: TfEngine;
  readonly #profile: EngineProfile;
  constructor(tf: TfModule, profile: EngineProfile) {
    this.name = `tfjs-${profile.engine}`;
    this.quirks = profile.quirks;
    this.#tf = tf;
    this.#engine = tf.engine();
    this.#profile = profile;
    if (profile.synchronous) this.readSync = (x) => typed((x as TfTensor).dataSync(), x.dtype);
  }
  #run(kernel: string, inputs: object, attributes: object = {}): Handle {
    return this.#runAll(kernel, inputs, attributes) as Handle;
  }
  #runAll(kernel: string, inputs: object, attributes: object): Handle | Handle[] {
    this.#select();
    return this.#engine.runKernel(kernel, inputs, attributes);
  }
  #select(): void {
    // An engine that has been started is selected before the promise is handed out.
    if (this.#engine.backendName !== this.#profile.engine) void this.#engine.setBackend(this.#profile.engine);
  }
  /** Kernels that don't know bool get int32. */
  #plain(x: Handle): Handle {
    return x.dtype === 'bool' ? this.cast(x, 'int32') : x;
  }
  /** Runs a kernel that moves elements; on bool by way of int32 where the engine's kernels ask for that. */
  #moving(xs: readonly Handle[], move: (xs: readonly Handle[]) => Handle): Handle {
    if (xs[0]!.dtype !== 'bool' || this.#profile.movesBool) return move(xs);
    return this.tidy(() => this.cast(move(xs.map((x) => this.#plain(x))), 'bool'));
  }

  tidy<R>(fn: () => R): R {
    return this.#tf.tidy(fn);
  }
  keep(x: Handle): Handle {
    return this.#tf.keep(x);
  }
  dispose(x: Handle): void {
    (x as TfTensor).dispose();
  }

  upload(values: TypedArray, shape: Shape, dtype: DType): Handle {
    this.#select();
    return this.#tf.tensor(values.slice(), shape, dtype);
  }
  async read(x: Handle): Promise<TypedArray> {
    return typed(await (x as TfTensor).data(), x.dtype);
  }

  fill(value: number, shape: Shape, dtype: DType): Handle {
    if (sizeOf(shape) <= 4) return this.upload(allocate(dtype, sizeOf(shape)).fill(value), shape, dtype);
    return this.#run('Fill', {}, { shape, value, dtype });
  }
  reshape(x: Handle, shape: Shape): Handle {
    return this.#run('Reshape', { x }, { shape });
  }
  cast(x: Handle, dtype: DType): Handle {
    // engines keep the byte of a float as it is
    if (dtype === 'bool' && x.dtype !== 'bool') return this.tidy(() => this.#run('NotEqual', { a: x, b: this.upload(allocate(x.dtype, 1), [], x.dtype) }));
    return this.#run('Cast', { x }, { dtype });
  }
  transpose(x: Handle, axes: readonly number[]): Handle {
    if (this.#profile.transposesPlanes) return this.tidy(() => this.#transposePlanes(x, axes));
    return this.#moving([x], ([y]) => this.#run('Transpose', { x: y }, { perm: axes }));
  }
  /** By the kernel where two axes are left without those of size 1, else by gathering. */
  #transposePlanes(x: Handle, axes: readonly number[]): Handle {
    const shape = axes.map((a) => x.shape[a]!);
    const long = axes.filter((a) => x.shape[a] !== 1);
    const flat = sizeOf(shape);
    if (long.length <= 2 && !(long[0]! < long[1]!)) {
      const plane = this.reshape(x, [...long].sort((p, q) => p - q).map((a) => x.shape[a]!));
      return this.reshape(long.length < 2 ? plane : this.#moving([plane], ([y]) => this.#run('Transpose', { x: y }, { perm: [1, 0] })), shape);
    }
    const steps = rowMajorStrides(x.shape);
    const index = new Int32Array(flat);
    for (let p = 0; p < flat; p++) {
      for (let k = axes.length - 1, rest = p; k >= 0; k--) {
        const size = shape[k]!;
        index[p]! += (rest % size) * steps[axes[k]!]!;
        rest = Math.floor(rest / size);
      }
    }
    return this.reshape(this.gather(this.reshape(x, [flat]), this.upload(index, [flat], 'int32'), 0), shape);
  }
  slice(x: Handle, begin: readonly number[], size: readonly number[]): Handle {
    return this.#moving([x], ([y]) => this.#run('Slice', { x: y }, { begin, size }));
  }
  concat(xs: readonly Handle[], axis: number): Handle {
    return this.#moving(xs, (ys) => this.#run('Concat', ys, { axis }));
  }
  pad(x: Handle, paddings: readonly (readonly [number, number])[], constantValue: number): Handle {
    return this.#moving([x], ([y]) => this.#run('PadV2', { x: y }, { paddings, constantValue }));
  }
  tile(x: Handle, reps: readonly number[]): Handle {
    return this.#moving([x], ([y]) => this.#run('Tile', { x: y }, { reps }));
  }
  gather(x: Handle, indices: Handle, axis: number): Handle {
    return this.#moving([x], ([y]) => this.#run('GatherV2', { x: y, indices }, { axis, batchDims: 0 }));
  }
  scatterRows(index: Handle, updates: Handle, n: number): Handle {
    return this.tidy(() => this.#run('ScatterNd', { indices: this.reshape(index, [index.shape[0]!, 1]), updates }, { shape: [n, updates.shape[1]!] }));
  }

  unary(kernel: UnaryKernel, x: Handle): Handle {
    return this.#run(kernel, { x });
  }
  binary(kernel: BinaryKernel, a: Handle, b: Handle): Handle {
    if (a.dtype === 'bool' && kernel !== 'LogicalAnd' && kernel !== 'LogicalOr') return this.tidy(() => this.#run(kernel, { a: this.#plain(a), b: this.#plain(b) }));
    return this.#run(kernel, { a, b });
  }
  select(condition: Handle, a: Handle, b: Handle): Handle {
    if (a.dtype === 'bool' && !this.#profile.movesBool) return this.tidy(() => this.cast(this.select(condition, this.#plain(a), this.#plain(b)), 'bool'));
    if (sameShape(condition.shape, a.shape) && sameShape(a.shape, b.shape)) return this.#run('Select', { condition, t: a, e: b });
    return this.tidy(() => {
      const rank = Math.max(condition.shape.length, a.shape.length, b.shape.length);
      const shape = Array.from({ length: rank }, (_, k) => Math.max(...[condition, a, b].map((x) => x.shape[k - rank + x.shape.length] ?? 1)));
      const [c, t, e] = [condition, a, b].map((x) => this.#stretch(x, shape));
      return this.#run('Select', { condition: c, t, e });
    });
  }
  #stretch(x: Handle, shape: Shape): Handle {
    if (sameShape(x.shape, shape)) return x;
    const aligned = [...new Array<number>(shape.length - x.shape.length).fill(1), ...x.shape];
    return this.tile(this.reshape(x, aligned), aligned.map((s, k) => shape[k]! / s));
  }
  reduce(kernel: ReduceKernel, x: Handle): Handle {
    const axis = [x.shape.length - 1];
    return this.#run(kernel, { x }, { axis, reductionIndices: axis, keepDims: false });
  }
  argMax(x: Handle): Handle {
    if (!this.#profile.argMaxLoses) return this.#run('ArgMax', { x }, { axis: x.shape.length - 1 });
    return this.tidy(() => {
      const n = x.shape.at(-1)!;
      const largest = this.reshape(this.reduce('Max', x), [...x.shape.slice(0, -1), 1]);
      const places = this.upload(Float32Array.from({ length: n }, (_, k) => k), [n], 'float32');
      return this.cast(this.reduce('Min', this.select(this.binary('Equal', x, largest), places, this.fill(n - 1, [], 'float32'))), 'int32');
    });
  }
  cumulative(kernel: 'Cumsum' | 'Cumprod', x: Handle): Handle {
    return this.#run(kernel, { x }, { axis: x.shape.length - 1, exclusive: false, reverse: false });
  }
  sortDescending(x: Handle): { values: Handle; indices: Handle } {
    const [values, indices] = this.#runAll('TopK', { x }, { k: x.shape.at(-1)!, sorted: true }) as Handle[];
    return { values: values!, indices: indices! };
  }
  matmul(a: Handle, b: Handle, transposeA: boolean, transposeB: boolean): Handle {
    return this.#run('BatchMatMul', { a, b }, { transposeA, transposeB });
  }
}

/** A fresh copy in the array type of the dtype: engines hand out their own memory, and bools as they store them. */
function typed(values: TypedArray, dtype: DType): TypedArray {
  return dtypeOf(values) === dtype ? values.slice() : convert(values, dtype);
}
