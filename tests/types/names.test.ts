import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Entry {
  values: string[];
  namespaces?: Record<string, string[]>;
}

const read = <T>(file: string): T => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as T;
const promised: Record<string, Entry> = read('./names.json');
// What is promised and not there yet, by entry point; written by pending.mjs and empty when the API is complete.
const pending: { names: Record<string, string[]> } = read('./pending.json');

const missing = (module: Record<string, unknown>, { values, namespaces = {} }: Entry): string[] => [
  ...values.filter((name) => !(name in module)),
  ...Object.entries(namespaces).flatMap(([space, names]) =>
    names.filter((name) => !(name in ((module[space] as object | undefined) ?? {}))).map((name) => `${space}.${name}`),
  ),
];

for (const [specifier, entry] of Object.entries(promised)) {
  it(`${specifier} exports every name that the API promises`, async () => {
    const module = (await import(/* @vite-ignore */ specifier)) as Record<string, unknown>;
    const allowed = new Set(pending.names[specifier]);
    expect(missing(module, entry).filter((name) => !allowed.has(name))).toEqual([]);
  });
}

it('gives no name two meanings: what two packages export under one name is one object', async () => {
  const seen = new Map<string, { specifier: string; value: unknown }>();
  const conflicts: string[] = [];
  for (const specifier of Object.keys(promised)) {
    for (const [name, value] of Object.entries((await import(/* @vite-ignore */ specifier)) as Record<string, unknown>)) {
      const before = seen.get(name);
      if (before && before.value !== value) conflicts.push(`${name}: ${before.specifier}, ${specifier}`);
      seen.set(name, { specifier, value });
    }
  }
  expect(conflicts).toEqual([]);
});
