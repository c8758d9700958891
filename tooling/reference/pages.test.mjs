import { expect, test } from 'vitest';
import { root } from '../workspace/index.mjs';
import { linkNames, moduleNames, pageOf, titleOf } from './pages.mjs';

/** @type {(value: unknown) => any} */
const as = (value) => value;

test('modules have the names by which they are imported', () => {
  const names = moduleNames();
  expect(names.get('packages/gp/src')?.name).toBe('@matheron/gp');
  expect(names.get('packages/gp/src/plot')?.name).toBe('@matheron/gp/plot');
  expect(names.get('packages/core-tensor/src/linalg')?.name).toBe('@matheron/core-tensor/linalg');
  expect([...names.values()].filter(({ name }) => name.endsWith('/internal'))).toEqual([]);
});

test('a README loses its title, and links to what has no page', () => {
  const app = as({ converter: { parseRawComment: (/** @type {{ text: string }} */ file) => ({ content: [{ kind: 'text', text: file.text }] }) } });
  const [part] = pageOf(app, as({ files: {} }), root);
  expect(part?.text).not.toMatch(/^# /m);
  expect(part?.text).toContain('](packages/gp)');
  expect(part?.text).toContain('](docs/architecture.md)');
  expect(part?.text).not.toContain('](CONTRIBUTING.md)');
  expect(part?.text).toContain('- CONTRIBUTING.md: ');
});

test('names that a file does not import lead to the module that exports them', () => {
  const target = { name: 'imports' };
  const modules = [{ getChildByName: () => undefined }, { getChildByName: (/** @type {string[]} */ path) => (path.join('.') === 'SymbolBlock.imports' ? target : undefined) }];
  const summary = [{ kind: 'inline-tag', tag: '@link', text: 'SymbolBlock.imports' }, { kind: 'inline-tag', tag: '@link', text: 'nowhere' }, { kind: 'text', text: 'imports' }];
  linkNames(as({ children: modules, reflections: { 1: { comment: { summary } }, 2: {} } }));
  expect(summary.map((part) => as(part).target)).toEqual([target, undefined, undefined]);
});

test('a document is called by its first heading', () => {
  expect(titleOf(as({ name: 'docs/x', content: [{ text: '# Architecture\n\n' }, { text: '## Layers' }] }))).toBe('Architecture');
  expect(titleOf(as({ name: 'docs/x', content: [{ text: 'no heading' }] }))).toBe('docs/x');
});
