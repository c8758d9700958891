import { type Attributes, type Graph, type GraphNode, type Shape } from '@matheron/core-tensor';
import { attributeKey } from '../attributes.ts';
import { type Numbering, formOf } from './numbering.ts';

/** Sizes up to this are part of the structure; larger ones are told apart by their order alone. */
const literalSize = 64;

/**
 * Equal for graphs that differ in large sizes and in the numbers of constants alone: what is planned for one serves the other. Sizes keep
 * their order, so that what fits into what stays the same. A table of the calls' texts, then a number of the table and positions of operands a call.
 */
export function structureKey(graph: Graph, numbering: Numbering): string {
  const codes: number[] = [];
  const samples: GraphNode[] = [];
  const { nodes } = graph;
  for (let k = 0; k < nodes.length; k++) {
    const { id } = formOf(nodes[k]!.values[0]!);
    if (codes[id] === undefined) codes[id] = samples.push(nodes[k]!) - 1;
  }
  const text = textOf(graph, samples);
  let key = '';
  for (const { shape, dtype } of graph.inputs) key += `${dtype}:${text.shape(shape)};`;
  for (const sample of samples) key += `|${text.node(sample)}`;
  const words = new Words(numbering.values.length);
  for (let k = 0; k < nodes.length; k++) {
    const node = nodes[k]!, inputs = node.call?.inputs ?? [];
    words.push(codes[formOf(node.values[0]!).id]!);
    for (let q = 0; q < inputs.length; q++) words.push(numbering.of(inputs[q]!));
  }
  for (const v of graph.outputs) words.push(numbering.of(v));
  return `${key}>${words.text}`;
}

/** How shapes and calls are written, with names for large sizes and for numbers. */
function textOf(graph: Graph, samples: readonly GraphNode[]): { shape(shape: Shape): string; node(node: GraphNode): string } {
  const sizes = new Set<number>();
  const collect = (shape: Shape): void => {
    for (const s of shape) if (s > literalSize) sizes.add(s);
  };
  for (const { shape } of graph.inputs) collect(shape);
  for (const { types } of samples) for (const { shape } of types) collect(shape);
  const names = new Map([...sizes].sort((a, b) => a - b).map((s, k) => [s, `n${k}`]));
  const shape = (sizesOf: Shape): string => {
    let key = '';
    for (const s of sizesOf) key += s > literalSize ? `${names.get(s)!},` : `${s},`;
    return key;
  };
  const numbers = new Map<number, number>();
  const numberKey = (value: number, dtype: string): string => {
    if (dtype !== 'float64' && dtype !== 'float32') return String(value);
    if (value === 0) return Object.is(value, -0) ? '-0' : '0';
    let k = numbers.get(value);
    if (k === undefined) numbers.set(value, (k = numbers.size));
    return `c${k}`;
  };
  const attributes = ({ call }: GraphNode): string => {
    switch (call!.kind) {
      case 'full': {
        const at = call!.attributes as Attributes['full'];
        return numberKey(at.value, at.dtype);
      }
      // Where the parts begin is part of the code.
      case 'concat': {
        const { axis } = call!.attributes as Attributes['concat'];
        return `${axis}:${call!.inputs.map((x) => x.shape[axis]).join()}`;
      }
      // The shape of the result, which is in the key, says it all.
      case 'iota': case 'reshape': case 'broadcastTo': return '';
      default: return attributeKey(call!);
    }
  };
  const node = (x: GraphNode): string => {
    const head = x.call ? `${x.call.kind}(${attributes(x)})${x.call.inputs.length}` : '#';
    return x.types.reduce((key, { shape: own, dtype }) => `${key}:${dtype}${shape(own)}`, head);
  };
  return { shape, node };
}

/** Numbers below `limit` as text, a character or two each. */
class Words {
  #data = new Uint16Array(1024);
  #length = 0;
  readonly #wide: boolean;
  constructor(limit: number) {
    this.#wide = limit > 0xffff;
  }
  push(value: number): void {
    if (this.#length + 2 > this.#data.length) {
      const grown = new Uint16Array(2 * this.#data.length);
      grown.set(this.#data);
      this.#data = grown;
    }
    if (this.#wide) this.#data[this.#length++] = value >>> 16;
    this.#data[this.#length++] = value;
  }
  get text(): string {
    let text = this.#wide ? 'w' : '';
    for (let k = 0; k < this.#length; k += 4096) text += String.fromCharCode.apply(undefined, this.#data.subarray(k, Math.min(k + 4096, this.#length)) as unknown as number[]);
    return text;
  }
}
