import { MatheronError } from '@matheron/core-tensor';

/** Base of the errors of parameters, blocks, training and their files. */
export class GluonError extends MatheronError {}

/** Bytes that are not what they should be. `offset` is where the problem lies, where that is known. */
export class FileFormatError extends GluonError {
  readonly file: string;
  readonly offset: number | undefined;
  readonly problem: string;
  constructor(file: string, problem: string, offset?: number, options?: ErrorOptions) {
    super('file-format', `${file}: ${problem}${offset === undefined ? '' : ` (at byte ${offset})`}; the file may be truncated, damaged or of another format`, options);
    this.file = file;
    this.offset = offset;
    this.problem = problem;
  }
}
