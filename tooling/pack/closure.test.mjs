import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { closureProblems, installed } from './closure.mjs';

const nameOf = (/** @type {string} */ id) => `@matheron/${id}`;

it('lists nested and scoped packages, and no hidden folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'closure-'));
  for (const path of ['a', '@s/b', '@s/b/node_modules/c', '.bin']) mkdirSync(join(folder, 'node_modules', path), { recursive: true });
  expect(installed(folder)).toEqual(['@s/b', 'a', 'c']);
  rmSync(folder, { recursive: true });
});

it('names what is too much and what is missing', () => {
  expect(closureProblems('backend-cpu', ['@matheron/backend-cpu', '@matheron/core-tensor'], nameOf)).toEqual([]);
  expect(closureProblems('backend-cpu', ['@matheron/backend-cpu', 'left-pad'], nameOf)).toEqual([
    'backend-cpu: installing it brings left-pad, which its closure does not allow',
    'backend-cpu: installing it does not bring @matheron/core-tensor',
  ]);
});

it('lets platform builds of a native library pass', () => {
  const found = ['backend-native', 'core-tensor', 'backend-cpu', 'backend-wasm'].map(nameOf);
  expect(closureProblems('backend-native', [...found, 'koffi', '@koromix/koffi-linux-x64'], nameOf)).toEqual([]);
});
