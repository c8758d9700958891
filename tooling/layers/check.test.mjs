import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkLayers } from './check.mjs';
import { importsOf } from './imports.mjs';

const rules = {
  table: {
    low: { layer: 0, closure: [] },
    mid: { layer: 1, external: ['fflate'], node: ['src/node'], closure: ['low', 'fflate'] },
    high: { layer: 2, optional: ['mid'], closure: ['low'] },
  },
  development: [/^@types\//],
  testModules: ['vitest'],
};

/** @type {string} */
let base;
/** @type {(path: string, content: unknown) => void} */
const put = (path, content) => {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), typeof content === 'string' ? content : JSON.stringify(content));
};
/** @type {(id: string, extra?: object, references?: string[]) => void} */
const pack = (id, extra = {}, references = []) => {
  const entry = { '@matheron/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' };
  put(`packages/${id}/package.json`, { name: `@x/${id}`, version: '0.0.0', type: 'module', exports: { '.': entry }, ...extra });
  put(`packages/${id}/tsconfig.json`, { files: [] });
  put(`packages/${id}/tsconfig.build.json`, { references: references.map((r) => ({ path: `../${r}/tsconfig.build.json` })) });
  put(`packages/${id}/src/index.ts`, 'export {};\n');
};
const midDependencies = { dependencies: { '@x/low': 'workspace:^', fflate: '^1.0.0' } };

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'layers-'));
  pack('low');
  pack('mid', midDependencies, ['low']);
  pack('high', { dependencies: { '@x/low': 'workspace:^' } }, ['low']);
  put('tsconfig.json', { references: ['low', 'mid', 'high'].map((id) => ({ path: `packages/${id}` })) });
  put('tsconfig.build.json', { references: ['low', 'mid', 'high'].map((id) => ({ path: `packages/${id}/tsconfig.build.json` })) });
});
afterEach(() => rmSync(base, { recursive: true }));

const check = () => checkLayers(base, rules);

describe('checkLayers', () => {
  it('accepts a workspace that keeps to the table', () => expect(check()).toEqual([]));

  it('refuses a dependency that is not below', () => {
    pack('low', { dependencies: { '@x/high': 'workspace:^' } }, ['high']);
    expect(check().join('\n')).toMatch(/packages\/low: dependencies names @x\/high, which is not below it/);
  });

  it('refuses an upward devDependency too', () => {
    pack('low', { devDependencies: { '@x/mid': 'workspace:^' } });
    expect(check()).toEqual([expect.stringContaining('packages/low: devDependencies names @x/mid, which is not below it')]);
  });

  it('refuses what the table does not list from outside, and missing or surplus members of a closure', () => {
    pack('mid', { dependencies: { '@x/low': 'workspace:^', lodash: '^4.0.0' } }, ['low']);
    expect(check()).toEqual([
      'packages/mid: dependencies names lodash, which the table does not allow',
      'packages/mid brings lodash, which its closure does not list',
      'packages/mid: its closure lists fflate, which nothing brings',
    ]);
  });

  it('wants peers to be optional and listed', () => {
    pack('high', { dependencies: { '@x/low': 'workspace:^' }, peerDependencies: { '@x/mid': 'workspace:^' } }, ['low', 'mid']);
    expect(check()).toEqual(['packages/high: the peer @x/mid must be optional']);
  });

  it('refuses relative imports across packages, undeclared modules, deep imports, and Node modules outside their files', () => {
    put('packages/mid/src/a.ts', "import '../../low/src/index.ts';\nexport * from '@x/high';\nvoid import('@x/low/inner');\nimport type { x } from 'node:fs';\n");
    put('packages/mid/src/node.ts', "import 'node:fs';\n");
    put('packages/mid/src/a.test.ts', "import 'vitest';\nimport 'node:fs';\nimport './a.ts';\n");
    expect(check()).toEqual([
      "packages/mid/src/a.ts imports ../../low/src/index.ts, across a package's border: use the package's name",
      'packages/mid/src/a.ts imports node:fs, but must run in a browser',
      'packages/mid/src/a.ts imports @x/high, which package.json does not declare',
      'packages/mid/src/a.ts imports @x/low/inner, which is not an entry point',
    ]);
  });

  it('refuses leaf packages that are published or reach into a package', () => {
    put('tests/t/package.json', { name: 't' });
    put('tests/t/a.test.ts', "import '../../packages/low/src/index.ts';\nimport '../../packages/low/test/b.test.ts';\n");
    expect(check()).toEqual([
      'tests/t is not published: it must be private',
      "tests/t/a.test.ts imports ../../packages/low/src/index.ts, across a package's border: use the package's name",
    ]);
  });

  it('wants project references to follow the manifests', () => {
    pack('mid', midDependencies, []);
    put('tsconfig.json', { references: [{ path: 'packages/low' }, { path: 'packages/mid' }] });
    expect(check()).toEqual(['packages/mid/tsconfig.build.json does not refer to ../low/tsconfig.build.json', 'tsconfig.json does not refer to packages/high']);
  });

  it('wants the source condition first and existing entry points', () => {
    pack('low', { exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './gone': { '@matheron/source': './src/gone.ts', types: './dist/gone.d.ts', default: './dist/gone.js' } } });
    expect(check()).toEqual([expect.stringContaining('exports "." must have'), expect.stringContaining('./src/gone.ts, which does not exist')]);
  });
});

describe('importsOf', () => {
  it('sees static, dynamic, type and re-exporting imports, and nothing in comments', () => {
    const source = "// import 'no'\nimport a from 'a';\nimport type { B } from 'b';\nexport * from 'c';\nexport { d } from 'd';\nvoid import('e');\n/* import 'no' */ const s = \"import 'no'\";\n";
    expect(importsOf('x.ts', source).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
