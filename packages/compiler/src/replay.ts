import { type Backend, type BackendTensor, type Call, type Executable, type Graph, type GraphNode, type GraphValue, makeCall, perform } from '@matheron/core-tensor';
import { operationOf, valueLabel } from './graph.ts';

interface Step {
  readonly node: GraphNode;
  readonly operands: readonly number[];
  readonly results: readonly number[];
  /** Slots that nobody reads after this step. */
  readonly dead: readonly number[];
}

/**
 * Runs a graph call by call on any backend. Values are freed after their last use; constants are uploaded once.
 */
export function replay(backend: Backend, graph: Graph): Executable {
  const slots = new Map<GraphValue, number>();
  const slotOf = (v: GraphValue): number => {
    let slot = slots.get(v);
    if (slot === undefined) slots.set(v, (slot = slots.size));
    return slot;
  };
  const inputs = graph.inputs.map(slotOf);
  const given = new Set(inputs);
  const constants: { node: GraphNode; slot: number }[] = [];
  const order: { node: GraphNode; operands: number[]; results: number[] }[] = [];
  const lastUse = new Map<number, number>();
  for (const node of graph.nodes) {
    const { call, constant } = node;
    if (constant) constants.push({ node, slot: slotOf(node.values[0]!) });
    if (!call) continue;
    const operands = call.inputs.map((v) => slotOf(v.node.values[v.output]!));
    for (const slot of operands) lastUse.set(slot, order.length);
    order.push({ node, operands, results: node.values.map(slotOf) });
  }
  const outputs = graph.outputs.map(slotOf);
  const kept = new Set([...inputs, ...outputs, ...constants.map(({ slot }) => slot)]);
  const steps: Step[] = order.map(({ node, operands, results }, k) => ({
    node, operands, results,
    dead: [...new Set([...operands.filter((slot) => lastUse.get(slot) === k), ...results.filter((slot) => !lastUse.has(slot))])].filter((slot) => !kept.has(slot)),
  }));
  const count = slots.size;
  let uploaded: BackendTensor[] | undefined;

  const run = (values: readonly BackendTensor[]): BackendTensor[] => {
    uploaded ??= constants.map(({ node }) => backend.upload(node.constant!, node.types[0]!.shape, node.types[0]!.dtype));
    const at = new Array<BackendTensor | undefined>(count);
    // A backend may hand an operand back as the result: such values have two owners and are left to the garbage collector or the scope.
    const shared = new Set<BackendTensor>();
    inputs.forEach((slot, k) => (at[slot] = values[k]));
    constants.forEach(({ slot }, k) => (at[slot] = uploaded![k]));
    for (const { node, operands, results, dead } of steps) {
      const { kind, attributes } = node.call!;
      const xs = operands.map((slot) => at[slot]!);
      const made = perform(backend, makeCall(kind, xs, attributes as never) as Call<BackendTensor>);
      for (let k = 0; k < results.length; k++) {
        const value = made[k]!;
        if (xs.includes(value)) shared.add(value);
        if (!given.has(results[k]!)) at[results[k]!] = value;
        else backend.dispose(value);
      }
      for (const slot of dead) {
        const value = at[slot];
        at[slot] = undefined;
        if (value && !shared.has(value)) backend.dispose(value);
      }
    }
    const handedOut = new Set<BackendTensor>();
    return outputs.map((slot) => {
      const value = at[slot]!;
      if (handedOut.has(value) || shared.has(value) || given.has(slot) || uploaded!.includes(value)) return own(backend, value);
      handedOut.add(value);
      return value;
    });
  };
  return {
    run,
    bytes: undefined,
    describe: () => steps.map(({ node }) => ({
      name: operationOf(node), ops: [operationOf(node)], reads: node.call!.inputs.map(valueLabel), writes: node.values.map(valueLabel),
    })),
    dispose: () => {
      for (const value of uploaded ?? []) backend.dispose(value);
      uploaded = undefined;
    },
  };
}

/** The same value as a tensor that can be disposed on its own. */
function own(backend: Backend, x: BackendTensor): BackendTensor {
  return backend.reshape(x, x.shape);
}
