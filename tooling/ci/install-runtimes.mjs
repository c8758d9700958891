// node tooling/ci/install-runtimes.mjs: other JavaScript runtimes for the tests, as npm packages in .cache/runtimes, and
// .cache/runtimes/runtimes.json with [{ name, command, args }] of those that start on this machine.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from '../workspace/index.mjs';

const folder = join(root, '.cache', 'runtimes');
const system = process.platform === 'win32' ? 'win' : process.platform;
const node = `node-${system}-${process.arch}`;
const packages = { node22: `npm:${node}@22`, node24: `npm:${node}@24`, node26: `npm:${node}@26`, deno: '2', bun: '1' };
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: packages }));
// Bun's and Deno's own scripts only link the platform's binary, which is found here without them.
run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], { cwd: folder });

const modules = join(folder, 'node_modules');
const exe = process.platform === 'win32' ? '.exe' : '';
/** @type {(scope: string, file: string) => string[]} */
const platformBinaries = (scope, file) => (existsSync(join(modules, scope)) ? readdirSync(join(modules, scope)).map((name) => join(modules, scope, name, file)) : []);
const candidates = [
  { name: 'node20', files: [process.execPath], args: [] },
  ...['node22', 'node24', 'node26'].map((name) => ({ name, files: [join(modules, name, 'bin', `node${exe}`)], args: [] })),
  { name: 'deno', files: platformBinaries('@deno', `deno${exe}`), args: ['run', '--allow-all', '--no-lock'] },
  { name: 'bun', files: platformBinaries('@oven', join('bin', `bun${exe}`)), args: [] },
];
/** @type {(file: string) => string | undefined} */
const version = (file) => {
  try {
    return String(execFileSync(file, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] })).split('\n')[0];
  } catch {
    return undefined;
  }
};
const found = candidates.flatMap(({ name, files, args }) => {
  const command = files.find((file) => existsSync(file) && version(file));
  console.log(command ? `${name}: ${version(command)}` : `${name}: does not start here`);
  return command ? [{ name: name === 'node20' ? `node${process.versions.node.split('.')[0]}` : name, command, args }] : [];
});
writeFileSync(join(folder, 'runtimes.json'), `${JSON.stringify(found, null, 2)}\n`);
if (found.length < candidates.length) process.exitCode = 1;
