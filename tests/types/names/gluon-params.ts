// The types that @matheron/gluon-params promises to export.
export type {
  Contexts,
  FileSource,
  InitLike,
  InitName,
  InitializeOptions,
  LoadOptions,
  ParameterOptions,
  StorageType,
} from '@matheron/gluon-params';
