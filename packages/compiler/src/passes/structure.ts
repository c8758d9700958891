import { type Attributes, type Graph, type GraphNode, type GraphValue, type Shape } from '@matheron/core-tensor';
import { attributeKey } from '../attributes.ts';

/** Sizes up to this are part of the structure; larger ones are told apart by their order alone. */
const literalSize = 64;

/** The values of a graph, in an order that graphs of equal structure share: inputs, then the results of its nodes. */
export function valuesOf(graph: Graph): GraphValue[] {
  const values = [...graph.inputs];
  const given = new Set(values);
  for (const node of graph.nodes) for (const v of node.values) if (!given.has(v)) values.push(v);
  return values;
}

/**
 * Equal for graphs that differ in large sizes and in the numbers of constants alone: what is planned for one serves the other. Sizes keep
 * their order, so that what fits into what stays the same.
 */
export function structureKey(graph: Graph, values: readonly GraphValue[]): string {
  const sizes = new Set<number>();
  for (const { shape } of values) for (const s of shape) if (s > literalSize) sizes.add(s);
  const names = new Map([...sizes].sort((a, b) => a - b).map((s, k) => [s, `n${k}`]));
  const positions = new Map<GraphValue, number>();
  values.forEach((v, k) => positions.set(v, k));
  const shapeKey = (shape: Shape): string => {
    let key = '';
    for (const s of shape) key += s > literalSize ? `${names.get(s)!},` : `${s},`;
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
        return `${axis}:${call!.inputs.map(({ shape }) => shape[axis]).join()}`;
      }
      // The shape of the result, which is in the key, says it all.
      case 'iota': case 'reshape': case 'broadcastTo': return '';
      default: return attributeKey(call!);
    }
  };
  let key = '';
  for (const { shape, dtype } of graph.inputs) key += `${dtype}:${shapeKey(shape)};`;
  for (const node of graph.nodes) {
    key += '|';
    if (!node.call) {
      const [{ shape, dtype }] = node.types as [GraphNode['types'][number]];
      key += `#${dtype}:${shapeKey(shape)}`;
      continue;
    }
    key += `${node.call.kind}(${attributes(node)})`;
    for (const x of node.call.inputs) key += `${positions.get(x.node.values[x.output]!)!},`;
    for (const { shape, dtype } of node.types) key += `:${dtype}${shapeKey(shape)}`;
  }
  key += '>';
  for (const v of graph.outputs) key += `${positions.get(v)!},`;
  return key;
}
