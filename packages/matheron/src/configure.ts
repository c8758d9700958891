import { cpu } from '@matheron/backend-cpu';
import { wasm } from '@matheron/backend-wasm';
import { BackendUnavailableError, Context, ContextError, MatheronError, setDefaultContext, setSeed } from '@matheron/core-tensor';
import { type BackendName, type Config, checkConfig, loadConfig } from './config.ts';
import { ConfigError } from './errors.ts';

type Starter = (config: Config) => Context | Promise<Context>;

/** What the optional packages export, as far as it is used here. */
interface Native { native(options: { id: number; threads?: number; library?: string }): Context }
interface Threads { wasmThreads(options: { id: number; threads: number }): Context }
interface Tfjs { tfjs(engine: string, options: { dtype: 'float32' }): Promise<Context>; tfjsNode(): Promise<Context> }

const starters: Readonly<Record<Exclude<BackendName, 'auto'>, Starter>> = {
  cpu: (config) => withDType(cpu(), config),
  wasm: async (config) => {
    const { threads } = config;
    if (threads === undefined || threads === 1) return withDType(wasm(), config);
    const { wasmThreads } = await optional<Threads>('wasm', '@matheron/backend-wasm/threads');
    return withDType(ofFirstId((id) => wasmThreads({ id, threads })), config);
  },
  native: async (config) => {
    const { native } = await optional<Native>('native', '@matheron/backend-native');
    const options = { ...(config.threads === undefined ? {} : { threads: config.threads }), ...(config.blas === undefined ? {} : { library: config.blas }) };
    return withDType(ofFirstId((id) => native({ id, ...options })), config);
  },
  'tfjs-node': async (config) => withDType(await (await optional<Tfjs>('tfjs-node', '@matheron/backend-tfjs')).tfjsNode(), config),
  'tfjs-cpu': (config) => engine('cpu', config),
  'tfjs-wasm': (config) => engine('wasm', config),
  'tfjs-webgl': (config) => engine('webgl', config),
  'tfjs-webgpu': (config) => engine('webgpu', config),
};

async function engine(name: string, config: Config): Promise<Context> {
  if (config.dtype !== 'float32') {
    throw new ConfigError('configure', `tfjs-${name} computes in float32 only; state it: { backend: 'tfjs-${name}', dtype: 'float32' }, or take a float64 backend (wasm, native, cpu, tfjs-node)`, { key: 'dtype' });
  }
  return (await optional<Tfjs>(`tfjs-${name}`, '@matheron/backend-tfjs')).tfjs(name, { dtype: 'float32' });
}

/** Packages that need not be installed: the specifier is a variable, so that bundlers leave it alone. */
async function optional<T>(backend: string, specifier: string): Promise<T> {
  try {
    return (await import(/* @vite-ignore */ specifier)) as T;
  } catch (cause) {
    if (cause instanceof MatheronError) throw cause;
    throw new BackendUnavailableError(backend, `${specifier} can't be imported (${(cause as Error).message})`, `npm install ${specifier.split('/').slice(0, 2).join('/')}`, [specifier], { cause });
  }
}

const mostIds = 16;
/** The context of the first id that runs with the options of `make`, or not at all yet: an id keeps those it was first asked for with. */
function ofFirstId(make: (id: number) => Context): Context {
  for (let id = 0; ; id++) {
    try {
      return make(id);
    } catch (error) {
      if (!(error instanceof ContextError) || id === mostIds - 1) throw error;
    }
  }
}

/** A context on the backend of another, with another default dtype. */
class Sibling extends Context {
  constructor({ type, id, backend }: Context, dtype: 'float64' | 'float32') {
    super(type, id, backend, { dtype });
  }
  override toString(): string {
    return `${super.toString()} in ${this.dtype}`;
  }
}
/** Siblings, so that the same configuration is the same context each time; a backend has at most one. */
const siblings = new WeakMap<Context, Context>();
/** The context itself, or its sibling on the same backend with the other default dtype. */
function withDType(ctx: Context, { dtype }: Config): Context {
  if (dtype === undefined || dtype === ctx.dtype) return ctx;
  let sibling = siblings.get(ctx);
  if (!sibling) siblings.set(ctx, (sibling = new Sibling(ctx, dtype)));
  return sibling;
}

/**
 * A context for a configuration, without making it the default: the first backend of the list that starts. BackendUnavailableError with
 * what was tried where none does; any other error of a backend is passed on. The same configuration gives the same context each time.
 */
export async function createContext(config: Config = {}): Promise<Context> {
  checkConfig('createContext', config);
  const names = [config.backend ?? 'wasm'].flat().flatMap((name): readonly Exclude<BackendName, 'auto'>[] => (name === 'auto' ? ['native', 'wasm', 'cpu'] : [name]));
  const failures: BackendUnavailableError[] = [];
  for (const name of names) {
    try {
      return await starters[name](config);
    } catch (error) {
      if (!(error instanceof BackendUnavailableError)) throw error;
      failures.push(error);
    }
  }
  if (failures.length === 1) throw failures[0]!;
  throw new BackendUnavailableError(names.join(', '), failures.map((f) => f.message).join('; '), 'install one of them, or configure wasm or cpu, which need nothing', names);
}

/** Applies `loadConfig()` overlaid by `config`: makes the context the default, seeds the default generator, and returns the context, whose type says which backend it is. */
export async function configure(config: Config = {}): Promise<Context> {
  const merged = { ...(await loadConfig()), ...checkConfig('configure', config) };
  const ctx = await createContext(merged);
  setDefaultContext(ctx);
  if (merged.seed !== undefined) setSeed(merged.seed);
  return ctx;
}
