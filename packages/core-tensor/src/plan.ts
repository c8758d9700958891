import type { BackendTensor } from './backend.ts';
import type { Call } from './call.ts';
import type { DType } from './dtype.ts';
import type { Shape } from './shape.ts';

/** One value of a graph: output `output` of `node`. */
export interface GraphValue extends BackendTensor {
  readonly node: GraphNode;
  readonly output: number;
}

/** A call whose inputs are values of the same graph, or an input of the graph where `call` is absent. */
export interface GraphNode {
  readonly id: number;
  readonly call: Call<GraphValue> | undefined;
  readonly types: readonly { readonly shape: Shape; readonly dtype: DType }[];
}

/** What a trace recorded, in topological order. */
export interface Graph {
  readonly inputs: readonly GraphValue[];
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly GraphValue[];
}

/** What the compiler hands to a backend: a graph and how to run it. */
export interface Plan {
  readonly graph: Graph;
}

/** A planned graph made ready by a backend. */
export interface Executable {
  /** Inputs in the order of `graph.inputs`; results in the order of `graph.outputs`. */
  run(inputs: readonly BackendTensor[]): BackendTensor[];
  dispose(): void;
}
