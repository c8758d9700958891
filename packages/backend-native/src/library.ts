import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { BackendUnavailableError } from '@matheron/core-tensor';
import type * as KoffiModule from 'koffi';
import { foreignBinary } from './discovery/binary-format.ts';
import { loadedByName } from './discovery/candidates.ts';
import { LibraryRefused } from './errors.ts';
import { N, type Routine, type RoutineName, type Routines, type SingleRoutines, T, int, one, routineTable } from './routines.ts';

type Koffi = typeof KoffiModule;
type Handle = ReturnType<Koffi['load']>;

/** A BLAS with LAPACK as it was found. `core` is the processor that its kernels are for, `threads` how many it runs by default. */
export interface BlasInfo {
  readonly path: string;
  readonly vendor: string;
  readonly version: string;
  readonly core: string;
  readonly threads: number;
  readonly integers: 32 | 64;
}

/** A library that has passed its test. */
export interface Library {
  readonly info: BlasInfo;
  /** Whether its integers have 64 bits. */
  readonly wide: boolean;
  readonly double: Routines;
  readonly single: SingleRoutines;
  /** Sets the threads of the whole process's library; undefined where it can't be told. */
  readonly setThreads: ((count: number) => void) | undefined;
}

const prefixes = ['', 'scipy_'];
const suffixes = ['_', '', '_64_', '64_', '_64', '$NEWLAPACK', '$NEWLAPACK$ILP64'];

let loaded: Koffi | undefined;
/** koffi, at first use: without its binary for this platform the import of this package still works. */
function koffi(): Koffi {
  try {
    return (loaded ??= createRequire(import.meta.url)('koffi') as Koffi);
  } catch (cause) {
    throw new BackendUnavailableError('native', `koffi has no build for ${process.platform} ${process.arch} here (${(cause as Error).message.split('\n')[0]})`, 'install it with its optional packages, or use wasm() of @matheron/backend-wasm', ['koffi'], { cause });
  }
}

const libraries = new Map<string, Library | LibraryRefused>();
/** Loads a library and tests it, once. LibraryRefused says why it isn't one that can be used; BackendUnavailableError where nothing can be loaded. */
export function openLibrary(path: string): Library {
  const { load } = koffi();
  let library = libraries.get(path);
  if (!library) {
    try {
      library = tested(path, load);
    } catch (error) {
      if (!(error instanceof LibraryRefused)) throw error;
      library = error;
    }
    libraries.set(path, library);
  }
  if (library instanceof LibraryRefused) throw library;
  return library;
}

function tested(path: string, load: Koffi['load']): Library {
  if (existsSync(path)) {
    const reason = foreignBinary(path);
    if (reason) throw new LibraryRefused(reason);
  } else if (!loadedByName(path)) throw new LibraryRefused('does not exist');
  let handle: Handle;
  try {
    // Its own symbols first: MKL makes its names global, and another library's calls to itself would end there.
    handle = load(path, { deep: process.platform === 'linux' });
  } catch (error) {
    throw new LibraryRefused(`can't be loaded (${(error as Error).message})`);
  }
  const bind = namingOf(handle, path);
  const missing: string[] = [];
  const routine = (letter: 'd' | 's', name: RoutineName): Routine => {
    const found = bind(`${letter}${name}`, name);
    if (!found) missing.push(`${letter}${name}`);
    return found as Routine;
  };
  const double = Object.fromEntries((Object.keys(routineTable) as RoutineName[]).map((name) => [name, routine('d', name)])) as unknown as Routines;
  const single = { gemm: routine('s', 'gemm'), gemv: routine('s', 'gemv') };
  if (missing.length > 0) throw new LibraryRefused(`lacks ${missing.join(', ')}`);
  const wide = hasWideIntegers(double);
  const threads = threadsOf(handle);
  // Alone in the process or not, calls run on one thread unless they ask for more.
  threads.set?.(1);
  test(double, single);
  return { info: { path, ...identity(handle, path), threads: threads.default, integers: wide ? 64 : 32 }, wide, double, single, setThreads: isMainThread ? threads.set : undefined };
}

/** A function of the library, or undefined where it has none of that name. */
function lookUp(handle: Handle, name: string, result: string, parameters: readonly string[]): ((...values: unknown[]) => unknown) | undefined {
  try {
    return handle.func(name, result, [...parameters]);
  } catch {
    return undefined;
  }
}

type Bind = (name: string, as: RoutineName) => Routine | undefined;
/** How the names of Fortran routines are decorated, by the one that every BLAS has. */
function namingOf(handle: Handle, path: string): Bind {
  const ordered = path.includes('Accelerate') ? [...suffixes].reverse() : suffixes;
  const binder = (prefix: string, suffix: string): Bind => (name, as) => {
    const [parameters, characters] = routineTable[as];
    return lookUp(handle, `${prefix}${name}${suffix}`, 'void', [...Array<string>(parameters).fill('void *'), ...Array<string>(characters).fill('size_t')]) as Routine | undefined;
  };
  for (const prefix of prefixes) for (const suffix of ordered) if (binder(prefix, suffix)('dgemm', 'gemm')) return binder(prefix, suffix);
  throw new LibraryRefused('is no BLAS: it has no dgemm under any known name');
}

