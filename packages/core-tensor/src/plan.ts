import type { BackendTensor } from './backend.ts';
import type { Call } from './call.ts';
import type { DType, TypedArray } from './dtype.ts';
import type { Shape } from './shape.ts';

/** One value of a graph: output `output` of `node`. */
export interface GraphValue extends BackendTensor {
  readonly node: GraphNode;
  readonly output: number;
}

/** A call whose inputs are values of the same graph; a constant; or, with neither, an input. */
export interface GraphNode {
  readonly id: number;
  readonly call: Call<GraphValue> | undefined;
  readonly constant: TypedArray | undefined;
  readonly types: readonly { readonly shape: Shape; readonly dtype: DType }[];
  readonly values: readonly GraphValue[];
}

/**
 * What is to be computed: `outputs` from `inputs`. Inputs may be values in the middle of a larger graph, which is cut there. `nodes` are
 * those that have to be computed, and constants, in topological order.
 */
export interface Graph {
  readonly inputs: readonly GraphValue[];
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly GraphValue[];
}

/**
 * What a kernel computes with: two float64 lanes (float32, int32 are held as float64), or a mask of all ones or zeros in each lane for bool.
 * `round32` rounds to float32, `wrap32` to int32 modulo 2^32, `number` makes 0 and 1 of a mask; `max` and `min` hand NaN on. `madd` is a term
 * of a sum, operands[0] · operands[1] + operands[2], with one rounding or two.
 */
export type KernelOp =
  | 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min' | 'pow' | 'madd'
  | 'neg' | 'abs' | 'sqrt' | 'floor' | 'ceil' | 'trunc' | 'nearest' | 'round32' | 'wrap32' | 'number'
  | 'exp' | 'expm1' | 'log' | 'log1p' | 'sin' | 'cos' | 'tanh' | 'sigmoid' | 'softplus' | 'erf' | 'lgamma'
  | 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'and' | 'or' | 'xor' | 'not' | 'select';

/**
 * One instruction of a kernel, evaluated in loop `depth` (0: before all loops; k: in the body of loop k − 1, counted from the outermost).
 * `operands` are positions of earlier instructions of the same kernel.
 *
 * argument: word `data` of the argument block, a byte offset or stride (`type` 'address') or a float64 in both lanes ('lanes').
 * offset: operands[0] plus an index times a stride: of loop `data`, or the literal −1 − data; the stride is operands[1], or without it 2^`shift` bytes.
 * load, splat, gather: from operands[0] + `data` bytes: adjacent lanes, one value for both, lanes operands[1] bytes apart; of `dtype`.
 * constant: `data` in both lanes. mask: `data` 0 or 1 as a mask. index: the value of loop `data`, in each lane its own where that is the vector loop.
 */
export interface KernelInstruction {
  readonly op: KernelOp | 'argument' | 'offset' | 'load' | 'splat' | 'gather' | 'constant' | 'mask' | 'index';
  readonly operands: readonly number[];
  readonly depth: number;
  readonly data: number;
  readonly type: 'address' | 'lanes';
  readonly dtype: DType;
  readonly shift: number;
}

/** Where a kernel writes: an instruction with the byte offset, `data` bytes beyond it, and how the lanes lie: adjacent, a stride apart, or one. */
export interface KernelAddress {
  readonly base: number;
  readonly data: number;
  readonly lanes: 'adjacent' | 'apart' | 'one';
  readonly stride: number;
  readonly dtype: DType;
}
/**
 * What becomes of a value. Without `reduce` it is stored in the innermost loop. With it (or, in a sum, the product with \`times\`), it is combined over the loops from `outer` on, and the
 * result stored in the body of loop `outer` − 1; `acrossLanes` says that lanes are combined too.
 */
export interface KernelSink {
  readonly value: number;
  /** A second factor of what is summed; −1 for none. */
  readonly times: number;
  readonly target: KernelAddress;
  readonly reduce: 'sum' | 'prod' | 'max' | 'min' | 'any' | 'all' | undefined;
  readonly outer: number;
  readonly acrossLanes: boolean;
  /** Rounding of the reduced result. */
  readonly round: 'round32' | 'wrap32' | undefined;
  /** In a triangular kernel: the value on the diagonal and where it is stored (sums: added once, the others twice). */
  readonly diagonal: { readonly value: number; readonly target: KernelAddress } | undefined;
}

/**
 * A nest of loops. Loop k runs from 0 to the extent that instruction `extents[k]` holds; with `triangular`, loop 1 runs to loop 0, exclusive.
 * Steps of loop `vector` (−1: none) may be taken two at a time.
 */
