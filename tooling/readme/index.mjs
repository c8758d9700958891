// node tooling/readme/index.mjs [path …]: type-checks and runs the TypeScript blocks of every README.md and of docs/
// against dist, in plain Node, each in an empty folder.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { finish, packagesOf, root, walk } from '../workspace/index.mjs';
import { snippetsOf } from './snippets.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const scratch = join(here, '.cache');
const wanted = process.argv.slice(2);
const documents = [
  join(root, 'README.md'),
  join(root, 'CONTRIBUTING.md'),
  ...['packages', 'examples', 'tests'].flatMap((group) => packagesOf(group).map((p) => join(p.folder, 'README.md'))),
  ...walk(join(root, 'docs'), (path) => path.endsWith('.md')),
].filter((path) => existsSync(path) && (!wanted.length || wanted.some((w) => relative(root, path).startsWith(w))));

rmSync(scratch, { recursive: true, force: true });
mkdirSync(scratch, { recursive: true });
/** @type {string[]} */
const problems = [];
for (const p of packagesOf()) if (!wanted.length && !existsSync(join(p.folder, 'README.md'))) problems.push(`packages/${p.id} has no README.md`);
let ran = 0;
let skipped = 0;
/** @type {Map<string, string>} */
const origin = new Map();

for (const path of documents) {
  const name = relative(root, path);
  if (basename(path) === 'README.md' && name.startsWith('packages') && !snippetsOf(readFileSync(path, 'utf8')).some((s) => s.skip === undefined)) problems.push(`${name} has no block that runs`);
  for (const { line, code, skip } of snippetsOf(readFileSync(path, 'utf8'))) {
    const where = `${name}:${line}`;
    if (skip !== undefined) {
      skipped++;
      if (!skip) problems.push(`${where}: no-run needs a reason`);
      continue;
    }
    const stem = `${name.replace(/\W+/g, '-')}-${line}`;
    origin.set(`${stem}.mts`, where);
    writeFileSync(join(scratch, `${stem}.mts`), `${code}\nexport {};\n`);
    writeFileSync(join(scratch, `${stem}.mjs`), transformSync(code, { loader: 'ts', format: 'esm', target: 'es2022', sourcefile: where }).code);
    const folder = mkdtempSync(join(tmpdir(), 'readme-'));
    const result = spawnSync(process.execPath, [join(scratch, `${stem}.mjs`)], { cwd: folder, encoding: 'utf8', timeout: 120_000 });
    rmSync(folder, { recursive: true, force: true });
    ran++;
    if (result.status !== 0) problems.push(`${where}: ${result.error?.message ?? ''}${result.stdout}${result.stderr}`);
    else console.log(`ok  ${where}`);
  }
}
if (ran) {
  const types = spawnSync('npx', ['tsc', '-p', join(here, 'tsconfig.snippets.json')], { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });
  if (types.status !== 0) problems.push(`types: ${(types.stdout + types.stderr).replace(/[^\s:(]*\/([^/\s(]+\.mts)/g, (_, file) => `[${origin.get(file) ?? file}] ${file}`)}`);
}
rmSync(scratch, { recursive: true, force: true });
finish('readme', problems, `${ran} blocks of ${documents.length} documents run${skipped ? `, ${skipped} left out with a reason` : ''}`);
