import { expect, it } from 'vitest';
import { snippetsOf } from './snippets.mjs';

const md = (/** @type {string[]} */ ...blocks) => blocks.join('\ntext\n');

it('takes TypeScript blocks only, with their line', () => {
  expect(snippetsOf('# t\n```ts\nimport "a";\n```\n```sh\nls\n```\n')).toEqual([{ line: 2, code: 'import "a";' }]);
});

it('joins a block without imports to the one before', () => {
  expect(snippetsOf(md('```ts\nimport "a";\n```', '```ts\nf();\n```', '```ts\nimport "b";\n```'))).toEqual([
    { line: 1, code: 'import "a";\nf();' },
    { line: 9, code: 'import "b";' },
  ]);
});

it('keeps blocks that are not to run apart, with the reason', () => {
  expect(snippetsOf(md('```ts no-run: needs a browser\nf();\n```', '```ts\ng();\n```'))).toEqual([
    { line: 1, code: 'f();', skip: 'needs a browser' },
    { line: 5, code: 'g();' },
  ]);
});

it('refuses a fence that is not closed', () => expect(() => snippetsOf('```ts\nf();')).toThrow('line 1'));
