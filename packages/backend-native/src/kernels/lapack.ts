import { NativeCallError } from '../errors.ts';
import type { Library } from '../library.ts';
import { type FortranValue, type RoutineName, routineTable } from '../routines.ts';

/** The routines with an `info` as last parameter. */
export type LapackName = Exclude<RoutineName, 'axpy' | 'gemm' | 'gemv' | 'syrk' | 'trmm' | 'trsm' | 'trsv'>;

const info = new Int32Array(2);

/** Calls a LAPACK routine with all parameters but `info`, which it returns where it is not negative. NativeCallError where it is. */
export function lapack(library: Library, name: LapackName, ...values: FortranValue[]): number {
  info[0] = 0;
  info[1] = 0;
  const characters = routineTable[name][1];
  if (characters === 0) library.double[name](...values, info);
  else if (characters === 1) library.double[name](...values, info, 1);
  else if (characters === 2) library.double[name](...values, info, 1, 1);
  else library.double[name](...values, info, 1, 1, 1);
  const result = info[0]!;
  if (result < 0) throw new NativeCallError(`d${name}`, result, values.map(shown));
  return result;
}
function shown(value: FortranValue): number | string {
  if (value instanceof Uint8Array) return String.fromCharCode(value[0]!);
  if (value instanceof Int32Array && value.length === 2) return value[0]!;
  return value.length === 1 ? value[0]! : `${value.length} numbers`;
}

/** Kept for the next call up to so many numbers. */
const kept = 2 ** 21;
let workspace = new Float64Array(0);
/** At least `size` numbers, whatever they hold; valid until the next call. */
export function work(size: number): Float64Array {
  if (workspace.length >= size) return workspace;
  const fresh = new Float64Array(size);
  if (size <= kept) workspace = fresh;
  return fresh;
}

/** An array of `count` integers of the library's width; `at` reads one. */
export function integers(library: Library, count: number): Int32Array {
  return new Int32Array(library.wide ? 2 * count : Math.max(2, count));
}
export function at(library: Library, x: Int32Array, k: number): number {
  return x[library.wide ? 2 * k : k]!;
}