export interface PlanKernel {
  readonly extents: readonly number[];
  readonly vector: number;
  readonly triangular: boolean;
  readonly instructions: readonly KernelInstruction[];
  readonly sinks: readonly KernelSink[];
  readonly words: number;
}

/** A word of a kernel's argument block: of a pointer, `offset` bytes beyond the first of its buffer. */
export type KernelArgument =
  | { readonly kind: 'pointer'; readonly buffer: number; readonly offset: number }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'number'; readonly value: number };

/** A window on a buffer: `offset` and `strides` in elements. */
export interface BufferView {
  readonly buffer: number;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** A half of a matrix, with its diagonal. */
export type Triangle = 'lower' | 'upper';

/** A step for people: what it is called, the operations in it, and names of the values that it reads and writes. */
export interface StepSummary {
  readonly name: string;
  readonly ops: readonly string[];
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

/** A step of a plan. */
export type PlanStep =
  | {
      readonly kind: 'kernel';
      /** Position in `code.kernels`. */
      readonly kernel: number;
      /** The size of each loop. */
      readonly extents: readonly number[];
      readonly arguments: readonly KernelArgument[];
      /** Buffers that are filled with a value before. */
      readonly fills: readonly { readonly buffer: number; readonly value: number }[];
      readonly reads: readonly number[];
      readonly writes: readonly number[];
      readonly summary: StepSummary;
    }
  | {
      readonly kind: 'call';
      readonly call: Call<GraphValue>;
      readonly operands: readonly BufferView[];
      /** A buffer an output; undefined for one that nobody needs. */
      readonly results: readonly (BufferView | undefined)[];
      /** Whether the memory of the result is that of the operand which it overwrites. */
      readonly inPlace: boolean;
      /** Whether only the lower triangle of the result is read. */
      readonly lower: boolean;
      /** Of products: for each operand the half of its matrices that may differ from zero, where that is known. */
      readonly triangles: readonly (Triangle | undefined)[];
      readonly summary: StepSummary;
    };

/** A block of memory: first byte, and what it holds. */
export interface PlanBuffer {
  readonly at: number;
  readonly bytes: number;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The kernels of all plans of one structure, whatever their sizes: code made for them may be kept with this object. */
export interface PlanCode {
  readonly kernels: readonly PlanKernel[];
}

/** How a graph is run in one block of memory. */
export interface Layout {
  readonly code: PlanCode;
  readonly buffers: readonly PlanBuffer[];
  /** Bytes of all buffers. */
  readonly bytes: number;
  readonly inputs: readonly (number | undefined)[];
  readonly outputs: readonly number[];
  readonly constants: readonly { readonly buffer: number; readonly values: TypedArray }[];
  readonly steps: readonly PlanStep[];
}

/** What the compiler hands to a backend: a graph and how to run it. */
export interface Plan {
  readonly graph: Graph;
  readonly layout: Layout;
  /** Names the function in reports and errors. */
  readonly name: string;
  /** The compiled function: executables of one owner never run at the same time, so they may share memory, which dies with it. */
  readonly owner: object;
}

/** A planned graph made ready by a backend. */
export interface Executable {
  /** Inputs in the order of `graph.inputs`; results in the order of `graph.outputs`. */
  run(inputs: readonly BackendTensor[]): BackendTensor[];
  /** Bytes it needs to run, apart from results and from the scratch that kernels of a backend share; undefined where that isn't planned. */
  readonly bytes: number | undefined;
  /** What it does, step by step. */
  describe(): readonly StepSummary[];
  /** Frees what it holds. It can't run afterwards. */
  dispose(): void;
}

/** Two plans of one owner for two halves of a computation, the second of which begins with values of the first. */
export interface PlanPair {
  readonly first: Plan;
  /** Its layout has no room for what stands in the memory of `first`: inputs that have a place there, and outputs. */
  readonly second: Plan;
  /** How many outputs of `first` are handed out. Those after them are for `second` alone. */
  readonly outputs: number;
  /** Inputs of `first` that `second` takes too: its inputs are these, then the outputs of `first` that aren't handed out, then its own. */
  readonly saved: readonly number[];
}

/** A pair of plans made ready by a backend. What the second half needs of the first may stay where it is. */
export interface ExecutablePair {
  /** Runs the first half: its outputs that are handed out, and what stands for the rest. */
  first(inputs: readonly BackendTensor[]): { readonly outputs: BackendTensor[]; readonly held: object };
  /** Runs the second half after any of the first, for its own inputs; as often as wanted, whatever has run meanwhile. */
  second(held: object, inputs: readonly BackendTensor[]): BackendTensor[];
  /** Frees what it holds. It can't run afterwards. */
  dispose(): void;
}
