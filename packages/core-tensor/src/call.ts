import {
  type ArgReduceOp, type Backend, type BackendTensor, type BinaryOp, type Capabilities, type CompareOp, type CumulativeOp,
  type Range, type ReduceOp, type TriangularSolveOptions, type UnaryOp, type Widths, type Window, unaryKinds,
} from './backend.ts';
import type { DType, TypedArray } from './dtype.ts';
import type { Shape } from './shape.ts';

/** The attributes of each kind of call. */
export interface Attributes {
  full: { readonly value: number; readonly shape: Shape; readonly dtype: DType };
  iota: { readonly size: number; readonly dtype: DType };
  cast: { readonly dtype: DType };
  reshape: { readonly shape: Shape };
  permute: { readonly axes: readonly number[] };
  broadcastTo: { readonly shape: Shape };
  concat: { readonly axis: number };
  slice: { readonly ranges: readonly Range[] };
  pad: { readonly widths: readonly Widths[]; readonly value: number };
  unary: { readonly op: UnaryOp };
  binary: { readonly op: BinaryOp };
  compare: { readonly op: CompareOp };
  where: object;
  reduce: { readonly op: ReduceOp; readonly axes: readonly number[] };
  argReduce: { readonly op: ArgReduceOp; readonly axis: number };
  cumulative: { readonly op: CumulativeOp; readonly axis: number };
  sort: { readonly axis: number };
  gather: { readonly axis: number };
  scatterAdd: { readonly axis: number };
  unfold: { readonly windows: readonly Window[] };
  fold: { readonly windows: readonly Window[]; readonly shape: Shape };
  matmul: object;
  cholesky: object;
  triangularSolve: TriangularSolveOptions;
  choleskyInverse: object;
  lu: object;
  qr: { readonly pivot: boolean };
  eigh: object;
  svd: object;
  randomBits: { readonly shape: Shape; readonly bits: number };
}
/** The kinds of calls: names of `Backend`'s methods. */
export type Kind = keyof Attributes;

/** A method call as data: what decorators, tapes, graphs and tests handle. */
export type Call<T, K extends Kind = Kind> = { [P in K]: { readonly kind: P; readonly inputs: readonly T[]; readonly attributes: Attributes[P] } }[K];

/** A call of kind K, typed where the kind is a variable. */
export function makeCall<T, K extends Kind>(kind: K, inputs: readonly T[], attributes: Attributes[K]): Call<T> {
  return { kind, inputs, attributes } as unknown as Call<T>;
}

