import { type BlasInfo, findBlas } from '@matheron/backend-native';
import { describe, it } from 'vitest';

/** What is installed: 32- and 64-bit integers, plain and prefixed names. */
export const libraries: readonly BlasInfo[] = findBlas();

/** Tests that need a BLAS. Without one they are skipped, or fail where `MATHERON_REQUIRE_BLAS` says that one has been installed. */
export function withBlas(name: string, body: () => void): void {
  if (libraries.length > 0) describe(name, body);
  else if (process.env['MATHERON_REQUIRE_BLAS']) it(name, () => { throw new Error('findBlas() finds no library'); });
  else it(name, ({ skip }) => skip('no BLAS is installed: tooling/ci/install-openblas.sh installs one'));
}
