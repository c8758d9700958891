export { FileFormatError, GluonError } from './errors.ts';
export type { HostArray } from './host-array.ts';
export { readSafetensors, safetensorsBytes } from './safetensors.ts';
export { npyBytes, readNpy } from './npy.ts';
export { npzBytes, readNpz } from './npz.ts';
export { type MxnetArray, densify, isMxnetParams, readMxnetParams } from './mxnet-params.ts';
export { decodeArrays, encodeNpz, encodeSafetensors, fromHost, loadTensors, saveTensors, toHost } from './tensors.ts';
export { type FileSource, readSource } from './source.ts';
