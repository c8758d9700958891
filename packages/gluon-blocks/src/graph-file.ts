import { type DType, type GraphValue, type Shape, type TypedArray, convert } from '@matheron/core-tensor';
import type { Capture } from '@matheron/compiler';
import { ArgumentError, type Parameter } from '@matheron/gluon-params';

/** A number, or one that grows with the batch: `scale` · batch + `offset`. */
export type Sized = number | { readonly batch: readonly [scale: number, offset: number] };
type Json = Sized | string | boolean | readonly Json[] | { readonly [key: string]: Json };

/** A value of the file's graph: an input, a parameter, or an output of a node, by their places. */
export type Reference = readonly ['input', number] | readonly ['parameter', number] | readonly ['node', number, number];
export interface FileNode {
  readonly kind: string;
  readonly attributes: { readonly [key: string]: Json };
  readonly inputs: readonly Reference[];
}
/** A graph as `HybridBlock.export` writes it. `batch` is the batch size it was traced with; sizes that follow it stand as `{ batch: [scale, offset] }`. */
export interface GraphFile {
  readonly format: 'matheron-graph/1';
  readonly batch: number | null;
  readonly inputs: readonly { readonly name: string; readonly shape: readonly Sized[]; readonly dtype: DType }[];
  readonly parameters: readonly { readonly name: string; readonly role: 'arg' | 'aux'; readonly shape: Shape; readonly dtype: DType }[];
  readonly nodes: readonly FileNode[];
  readonly outputs: readonly Reference[];
  readonly list: boolean;
}

/** What is written for a captured graph; `parameterOf` finds the parameter that a Cell is the data of. */
export function describeGraph(captured: Capture, parameterOf: (cell: object) => Parameter | undefined): { file: GraphFile; parameters: readonly Parameter[]; others: Readonly<Record<string, Capture['inputs'][number]>> } {
  const { graph, inputs, results } = captured;
  const places = new Map<GraphValue, Reference>();
  const files: GraphFile['inputs'][number][] = [];
  const parameters: Parameter[] = [];
  const described: GraphFile['parameters'][number][] = [];
  const others: Record<string, Capture['inputs'][number]> = {};
  const args = inputs.filter((input) => 'argument' in input).length;
  graph.inputs.forEach((value, k) => {
    const input = inputs[k]!;
    const { shape, dtype } = value;
    if ('argument' in input) {
      places.set(value, ['input', files.length]);
      files.push({ name: args === 1 ? 'data' : `data${files.length}`, shape, dtype });
      return;
    }
    const parameter = 'cell' in input ? parameterOf(input.cell) : undefined;
    const name = parameter?.name ?? `constant${described.length}`;
    if (parameter) parameters.push(parameter);
    else others[name] = input;
    places.set(value, ['parameter', described.length]);
    described.push({ name, role: parameter && parameter.gradReq !== 'null' ? 'arg' : 'aux', shape, dtype });
  });
  const nodes = graph.nodes.map((node, k): FileNode => {
    node.values.forEach((value, output) => places.set(value, ['node', k, output]));
    const { call, constant, types } = node;
    if (call) return { kind: call.kind, attributes: encode(call.attributes) as FileNode['attributes'], inputs: call.inputs.map((v) => places.get(v.node.values[v.output]!)!) };
    const { shape, dtype } = types[0]!;
    return { kind: 'constant', attributes: { shape, dtype, values: encode(Array.from(constant!)) }, inputs: [] };
  });
  const outputs = graph.outputs.slice(0, results).map((v) => places.get(v.node.values[v.output]!)!);
  return { file: { format: 'matheron-graph/1', batch: null, inputs: files, parameters: described, nodes, outputs, list: captured.isList }, parameters, others };
}

