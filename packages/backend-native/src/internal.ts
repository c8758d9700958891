/** For the tests and benchmarks of this project. Unstable: it changes in minor versions. */
export { foreignBinary } from './discovery/binary-format.ts';
export { lapack } from './kernels/lapack.ts';
export { nativeRoutines } from './kernels/routines-on.ts';
export { Threads } from './kernels/shared.ts';
export { type Thresholds, thresholds } from './kernels/thresholds.ts';
export { type Library, openLibrary } from './library.ts';
export { NativeBackend } from './native-backend.ts';
export { int } from './routines.ts';
