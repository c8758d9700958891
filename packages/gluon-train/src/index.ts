// training
export { type OptimizerArguments, Trainer, type TrainerOptions } from './trainer.ts';
export type { OptimizerOptions, Scheduler } from './optimizer/optimizer.ts';
export * as optimizer from './optimizer/index.ts';

// L-BFGS-B
export * from './lbfgsb/index.ts';
