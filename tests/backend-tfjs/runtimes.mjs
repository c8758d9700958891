// node runtimes.mjs: the suite on the devices of Node, on each Node of .cache/runtimes/runtimes.json (tooling/ci/install-runtimes.mjs), or on this one.
// Releases beyond those that tfjs-node is made for are run and reported without being asked to pass.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEWEST = 24;
const here = dirname(fileURLToPath(import.meta.url));
const list = join(here, '../../.cache/runtimes/runtimes.json');
/** @type {{ name: string, command: string }[]} */
const found = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : [];
const nodes = found.filter(({ name }) => name.startsWith('node'));
let bad = 0;
for (const { name, command } of nodes.length > 0 ? nodes : [{ name: `node${process.versions.node.split('.')[0]}`, command: process.execPath }]) {
  const { status, stdout, stderr, error } = spawnSync(command, ['main.mjs'], { cwd: here, encoding: 'utf8', timeout: 1_200_000, maxBuffer: 1 << 26 });
  const lines = (stdout ?? '').split('\n').filter((line) => line.startsWith('tfjs-') && line.includes(' passed, '));
  for (const line of lines) console.log(`${name.padEnd(7)} ${line}`);
  if (status === 0 && lines.length === 3) continue;
  console.log([`${name} failed (${status ?? error?.message})`, ...(stdout ?? '').split('\n').slice(-30), ...(stderr ?? '').split('\n').slice(-30)].join('\n'));
  if (Number(name.slice(4)) <= NEWEST) bad++;
}
process.exit(bad ? 1 : 0);
