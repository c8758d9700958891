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

/** What the compiler hands to a backend: a graph and how to run it. */
export interface Plan {
  readonly graph: Graph;
  /** Names the function in reports and errors. */
  readonly name: string;
  /** The compiled function: executables of one owner never run at the same time, so they may share memory, which dies with it. */
  readonly owner: object;
}

/** A planned graph made ready by a backend. */
export interface Executable {
  /** Inputs in the order of `graph.inputs`; results in the order of `graph.outputs`. */
  run(inputs: readonly BackendTensor[]): BackendTensor[];
  /** Bytes held at most while it runs, results apart; undefined where that isn't planned. */
  readonly bytes: number | undefined;
  /** What it does, a line a step. */
  describe(): readonly string[];
  dispose(): void;
}
