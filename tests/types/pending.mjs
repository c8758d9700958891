// node tests/types/pending.mjs: after a build, writes down which promised names and uses do not exist yet: names in
// pending.json, files that do not compile yet in the `exclude` list of tsconfig.json. Both are empty when all is there.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const json = (/** @type {string} */ file) => JSON.parse(readFileSync(join(here, file), 'utf8'));
const config = json('tsconfig.json');

const probe = join(here, 'tsconfig.pending.json');
writeFileSync(probe, JSON.stringify({ ...config, exclude: [], compilerOptions: { incremental: false } }));
const { stdout } = spawnSync('npx', ['tsc', '-p', probe], { cwd: here, encoding: 'utf8', shell: process.platform === 'win32' });
rmSync(probe);
const failing = new Set(Array.from(stdout.matchAll(/^((?:samples|refused|names)\/[^(]+\.ts)\(/gm), (m) => String(m[1])));
config.exclude = [...failing].sort();
writeFileSync(join(here, 'tsconfig.json'), `${JSON.stringify(config, null, 2)}\n`);

/** @type {Record<string, string[]>} */
const names = {};
for (const [specifier, { values, namespaces = {} }] of Object.entries(json('names.json'))) {
  const module = await import(specifier).catch(() => ({}));
  const missing = [
    ...values.filter((/** @type {string} */ name) => !(name in module)),
    ...Object.entries(namespaces).flatMap(([space, inner]) => inner.filter((/** @type {string} */ name) => !(name in (module[space] ?? {}))).map((/** @type {string} */ name) => `${space}.${name}`)),
  ];
  if (missing.length) names[specifier] = missing;
}
writeFileSync(join(here, 'pending.json'), `${JSON.stringify({ names }, null, 2)}\n`);
console.log(`${failing.size} files do not compile yet, ${Object.values(names).flat().length} names are missing`);
if (process.argv.includes('--why')) console.log(stdout);
