import type { DType, TypedArray } from './dtype.ts';
import type { Executable, ExecutablePair, Plan, PlanPair } from './plan.ts';
import type { Shape } from './shape.ts';

/** What a unary kind returns: its input's dtype, or bool. 'float' kinds are only asked for on floats. */
export type UnaryResult = 'float' | 'same' | 'bool';
/**
 * Every unary kind. 'float': defined on floats, dtype kept. 'same': on every number, dtype kept. 'bool': a predicate.
 * A new kind is four edits: here, its loop in backend-cpu, its gradient in autograd, its row in backend-conformance.
 */
export const unaryKinds = {
  neg: 'same', abs: 'same', sign: 'same', square: 'same', relu: 'same', floor: 'same', ceil: 'same', round: 'same', trunc: 'same',
  exp: 'float', expm1: 'float', log: 'float', log1p: 'float', log2: 'float', sqrt: 'float', reciprocal: 'float',
  sin: 'float', cos: 'float', tan: 'float', asin: 'float', acos: 'float', atan: 'float', sinh: 'float', cosh: 'float', tanh: 'float',
  sigmoid: 'float', logSigmoid: 'float', softplus: 'float',
  erf: 'float', erfc: 'float', erfcx: 'float', erfinv: 'float', lgamma: 'float', digamma: 'float', logNormalCdf: 'float',
  isnan: 'bool', isfinite: 'bool', isinf: 'bool', logicalNot: 'bool',
} as const;
type Table<V extends string, T extends Record<string, V>> = T;
/** A unary kind. */
export type UnaryOp = keyof Table<UnaryResult, typeof unaryKinds>;

/**
 * Every binary kind; both operands have one dtype, which the result keeps. 'number': int32, float32, float64 (int32
 * wraps). 'float': floats only. 'bool': bools only. `pow` of int32 truncates towards 0; `mod` has the sign of the divisor
 * (NumPy's), for int32 0 where the divisor is 0; `maximum` and `minimum` hand NaN on, whichever side it stands on.
 */
export const binaryKinds = {
  add: 'number', sub: 'number', mul: 'number', div: 'float', pow: 'number', mod: 'number', atan2: 'float', maximum: 'number', minimum: 'number',
  logicalAnd: 'bool', logicalOr: 'bool', logicalXor: 'bool',
} as const;
/** A binary kind. */
export type BinaryOp = keyof Table<'number' | 'float' | 'bool', typeof binaryKinds>;

/** Comparisons: operands of one dtype (bool too), a bool result; anything but `notEqual` is false beside NaN. */
export const compareKinds = ['equal', 'notEqual', 'less', 'lessEqual', 'greater', 'greaterEqual'] as const;
/** A comparison. */
export type CompareOp = (typeof compareKinds)[number];

/**
 * Reductions over axes, which are dropped. sum, prod: numbers, dtype kept, 0 and 1 over nothing. max, min: numbers, NaN wins,
 * ∓Infinity over nothing (floats; the public layer refuses empty ones). any, all: bools.
 */
export const reduceKinds = { sum: 'number', prod: 'number', max: 'number', min: 'number', any: 'bool', all: 'bool' } as const;
/** A reduction. */
export type ReduceOp = keyof Table<'number' | 'bool', typeof reduceKinds>;
/** int32 position of the extreme; the first of equals; the first NaN where there is one. */
export type ArgReduceOp = 'argmax' | 'argmin';
/** What runs along an axis. */
export type CumulativeOp = 'sum' | 'prod';

/** start, stop (exclusive), step, resolved: step ≠ 0; the result has max(0, ceil((stop − start) / step)) elements; for a negative step `stop` may be −1, meaning "through 0". */
export interface Range { readonly start: number; readonly stop: number; readonly step: number }
/** Padding of an axis; `interior` goes between elements. Negative `low`/`high` crop. */
export interface Widths { readonly low: number; readonly high: number; readonly interior: number }
/** A sliding window along one axis: `(size − dilation·(width − 1) − 1) / stride + 1` positions, rounded down. */
export interface Window { readonly width: number; readonly stride: number; readonly dilation: number }
/** Which triangular system is solved. */
export interface TriangularSolveOptions {
  /** Which triangle of `l` is read. */
  readonly lower: boolean;
  /** Solve with lᵀ. */
  readonly transpose: boolean;
  /** Take the diagonal as 1 without reading it. */
  readonly unitDiagonal: boolean;
  /** 'left': l x = b; 'right': x l = b. */
  readonly side: 'left' | 'right';
}

/** A backend's own value: shape and dtype are public, the rest is its own. */
export interface BackendTensor {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Variables of a tape that stand for the value: autograd's, on values that parameters hold. */
  variables?: object[] | undefined;
}

/** What a backend's `compile` can do; the compiler plans by it. */
export interface Capabilities {
  /** Whether elementwise chains are fused into one kernel. */
  readonly fuse: boolean;
  /** Whether kernels can skip the half that nobody reads. */
  readonly triangular: boolean;
  /** SIMD lanes of float64; 1 without SIMD. */
  readonly lanes: number;
  /** Longest inner axis that is unrolled. */
  readonly maxUnroll: number;
}

/**
 * A device and its kernels. Arguments arrive checked and normalized by the public layer: axes are non-negative and increasing,
 * ranges resolved, shapes and dtypes of operands equal (`broadcastTo` and `cast` are explicit). Tensors are immutable: results
 * may alias inputs, and nothing is written after construction. A dtype, op or size that can't be done is refused with a typed
 * error; nothing is computed silently in another precision or elsewhere.
 *
 * Members are methods, so that `autodiff(cpu)` stands where a `Backend` is asked for.
 */
