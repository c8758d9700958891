import { Context, ContextError, DTypeError } from '@matheron/core-tensor';
import { EngineKit } from './engine/engine-kit.ts';
import { loadEngine } from './engine/load.ts';
import { type EngineName, profiles } from './engine/profiles.ts';
import { TfjsBackend } from './tfjs-backend.ts';

const contexts = new Map<string, Promise<Context>>();

/**
 * The context of a tfjs engine: the same object for the same engine and id. The engine's package is loaded and started at first use. Engines
 * compute in float32, which `dtype` has to say; webgl and webgpu are read asynchronously only (`await x.data()`).
 * DTypeError for float64, BackendUnavailableError where packages are missing or the engine doesn't start.
 */
export async function tfjs(engine: EngineName, options: { readonly dtype: 'float32'; readonly id?: number }): Promise<Context> {
  if (!Object.hasOwn(profiles, engine)) throw new ContextError(`tfjs: there is no engine '${engine}'; use ${Object.keys(profiles).map((name) => `'${name}'`).join(', ')}`);
  const dtype: string | undefined = (options as { dtype?: string } | undefined)?.dtype;
  if (dtype !== 'float32') {
    throw new DTypeError('tfjs', String(dtype), `tfjs: the ${engine} engine computes in float32 and ${dtype === undefined ? 'no dtype was stated' : `not in ${dtype}`}; say tfjs('${engine}', { dtype: 'float32' }), or use tfjsNode() for float64`);
  }
  const id = options.id ?? 0;
  checkId('tfjs', id);
  return memoized(contexts, `${engine}(${id})`, async () => new Context(`tfjs-${engine}`, id, new TfjsBackend(new EngineKit(await loadEngine(engine), profiles[engine])), { dtype }));
}

/** ContextError for an id that isn't a non-negative integer. */
export function checkId(caller: string, id: number): void {
  if (!Number.isInteger(id) || id < 0) throw new ContextError(`${caller}: ${id} is no id of a context; use a non-negative integer`);
}

/** The promise under `key`, made once; a failure is forgotten, so that it can be tried again. */
export function memoized<K, V>(made: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  let promise = made.get(key);
  if (!promise) {
    promise = make();
    made.set(key, promise);
    promise.catch(() => made.delete(key));
  }
  return promise;
}
