// L-BFGS-B
export * from './lbfgsb/index.ts';
