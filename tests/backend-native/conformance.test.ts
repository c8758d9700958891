import { testBackend } from '@matheron/backend-conformance';
import { native } from '@matheron/backend-native';
import { describe, expect, it } from 'vitest';
import { always, libraries, withBlas } from './libraries.ts';

withBlas('native', () => {
  describe('native(), small matrices by backend-wasm', () => {
    const { cases } = testBackend(() => native(), { describe, it });
    it('runs every case', () => expect(cases).toBeGreaterThan(1000));
  });
  libraries.forEach((library, id) => {
    describe(`always ${library.vendor} ${library.version}, ${library.integers}-bit integers, ${library.path}`, () => {
      const ctx = always(library, id), { cases } = testBackend(() => ctx, { describe, it });
      it('runs every case', () => expect(cases).toBeGreaterThan(1000));
    });
  });
});
