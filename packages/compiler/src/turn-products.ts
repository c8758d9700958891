import { type Attributes, type Call, type Graph, type GraphValue, makeCall } from '@matheron/core-tensor';
import { type Value, canonical } from './graph.ts';

/**
 * The outputs of a graph, with products that are only wanted transposed, (A B)ᵀ, as Bᵀ Aᵀ: transposed operands are windows, while a
 * transposed result is a copy. The gradient of a dense layer's weight is one. undefined where there is none; `make` makes nodes.
 */
export function turnProducts({ inputs, nodes, outputs }: Graph, make: (call: Call<Value>) => Value): readonly GraphValue[] | undefined {
  if (!outputs.some(transposedProduct)) return undefined;
  const uses = new Map<GraphValue, number>();
  const use = (x: GraphValue): void => void uses.set(canonical(x), (uses.get(canonical(x)) ?? 0) + 1);
  for (const { call } of nodes) call?.inputs.forEach(use);
  for (const x of new Set([...inputs, ...outputs])) use(x);
  let changed = false;
  const turned = outputs.map((y) => {
    const product = transposedProduct(y);
    // Used by others, it is computed anyway.
    if (!product || uses.get(y) !== 1 || uses.get(product) !== 1) return y;
    changed = true;
    const [a, b] = product.node.call!.inputs as unknown as readonly [Value, Value];
    const transposed = (x: Value): Value => make(makeCall('permute', [x], { axes: lastSwapped(x.shape.length) }) as Call<Value>);
    return make(makeCall('matmul', [transposed(b), transposed(a)], product.node.call!.attributes as Attributes['matmul']) as Call<Value>);
  });
  return changed ? turned : undefined;
}

function lastSwapped(rank: number): number[] {
  return Array.from({ length: rank }, (_, k) => (k < rank - 2 ? k : 2 * rank - 3 - k));
}
/** The product that `y` is the transpose of, if it is one. */
function transposedProduct({ node: { call } }: GraphValue): GraphValue | undefined {
  if (call?.kind !== 'permute') return undefined;
  const { axes } = call.attributes as Attributes['permute'];
  if (axes.length < 2 || lastSwapped(axes.length).some((axis, k) => axes[k] !== axis)) return undefined;
  const product = canonical(call.inputs[0]!);
  return product.node.call?.kind === 'matmul' ? product : undefined;
}
