import { type Call, type GraphValue, makeCall } from '@matheron/core-tensor';
import { Form } from '../forms.ts';
import { Node } from '../graph.ts';

/** Copy number k that the planner adds to a graph: `v` with its axes in another order. */
export function copyOf(v: GraphValue, axes: readonly number[], k: number): GraphValue {
  const attributes = { axes }, form = new Form(-1 - k, [{ shape: axes.map((a) => v.shape[a]!), dtype: v.dtype }], [-1], attributes);
  return new Node(-1 - k, makeCall('permute', [v], attributes) as Call<never>, undefined, form).values[0]!;
}
