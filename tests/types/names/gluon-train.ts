// The types that @matheron/gluon-train promises to export.
export type {
  Bounds,
  BoundsTree,
  LongRun,
  MinimizeOptions,
  MinimizeResult,
  Objective,
  OptimizerArguments,
  OptimizerOptions,
  Progress,
  Scheduler,
  TrainOptions,
  TrainerOptions,
} from '@matheron/gluon-train';
