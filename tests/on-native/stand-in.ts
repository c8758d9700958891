import type { Context } from '@matheron/core-tensor';
import { it } from 'vitest';

let contextOf: ((id: number) => Context) | undefined;

/** backend-cpu with the backend of `cpu()` exchanged for backend-native, for suites that were written for the reference backend. */
export function standIn<T extends object>(actual: T): T {
  return { ...actual, cpu: (id: number = 0): Context => contextOf!(id) };
}

// However small the matrix, so that the suites try the library and not the kernels of backend-wasm.
const always = { gemm: 1, gemv: 1, solve: 1, solveVector: 1, cholesky: 1, inverse: 1, lu: 1, qr: 1, eigh: 1, svd: 1 } as const;

/** Registers the tests of suites on backend-native. Without a BLAS they are skipped, or fail where `MATHERON_REQUIRE_BLAS` says that one is installed. */
export async function onNative(...suites: (() => Promise<unknown>)[]): Promise<void> {
  // Late, because these import what `standIn` is made of.
  const [{ findBlas }, { NativeBackend, openLibrary }, { Context }] = await Promise.all([import('@matheron/backend-native'), import('@matheron/backend-native/internal'), import('@matheron/core-tensor')]);
  const [blas] = findBlas();
  if (!blas) {
    if (process.env['MATHERON_REQUIRE_BLAS']) it('a BLAS', () => { throw new Error('findBlas() finds no library'); });
    else it('a BLAS', ({ skip }) => skip('no BLAS is installed: tooling/ci/install-openblas.sh installs one'));
    return;
  }
  const contexts = new Map<number, Context>();
  contextOf = (id) => {
    let ctx = contexts.get(id);
    // Called cpu, as suites check the names in messages.
    if (!ctx) contexts.set(id, (ctx = new Context('cpu', id, new NativeBackend(openLibrary(blas.path), { thresholds: { eager: always, compiled: always } }))));
    return ctx;
  };
  it('the suites run on backend-native', async ({ expect }) => {
    const { cpu } = await import('@matheron/backend-cpu');
    expect(cpu().backend.name).toBe('native');
  });
  for (const suite of suites) await suite();
}
