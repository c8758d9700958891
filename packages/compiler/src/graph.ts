import { type Attributes, type Call, type DType, type Graph, type GraphNode, type GraphValue, type Shape, type TypedArray, bytesOf, formatShape, sizeOf } from '@matheron/core-tensor';
import type { Form } from './forms.ts';

/** A value of a trace. Objects other than `node.values[output]` may stand for the same value: handles of implicit inputs. */
export class Value implements GraphValue {
  readonly node: Node;
  readonly output: number;
  readonly shape: Shape;
  readonly dtype: DType;
  constructor(node: Node, output: number) {
    const type = node.types[output]!;
    this.node = node;
    this.output = output;
    this.shape = type.shape;
    this.dtype = type.dtype;
  }
}

/** A step of a trace, a constant, or an input. */
export class Node implements GraphNode {
  readonly id: number;
  readonly call: Call<Value> | undefined;
  readonly constant: TypedArray | undefined;
  readonly types: readonly { readonly shape: Shape; readonly dtype: DType }[];
  readonly values: readonly Value[];
  readonly form: Form;
  constructor(id: number, call: Call<Value> | undefined, constant: TypedArray | undefined, form: Form) {
    const { types } = form;
    this.id = id;
    this.call = call;
    this.constant = constant;
    this.types = types;
    this.form = form;
    this.values = types.length === 1 ? [new Value(this, 0)] : types.map((_, k) => new Value(this, k));
  }
}

/** The operation of a node in a word: `add`, `reduce sum`, `input`. */
export function operationOf({ call, constant }: GraphNode): string {
  if (!call) return constant ? 'constant' : 'input';
  const { op } = call.attributes as { op?: string };
  if (op === undefined) return call.kind;
  return call.kind === 'unary' || call.kind === 'binary' || call.kind === 'compare' ? op : `${call.kind} ${op}`;
}

/** The nodes that `outputs` need from `inputs`, in topological order; without recursion, since graphs of unrolled loops are deep. */
export function makeGraph(inputs: readonly GraphValue[], outputs: readonly GraphValue[]): Graph {
  const givens = inputs.map(canonical);
  // Operands have smaller ids than what is made of them.
  let last = -1;
  for (const { node } of [...inputs, ...outputs]) last = Math.max(last, node.id);
  const marks = new Uint8Array(last + 1), done = 1, partly = 2;
  // Outputs of one node may be given apart from each other: such nodes are asked by value.
  const given = new Set<GraphValue>(givens);
  for (const { node } of givens) marks[node.id] = node.values.length === 1 ? done : partly;
  const isDone = (v: GraphValue): boolean => {
    const mark = marks[v.node.id];
    return mark === done || (mark === partly && given.has(canonical(v)));
  };
  const nodes: GraphNode[] = [];
  const stack: GraphNode[] = [], next: number[] = [];
  const visit = (v: GraphValue): void => {
    if (isDone(v)) return;
    marks[v.node.id] = done;
    stack.push(v.node);
    next.push(0);
  };
  for (const output of outputs) {
    visit(output);
    while (stack.length > 0) {
      const top = stack.length - 1, node = stack[top]!, operands = node.call?.inputs ?? none;
      let k = next[top]!;
      while (k < operands.length && isDone(operands[k]!)) k++;
      next[top] = k + 1;
      if (k < operands.length) visit(operands[k]!);
      else {
        nodes.push(node);
        stack.pop();
        next.pop();
      }
    }
  }
  return { inputs: givens, nodes, outputs: outputs.map(canonical) };
}
const none: readonly GraphValue[] = [];
/** The one object that stands for a value. */
export function canonical(v: GraphValue): GraphValue {
  return v.node.values[v.output]!;
}

/** Bytes of a value. */
export function bytesOfValue({ shape, dtype }: GraphValue): number {
  return sizeOf(shape) * bytesOf(dtype);
}

/** The name of a value in texts: `%3`, or `%3.1` for one of several outputs. */
export const valueLabel = ({ node, output }: GraphValue): string => (node.types.length === 1 ? `%${node.id}` : `%${node.id}.${output}`);
const typeText = ({ shape, dtype }: { shape: Shape; dtype: DType }): string => `${dtype}${formatShape(shape)}`;

