export type { LongRun, MinimizeOptions, MinimizeProgress, MinimizeReason, MinimizeResult, Progress } from './options.ts';
export { type BoxedMinimizeOptions, type Evaluation, type MinimizeSteps, lbfgsbSteps } from './steps.ts';
export { type FlatObjective, drive, driveAsync, lbfgsb, lbfgsbSync } from './drive.ts';
export { type Bounds, type BoundsTree, type Objective, minimize } from './minimize.ts';
export { minimizeParameters } from './minimize-parameters.ts';
