// node tooling/pack/index.mjs [id …]: packs each package, installs each tarball alone in an empty project, compares what
// came with the layer table, imports every entry point in plain Node, and asks publint and attw.
import { fork, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { table } from '../layers/table.mjs';
import { entryPoints, finish, packagesOf, root, run } from '../workspace/index.mjs';
import { closureProblems, installed } from './closure.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const packages = packagesOf();
const wanted = process.argv.slice(2);
const chosen = wanted.length ? packages.filter((p) => wanted.includes(p.id)) : packages;
const tarballs = join(root, '.cache', 'tarballs');
/** @type {string[]} */
const problems = [];

/** pnpm replaces `workspace:` by versions while it packs. @type {(p: typeof packages[number]) => string} */
const pack = ({ id, folder }) => {
  const target = join(tarballs, id);
  mkdirSync(target, { recursive: true });
  run('npx', ['-y', 'pnpm@12.21.0', 'pack', '--pack-destination', target], { cwd: folder });
  const [file] = readdirSync(target);
  if (!file) throw new Error(`pnpm pack wrote nothing for ${id}`);
  return join(target, file);
};

rmSync(tarballs, { recursive: true, force: true });
const needed = new Set(chosen.flatMap((p) => [p.id, ...(table[p.id]?.closure ?? [])]));
const files = new Map(packages.filter((p) => needed.has(p.id)).map((p) => [p.id, pack(p)]));
const nameOf = (/** @type {string} */ id) => packages.find((p) => p.id === id)?.manifest.name ?? id;

/** @type {(folder: string, specifier: string) => Promise<void>} */
const probe = (folder, specifier) =>
  new Promise((done) => {
    const child = fork('probe.mjs', [specifier], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
    let printed = '';
    /** @type {{ exports: number, problems: string[] } | undefined} */
    let report;
    const clock = setTimeout(() => {
      problems.push(`${specifier}: importing it keeps the process alive`);
      child.kill('SIGKILL');
    }, 60_000);
    child.stdout?.on('data', (chunk) => (printed += chunk));
    child.stderr?.on('data', (chunk) => (printed += chunk));
    child.on('message', (message) => (report = /** @type {typeof report} */ (message)));
    child.on('close', (code) => {
      clearTimeout(clock);
      if (code !== 0 || !report) problems.push(`${specifier}: the import ends with code ${code}: ${printed}`);
      else if (printed) problems.push(`${specifier}: the import prints ${JSON.stringify(printed)}`);
      problems.push(...(report?.problems ?? []).map((problem) => `${specifier}: the import ${problem}`));
      done();
    });
  });

for (const p of chosen) {
  const { id, manifest } = p;
  const before = problems.length;
  const folder = mkdtempSync(join(tmpdir(), `pack-${id}-`));
  const others = [...files].filter(([other]) => other !== id);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({
      private: true,
      type: 'module',
      dependencies: { [manifest.name]: `file:${files.get(id)}` },
      overrides: Object.fromEntries(others.map(([other, file]) => [nameOf(other), `file:${file}`])),
    }),
  );
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline', '--loglevel=error'], { cwd: folder });
  problems.push(...closureProblems(id, installed(folder), nameOf));
  cpSync(join(here, 'probe.mjs'), join(folder, 'probe.mjs'));
  for (const [subpath] of entryPoints(manifest)) await probe(folder, manifest.name + subpath.slice(1));
  for (const name of Object.keys(manifest.bin ?? {})) {
    const { status, stdout, stderr } = spawnSync(join(folder, 'node_modules', '.bin', name), ['--version'], { cwd: folder, encoding: 'utf8' });
    if (status !== 0 || !stdout.includes(manifest.version)) problems.push(`${id}: ${name} --version ends with code ${status}: ${stdout}${stderr}`);
  }
  const lint = await publint({ pkgDir: join(folder, 'node_modules', manifest.name), pack: false, strict: true });
  problems.push(...lint.messages.map((m) => `${id}: publint: ${formatMessage(m, lint.pkg, { color: false })}`));
  const attw = spawnSync(process.execPath, [join(here, 'node_modules/@arethetypeswrong/cli/dist/index.js'), String(files.get(id)), '--profile', 'esm-only', '--format', 'ascii', '--no-color', '--exclude-entrypoints', './package.json'], { encoding: 'utf8' });
  if (attw.status !== 0) problems.push(`${id}: attw: ${attw.stdout}${attw.stderr}`);
  rmSync(folder, { recursive: true });
  console.log(`${problems.length === before ? 'ok' : 'NOT OK'}  ${manifest.name}  ${entryPoints(manifest).length} entry point(s), ${(table[id]?.closure ?? []).length} packages beside it`);
}

finish('pack', problems, `${chosen.length} packages install alone and import without side effects`);
