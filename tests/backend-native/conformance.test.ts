import { testBackend } from '@matheron/backend-conformance';
import { native } from '@matheron/backend-native';
import { describe, expect, it } from 'vitest';
import { libraries, withBlas } from './libraries.ts';

withBlas('native', () => {
  libraries.forEach(({ path, vendor, version, integers }, id) => {
    describe(`${vendor} ${version}, ${integers}-bit integers, ${path}`, () => {
      const { cases } = testBackend(() => native({ id, library: path, threads: 2 }), { describe, it });
      it('runs every case', () => expect(cases).toBeGreaterThan(1000));
    });
  });
});
