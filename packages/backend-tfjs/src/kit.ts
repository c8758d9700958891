import type { DType, Shape, TypedArray } from '@matheron/core-tensor';

/** A value on a device, dense and row-major: a tensor of tfjs-core, or an id of the binding with its type. */
export interface Handle {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Elementwise kernels by the names that tfjs and TensorFlow share. */
export type UnaryKernel =
  | 'Neg' | 'Abs' | 'Square' | 'Relu' | 'Floor' | 'Ceil' | 'Round' | 'Exp' | 'Expm1' | 'Log' | 'Log1p' | 'Sqrt' | 'Reciprocal' | 'Sin' | 'Cos' | 'Tan' | 'Asin' | 'Acos' | 'Atan'
  | 'Sinh' | 'Cosh' | 'Tanh' | 'Sigmoid' | 'IsNan' | 'IsFinite' | 'IsInf' | 'LogicalNot' | 'Erf' | 'Erfc' | 'Ndtri' | 'Lgamma' | 'Digamma';
export type BinaryKernel =
  | 'Add' | 'Sub' | 'Multiply' | 'RealDiv' | 'FloorDiv' | 'Mod' | 'Pow' | 'Atan2' | 'Maximum' | 'Minimum' | 'LogicalAnd' | 'LogicalOr'
  | 'Equal' | 'NotEqual' | 'Less' | 'LessEqual' | 'Greater' | 'GreaterEqual';
export type ReduceKernel = 'Sum' | 'Prod' | 'Max' | 'Min' | 'Any' | 'All';

/** Where a device's own kernels fall short of the interface, so that a composition takes their place. */
export interface Quirks {
  /** int32 is a float underneath, exact to ±2^24 only. */
  readonly smallInt32: boolean;
  /** The product of int32 goes through a double and loses low bits. */
  readonly roundedInt32Product: boolean;
  /** `Maximum`, `Minimum`, `Max` and `Min` may lose a NaN. */
  readonly losesNaN: boolean;
  /** The quotient of equal operands is 1, also of 0 and of Infinity; `Pow` may lose a NaN; `Atan2` doesn't see the sign of a zero. */
  readonly graphics: boolean;
  /** Unary kernels that are worse than their composition, or missing. */
  readonly composed: readonly UnaryKernel[];
}

/** Whole algorithms that a device may have; without them they are composed. Matrices are [batch, m, n]; undefined where the device refuses the values. */
export interface NativeAlgebra<H> {
  /** The factor of the lower triangle, 0 above; NaN on the diagonal where there is none. */
  cholesky?(a: H): H;
  /** Reads one triangle. */
  triangularSolve?(l: H, b: H, lower: boolean, transpose: boolean): H;
  lu?(a: H): { lu: H; permutation: H } | undefined;
  qr?(a: H): { q: H; r: H } | undefined;
  eigh?(a: H): { values: H; vectors: H } | undefined;
  svd?(a: H): { u: H; s: H; v: H } | undefined;
}

/**
 * What a device does by itself. Shapes broadcast in `binary` and `select`; nothing is checked, and no size is 0 except in
 * transfers. Everything in the Backend interface is composed of this.
 */
export interface Kit<H extends Handle = Handle> {
  readonly name: string;
  readonly dtypes: readonly DType[];
  readonly quirks: Quirks;
  readonly native: NativeAlgebra<H>;

  /** Frees what `fn` made, but for the handles in its result (also inside arrays and plain objects). */
  tidy<R>(fn: () => R): R;
  /** Saves a handle from every running `tidy`. */
  keep(x: H): H;
  dispose(x: H): void;

  /** A copy of `values` on the device. */
  upload(values: TypedArray, shape: Shape, dtype: DType): H;
  /** A fresh copy, of the array type of the dtype. */
  read(x: H): Promise<TypedArray>;
  readSync?(x: H): TypedArray;

  fill(value: number, shape: Shape, dtype: DType): H;
  /** Another handle on the same values, freed on its own. */
  reshape(x: H, shape: Shape): H;
  cast(x: H, dtype: DType): H;
  transpose(x: H, axes: readonly number[]): H;
  slice(x: H, begin: readonly number[], size: readonly number[]): H;
  concat(xs: readonly H[], axis: number): H;
  pad(x: H, widths: readonly (readonly [number, number])[], value: number): H;
  tile(x: H, repeats: readonly number[]): H;
  gather(x: H, index: H, axis: number): H;
  /** Rows of `updates` [k, m] summed at `index` [k] into [n, m]. */
  scatterRows(index: H, updates: H, n: number): H;

  unary(kernel: UnaryKernel, x: H): H;
  binary(kernel: BinaryKernel, a: H, b: H): H;
  select(condition: H, a: H, b: H): H;
  /** Over the last axis, which is dropped. */
  reduce(kernel: ReduceKernel, x: H): H;
  /** Position of the first largest element along the last axis; int32. */
  argMax(x: H): H;
  /** Along the last axis. */
  cumulative(kernel: 'Cumsum' | 'Cumprod', x: H): H;
  /** Along the last axis, descending; equal ones in their order. */
  sortDescending(x: H): { values: H; indices: H };
  /** [batch, m, k] · [batch, k, n], either transposed first. */
  matmul(a: H, b: H, transposeA: boolean, transposeB: boolean): H;
}
