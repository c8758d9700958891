import { cpu } from '@matheron/backend-cpu';
import { wasm } from '@matheron/backend-wasm';
import { BackendUnavailableError, type Context, setDefaultContext, warn } from '@matheron/core-tensor';

/** wasm, or cpu with one notice where the engine lacks WebAssembly SIMD. */
export function embeddedContext(): Context {
  try {
    return wasm();
  } catch (error) {
    if (!(error instanceof BackendUnavailableError)) throw error;
    warn('wasm-unavailable', `${error.message}. Running on the slower cpu backend instead.`);
    return cpu();
  }
}

// The one side effect of importing matheron: nothing starts until a context is first needed.
setDefaultContext(embeddedContext);
