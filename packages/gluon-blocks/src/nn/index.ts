export { Activation, type ActivationName } from './activation.ts';
export { Flatten, HybridLambda, Identity, Lambda } from './basic.ts';
export { Dense, type DenseOptions } from './dense.ts';
export { Dropout, type DropoutOptions } from './dropout.ts';
export { HybridSequential, Sequential } from './sequential.ts';
