import type { Executable, Graph } from '@matheron/core-tensor';
import { bytesOfValue, flopsOf, graphDot, graphText } from './graph.ts';

/** Above so many nodes a function is better written with fewer: a loop that unrolls costs compile time. */
const manyNodes = 2000;

/** What `explain` tells about a compiled function for given arguments. */
export interface Explanation {
  readonly graph: { toString(): string; toDot(): string };
  /** The steps that run. */
  readonly kernels: readonly { readonly name: string; readonly ops: readonly string[]; readonly reads: readonly string[]; readonly writes: string }[];
  /** Bytes of memory that it needs while it runs: planned, or else the sum of all values. */
  readonly bytes: number;
  /** Floating-point operations, roughly. */
  readonly flops: number;
  readonly warnings: readonly string[];
  toString(): string;
}

/** Describes a graph and the executable made of it. */
export function explanationOf(name: string, graph: Graph, executable: Executable): Explanation {
  const values = graph.nodes.flatMap(({ values: own }) => own);
  const bytes = executable.bytes ?? [...graph.inputs, ...values].reduce((n, v) => n + bytesOfValue(v), 0);
  const flops = graph.nodes.reduce((n, node) => n + flopsOf(node), 0);
  const kernels = executable.describe().map(({ name: what, ops, reads, writes }) => ({ name: what, ops, reads, writes: writes.join(', ') }));
  const warnings = graph.nodes.length > manyNodes
    ? [`${graph.nodes.length} nodes: time to compile grows with them; unroll fewer steps, or use one larger operation instead of a loop`]
    : [];
  return {
    graph: { toString: () => graphText(graph), toDot: () => graphDot(graph, name) },
    kernels, bytes, flops, warnings,
    toString: () => [
      `${name}: ${graph.inputs.length} inputs, ${graph.nodes.length} nodes, ${graph.outputs.length} outputs; ${bytes} bytes, ${flops} flops`,
      ...warnings.map((text) => `warning: ${text}`),
      ...kernels.map(({ name: what, ops, reads, writes }) => `  ${what}(${reads.join(', ')}) → ${writes}${ops.length > 1 || ops[0] !== what ? `: ${ops.join(', ')}` : ''}`),
    ].join('\n'),
  };
}
