// training
export { type EpochRecord, type TrainOptions, type TrainProgress, train } from './train.ts';
export { type OptimizerArguments, Trainer, type TrainerOptions } from './trainer.ts';
export { ExponentialMovingAverage } from './ema.ts';
export type { OptimizerOptions, Scheduler } from './optimizer/optimizer.ts';
export * as data from './data/index.ts';
export * as lrScheduler from './lr-scheduler/index.ts';
export * as metric from './metric/index.ts';
export * as optimizer from './optimizer/index.ts';
export * as utils from './utils/index.ts';

// L-BFGS-B
export * from './lbfgsb/index.ts';
