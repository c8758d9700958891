import { type BlasInfo, findBlas } from '@matheron/backend-native';
import { NativeBackend, openLibrary } from '@matheron/backend-native/internal';
import { Context } from '@matheron/core-tensor';
import { describe, it } from 'vitest';

/** What is installed: 32- and 64-bit integers, plain and prefixed names. */
export const libraries: readonly BlasInfo[] = findBlas();

const sizes = { gemm: 1, gemv: 1, solve: 1, solveVector: 1, cholesky: 1, inverse: 1, lu: 1, qr: 1, eigh: 1, svd: 1 } as const;
/** A context that calls the library however small the matrix is. */
export function always({ path }: BlasInfo, id: number): Context {
  return new Context('native', id, new NativeBackend(openLibrary(path), { threads: 2, thresholds: { eager: sizes, compiled: sizes } }));
}

/** Tests that need a BLAS. Without one they are skipped, or fail where `MATHERON_REQUIRE_BLAS` says that one has been installed. */
export function withBlas(name: string, body: () => void): void {
  if (libraries.length > 0) describe(name, body);
  else if (process.env['MATHERON_REQUIRE_BLAS']) it(name, () => { throw new Error('findBlas() finds no library'); });
  else it(name, ({ skip }) => skip('no BLAS is installed: tooling/ci/install-openblas.sh installs one'));
}
