// node runtimes.mjs: the suite on each runtime of .cache/runtimes/runtimes.json (tooling/ci/install-runtimes.mjs).
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
/** @type {{ name: string, command: string, args: string[] }[]} */
const runtimes = JSON.parse(readFileSync(join(here, '../../.cache/runtimes/runtimes.json'), 'utf8'));
let bad = 0;
for (const { name, command, args } of runtimes) {
  const started = Date.now();
  const { status, stdout, stderr, error } = spawnSync(command, [...args, 'main.mjs'], { cwd: here, encoding: 'utf8', timeout: 600_000, maxBuffer: 1 << 26 });
  const line = stdout?.trim().split('\n').at(-1) ?? '';
  const report = line.startsWith('{') ? JSON.parse(line) : undefined;
  const ok = status === 0 && report?.passed > 0;
  if (!ok) bad++;
  console.log(`${name.padEnd(8)} ${ok ? 'passed' : 'FAILED'}  ${report ? `${report.passed} passed, ${report.failed} failed` : ''}  ${((Date.now() - started) / 1000).toFixed(1)} s`);
  if (!ok) console.log([...(report?.failures ?? [stdout]), stderr, error?.message ?? ''].join('\n'));
}
process.exit(bad ? 1 : 0);
