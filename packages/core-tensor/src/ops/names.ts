import type { BinaryOp, CompareOp, UnaryOp } from '../backend.ts';
import { binaryKinds, compareKinds, unaryKinds } from '../backend.ts';

/** A method of `Tensor` without arguments. */
export type UnaryName = UnaryOp;
/** A method of `Tensor` with one other operand. */
export type BinaryName = BinaryOp | CompareOp | 'matmul' | 'dot' | 'outer';
/** A method of `Tensor` over axes. */
export type ReduceName = 'sum' | 'mean' | 'prod' | 'max' | 'min' | 'any' | 'all' | 'logSumExp' | 'argmax' | 'argmin';
/** What every reduction takes. */
export interface ReduceOptions {
  /** Keep reduced axes with size 1. */
  keepdims?: boolean;
}

/** The names of the methods that `Tensor` has beside its written ones. */
export const unaryNames: readonly UnaryName[] = /* @__PURE__ */ Object.keys(unaryKinds) as UnaryName[];
export const binaryNames: readonly BinaryName[] = [...(/* @__PURE__ */ Object.keys(binaryKinds) as BinaryOp[]), ...compareKinds, 'matmul', 'dot', 'outer'];
export const reduceNames: readonly ReduceName[] = ['sum', 'mean', 'prod', 'max', 'min', 'any', 'all', 'logSumExp', 'argmax', 'argmin'];
