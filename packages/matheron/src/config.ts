import { isPlainObject, nearestName } from '@matheron/core-tensor';
import { ConfigError } from './errors.ts';

/** Backends by name; 'auto' is the first of native, wasm and cpu that starts. */
export type BackendName = 'auto' | 'cpu' | 'wasm' | 'native' | 'tfjs-node' | 'tfjs-cpu' | 'tfjs-wasm' | 'tfjs-webgl' | 'tfjs-webgpu';
/** All of them. */
export const backendNames: readonly BackendName[] = ['auto', 'cpu', 'wasm', 'native', 'tfjs-node', 'tfjs-cpu', 'tfjs-wasm', 'tfjs-webgl', 'tfjs-webgpu'];

/** What `matheron.config.{json,js}`, the "matheron" key of package.json and `configure` take. */
export interface Config {
  /** One backend, or a list of which the first that starts is taken. */
  backend?: BackendName | readonly BackendName[];
  /** Default dtype of floats; float64 unless the engine only has float32 and this says so. */
  dtype?: 'float64' | 'float32';
  /** Threads of the wasm and native backends. */
  threads?: number;
  /** Path of the BLAS library of the native backend. */
  blas?: string;
  /** Seed of the default generator. */
  seed?: number;
}

/** Types a configuration in `matheron.config.js`. */
export function defineConfig(config: Config): Config {
  return config;
}

const checks: { readonly [K in keyof Required<Config>]: (value: unknown) => string | undefined } = {
  backend: (value) => (Array.isArray(value) ? (value.length === 0 ? 'is an empty list' : undefined) : typeof value === 'string' ? undefined : 'is neither a name nor a list of names'),
  dtype: (value) => (value === 'float64' || value === 'float32' ? undefined : "is neither 'float64' nor 'float32'"),
  threads: (value) => (Number.isInteger(value) && (value as number) >= 1 ? undefined : 'is no positive integer'),
  blas: (value) => (typeof value === 'string' ? undefined : 'is no path'),
  seed: (value) => (Number.isSafeInteger(value) ? undefined : 'is no integer'),
};

/** Checks what a file, a variable or a caller gave. ConfigError names the source, the key and the nearest known name. */
export function checkConfig(source: string, value: unknown): Config {
  if (!isPlainObject(value)) throw new ConfigError(source, `the configuration is no object; write { "backend": "wasm" }`);
  for (const [key, entry] of Object.entries(value)) {
    if (!Object.hasOwn(checks, key)) throw new ConfigError(source, `'${key}' is no setting; known are ${Object.keys(checks).join(', ')}`, { key, suggestion: nearestName(key, Object.keys(checks)) });
    if (entry === undefined) continue;
    const problem = checks[key as keyof Config](entry);
    if (problem) throw new ConfigError(source, `${key} ${problem}: ${JSON.stringify(entry)}`, { key });
    if (key === 'backend') for (const name of [entry].flat()) checkBackendName(source, name);
  }
  return value as Config;
}
function checkBackendName(source: string, name: unknown): void {
  if (typeof name !== 'string' || !(backendNames as readonly string[]).includes(name)) {
    throw new ConfigError(source, `there is no backend ${JSON.stringify(name)}; known are ${backendNames.join(', ')}`, { key: 'backend', suggestion: typeof name === 'string' ? nearestName(name, backendNames) : undefined });
  }
}

/**
 * The configuration that holds in a folder: `matheron.config.json`, `matheron.config.js` (its default export) or the "matheron" key of package.json, in
 * `cwd` or the nearest folder above that has one, overlaid by `MATHERON_BACKEND` (a name or a comma-separated list). In browsers there
 * are no files: {}.
 */
export async function loadConfig(cwd?: string): Promise<Config> {
  if (!hasFiles()) return {};
  const { readConfigFile } = await import('./config-files.ts');
  const fromFile = (await readConfigFile(cwd ?? process.cwd())) ?? {};
  const names = process.env['MATHERON_BACKEND'];
  return names === undefined || names === '' ? fromFile : { ...fromFile, ...backendsFromText('MATHERON_BACKEND', names) };
}
/** `{ backend }` out of 'native,wasm'. */
export function backendsFromText(source: string, text: string): Config {
  const names = text.split(',').map((name) => name.trim()).filter((name) => name !== '');
  return checkConfig(source, { backend: names.length === 1 ? names[0] : names });
}

function hasFiles(): boolean {
  return typeof process === 'object' && typeof process.versions === 'object' && process.versions.node !== undefined;
}
