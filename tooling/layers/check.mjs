import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { entryPoints, packagesOf, readJson, walk } from '../workspace/index.mjs';
import { importsOf, packageName } from './imports.mjs';
import * as rules from './table.mjs';

/** @typedef {import('../workspace/index.mjs').Package} Package */
/** @typedef {import('./table.mjs').Row} Row */
/** @typedef {{ table: Record<string, Row>, development: RegExp[], testModules: string[] }} Rules */

/** @type {(name: string, patterns?: string[]) => boolean} */
export const matches = (name, patterns = []) =>
  patterns.some((p) => (p.endsWith('*') ? name.startsWith(p.slice(0, -1)) : name === p));

/**
 * Compares the workspace below `base` with the table: manifests, closures, imports, project references.
 * @type {(base: string, given?: Rules) => string[]} the problems, each in one sentence
 */
export const checkLayers = (base, given = rules) => {
  const packages = packagesOf('packages', base);
  const leaves = ['tests', 'examples', 'tooling'].flatMap((group) => packagesOf(group, base));
  const byName = new Map(packages.map((p) => [p.manifest.name, p]));
  return [
    ...packages.flatMap((p) => checkManifest(p, byName, given)),
    ...packages.flatMap((p) => checkClosure(p, byName, given)),
    ...packages.flatMap((p) => checkEntryPoints(p)),
    ...packages.flatMap((p) => checkSources(p, byName, given)),
    ...packages.flatMap((p) => checkReferences(p, byName)),
    ...leaves.filter((p) => !p.manifest.private).map((p) => `${p.group}/${p.id} is not published: it must be private`),
    ...leaves.flatMap((p) => checkInside(p)),
    ...checkRootReferences(base, [...packages, ...leaves]),
    ...Object.keys(given.table).filter((id) => !packages.some((p) => p.id === id)).map((id) => `the table names packages/${id}, which does not exist`),
  ];
};

/** @type {(from: string, to: string, given: Rules) => boolean} */
const mayImport = (from, to, { table }) => {
  const [a, b] = [table[from], table[to]];
  return !!a && !!b && (b.layer < a.layer || (b.layer === a.layer && (a.beside ?? []).includes(to)));
};

