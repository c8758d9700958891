import { Context, ContextError } from '@matheron/core-tensor';
import { WasmBackend } from './wasm-backend.ts';

const contexts = new Map<number, Context>();

/**
 * The context of the WebAssembly backend with this id: the same object each time, with a backend of its own. Synchronous: the modules are
 * part of the package's code. BackendUnavailableError where the engine has no WebAssembly SIMD; ContextError for an id that isn't a
 * non-negative integer.
 */
export function wasm(id: number = 0): Context {
  if (!Number.isInteger(id) || id < 0) throw new ContextError(`wasm: ${id} is no id of a context; use a non-negative integer`);
  let context = contexts.get(id);
  if (!context) contexts.set(id, (context = new Context('wasm', id, new WasmBackend())));
  return context;
}

/**
 * Compiles the modules of `wasm(0)` asynchronously. Only engines that refuse to compile more than a few kilobytes at once on the main
 * thread need it (Chrome before 115): await it, then use `wasm()` as elsewhere.
 */
export async function initWasm(): Promise<void> {
  await (wasm().backend as WasmBackend).prepare();
}
