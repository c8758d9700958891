import { compiledContext, testBackend } from '@matheron/backend-conformance';
import { describe, expect, it } from 'vitest';
import { always, libraries, withBlas } from './libraries.ts';

// Compiled functions, whose calls run on views of their WebAssembly memory.
withBlas('compiled(native)', () => {
  const ctx = compiledContext(always(libraries[0]!, 0)), { cases } = testBackend(() => ctx, { describe, it });
  it('runs every case', () => expect(cases).toBeGreaterThan(1000));
});
