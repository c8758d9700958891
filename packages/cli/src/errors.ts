import { ConfigError, ContextError, DTypeError, BackendUnavailableError, KernelSyntaxError, MatheronError, NonFiniteDataError, OutOfBoundsError } from 'matheron';

/** What the exit code of `matheron` says. */
export const exitCodes = { done: 0, failed: 1, usage: 2, data: 3, backend: 4, output: 5, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An error with the exit code it ends the program with. */
export class CliError extends MatheronError {
  readonly exitCode: ExitCode;
  constructor(kind: keyof typeof exitCodes, message: string, options?: ErrorOptions) {
    super(`cli-${kind}`, message, options);
    this.exitCode = exitCodes[kind];
  }
}

/** The exit code of any error that reaches the top. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof KernelSyntaxError || error instanceof ConfigError || error instanceof OutOfBoundsError) return exitCodes.usage;
  if (error instanceof BackendUnavailableError || error instanceof ContextError || error instanceof DTypeError) return exitCodes.backend;
  if (error instanceof NonFiniteDataError) return exitCodes.data;
  return exitCodes.failed;
}
