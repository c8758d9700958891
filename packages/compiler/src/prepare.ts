import type { Backend, Executable, Graph } from '@matheron/core-tensor';
import { planGraph } from './passes/plan.ts';
import { replay } from './replay.ts';

/** Makes a graph ready to run: planned and compiled where the backend does that, else replayed call by call. */
export function prepare(backend: Backend, graph: Graph, name: string, owner: object): Executable {
  if (!backend.compile) return replay(backend, graph);
  const layout = planGraph(graph, backend.capabilities);
  return (layout && backend.compile({ graph, layout, name, owner })) ?? replay(backend, graph);
}
