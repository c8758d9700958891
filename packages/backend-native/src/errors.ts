import { TensorError } from '@matheron/core-tensor';

/**
 * LAPACK refused an argument (info < 0): a defect of this package, never of the caller's values. `info` is the negative position of the
 * argument, `values` are the arguments in their order, arrays by their length.
 */
export class NativeCallError extends TensorError {
  readonly routine: string;
  readonly info: number;
  readonly values: readonly (number | string)[];
  constructor(routine: string, info: number, values: readonly (number | string)[]) {
    super('native-call', `${routine}: LAPACK refuses argument ${-info} of (${values.join(', ')}); this is a defect of @matheron/backend-native, please report it with this message`);
    this.routine = routine;
    this.info = info;
    this.values = values;
  }
}

/** Why one file is not taken as a BLAS; becomes a line of `BackendUnavailableError.tried`. */
export class LibraryRefused extends Error {}
