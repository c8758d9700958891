// Graphs for the tests of the passes, made call by call.
import { type Backend, type Graph, type GraphValue, type Shape } from '@matheron/core-tensor';
import { makeGraph } from '../src/graph.ts';
import { Trace } from '../src/trace.ts';
import type { Value } from '../src/graph.ts';

/** A trace over a backend that is never asked for anything. */
export function newTrace(): Trace {
  return new Trace({ name: 'none', capabilities: { fuse: true, triangular: true, lanes: 2, maxUnroll: 16 }, supports: () => true } as unknown as Backend);
}
export function input(t: Trace, ...shape: number[]): Value {
  return t.input(shape, 'float64').value;
}
/** [n, d] → [n, n]: Σ_k (x_ik − x_jk)². */
export function squaredDistances(t: Trace, x: Value): Value {
  const [n, d] = x.shape as [number, number];
  const rows = t.broadcastTo(t.reshape(x, [n, 1, d]), [n, n, d]), columns = t.broadcastTo(t.reshape(x, [1, n, d]), [n, n, d]);
  return t.reduce('sum', t.unary('square', t.binary('sub', rows, columns)), [2]);
}
/** Whether row = column, as [n, n]. */
export function eyeMask(t: Trace, n: number): Value {
  const k = t.iota(n, 'int32');
  return t.compare('equal', t.broadcastTo(t.reshape(k, [n, 1]), [n, n]), t.broadcastTo(t.reshape(k, [1, n]), [n, n]));
}
export function scalar(t: Trace, value: number, shape: Shape = []): Value {
  return t.full(value, shape, 'float64');
}
export function graphOf(t: Trace, ...outputs: GraphValue[]): Graph {
  return makeGraph(t.inputs.map(({ value }) => value), outputs);
}
