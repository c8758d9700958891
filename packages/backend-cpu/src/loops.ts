import type { TypedArray } from '@matheron/core-tensor';

/*
 * The forms of the generated loops. An operand is a buffer, the offset of its first element and the step to the next one; `n` is
 * the number of elements.
 */

/** y = f(a). */
export type UnaryLoop = (n: number, a: TypedArray, ao: number, as: number, y: TypedArray, yo: number, ys: number) => void;
/** y = f(a, b). */
export type BinaryLoop = (n: number, a: TypedArray, ao: number, as: number, b: TypedArray, bo: number, bs: number, y: TypedArray, yo: number, ys: number) => void;
/** y = f(c, a, b). */
export type TernaryLoop = (
  n: number, c: TypedArray, co: number, cs: number, a: TypedArray, ao: number, as: number, b: TypedArray, bo: number, bs: number, y: TypedArray, yo: number, ys: number,
) => void;
/** One number out of a line. */
export type VectorLoop = (n: number, x: TypedArray, xo: number, xs: number) => number;
/** How a reduction accumulates: a whole line, or one row after the other into `y` (n accumulators from its start). */
export interface ReduceLoops {
  /** The result over nothing. */
  readonly initial: number;
  combine(s: number, v: number): number;
  readonly vector: VectorLoop;
  readonly row: (n: number, x: TypedArray, xo: number, xs: number, y: Float64Array) => void;
}
