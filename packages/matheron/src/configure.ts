import { cpu } from '@matheron/backend-cpu';
import { wasm } from '@matheron/backend-wasm';
import { BackendUnavailableError, Context, MatheronError, setDefaultContext, setSeed } from '@matheron/core-tensor';
import { type BackendName, type Config, checkConfig, loadConfig } from './config.ts';
import { ConfigError } from './errors.ts';

type Starter = (config: Config) => Context | Promise<Context>;

/** What the optional packages export, as far as it is used here. */
interface Native { native(options: { threads?: number; library?: string }): Context }
interface Threads { wasmThreads(options: { threads: number }): Context }
interface Tfjs { tfjs(engine: string, options: { dtype: 'float32' }): Promise<Context>; tfjsNode(): Promise<Context> }

const starters: Readonly<Record<Exclude<BackendName, 'auto'>, Starter>> = {
  cpu: (config) => withDType(cpu(), config),
  wasm: async (config) => withDType(config.threads !== undefined && config.threads > 1 ? (await optional<Threads>('wasm', '@matheron/backend-wasm/threads')).wasmThreads({ threads: config.threads }) : wasm(), config),
  native: async (config) => {
    const { native } = await optional<Native>('native', '@matheron/backend-native');
    return withDType(native({ ...(config.threads === undefined ? {} : { threads: config.threads }), ...(config.blas === undefined ? {} : { library: config.blas }) }), config);
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

/** The context itself, or a sibling on the same backend with another default dtype. */
function withDType(ctx: Context, { dtype }: Config): Context {
  return dtype === undefined || dtype === ctx.dtype ? ctx : new Context(ctx.type, ctx.id, ctx.backend, { dtype });
}

/**
 * A context for a configuration, without making it the default: the first backend of the list that starts. BackendUnavailableError with
 * what was tried where none does; any other error of a backend is passed on.
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
