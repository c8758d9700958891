import { BackendUnavailableError, ContextError } from '@matheron/core-tensor';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { findBlas, native } from '../src/index.ts';
import { foreignBinary } from '../src/internal.ts';
import { routineTable } from '../src/routines.ts';
import { libraries, withBlas } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'matheron-blas-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}
function elf(options: { machine: number; wide?: boolean; type?: number }): Uint8Array {
  const bytes = new Uint8Array(64), view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, options.wide === false ? 1 : 2, 1, 1]);
  view.setUint16(16, options.type ?? 3, true);
  view.setUint16(18, options.machine, true);
  return bytes;
}
function machO(...processors: number[]): Uint8Array {
  const bytes = new Uint8Array(128), view = new DataView(bytes.buffer);
  if (processors.length === 1) {
    view.setUint32(0, 0xcffaedfe);
    view.setUint32(4, processors[0]!, true);
    view.setUint32(12, 6, true);
  } else {
    view.setUint32(0, 0xcafebabe);
    view.setUint32(4, processors.length);
    processors.forEach((processor, k) => view.setUint32(8 + 20 * k, processor));
  }
  return bytes;
}
function pe(machine: number): Uint8Array {
  const bytes = new Uint8Array(256), view = new DataView(bytes.buffer);
  view.setUint16(0, 0x4d5a);
  view.setUint32(0x3c, 128, true);
  view.setUint32(128, 0x50450000);
  view.setUint16(132, machine, true);
  view.setUint16(150, 0x2022, true);
  return bytes;
}
let id = 100;
function refusal(library: string): BackendUnavailableError {
  try {
    native({ id: id++, library });
  } catch (error) {
    if (error instanceof BackendUnavailableError) return error;
    throw error;
  }
  throw new Error(`${library} was taken`);
}

describe('headers of shared libraries', () => {
  it.each([
    ['x64', 'linux', elf({ machine: 0x3e }), undefined],
    ['arm64', 'linux', elf({ machine: 0xb7 }), undefined],
    ['x64', 'linux', elf({ machine: 0xb7 }), 'is for arm64; this process runs on x64'],
    ['x64', 'linux', elf({ machine: 0x3e, wide: false }), 'is for x64 in 32 bits; this process runs on x64'],
    ['x64', 'linux', elf({ machine: 0x3e, type: 1 }), 'is no shared library but another ELF file'],
    ['arm64', 'darwin', machO(0x100000c), undefined],
    ['arm64', 'darwin', machO(0x1000007, 0x100000c), undefined],
    ['arm64', 'darwin', machO(0x1000007), 'is for x64; this process runs on arm64'],
    ['x64', 'linux', machO(0x1000007), 'is a Mach-O file; this system loads ELF'],
    ['x64', 'win32', pe(0x8664), undefined],
    ['x64', 'win32', pe(0xaa64), 'is for arm64; this process runs on x64'],
    ['x64', 'linux', 'GROUP ( libopenblas.so.0 AS_NEEDED ( -lgfortran ) ) and so on and so on', 'is no shared library'],
    ['x64', 'linux', '', 'is no shared library'],
  ])('%s on %s, case %#', (processor, platform, bytes, reason) => {
    expect(foreignBinary(file('header', bytes), platform, processor)).toBe(reason);
  });
});