type Performer<K extends Kind> = <T extends BackendTensor>(b: Backend<T>, x: readonly T[], at: Attributes[K]) => T[];
const performers: { readonly [K in Kind]: Performer<K> } = {
  full: (b, _x, at) => [b.full(at.value, at.shape, at.dtype)],
  iota: (b, _x, at) => [b.iota(at.size, at.dtype)],
  cast: (b, x, at) => [b.cast(x[0]!, at.dtype)],
  reshape: (b, x, at) => [b.reshape(x[0]!, at.shape)],
  permute: (b, x, at) => [b.permute(x[0]!, at.axes)],
  broadcastTo: (b, x, at) => [b.broadcastTo(x[0]!, at.shape)],
  concat: (b, x, at) => [b.concat(x, at.axis)],
  slice: (b, x, at) => [b.slice(x[0]!, at.ranges)],
  pad: (b, x, at) => [b.pad(x[0]!, at.widths, at.value)],
  unary: (b, x, at) => [b.unary(at.op, x[0]!)],
  binary: (b, x, at) => [b.binary(at.op, x[0]!, x[1]!)],
  compare: (b, x, at) => [b.compare(at.op, x[0]!, x[1]!)],
  where: (b, x) => [b.where(x[0]!, x[1]!, x[2]!)],
  reduce: (b, x, at) => [b.reduce(at.op, x[0]!, at.axes)],
  argReduce: (b, x, at) => [b.argReduce(at.op, x[0]!, at.axis)],
  cumulative: (b, x, at) => [b.cumulative(at.op, x[0]!, at.axis)],
  sort: (b, x, at) => {
    const { values, indices } = b.sort(x[0]!, at.axis);
    return [values, indices];
  },
  gather: (b, x, at) => [b.gather(x[0]!, x[1]!, at.axis)],
  scatterAdd: (b, x, at) => [b.scatterAdd(x[0]!, x[1]!, x[2]!, at.axis)],
  unfold: (b, x, at) => [b.unfold(x[0]!, at.windows)],
  fold: (b, x, at) => [b.fold(x[0]!, at.windows, at.shape)],
  matmul: (b, x) => [b.matmul(x[0]!, x[1]!)],
  cholesky: (b, x) => {
    const { factor, info } = b.cholesky(x[0]!);
    return [factor, info];
  },
  triangularSolve: (b, x, at) => [b.triangularSolve(x[0]!, x[1]!, at)],
  choleskyInverse: (b, x) => [b.choleskyInverse(x[0]!)],
  lu: (b, x) => {
    const { lu, permutation, info } = b.lu(x[0]!);
    return [lu, permutation, info];
  },
  qr: (b, x, at) => {
    const { q, r, permutation } = b.qr(x[0]!, at);
    return [q, r, permutation];
  },
  eigh: (b, x) => {
    const { values, vectors } = b.eigh(x[0]!);
    return [values, vectors];
  },
  svd: (b, x) => {
    const { u, s, vt } = b.svd(x[0]!);
    return [u, s, vt];
  },
  randomBits: (b, x, at) => [b.randomBits(x[0]!, x[1]!, at.shape, at.bits)],
};

/** Call form to method form: the one place that knows the order of arguments. Always a list of outputs. */
export function perform<T extends BackendTensor>(backend: Backend<T>, call: Call<T>): T[] {
  return (performers[call.kind] as Performer<Kind>)(backend, call.inputs, call.attributes as never);
}

/** `perform` without making a call object: the path of eager operations. */
export function performKind<K extends Kind>(backend: Backend, kind: K, inputs: readonly BackendTensor[], attributes: Attributes[K]): BackendTensor[] {
  return (performers[kind] as Performer<K>)(backend, inputs, attributes);
}

/** Method form to call form: the whole interface out of one `apply`. Decorators extend it. */
export abstract class CallBackend<T extends BackendTensor> implements Backend<T> {
  abstract readonly name: string;
  abstract readonly capabilities: Capabilities;
  /** Does a call: all that a subclass has to write of the operations. */
  abstract apply(call: Call<T>): T[];
  abstract supports(dtype: DType): boolean;
  abstract upload(values: TypedArray, shape: Shape, dtype: DType): T;
  abstract read(x: T): Promise<TypedArray>;
  abstract dispose(x: T): void;