/**
 * Whether integers have 64 bits, by a call that is harmless if they haven't: its count is 2 in the low word alone, and negative, nothing to do,
 * as a whole.
 */
function hasWideIntegers({ axpy }: Routines): boolean {
  const y = new Float64Array(2);
  axpy(Int32Array.of(2, -1), one, Float64Array.of(1, 2), int(0, 1), y, int(1, 1));
  if (y[0] === 1 && y[1] === 2) return false;
  if (y[0] === 0 && y[1] === 0) return true;
  throw new LibraryRefused(`fails its test: daxpy gives ${y.join(', ')} for 1, 2`);
}

/** A 3×3 system of known solution, and small products, before anything is believed. */
function test({ gesv, gemm }: Routines, { gemm: gemm32 }: SingleRoutines): void {
  // columns of [[0, 2, 1], [4, 1, -1], [2, 3, 5]], whose first pivot must move; times [1, -2, 3]
  const a = Float64Array.of(0, 4, 2, 2, 1, 3, 1, -1, 5), x = Float64Array.of(-1, -1, 11), pivots = new Int32Array(6), info = Int32Array.of(-99, -1);
  gesv(int(0, 3), int(1, 1), a, int(2, 3), pivots, x, int(3, 3), info);
  if (info[0] !== 0 || [1, -2, 3].some((expected, k) => !(Math.abs(x[k]! - expected) < 1e-13))) throw new LibraryRefused(`fails its test: dgesv gives ${x.join(', ')} (info ${info[0]}) for 1, -2, 3`);
  const product = new Float64Array(4), product32 = new Float32Array(4);
  gemm(N, T, int(0, 2), int(1, 2), int(2, 1), one, Float64Array.of(1, 2), int(3, 2), Float64Array.of(3, 4), int(4, 2), Float64Array.of(0), product, int(5, 2), 1, 1);
  gemm32(N, T, int(0, 2), int(1, 2), int(2, 1), Float32Array.of(1), Float32Array.of(1, 2), int(3, 2), Float32Array.of(3, 4), int(4, 2), Float32Array.of(0), product32, int(5, 2), 1, 1);
  for (const y of [product, product32]) if (y.join() !== '3,6,4,8') throw new LibraryRefused(`fails its test: ${y === product ? 'dgemm' : 'sgemm'} gives ${y.join(', ')} for 3, 6, 4, 8`);
}

/** A function of OpenBLAS, which wheels prefix and 64-bit builds suffix. */
function openblas(handle: Handle, name: string, result: string, parameters: readonly string[]): ((...values: unknown[]) => unknown) | undefined {
  for (const prefix of prefixes) for (const suffix of ['', '64_', '_64']) {
    const found = lookUp(handle, `${prefix}openblas_${name}${suffix}`, result, parameters);
    if (found) return found;
  }
  return undefined;
}

function threadsOf(handle: Handle): { readonly default: number; readonly set: ((count: number) => void) | undefined } {
  const set = openblas(handle, 'set_num_threads', 'void', ['int']), processors = openblas(handle, 'get_num_procs', 'int', []);
  const setMkl = set ? undefined : lookUp(handle, 'MKL_Set_Num_Threads', 'void', ['int']);
  if (!set && !setMkl) return { default: 1, set: undefined };
  // Not what the library runs with now: another thread of this process may have set that.
  const wished = [set ? 'OPENBLAS_NUM_THREADS' : 'MKL_NUM_THREADS', 'OMP_NUM_THREADS'].map((name) => Number.parseInt(process.env[name] ?? '', 10)).find((count) => count > 0);
  return { default: wished ?? ((processors?.() as number | undefined) ?? availableParallelism()), set: (set ?? setMkl) as (count: number) => void };
}

function identity(handle: Handle, path: string): Pick<BlasInfo, 'vendor' | 'version' | 'core'> {
  const config = openblas(handle, 'get_config', 'const char *', []);
  if (config) {
    const core = openblas(handle, 'get_corename', 'const char *', []);
    return { vendor: 'OpenBLAS', version: /OpenBLAS\s+(\d[\w.]*)/.exec(config() as string)?.[1] ?? 'unknown', core: (core?.() as string | undefined) ?? process.arch };
  }
  const core = cpus()[0]?.model.trim() || process.arch;
  const mkl = lookUp(handle, 'MKL_Get_Version_String', 'void', ['void *', 'int']);
  if (mkl) {
    const text = new Uint8Array(200);
    mkl(text, text.length);
    return { vendor: 'MKL', version: /Version\s+([\w.]+)/.exec(new TextDecoder().decode(text))?.[1] ?? 'unknown', core };
  }
  return { vendor: path.includes('Accelerate') ? 'Accelerate' : 'LAPACK', version: lapackVersion(handle), core };
}
function lapackVersion(handle: Handle): string {
  for (const suffix of suffixes) {
    const ilaver = lookUp(handle, `ilaver${suffix}`, 'void', ['void *', 'void *', 'void *']);
    if (!ilaver) continue;
    const parts = [new Int32Array(2), new Int32Array(2), new Int32Array(2)];
    ilaver(...parts);
    return parts.map((x) => x[0]).join('.');
  }
  return 'unknown';
}
