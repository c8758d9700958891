import type * as Ops from '@matheron/core-tensor';
import type { Parameter } from '@matheron/gluon-params';
import type { Block } from './block.ts';

/** The namespace handed to `hybridForward`: core-tensor's functions. */
export type F = typeof Ops;
/** A block's own parameters as tensors, by attribute name: the last argument of `hybridForward`. */
export type ParamsOf<B> = { readonly [K in keyof B as B[K] extends Parameter ? K : never]: Ops.Tensor };
/** What a block's `call` takes: the inputs of its `hybridForward`, else of its `forward`. */
export type InputsOf<B> = B extends { hybridForward: (F: F, ...rest: [...infer I, never]) => unknown } ? I : B extends { forward: (...x: infer I) => unknown } ? I : never;
/** What a block's `call` returns. */
export type OutputOf<B> = B extends { hybridForward: (...args: never[]) => infer R } ? R : B extends { forward: (...args: never[]) => infer R } ? R : never;
/** A block from one tensor to one tensor: what containers hold. */
export type Layer = { call(x: Ops.Tensor): Ops.Tensor } & Block;
