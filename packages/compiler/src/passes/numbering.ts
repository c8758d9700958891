import type { Graph, GraphValue } from '@matheron/core-tensor';
import type { Form } from '../forms.ts';
import type { Node } from '../graph.ts';

/** The values of a graph, in an order that graphs of equal structure share: inputs, then the results of its nodes; and the position of each. */
export class Numbering {
  readonly values: readonly GraphValue[];
  /** By id of a node, where the first of its numbered outputs stands. */
  readonly #first: Int32Array;
  /** The other outputs. */
  readonly #others = new Map<GraphValue, number>();

  constructor(graph: Graph) {
    const values: GraphValue[] = [...graph.inputs];
    let last = -1;
    for (const { node } of graph.inputs) last = Math.max(last, node.id);
    const { nodes } = graph;
    for (let k = 0; k < nodes.length; k++) if (nodes[k]!.id > last) last = nodes[k]!.id;
    const first = new Int32Array(last + 1).fill(-1);
    const others = this.#others;
    values.forEach((v, k) => {
      if (first[v.node.id]! < 0) first[v.node.id] = k;
      else others.set(v, k);
    });
    for (let q = 0; q < nodes.length; q++) {
      const { id, values: results } = nodes[q]!;
      if (results.length === 1 && first[id]! < 0) {
        first[id] = values.push(results[0]!) - 1;
        continue;
      }
      for (const v of results) {
        const k = first[id]!;
        if (k < 0) first[id] = values.push(v) - 1;
        else if (values[k] !== v && !others.has(v)) others.set(v, values.push(v) - 1);
      }
    }
    this.values = values;
    this.#first = first;
  }
  /** −1 for a value that isn't part of the graph. */
  of(v: GraphValue): number {
    const k = this.#first[v.node.id] ?? -1;
    return k >= 0 && this.values[k] === v ? k : (this.#others.get(v) ?? -1);
  }
}

/** The form of the call that made a value. */
export function formOf(v: GraphValue): Form {
  return (v.node as Node).form;
}