  #one<K extends Kind>(kind: K, inputs: readonly T[], attributes: Attributes[K]): T {
    return this.apply(makeCall(kind, inputs, attributes))[0]!;
  }
  full(value: number, shape: Shape, dtype: DType): T { return this.#one('full', [], { value, shape, dtype }); }
  iota(size: number, dtype: DType): T { return this.#one('iota', [], { size, dtype }); }
  cast(x: T, dtype: DType): T { return this.#one('cast', [x], { dtype }); }
  reshape(x: T, shape: Shape): T { return this.#one('reshape', [x], { shape }); }
  permute(x: T, axes: readonly number[]): T { return this.#one('permute', [x], { axes }); }
  broadcastTo(x: T, shape: Shape): T { return this.#one('broadcastTo', [x], { shape }); }
  concat(xs: readonly T[], axis: number): T { return this.#one('concat', xs, { axis }); }
  slice(x: T, ranges: readonly Range[]): T { return this.#one('slice', [x], { ranges }); }
  pad(x: T, widths: readonly Widths[], value: number): T { return this.#one('pad', [x], { widths, value }); }
  unary(op: UnaryOp, x: T): T { return this.#one('unary', [x], { op }); }
  binary(op: BinaryOp, a: T, b: T): T { return this.#one('binary', [a, b], { op }); }
  compare(op: CompareOp, a: T, b: T): T { return this.#one('compare', [a, b], { op }); }
  where(condition: T, a: T, b: T): T { return this.#one('where', [condition, a, b], {}); }
  reduce(op: ReduceOp, x: T, axes: readonly number[]): T { return this.#one('reduce', [x], { op, axes }); }
  argReduce(op: ArgReduceOp, x: T, axis: number): T { return this.#one('argReduce', [x], { op, axis }); }
  cumulative(op: CumulativeOp, x: T, axis: number): T { return this.#one('cumulative', [x], { op, axis }); }
  sort(x: T, axis: number): { values: T; indices: T } {
    const [values, indices] = this.apply(makeCall('sort', [x], { axis })) as [T, T];
    return { values, indices };
  }
  gather(x: T, index: T, axis: number): T { return this.#one('gather', [x, index], { axis }); }
  scatterAdd(x: T, index: T, updates: T, axis: number): T { return this.#one('scatterAdd', [x, index, updates], { axis }); }
  unfold(x: T, windows: readonly Window[]): T { return this.#one('unfold', [x], { windows }); }
  fold(x: T, windows: readonly Window[], shape: Shape): T { return this.#one('fold', [x], { windows, shape }); }
  matmul(a: T, b: T): T { return this.#one('matmul', [a, b], {}); }
  cholesky(a: T): { factor: T; info: T } {
    const [factor, info] = this.apply(makeCall('cholesky', [a], {})) as [T, T];
    return { factor, info };
  }
  triangularSolve(l: T, b: T, options: TriangularSolveOptions): T { return this.#one('triangularSolve', [l, b], options); }
  choleskyInverse(l: T): T { return this.#one('choleskyInverse', [l], {}); }
  lu(a: T): { lu: T; permutation: T; info: T } {
    const [lu, permutation, info] = this.apply(makeCall('lu', [a], {})) as [T, T, T];
    return { lu, permutation, info };
  }
  qr(a: T, options: { readonly pivot: boolean }): { q: T; r: T; permutation: T } {
    const [q, r, permutation] = this.apply(makeCall('qr', [a], options)) as [T, T, T];
    return { q, r, permutation };
  }
  eigh(a: T): { values: T; vectors: T } {
    const [values, vectors] = this.apply(makeCall('eigh', [a], {})) as [T, T];
    return { values, vectors };
  }
  svd(a: T): { u: T; s: T; vt: T } {
    const [u, s, vt] = this.apply(makeCall('svd', [a], {})) as [T, T, T];
    return { u, s, vt };
  }
  randomBits(key: T, counter: T, shape: Shape, bits: number): T { return this.#one('randomBits', [key, counter], { shape, bits }); }
}

type Type = BackendTensor;
type Inference<K extends Kind> = (x: readonly Type[], at: Attributes[K]) => Type[];
const without = (shape: Shape, axes: readonly number[]): Shape => shape.filter((_, k) => !axes.includes(k));
const replaced = (shape: Shape, axis: number, size: number): Shape => shape.map((s, k) => (k === axis ? size : s));
const same = (x: Type): Type => ({ shape: x.shape, dtype: x.dtype });
const int32 = (shape: Shape): Type => ({ shape, dtype: 'int32' });

/** Number of elements a range picks. */
export function rangeSize(r: Range): number {
  return Math.max(0, Math.ceil((r.stop - r.start) / r.step));
}
/** Number of positions of a window on an axis of `size`. */
export function windowCount(size: number, w: Window): number {
  return Math.max(0, Math.floor((size - w.dilation * (w.width - 1) - 1) / w.stride) + 1);
}

const inferences: { readonly [K in Kind]: Inference<K> } = {
  full: (_x, at) => [{ shape: at.shape, dtype: at.dtype }],
  iota: (_x, at) => [{ shape: [at.size], dtype: at.dtype }],
  cast: ([x], at) => [{ shape: x!.shape, dtype: at.dtype }],
  reshape: ([x], at) => [{ shape: at.shape, dtype: x!.dtype }],
  permute: ([x], at) => [{ shape: at.axes.map((a) => x!.shape[a]!), dtype: x!.dtype }],
  broadcastTo: ([x], at) => [{ shape: at.shape, dtype: x!.dtype }],
  concat: (x, at) => [{ shape: replaced(x[0]!.shape, at.axis, x.reduce((n, { shape }) => n + shape[at.axis]!, 0)), dtype: x[0]!.dtype }],
  slice: ([x], at) => [{ shape: at.ranges.map(rangeSize), dtype: x!.dtype }],
  pad: ([x], at) => [{ shape: at.widths.map((w, k) => w.low + w.high + x!.shape[k]! + Math.max(0, x!.shape[k]! - 1) * w.interior), dtype: x!.dtype }],
  unary: ([x], at) => [{ shape: x!.shape, dtype: unaryKinds[at.op] === 'bool' ? 'bool' : x!.dtype }],
  binary: ([a]) => [same(a!)],
  compare: ([a]) => [{ shape: a!.shape, dtype: 'bool' }],
  where: ([, a]) => [same(a!)],
  reduce: ([x], at) => [{ shape: without(x!.shape, at.axes), dtype: x!.dtype }],
  argReduce: ([x], at) => [int32(without(x!.shape, [at.axis]))],
  cumulative: ([x]) => [same(x!)],
  sort: ([x]) => [same(x!), int32(x!.shape)],
  gather: ([x, index], at) => [{ shape: replaced(x!.shape, at.axis, index!.shape[0]!), dtype: x!.dtype }],
  scatterAdd: ([x]) => [same(x!)],
  unfold: ([x], { windows }) => {
    const lead = x!.shape.length - windows.length;
    return [{ shape: [...x!.shape.slice(0, lead), ...windows.map((w, k) => windowCount(x!.shape[lead + k]!, w)), ...windows.map((w) => w.width)], dtype: x!.dtype }];
  },
  fold: ([x], at) => [{ shape: at.shape, dtype: x!.dtype }],
  matmul: ([a, b]) => [{ shape: [...a!.shape.slice(0, -1), b!.shape.at(-1)!], dtype: a!.dtype }],
  cholesky: ([a]) => [same(a!), int32(a!.shape.slice(0, -2))],
  triangularSolve: ([, b]) => [same(b!)],
  choleskyInverse: ([l]) => [same(l!)],
  lu: ([a]) => [same(a!), int32(a!.shape.slice(0, -1)), int32(a!.shape.slice(0, -2))],
  qr: ([a]) => {
    const batch = a!.shape.slice(0, -2), [m, n] = a!.shape.slice(-2) as [number, number], k = Math.min(m, n);
    return [{ shape: [...batch, m, k], dtype: a!.dtype }, { shape: [...batch, k, n], dtype: a!.dtype }, int32([...batch, n])];
  },
  eigh: ([a]) => [{ shape: a!.shape.slice(0, -1), dtype: a!.dtype }, same(a!)],
  svd: ([a]) => {
    const batch = a!.shape.slice(0, -2), [m, n] = a!.shape.slice(-2) as [number, number], k = Math.min(m, n), dtype = a!.dtype;
    return [{ shape: [...batch, m, k], dtype }, { shape: [...batch, k], dtype }, { shape: [...batch, k, n], dtype }];
  },
  randomBits: (_x, at) => [int32(at.shape)],
};

/** Shapes and dtypes of a call's outputs: one set of rules for checks, tests and tracing. */
export function inferTypes(call: Call<BackendTensor>): BackendTensor[] {
  return (inferences[call.kind] as Inference<Kind>)(call.inputs, call.attributes as never);
}