function encode(x: unknown): Json {
  if (typeof x === 'number') return Number.isFinite(x) && !Object.is(x, -0) ? x : `#${Object.is(x, -0) ? '-0' : x}`;
  if (Array.isArray(x)) return x.map(encode);
  if (typeof x === 'object' && x !== null) return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, encode(value)]));
  return x as Json;
}
/** Attributes for a batch size, numbers as numbers again. */
export function decode(x: Json, batch: number): unknown {
  if (typeof x === 'string') return x.startsWith('#') ? Number(x.slice(1)) : x;
  if (Array.isArray(x)) return x.map((y: Json) => decode(y, batch));
  if (typeof x !== 'object') return x;
  const { batch: sized } = x as { batch?: readonly [number, number] };
  if (Array.isArray(sized) && Object.keys(x).length === 1) return sized[0]! * batch + sized[1]!;
  return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, decode(value as Json, batch)]));
}

/**
 * One file for every batch size out of graphs traced with three: numbers that differ must lie on a line. Undefined where the graphs
 * differ in another way.
 */
export function mergeBatches(files: readonly [GraphFile, GraphFile, GraphFile], batches: readonly [number, number, number]): GraphFile | undefined {
  const [n0, n1, n2] = batches;
  let fits = true;
  const merge = (a: unknown, b: unknown, c: unknown): unknown => {
    if (typeof a === 'number' && typeof b === 'number' && typeof c === 'number') {
      if (a === b && b === c) return a;
      const scale = (b - a) / (n1 - n0);
      const offset = a - scale * n0;
      // Reciprocals of the batch (means) are no sizes: such graphs stay as they are.
      if (!Number.isInteger(scale) || !Number.isInteger(offset) || scale * n2 + offset !== c) fits = false;
      return { batch: [scale, offset] };
    }
    if (Array.isArray(a) && Array.isArray(b) && Array.isArray(c) && a.length === b.length && a.length === c.length) return a.map((v, k) => merge(v, b[k], c[k]));
    if (isRecord(a) && isRecord(b) && isRecord(c)) {
      if (Object.keys(a).join() !== Object.keys(b).join() || Object.keys(a).join() !== Object.keys(c).join()) fits = false;
      return Object.fromEntries(Object.keys(a).map((key) => [key, merge(a[key], b[key], c[key])]));
    }
    if (a !== b || b !== c) fits = false;
    return a;
  };
  const merged = merge(files[0], files[1], files[2]) as GraphFile;
  return fits ? { ...merged, batch: n0 } : undefined;
}
function isRecord(x: unknown): x is Record<string, unknown> {
  return typeof x === 'object' && x !== null && !Array.isArray(x);
}

/** Reads a graph file, checking that every reference points back. ArgumentError for anything else. */
export function readGraphFile(text: string): GraphFile {
  let file: GraphFile;
  try {
    file = JSON.parse(text) as GraphFile;
  } catch (cause) {
    throw new ArgumentError('graph', text.slice(0, 40), `the JSON that HybridBlock.export wrote (${(cause as Error).message})`);
  }
  if (!isRecord(file) || file.format !== 'matheron-graph/1' || ![file.inputs, file.parameters, file.nodes, file.outputs].every(Array.isArray)) {
    throw new ArgumentError('graph', isRecord(file) ? file.format : typeof file, 'a file of format matheron-graph/1, as HybridBlock.export writes it');
  }
  const check = (reference: Reference, before: number): void => {
    const limit = reference[0] === 'input' ? file.inputs.length : reference[0] === 'parameter' ? file.parameters.length : before;
    if (!(Number.isInteger(reference[1]) && reference[1] >= 0 && reference[1] < limit)) throw new ArgumentError('graph', JSON.stringify(reference), 'references to inputs, parameters and nodes that come before');
  };
  file.nodes.forEach((node, k) => node.inputs.forEach((reference) => check(reference, k)));
  file.outputs.forEach((reference) => check(reference, file.nodes.length));
  return file;
}

/** The values of a constant node. */
export function constantOf(attributes: FileNode['attributes'], batch: number): { values: TypedArray; shape: Shape; dtype: DType } {
  const { values, shape, dtype } = decode(attributes, batch) as { values: number[]; shape: Shape; dtype: DType };
  return { values: convert(values, dtype), shape, dtype };
}
