import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;

/** Every folder of packages/, tests/ and tooling/ that has a package.json is a project named after the folder. */
const folders: string[] = ['packages', 'tests', 'tooling'].flatMap((group) =>
  existsSync(join(root, group))
    ? readdirSync(join(root, group))
        .filter((name) => existsSync(join(root, group, name, 'package.json')))
        .map((name) => `${group}/${name}`)
    : [],
);

export default defineConfig({
  resolve: { conditions: ['@matheron/source'] },
  ssr: { resolve: { conditions: ['@matheron/source', 'node', 'import', 'default'] } },
  esbuild: { target: 'es2022' },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    passWithNoTests: true,
    projects: folders.map((folder) => ({
      extends: true as const,
      root: join(root, folder),
      test: {
        name: folder.replace(/^packages\//, '').replace('/', ':'),
        include: ['**/*.test.ts', '**/*.test.mjs'],
        exclude: ['**/node_modules/**', '**/dist/**', '**/out/**'],
        environment: 'node' as const,
      },
    })),
  },
});
