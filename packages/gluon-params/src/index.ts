// parameters
export type { Contexts, InitializeOptions, LoadOptions, ParameterOptions, StorageType } from './parameter.ts';
export { contextsOf, Parameter } from './parameter.ts';
export { Constant } from './constant.ts';
export { missingKeys, ParameterDict } from './parameter-dict.ts';
export type { Copy } from './copies.ts';
export { substitutesData, withParameterData } from './substitute.ts';
export { RowGradient } from './row-gradient.ts';
export { isKnown, printShape } from './shapes.ts';

// initializers
export type { InitFunction, InitLike, InitName } from './init/initializer.ts';
export { Initializer } from './init/initializer.ts';
export * as init from './init/index.ts';

// errors
export {
  ArgumentError, DeferredInitializationError, IncompatibleParameterError, KeyError, MissingKeysError, NotImplementedError, ParameterConflictError,
  StaleGradientError, UninitializedParameterError,
} from './errors.ts';

// files, from io
export { type FileSource, FileFormatError, GluonError, encodeSafetensors, loadTensors, saveTensors } from '@matheron/io';
