/** OpenBLAS, Accelerate or MKL for Matheron, through koffi: no compiler, nothing downloaded. */
export { type NativeOptions, native } from './context.ts';
export { NativeCallError } from './errors.ts';
export { findBlas } from './find-blas.ts';
export type { BlasInfo } from './library.ts';
