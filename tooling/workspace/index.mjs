// What every tool needs to know about the workspace: where it is, which packages it has, how to run a program.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {boolean} [private]
 * @property {string} [type]
 * @property {boolean | string[]} [sideEffects]
 * @property {Record<string, string>} [bin]
 * @property {Record<string, string | Record<string, string>>} [exports]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, { optional?: boolean }>} [peerDependenciesMeta]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [scripts]
 *
 * @typedef {{ id: string, folder: string, group: string, manifest: Manifest }} Package `id` is the folder's name.
 */

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** @type {(file: string) => any} */
export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/**
 * The folders of a group that have a package.json, in alphabetical order.
 * @type {(group?: string, base?: string) => Package[]}
 */
export const packagesOf = (group = 'packages', base = root) => {
  const parent = join(base, group);
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((id) => existsSync(join(parent, id, 'package.json')))
    .sort()
    .map((id) => ({ id, folder: join(parent, id), group, manifest: readJson(join(parent, id, 'package.json')) }));
};

/**
 * Entry points: subpath ('.' or './x') to the file of each condition. Plain files (./package.json) are left out.
 * @type {(manifest: Manifest) => [subpath: string, conditions: Record<string, string>][]}
 */
export const entryPoints = (manifest) =>
  Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) =>
    typeof target === 'string' ? [] : [/** @type {[string, Record<string, string>]} */ ([subpath, target])],
  );

/**
 * All files below a folder, without build outputs and installed packages.
 * @type {(folder: string, accept: (path: string) => boolean) => string[]}
 */
export const walk = (folder, accept) =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap((entry) => {
          const path = join(folder, entry.name);
          if (entry.isDirectory()) return /^(node_modules|dist|out|coverage|\..*)$/.test(entry.name) ? [] : walk(path, accept);
          return accept(path) ? [path] : [];
        })
    : [];

/**
 * Runs a program and returns what it printed; a failure carries both streams.
 * @type {(command: string, args: string[], options?: import('node:child_process').ExecFileSyncOptions) => string}
 */
export const run = (command, args, options = {}) => {
  try {
    return String(execFileSync(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28, ...options }));
  } catch (cause) {
    const { stdout = '', stderr = '' } = /** @type {{ stdout?: Buffer, stderr?: Buffer }} */ (cause);
    throw new Error(`${command} ${args.join(' ')} failed\n${stdout}${stderr}`, { cause });
  }
};

/**
 * Prints the problems, if any, and ends the process with the matching exit code.
 * @type {(tool: string, problems: string[], summary: string) => never}
 */
export const finish = (tool, problems, summary) => {
  for (const problem of problems) console.error(`${tool}: ${problem}`);
  console.log(problems.length ? `${tool}: ${problems.length} problem${problems.length === 1 ? '' : 's'}` : `${tool}: ${summary}`);
  process.exit(problems.length ? 1 : 0);
};
