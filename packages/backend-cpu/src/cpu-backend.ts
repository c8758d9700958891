import {
  type ArgReduceOp, type Backend, type BinaryOp, type Capabilities, type CompareOp, type CumulativeOp, type DType, DTypeError, type Range, type ReduceOp,
  type Shape, ShapeError, type TriangularSolveOptions, type TypedArray, type UnaryOp, UnsupportedOperationError, type Widths, type Window,
  allocate, dtypeOf, formatShape, isFloat, sizeOf, unaryKinds,
} from '@matheron/core-tensor';
import { compact, copyOf, reshaped } from './copy.ts';
import { type CpuTensor, denseTensor, uniformTensor } from './cpu-tensor.ts';
import { mapBinary, mapTernary, mapUnary } from './elementwise.ts';
import {
  choleskyFactors, choleskyInverses, eigenpairs, luFactors, qrFactors, singularTriplets, triangularSolutions,
} from './factorizations.ts';
import { binaryLoops } from './generated/binary.ts';
import { compareLoops } from './generated/compare.ts';
import { castLoops, whereLoops } from './generated/move.ts';
import { unaryLoops } from './generated/unary.ts';
import { gathered, scatterAdded } from './indexing.ts';
import { type MatrixKernels, matrixKernels } from './kernels.ts';
import { multiplied } from './matmul.ts';
import { broadcast, concatenated, folded, padded, permuted, sliced, unfolded } from './movement.ts';
import { accumulated, argReduced, sorted } from './order.ts';
import { threefry } from './random-bits.ts';
import { reduced, reductionOf } from './reduce.ts';

const dtypes: readonly string[] = ['float64', 'float32', 'int32', 'bool'] satisfies DType[];

/**
 * The backend in plain TypeScript: the living definition of `Backend`. Tensors are strided windows on typed arrays, so permute,
 * broadcastTo, slice, unfold and most reshapes copy nothing. Sums, products of matrices and factorizations of float32 accumulate in
 * double and round when they store.
 *
 * Backends on the same storage extend it: they override methods, or hand in their own kernels for single matrices.
 */
export class CpuBackend implements Backend<CpuTensor> {
  readonly name: string;
  readonly capabilities: Capabilities = { fuse: false, triangular: false, lanes: 1, maxUnroll: 1 };
  protected readonly kernels: MatrixKernels;
  constructor(name: string = 'cpu', kernels: MatrixKernels = matrixKernels) {
    this.name = name;
    this.kernels = kernels;
  }

