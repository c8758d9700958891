// The types that @matheron/gluon-blocks promises to export.
export type {
  BlockOptions,
  F,
  HookHandle,
  HybridizeOptions,
  InputsOf,
  Layer,
  OutputOf,
  ParamsOf,
} from '@matheron/gluon-blocks';
