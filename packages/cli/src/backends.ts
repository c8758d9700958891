import { type BackendName, backendNames, createContext } from 'matheron';
import type { Output } from './progress.ts';

/** One line of `matheron backends`. */
export interface BackendStatus {
  readonly name: BackendName;
  readonly available: boolean;
  readonly dtype?: 'float64' | 'float32';
  readonly detail: string;
}

/** What the native backend's package says of the BLAS libraries it finds. */
interface BlasFinder {
  findBlas?(): readonly { path: string; vendor: string; version: string; core: string; threads: number; integers: number }[];
}

/** Tries to start every backend and says what came of it. */
export async function listBackends(stdout: Output, json: boolean): Promise<number> {
  const rows: BackendStatus[] = [];
  for (const name of backendNames) if (name !== 'auto') rows.push(await probe(name));
  if (json) {
    stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return 0;
  }
  for (const { name, available, dtype, detail } of rows) stdout.write(`${available ? 'yes' : 'no '}  ${name.padEnd(12)}${(dtype ?? '').padEnd(9)}${detail}\n`);
  return 0;
}

async function probe(name: Exclude<BackendName, 'auto'>): Promise<BackendStatus> {
  const onlyFloat32 = name.startsWith('tfjs-') && name !== 'tfjs-node';
  try {
    const ctx = await createContext({ backend: name, ...(onlyFloat32 ? { dtype: 'float32' as const } : {}) });
    return { name, available: true, dtype: ctx.dtype, detail: name === 'native' ? await blas(ctx.backend.name) : ctx.backend.name };
  } catch (error) {
    return { name, available: false, detail: (error as Error).message };
  }
}
async function blas(fallback: string): Promise<string> {
  const specifier = '@matheron/backend-native';
  const { findBlas } = (await import(specifier)) as BlasFinder;
  const [first] = findBlas?.() ?? [];
  return first ? `${first.vendor} ${first.version} (${first.core}), ${first.threads} threads, ${first.integers}-bit integers, ${first.path}` : fallback;
}