  supports(dtype: DType): boolean {
    return dtypes.includes(dtype);
  }
  /** Throws the error for an operation that isn't defined on a dtype. */
  protected refuse(op: string, dtype: DType, takes: string): never {
    throw new UnsupportedOperationError(this.name, op, dtype, `it takes ${takes}; cast first`);
  }
  #requireFloat(op: string, x: CpuTensor): void {
    if (!isFloat(x.dtype)) this.refuse(op, x.dtype, 'float64 and float32');
  }

  upload(values: TypedArray, shape: Shape, dtype: DType): CpuTensor {
    if (dtypeOf(values) !== dtype) {
      throw new DTypeError('upload', dtype, `upload: a ${values.constructor.name} doesn't hold ${dtype}; convert(values, '${dtype}') does`);
    }
    if (values.length !== sizeOf(shape)) {
      throw new ShapeError('upload', `upload: ${values.length} values don't fill the shape ${formatShape(shape)}, which has ${sizeOf(shape)} elements`, {
        expected: `${sizeOf(shape)} values`, actual: [[values.length], shape],
      });
    }
    return denseTensor(values, shape, dtype);
  }
  read(x: CpuTensor): Promise<TypedArray> {
    return Promise.resolve(this.readSync(x));
  }
  readSync(x: CpuTensor): TypedArray {
    return copyOf(x);
  }
  dispose(_x: CpuTensor): void {}

  full(value: number, shape: Shape, dtype: DType): CpuTensor {
    return uniformTensor(value, shape, dtype);
  }
  iota(size: number, dtype: DType): CpuTensor {
    if (dtype === 'bool') this.refuse('iota', dtype, 'numbers');
    const data = allocate(dtype, size);
    for (let k = 0; k < size; k++) data[k] = k;
    return denseTensor(data, [size], dtype, [1]);
  }
  cast(x: CpuTensor, dtype: DType): CpuTensor {
    return x.dtype === dtype ? x : mapUnary(castLoops[x.dtype][dtype], dtype, x);
  }
  reshape(x: CpuTensor, shape: Shape): CpuTensor {
    return reshaped(x, shape);
  }
  permute(x: CpuTensor, axes: readonly number[]): CpuTensor {
    return permuted(x, axes);
  }
  broadcastTo(x: CpuTensor, shape: Shape): CpuTensor {
    return broadcast(x, shape);
  }
  concat(xs: readonly CpuTensor[], axis: number): CpuTensor {
    return concatenated(xs, axis);
  }
  slice(x: CpuTensor, ranges: readonly Range[]): CpuTensor {
    return sliced(x, ranges);
  }
  pad(x: CpuTensor, widths: readonly Widths[], value: number): CpuTensor {
    return padded(x, widths, value);
  }

  unary(op: UnaryOp, x: CpuTensor): CpuTensor {
    const loop = unaryLoops[op][x.dtype] ?? this.refuse(op, x.dtype, unaryKinds[op] === 'float' ? 'float64 and float32' : 'numbers');
    return mapUnary(loop, unaryKinds[op] === 'bool' ? 'bool' : x.dtype, x);
  }
  binary(op: BinaryOp, a: CpuTensor, b: CpuTensor): CpuTensor {
    const loop = binaryLoops[op][a.dtype] ?? this.refuse(op, a.dtype, Object.keys(binaryLoops[op]).join(', '));
    return mapBinary(loop, a.dtype, a, b);
  }
  compare(op: CompareOp, a: CpuTensor, b: CpuTensor): CpuTensor {
    return mapBinary(compareLoops[op][a.dtype], 'bool', a, b);
  }
  where(condition: CpuTensor, a: CpuTensor, b: CpuTensor): CpuTensor {
    return mapTernary(whereLoops[a.dtype], a.dtype, condition, a, b);
  }

  reduce(op: ReduceOp, x: CpuTensor, axes: readonly number[]): CpuTensor {
    const loops = reductionOf(op, x.dtype) ?? this.refuse(op, x.dtype, x.dtype === 'bool' ? 'numbers' : 'bool');
    return reduced(op, loops, x, axes);
  }
  argReduce(op: ArgReduceOp, x: CpuTensor, axis: number): CpuTensor {
    if (x.shape[axis] === 0) {
      throw new ShapeError(op, `${op}: axis ${axis} of ${formatShape(x.shape)} is empty and has no extreme`, { expected: 'a non-empty axis', actual: [x.shape] });
    }
    return argReduced(op, x, axis) ?? this.refuse(op, x.dtype, 'numbers');
  }
  cumulative(op: CumulativeOp, x: CpuTensor, axis: number): CpuTensor {
    return accumulated(op, x, axis) ?? this.refuse(`cumulative ${op}`, x.dtype, 'numbers');
  }
  sort(x: CpuTensor, axis: number): { values: CpuTensor; indices: CpuTensor } {
    return sorted(x, axis);
  }
  gather(x: CpuTensor, index: CpuTensor, axis: number): CpuTensor {
    return gathered(x, index, axis);
  }
  scatterAdd(x: CpuTensor, index: CpuTensor, updates: CpuTensor, axis: number): CpuTensor {
    return scatterAdded(x, index, updates, axis) ?? this.refuse('scatterAdd', x.dtype, 'numbers');
  }
  unfold(x: CpuTensor, windows: readonly Window[]): CpuTensor {
    return unfolded(x, windows);
  }
  fold(x: CpuTensor, windows: readonly Window[], shape: Shape): CpuTensor {
    return folded(x, windows, shape) ?? this.refuse('fold', x.dtype, 'numbers');
  }

  matmul(a: CpuTensor, b: CpuTensor): CpuTensor {
    if (a.dtype === 'bool') this.refuse('matmul', a.dtype, 'numbers');
    return multiplied(this.kernels.gemm, a, b);
  }
  cholesky(a: CpuTensor): { factor: CpuTensor; info: CpuTensor } {
    this.#requireFloat('cholesky', a);
    return choleskyFactors(this.kernels, a);
  }
  triangularSolve(l: CpuTensor, b: CpuTensor, options: TriangularSolveOptions): CpuTensor {
    this.#requireFloat('triangularSolve', l);
    return triangularSolutions(this.kernels, l, b, options);
  }
  choleskyInverse(l: CpuTensor): CpuTensor {
    this.#requireFloat('choleskyInverse', l);
    return choleskyInverses(this.kernels, l);
  }
  lu(a: CpuTensor): { lu: CpuTensor; permutation: CpuTensor; info: CpuTensor } {
    this.#requireFloat('lu', a);
    return luFactors(this.kernels, a);
  }
  qr(a: CpuTensor, options: { readonly pivot: boolean }): { q: CpuTensor; r: CpuTensor; permutation: CpuTensor } {
    this.#requireFloat('qr', a);
    return qrFactors(this.kernels, a, options.pivot);
  }
  eigh(a: CpuTensor): { values: CpuTensor; vectors: CpuTensor } {
    this.#requireFloat('eigh', a);
    return eigenpairs(this.kernels, a);
  }
  svd(a: CpuTensor): { u: CpuTensor; s: CpuTensor; vt: CpuTensor } {
    this.#requireFloat('svd', a);
    return singularTriplets(this.kernels, a);
  }

  randomBits(key: CpuTensor, counter: CpuTensor, shape: Shape, bits: number): CpuTensor {
    if (!(Number.isInteger(bits) && bits >= 1 && bits <= 32)) {
      throw new UnsupportedOperationError(this.name, 'randomBits', undefined, `${bits} bits were asked for; a word gives 1 to 32`);
    }
    const words = (x: CpuTensor): [number, number] => compact(x) as unknown as [number, number];
    return denseTensor(threefry(words(key), words(counter), sizeOf(shape), bits), shape, 'int32');
  }
}
