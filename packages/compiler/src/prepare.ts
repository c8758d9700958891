import type { Backend, BackendTensor, Executable, ExecutablePair, Graph } from '@matheron/core-tensor';
import { planGraph } from './passes/plan.ts';
import { replay } from './replay.ts';

/** Makes a graph ready to run: planned and compiled where the backend does that, else replayed call by call. */
export function prepare(backend: Backend, graph: Graph, name: string, owner: object): Executable {
  if (!backend.compile) return replay(backend, graph);
  const layout = planGraph(graph, backend.capabilities);
  return (layout && backend.compile({ graph, layout, name, owner })) ?? replay(backend, graph);
}

/** Two halves of a computation, as `PlanPair` has them. */
export interface GraphPair {
  readonly first: Graph;
  readonly second: Graph;
  readonly outputs: number;
  readonly saved: readonly number[];
}

/** Makes both halves ready; `hold` sees the values that stand between them where they are tensors of their own. */
export function preparePair(backend: Backend, { first, second, outputs, saved }: GraphPair, name: string, owner: object, hold: (x: BackendTensor) => void): ExecutablePair {
  const names = [`forward(${name})`, `backward(${name})`] as const;
  if (backend.compilePair) {
    const head = planGraph(first, backend.capabilities), kept = saved.length + first.outputs.length - outputs;
    const tail = head && planGraph(second, backend.capabilities, (k) => (k < saved.length ? head.inputs[saved[k]!] !== undefined : k < kept));
    const pair = head && tail && backend.compilePair({
      first: { graph: first, layout: head, name: names[0], owner }, second: { graph: second, layout: tail, name: names[1], owner }, outputs, saved,
    });
    if (pair) return pair;
  }
  const [head, tail] = [prepare(backend, first, names[0], owner), prepare(backend, second, names[1], owner)];
  return {
    first: (inputs) => {
      const results = head.run(inputs), kept = results.slice(outputs);
      kept.forEach(hold);
      return { outputs: results.slice(0, outputs), held: [...saved.map((k) => inputs[k]!), ...kept] };
    },
    second: (held, inputs) => tail.run([...(held as readonly BackendTensor[]), ...inputs]),
    dispose: () => {
      head.dispose();
      tail.dispose();
    },
  };
}