export interface Backend<T extends BackendTensor = BackendTensor> {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Whether tensors of that dtype can be made. */
  supports(dtype: DType): boolean;

  /** Takes ownership of `values` (row-major): the caller doesn't write to them afterwards. */
  upload(values: TypedArray, shape: Shape, dtype: DType): T;
  /** A fresh row-major copy. */
  read(x: T): Promise<TypedArray>;
  /** A fresh row-major copy, where the device can be read without waiting. */
  readSync?(x: T): TypedArray;
  /** Frees device memory; a no-op where the garbage collector does it. */
  dispose(x: T): void;

  /** Every element `value`; bool: 0 or 1. */
  full(value: number, shape: Shape, dtype: DType): T;
  /** 0, 1, …, size − 1, of dtype float or int32. */
  iota(size: number, dtype: DType): T;
  /** Floats to int32 truncate; to bool: `!== 0`. */
  cast(x: T, dtype: DType): T;
  /** Same elements in row-major order, same size. */
  reshape(x: T, shape: Shape): T;
  /** Axis k of the result is axis `axes[k]` of `x`. */
  permute(x: T, axes: readonly number[]): T;
  /** Same rank; axes of size 1 stretch. */
  broadcastTo(x: T, shape: Shape): T;
  /** At least one operand, equal but for `axis`. */
  concat(xs: readonly T[], axis: number): T;
  /** A range an axis. */
  slice(x: T, ranges: readonly Range[]): T;
  /** Widths an axis; new elements are `value`. */
  pad(x: T, widths: readonly Widths[], value: number): T;

  /** A unary kind of every element; its dtype by `unaryKinds`. */
  unary(op: UnaryOp, x: T): T;
  /** A binary kind, element by element; the dtype stays. */
  binary(op: BinaryOp, a: T, b: T): T;
  /** A comparison, element by element; bool. */
  compare(op: CompareOp, a: T, b: T): T;
  /** `condition` is bool. */
  where(condition: T, a: T, b: T): T;

  /** A reduction; `axes` are dropped. */
  reduce(op: ReduceOp, x: T, axes: readonly number[]): T;
  /** int32 positions along `axis`, which is dropped. */
  argReduce(op: ArgReduceOp, x: T, axis: number): T;
  /** Running sums or products along `axis`. */
  cumulative(op: CumulativeOp, x: T, axis: number): T;
  /** Stable, ascending, NaN last; `indices` int32. */
  sort(x: T, axis: number): { values: T; indices: T };
  /** `index` int32 `[k]`, each in [−n, n): [..., n, ...] → [..., k, ...]. IndexError (or NaN/0 where the device can't read) outside. */
  gather(x: T, index: T, axis: number): T;
  /** `x` with `updates` [..., k, ...] added at `index` [k] along `axis`; repeated indices add up. */
  scatterAdd(x: T, index: T, updates: T, axis: number): T;
  /** Windows over the last `windows.length` axes: [..., s1, …, sk] → [..., o1, …, ok, w1, …, wk]. */
  unfold(x: T, windows: readonly Window[]): T;
  /** The adjoint of `unfold`: sums windows back into `shape`. */
  fold(x: T, windows: readonly Window[], shape: Shape): T;

  /** [..., m, k] · [..., k, n], batch dimensions equal. */
  matmul(a: T, b: T): T;
  /** Reads the lower triangle; the factor's upper one is 0. Never throws: `info` int32 [...] is 0 or the failing pivot (1-based), and the factor is NaN from that pivot on (its column and all later ones, on and below the diagonal). */
  cholesky(a: T): { factor: T; info: T };
  /** b: [..., n, m] for side 'left', [..., m, n] for 'right'. */
  triangularSolve(l: T, b: T, options: TriangularSolveOptions): T;
  /** (l lᵀ)⁻¹ from the lower factor, symmetric and complete; reads the lower triangle. */
  choleskyInverse(l: T): T;
  /** a[..., permutation, :] = L U, packed in `lu` (unit lower); permutation and info int32; info: 0 or the first zero pivot, 1-based. a: [..., n, n]. */
  lu(a: T): { lu: T; permutation: T; info: T };
  /** Reduced: [..., m, n] → q [..., m, k], r [..., k, n], k = min(m, n); a[..., :, permutation] = q r (the identity unless `pivot`). */
  qr(a: T, options: { readonly pivot: boolean }): { q: T; r: T; permutation: T };
  /** Symmetric (the lower triangle is read): ascending values [..., n], vectors in columns. */
  eigh(a: T): { values: T; vectors: T };
  /** Reduced: u [..., m, k], s [..., k] descending, vt [..., k, n]. */
  svd(a: T): { u: T; s: T; vt: T };

  /**
   * Threefry2x32-20 (Salmon et al., SC 2011) in counter mode, the same bits everywhere. `key` and `counter` are int32 [2]
   * (low word, high word, as unsigned). Block j encrypts the 64-bit counter + j; elements 2j and 2j + 1 of the flattened result are
   * its two words, shifted right (unsigned) by 32 − `bits`. int32 result; bits in 1…32.
   */
  randomBits(key: T, counter: T, shape: Shape, bits: number): T;

  /** Takes back a value that nobody has any more, so that its memory may serve for another. */
  reuse?(x: T): void;

  /** Makes a planned graph ready to run at once; undefined where it can't. Then, and without it, the compiler replays the graph op by op. */
  compile?(plan: Plan): Executable | undefined;
  /** The same for two halves of a computation, where values may stay in place between them; undefined where they can't: each half is then compiled by itself. */
  compilePair?(pair: PlanPair): ExecutablePair | undefined;
}