function attributesText({ call }: GraphNode): string {
  if (!call) return '';
  const parts = Object.entries(call.attributes as Record<string, unknown>).filter(([key]) => key !== 'op' && key !== 'shape' && key !== 'dtype');
  return parts.map(([key, value]) => ` ${key}=${typeof value === 'number' ? String(value) : JSON.stringify(value)}`).join('');
}

/** A line a node, as people read it: `%3 = add(%1, %2) : float64[4]`. */
export function graphText(graph: Graph, names: readonly string[] = []): string {
  const lines = graph.inputs.map((v, k) => `${valueLabel(v)} = input ${names[k] ?? String(k)} : ${typeText(v)}`);
  for (const node of graph.nodes) {
    const operands = node.call ? `(${node.call.inputs.map(valueLabel).join(', ')})` : '';
    lines.push(`%${node.id} = ${operationOf(node)}${operands}${attributesText(node)} : ${node.types.map(typeText).join(', ')}`);
  }
  lines.push(`return ${graph.outputs.map(valueLabel).join(', ')}`);
  return lines.join('\n');
}

/** The graph for Graphviz. */
export function graphDot(graph: Graph, name: string): string {
  const quote = (s: string): string => `"${s.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const lines = [`digraph ${quote(name)} {`, '  node [shape=box, fontname="monospace"];'];
  const given = new Set(graph.inputs);
  graph.inputs.forEach((v, k) => lines.push(`  ${quote(valueLabel(v))} [label=${quote(`input ${k}\\n${typeText(v)}`).replaceAll('\\\\n', '\\n')}, style=rounded];`));
  const source = (v: GraphValue): string => (given.has(v) ? valueLabel(v) : `%${v.node.id}`);
  for (const node of graph.nodes) {
    lines.push(`  ${quote(`%${node.id}`)} [label=${quote(`${operationOf(node)}${attributesText(node)}\\n${node.types.map(typeText).join(', ')}`).replaceAll('\\\\n', '\\n')}];`);
    for (const x of node.call?.inputs ?? []) lines.push(`  ${quote(source(canonical(x)))} -> ${quote(`%${node.id}`)};`);
  }
  graph.outputs.forEach((v, k) => lines.push(`  ${quote(`output ${k}`)} [style=bold];`, `  ${quote(source(v))} -> ${quote(`output ${k}`)};`));
  return [...lines, '}'].join('\n');
}

/** Floating-point operations of a node, roughly: one an element for elementwise work, the textbook count for linear algebra. */
export function flopsOf(node: GraphNode): number {
  const { call } = node;
  if (!call) return 0;
  const x = call.inputs.map(({ shape }) => shape);
  const out = sizeOf(node.types[0]!.shape);
  const batched = (shape: Shape, f: (m: number, n: number) => number): number => {
    const m = shape.at(-2)!, n = shape.at(-1)!;
    return m * n === 0 ? 0 : (sizeOf(shape) / (m * n)) * f(m, n);
  };
  switch (call.kind) {
    case 'unary': case 'binary': case 'compare': case 'where': case 'cast': return out;
    case 'reduce': case 'argReduce': case 'cumulative': case 'scatterAdd': case 'fold': return sizeOf((call.kind === 'scatterAdd' ? x[2] : x[0])!);
    case 'matmul': return 2 * out * x[0]!.at(-1)!;
    case 'cholesky': return batched(x[0]!, (n) => n ** 3 / 3);
    case 'choleskyInverse': return batched(x[0]!, (n) => (2 * n ** 3) / 3);
    case 'triangularSolve': return out * x[0]!.at(-1)!;
    case 'lu': return batched(x[0]!, (n) => (2 * n ** 3) / 3);
    case 'qr': return batched(x[0]!, (m, n) => 4 * m * n * Math.min(m, n));
    case 'eigh': return batched(x[0]!, (n) => 9 * n ** 3);
    case 'svd': return batched(x[0]!, (m, n) => 20 * m * n * Math.min(m, n));
    case 'sort': { const n = (call.attributes as Attributes['sort']).axis; return out * Math.log2(Math.max(2, x[0]![n]!)); }
    default: return 0;
  }
}
