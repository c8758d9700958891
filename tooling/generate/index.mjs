// node tooling/generate/index.mjs [--check] [id …]: runs the `generate` script of each package that has one. With --check
// the committed files under src/generated must come out as they are, and stay as they are.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { finish, packagesOf, root, run, walk } from '../workspace/index.mjs';

const check = process.argv.includes('--check');
const wanted = process.argv.slice(2).filter((a) => !a.startsWith('-'));
/** @type {string[]} */
const problems = [];
const chosen = packagesOf().filter((p) => p.manifest.scripts?.['generate'] && (!wanted.length || wanted.includes(p.id)));
/** @type {(folder: string) => Map<string, Buffer>} */
const read = (folder) => new Map(walk(folder, () => true).map((path) => [path, readFileSync(path)]));

for (const { id, folder } of chosen) {
  const generated = join(folder, 'src', 'generated');
  const before = read(generated);
  try {
    run('npx', ['-y', 'pnpm@12.21.0', 'run', 'generate'], { cwd: folder });
  } catch (error) {
    problems.push(`${id}: ${/** @type {Error} */ (error).message}`);
  }
  if (!check) continue;
  const after = read(generated);
  if (after.size === 0) problems.push(`${id}: its generate script wrote nothing under src/generated`);
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(path), after.get(path)];
    if (old && now?.equals(old)) continue;
    problems.push(`${relative(root, path)} is ${old ? (now ? 'not what its generator writes' : 'written by no generator') : 'missing'}: run pnpm generate ${id}`);
    if (old) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, old);
    } else if (existsSync(path)) rmSync(path);
  }
}
finish('generate', problems, `${chosen.length ? chosen.map((p) => p.id).join(', ') : 'no package has generated sources'}${check && chosen.length ? ': as committed' : ''}`);
