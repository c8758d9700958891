// The types that @matheron/gp promises to export.
export type {
  FitOptions,
  FitReport,
  GPOptions,
  MCMCOptions,
  PredictOptions,
  SampleOptions,
} from '@matheron/gp';
