import type { Backend, Executable, Graph } from '@matheron/core-tensor';
import { replay } from './replay.ts';

/** Makes a graph ready to run: compiled by the backend where it does that, else replayed call by call. */
export function prepare(backend: Backend, graph: Graph, name: string, owner: object): Executable {
  return backend.compile ? backend.compile({ graph, name, owner }) : replay(backend, graph);
}
