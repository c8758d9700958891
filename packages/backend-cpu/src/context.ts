import { Context, ContextError } from '@matheron/core-tensor';
import { CpuBackend } from './cpu-backend.ts';

const contexts = new Map<number, Context>();

/**
 * The context of the TypeScript backend with this id: the same object each time, with a backend of its own. It runs wherever JavaScript does.
 * ContextError for an id that isn't a non-negative integer.
 */
export function cpu(id: number = 0): Context {
  if (!Number.isInteger(id) || id < 0) throw new ContextError(`cpu: ${id} is no id of a context; use a non-negative integer`);
  let context = contexts.get(id);
  if (!context) contexts.set(id, (context = new Context('cpu', id, new CpuBackend())));
  return context;
}