/** @type {(p: Package, byName: Map<string, Package>, given: Rules) => string[]} */
const checkManifest = ({ id, manifest }, byName, given) => {
  const row = given.table[id];
  if (!row) return [`packages/${id} is not in the table of tooling/layers`];
  const { dependencies = {}, devDependencies = {}, peerDependencies = {}, optionalDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const problems = [];
  for (const [field, entries] of Object.entries({ dependencies, devDependencies, peerDependencies, optionalDependencies })) {
    for (const [name, range] of Object.entries(entries)) {
      const inner = byName.get(name)?.id;
      const where = `packages/${id}: ${field} names ${name}`;
      if (inner === undefined) {
        const allowed =
          field === 'devDependencies' ? given.development.some((d) => d.test(name))
          : field === 'dependencies' ? matches(name, row.external)
          : matches(name, row.optional);
        if (!allowed) problems.push(`${where}, which the table does not allow`);
        continue;
      }
      if (!range.startsWith('workspace:')) problems.push(`${where} as ${range}: use workspace:^`);
      if (!mayImport(id, inner, given)) problems.push(`${where}, which is not below it (layer ${row.layer} → ${given.table[inner]?.layer})`);
      if (field === 'peerDependencies' && !matches(inner, row.optional)) problems.push(`${where}, which the table does not list as optional`);
    }
  }
  for (const name of Object.keys(peerDependencies)) {
    if (!peerDependenciesMeta[name]?.optional) problems.push(`packages/${id}: the peer ${name} must be optional`);
  }
  return problems;
};

/** @type {(p: Package, byName: Map<string, Package>, given: Rules) => string[]} */
const checkClosure = ({ id, manifest }, byName, { table }) => {
  const found = new Set();
  /** @type {(m: Package['manifest']) => void} */
  const visit = (m) => {
    for (const name of Object.keys({ ...m.dependencies, ...m.optionalDependencies })) {
      const inner = byName.get(name);
      const key = inner?.id ?? name;
      if (found.has(key)) continue;
      found.add(key);
      if (inner) visit(inner.manifest);
    }
  };
  visit(manifest);
  const allowed = table[id]?.closure ?? [];
  return [
    ...[...found].filter((x) => !matches(x, allowed)).map((x) => `packages/${id} brings ${x}, which its closure does not list`),
    ...allowed.filter((x) => !x.endsWith('*') && !found.has(x)).map((x) => `packages/${id}: its closure lists ${x}, which nothing brings`),
  ];
};

/** @type {(p: Package) => string[]} */
const checkEntryPoints = ({ id, folder, manifest }) => {
  const problems = [];
  if (manifest.type !== 'module') problems.push(`packages/${id} must be an ES module`);
  for (const [subpath, conditions] of entryPoints(manifest)) {
    if (Object.keys(conditions).join() !== '@matheron/source,types,default') {
      problems.push(`packages/${id}: exports "${subpath}" must have "@matheron/source", "types", "default", in this order`);
      continue;
    }
    const source = conditions['@matheron/source'] ?? '';
    const stem = source.replace(/^\.\/src\//, './dist/').replace(/\.ts$/, '');
    if (!existsSync(join(folder, source))) problems.push(`packages/${id}: exports "${subpath}" names ${source}, which does not exist`);
    if (conditions['types'] !== `${stem}.d.ts` || conditions['default'] !== `${stem}.js`) problems.push(`packages/${id}: exports "${subpath}" must point to ${stem}.js and its types`);
  }
  return problems;
};

const isSource = (/** @type {string} */ path) => /\.(ts|mts|mjs|js)$/.test(path) && !path.endsWith('.d.ts');
const isTest = (/** @type {string} */ path) => path.endsWith('.test.ts') || path.startsWith(`test${sep}`);

/** @type {(p: Package, byName: Map<string, Package>, given: Rules) => string[]} */
const checkSources = ({ id, folder, manifest }, byName, given) => {
  const row = given.table[id];
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies };
  return ['src', 'test'].flatMap((part) => walk(join(folder, part), isSource)).flatMap((file) => {
    const path = relative(folder, file);
    const where = `packages/${id}/${path}`;
    const test = isTest(path);
    return importsOf(file, readFileSync(file, 'utf8')).flatMap((specifier) => {
      if (specifier.startsWith('.')) {
        const target = resolve(dirname(file), specifier);
        if (!target.startsWith(folder + sep)) return [`${where} imports ${specifier}, across a package's border: use the package's name`];
        return !test && isTest(relative(folder, target)) ? [`${where} imports the test file ${specifier}`] : [];
      }
      if (specifier.startsWith('node:')) {
        return test || row?.node === true || (row?.node ?? []).some((prefix) => path.startsWith(prefix)) ? [] : [`${where} imports ${specifier}, but must run in a browser`];
      }
      const name = packageName(specifier);
      if (test && given.testModules.includes(name)) return [];
      if (name === manifest.name) return test ? [] : [`${where} imports its own package by name`];
      if (!(name in declared) && !(test && name in (manifest.devDependencies ?? {}))) return [`${where} imports ${specifier}, which package.json does not declare`];
      const inner = byName.get(name);
      const subpath = `.${specifier.slice(name.length)}`;
      if (inner && !(subpath in (inner.manifest.exports ?? {}))) return [`${where} imports ${specifier}, which is not an entry point`];
      return [];
    });
  });
};

/** Leaf packages reach packages by name only, as users do; the tests of a package they may run again, on another context. @type {(p: Package) => string[]} */
const checkInside = ({ id, group, folder }) =>
  group === 'tooling' ? [] : walk(folder, isSource).flatMap((file) =>
    importsOf(file, readFileSync(file, 'utf8'))
      .filter((specifier) => specifier.startsWith('.') && /(^|[/\\])packages[/\\][^/\\]+[/\\](?!test[/\\])/.test(relative(dirname(folder), resolve(dirname(file), specifier))))
      .map((specifier) => `${group}/${id}/${relative(folder, file)} imports ${specifier}, across a package's border: use the package's name`),
  );

/** @type {(file: string) => string[]} */
const references = (file) => (existsSync(file) ? (readJson(file).references ?? []).map((/** @type {{ path: string }} */ r) => resolve(dirname(file), r.path)) : []);

/** `tsc -b` must know what the manifest knows. @type {(p: Package, byName: Map<string, Package>) => string[]} */
const checkReferences = ({ id, folder, manifest }, byName) => {
  const listed = new Set(references(join(folder, 'tsconfig.build.json')));
  const wanted = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
    .flatMap((name) => byName.get(name) ?? [])
    .map((p) => join(p.folder, 'tsconfig.build.json'));
  return wanted.filter((w) => !listed.has(w)).map((w) => `packages/${id}/tsconfig.build.json does not refer to ${relative(folder, w)}`);
};

/** @type {(base: string, all: Package[]) => string[]} */
const checkRootReferences = (base, all) => {
  const listed = new Set(references(join(base, 'tsconfig.json')));
  const built = new Set(references(join(base, 'tsconfig.build.json')));
  return all
    .filter((p) => existsSync(join(p.folder, 'tsconfig.json')))
    .flatMap((p) => [
      ...(listed.has(p.folder) ? [] : [`tsconfig.json does not refer to ${p.group}/${p.id}`]),
      ...(p.group !== 'packages' || built.has(join(p.folder, 'tsconfig.build.json')) ? [] : [`tsconfig.build.json does not refer to packages/${p.id}`]),
    ]);
};