describe('a wrong library is an error, not a crash', () => {
  it('names the file, why, what was tried and a remedy', () => {
    const path = file('text.so', 'x'.repeat(100)), error = refusal(path);
    expect(error.message).toContain(`the native backend is not available: the library ${path} is no shared library; name a BLAS`);
    expect(error).toMatchObject({ backend: 'native', tried: [`${path} is no shared library`], remedy: expect.stringContaining('LAPACK') as string, code: 'backend-unavailable' });
  });
  it('for a file that is missing, a folder, and another processor', () => {
    expect(refusal(join(folder, 'nowhere.so')).message).toContain('does not exist');
    expect(refusal(folder).message).toMatch(/can't be read \(EISDIR\)|can't be read/);
    const machine = process.arch === 'x64' ? 0xb7 : 0x3e;
    if (process.platform === 'linux') expect(refusal(file('foreign.so', elf({ machine }))).message).toMatch(/is for \w+; this process runs on/);
  });
  it('for a header of the right kind with nothing behind it', () => {
    if (process.platform === 'linux' && process.arch === 'x64') expect(refusal(file('header.so', elf({ machine: 0x3e }))).message).toContain("can't be loaded");
  });
  it.runIf(process.platform === 'linux')('for a library that is no BLAS', () => {
    const libm = readFileSync('/proc/self/maps', 'utf8').match(/\/\S*libm[-.]\S*/)?.[0];
    if (libm) expect(refusal(libm).message).toContain('is no BLAS: it has no dgemm under any known name');
  });

  const compiles = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;
  describe.runIf(compiles)('for libraries with the right names', () => {
    const names = Object.keys(routineTable).map((name) => `d${name}_`).concat('sgemm_', 'sgemv_');
    function build(name: string, functions: readonly string[], bodies: Readonly<Record<string, string>> = {}): string {
      const source = file(`${name}.c`, functions.map((f) => bodies[f] ?? `void ${f}(void) {}`).join('\n')), path = join(folder, `${name}.so`);
      execFileSync('cc', ['-shared', '-fPIC', '-w', '-o', path, source]);
      return path;
    }
    const axpy = { daxpy_: 'void daxpy_(int* n, double* a, double* x, int* ix, double* y) { for (int i = 0; i < *n; i++) y[i] += *a * x[i]; }' };
    it('but not all', () => expect(refusal(build('partial', names.filter((name) => name !== 'dgesdd_' && name !== 'sgemm_'))).message).toContain('lacks dgesdd, sgemm'));
    it('that do nothing', () => expect(refusal(build('empty', names)).message).toContain('fails its test: dgesv gives -1, -1, 11 (info -99) for 1, -2, 3'));
    it('that add wrongly', () => expect(refusal(build('wrong', names, { daxpy_: axpy.daxpy_.replace('+=', '-=') })).message).toContain('fails its test: daxpy gives -1, -2 for 1, 2'));
    it('that only add', () => expect(refusal(build('adding', names, axpy)).message).toContain('fails its test: dgesv gives -1, -1, 11 (info -99) for 1, -2, 3'));
  });

  it('MATHERON_BLAS is tried alone, and named', () => {
    vi.stubEnv('MATHERON_BLAS', join(folder, 'none.so'));
    expect(() => native({ id: id++ })).toThrow(`MATHERON_BLAS ${join(folder, 'none.so')} does not exist`);
    expect(findBlas()).toEqual([]);
  });
});

withBlas('native()', () => {
  it('lists libraries that have passed their test', () => {
    for (const { path, vendor, version, core, threads, integers } of libraries) {
      expect([typeof path, vendor, typeof version, typeof core, threads >= 1, integers === 32 || integers === 64]).toEqual(['string', expect.stringMatching(/^(OpenBLAS|MKL|Accelerate|LAPACK)$/), 'string', 'string', true, true]);
    }
    expect(new Set(libraries.map(({ path }) => path)).size).toBe(libraries.length);
  });
  it('takes the path that it is told, before MATHERON_BLAS', () => {
    const { path } = libraries.at(-1)!;
    vi.stubEnv('MATHERON_BLAS', join(folder, 'none.so'));
    expect(native({ id: 50, library: path }).backend.name).toBe('native');
    vi.stubEnv('MATHERON_BLAS', path);
    expect(findBlas().map((blas) => blas.path)).toEqual([path]);
    expect(native(51).backend).toMatchObject({ name: 'native', blas: { path } });
  });
  it('is one context an id, with a backend of its own', () => {
    expect(native()).toBe(native(0));
    expect(native({ id: 0 })).toBe(native(0));
    expect(native(1)).not.toBe(native(0));
    expect(native(1).backend).not.toBe(native(0).backend);
    expect(native({ id: 2, threads: 1 })).toBe(native({ id: 2, threads: 1 }));
    expect(native(2).type).toBe('native');
  });
  it('refuses what is no id or number of threads, and other options for a context that runs', () => {
    for (const options of [-1, 0.5, { threads: 0 }, { threads: 1.5 }]) expect(() => native(options)).toThrow(ContextError);
    native({ id: 3, threads: 1 });
    expect(() => native({ id: 3, threads: 2 })).toThrow('native(3) runs already, with threads 1, not 2; give another id');
  });
});
