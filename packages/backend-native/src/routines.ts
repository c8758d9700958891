export type RoutineName =
  | 'axpy' | 'gemm' | 'gemv' | 'syrk' | 'trmm' | 'trsm' | 'trsv'
  | 'potrf' | 'trtri' | 'lauum' | 'gesv' | 'getrf' | 'geqrf' | 'geqp3' | 'orgqr' | 'syevd' | 'syevr' | 'gesdd';

/** Parameters of each routine and how many of them are characters, whose lengths Fortran compilers pass behind all others. */
export const routineTable: Readonly<Record<RoutineName, readonly [parameters: number, characters: number]>> = {
  axpy: [6, 0], gemm: [13, 2], gemv: [11, 1], syrk: [10, 2], trmm: [11, 4], trsm: [11, 4], trsv: [8, 3],
  potrf: [5, 1], trtri: [6, 2], lauum: [5, 1], gesv: [8, 0], getrf: [6, 0],
  geqrf: [8, 0], geqp3: [9, 0], orgqr: [9, 0], syevd: [11, 2], syevr: [21, 3], gesdd: [14, 1],
};

/** A routine as koffi calls it: pointers to typed arrays, then the length, 1, of each character. */
export type Routine = (...values: (FortranValue | 1)[]) => void;
export type FortranValue = Int32Array | Float64Array | Float32Array | Uint8Array;
export type Routines = { readonly [K in RoutineName]: Routine };
/** What is used of single precision. */
export type SingleRoutines = { readonly [K in 'gemm' | 'gemv']: Routine };

const character = (c: string): Uint8Array => Uint8Array.of(c.charCodeAt(0));
/** Characters as Fortran takes them. */
export const N: Uint8Array = character('N');
export const T: Uint8Array = character('T');
export const U: Uint8Array = character('U');
export const L: Uint8Array = character('L');
export const R: Uint8Array = character('R');
export const V: Uint8Array = character('V');
export const A: Uint8Array = character('A');
export const S: Uint8Array = character('S');

const slots = Array.from({ length: 8 }, () => new Int32Array(2));
/**
 * An integer argument: low word, then the sign, so that it holds for libraries with 32-bit and with 64-bit integers. Arguments of one call
 * take different slots, 0 to 7.
 */
export function int(slot: number, value: number): Int32Array {
  const x = slots[slot]!;
  x[0] = value;
  x[1] = value >> 31;
  return x;
}

export const one: Float64Array = Float64Array.of(1);
export const minusOne: Float64Array = Float64Array.of(-1);
export const zero: Float64Array = Float64Array.of(0);
