import { Context, ContextError } from '@matheron/core-tensor';
import { chooseLibrary } from './find-blas.ts';
import { NativeBackend } from './native-backend.ts';

/** What `native` takes beside an id. */
export interface NativeOptions {
  /** Context number, 0 by default. */
  readonly id?: number;
  /** Threads of calls from about 512³ on, on the main thread; smaller ones, and workers, run on one. By default what the library takes itself. */
  readonly threads?: number;
  /** Path of the library. By default `MATHERON_BLAS`, or the first that `findBlas` lists. */
  readonly library?: string;
}

interface Made {
  readonly context: Context;
  readonly threads: number | undefined;
  readonly library: string | undefined;
}
const contexts = new Map<number, Made>();

/**
 * The context of the BLAS backend with this id: the same object each time, with a backend of its own. Synchronous; nothing is downloaded.
 * BackendUnavailableError, with what was tried and the remedy, where no library can be used; ContextError for an id that isn't a non-negative
 * integer, for a number of threads that isn't positive, or where the id runs with other options already.
 */
export function native(options: number | NativeOptions = {}): Context {
  const { id = 0, threads, library } = typeof options === 'number' ? { id: options } : options;
  if (!Number.isInteger(id) || id < 0) throw new ContextError(`native: ${id} is no id of a context; use a non-negative integer`);
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) throw new ContextError(`native: ${threads} is no number of threads; use a positive integer`);
  let made = contexts.get(id);
  if (!made) {
    made = { context: new Context('native', id, new NativeBackend(chooseLibrary(library), { threads })), threads, library };
    contexts.set(id, made);
  } else if ((threads !== undefined && threads !== made.threads) || (library !== undefined && library !== made.library)) {
    const differing = threads !== undefined && threads !== made.threads ? `threads ${made.threads ?? 'by default'}, not ${threads}` : `library ${made.library ?? 'by default'}, not ${library}`;
    throw new ContextError(`native(${id}) runs already, with ${differing}; give another id`);
  }
  return made.context;
}
