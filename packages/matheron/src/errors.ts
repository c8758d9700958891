import { MatheronError } from '@matheron/core-tensor';

/** A configuration that can't be used: which file or source, which key, and what was probably meant. */
export class ConfigError extends MatheronError {
  readonly file: string;
  readonly key: string | undefined;
  readonly suggestion: string | undefined;
  constructor(file: string, problem: string, detail: { key?: string; suggestion?: string | undefined; cause?: unknown } = {}) {
    const hint = detail.suggestion === undefined ? '' : `; did you mean '${detail.suggestion}'?`;
    super('config', `${file}: ${problem}${hint}`, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.file = file;
    this.key = detail.key;
    this.suggestion = detail.suggestion;
  }
}
