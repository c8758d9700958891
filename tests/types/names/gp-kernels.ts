// The types that @matheron/gp-kernels promises to export.
export type {
  EncodingName,
  HyperparameterOptions,
  KernelOptions,
  Prior,
  Setting,
  StationaryOptions,
} from '@matheron/gp-kernels';
