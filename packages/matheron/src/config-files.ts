import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Config, checkConfig } from './config.ts';
import { ConfigError } from './errors.ts';

/** The nearest configuration file at or above `cwd`. A folder's matheron.config comes before its package.json. */
export async function readConfigFile(cwd: string): Promise<Config | undefined> {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const found = (await readJson(join(folder, 'matheron.config.json'))) ?? (await readModule(join(folder, 'matheron.config.js'))) ?? (await readPackage(join(folder, 'package.json')));
    if (found) return found;
    if (folder === dirname(folder)) return undefined;
  }
}

async function readJson(file: string): Promise<Config | undefined> {
  const value = await parse(file);
  return value === undefined ? undefined : checkConfig(file, value);
}
async function readPackage(file: string): Promise<Config | undefined> {
  const value = await parse(file);
  return typeof value === 'object' && value !== null && 'matheron' in value ? checkConfig(`${file}, "matheron"`, value.matheron) : undefined;
}
async function parse(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new ConfigError(file, `can't be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError(file, `is no JSON: ${(error as Error).message}`, { cause: error });
  }
}
async function readModule(file: string): Promise<Config | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (!found) return undefined;
  let module: { default?: unknown };
  try {
    // The time stamp makes an edited file count within one process.
    module = (await import(`${pathToFileURL(file).href}?t=${found.mtimeMs}`)) as { default?: unknown };
  } catch (error) {
    throw new ConfigError(file, `can't be imported: ${(error as Error).message}`, { cause: error });
  }
  if (module.default === undefined) throw new ConfigError(file, 'has no default export; write export default { backend: "wasm" }');
  return checkConfig(file, module.default);
}
