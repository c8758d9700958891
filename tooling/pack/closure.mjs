import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { matches } from '../layers/check.mjs';
import { table } from '../layers/table.mjs';

/**
 * Every package below a node_modules folder, nested ones included, by name.
 * @type {(folder: string) => string[]}
 */
export const installed = (folder) => {
  const modules = join(folder, 'node_modules');
  if (!existsSync(modules)) return [];
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith('.') ? [] : name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );
  return [...new Set(names.flatMap((name) => [name, ...installed(join(modules, name))]))].sort();
};

/**
 * What differs between an installation and the closure that the layer table allows.
 * @type {(id: string, found: string[], nameOf: (id: string) => string) => string[]}
 */
export const closureProblems = (id, found, nameOf) => {
  const allowed = [nameOf(id), ...(table[id]?.closure ?? []).map((x) => (x in table ? nameOf(x) : x))];
  return [
    ...found.filter((name) => !matches(name, allowed)).map((name) => `${id}: installing it brings ${name}, which its closure does not allow`),
    ...allowed.filter((name) => !name.endsWith('*') && !found.includes(name)).map((name) => `${id}: installing it does not bring ${name}`),
  ];
};
