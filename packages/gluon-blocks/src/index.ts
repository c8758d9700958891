// blocks
export { Block, type BlockOptions, type HybridizeOptions } from './block.ts';
export { HybridBlock } from './hybrid-block.ts';
export { SymbolBlock } from './symbol-block.ts';
export type { GraphFile } from './graph-file.ts';
export type { F, InputsOf, Layer, OutputOf, ParamsOf } from './types.ts';
export type { HookHandle } from './hooks.ts';
export { NameManager, Prefix, withNames } from './names.ts';
export { CycleError } from './walk.ts';

// layers
export * as nn from './nn/index.ts';
export * as loss from './loss/index.ts';
export * as rnn from './rnn/index.ts';
