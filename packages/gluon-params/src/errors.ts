import { nearestName } from '@matheron/core-tensor';
import { GluonError } from '@matheron/io';

export { GluonError };

/** A parameter that has no data (yet), or none on the context asked for. */
export class UninitializedParameterError extends GluonError {
  readonly parameter: string;
  constructor(parameter: string, message: string, code = 'uninitialized-parameter') {
    super(code, message);
    this.parameter = parameter;
  }
}

/** A parameter that waits for the first forward to learn its shape. */
export class DeferredInitializationError extends UninitializedParameterError {
  constructor(parameter: string, message: string) {
    super(parameter, message, 'deferred-initialization');
  }
}

/** Two parameters that should be one, or one asked for with other attributes than it has. */
export class ParameterConflictError extends GluonError {
  readonly parameter: string;
  readonly attribute: string;
  readonly stored: unknown;
  readonly desired: unknown;
  constructor(parameter: string, attribute: string, stored: unknown, desired: unknown, message: string) {
    super('parameter-conflict', message);
    this.parameter = parameter;
    this.attribute = attribute;
    this.stored = stored;
    this.desired = desired;
  }
}

/** Data, a shape, a dtype or a context that a parameter can't take. */
export class IncompatibleParameterError extends GluonError {
  readonly parameter: string;
  readonly expected: string;
  readonly actual: string;
  constructor(parameter: string, message: string, expected: string, actual: string) {
    super('incompatible-parameter', message);
    this.parameter = parameter;
    this.expected = expected;
    this.actual = actual;
  }
}

/** A name that is not there; `nearest` is the most similar one that is. */
export class KeyError extends GluonError {
  readonly key: string;
  readonly nearest: string | undefined;
  constructor(caller: string, key: string, known: Iterable<string>) {
    const nearest = nearestName(key, known);
    super('key', `${caller}: there is no ${JSON.stringify(key)}${nearest === undefined ? '' : `; did you mean ${JSON.stringify(nearest)}?`}`);
    this.key = key;
    this.nearest = nearest;
  }
}

/** An argument outside what is allowed. */
export class ArgumentError extends GluonError {
  readonly argument: string;
  readonly value: unknown;
  readonly expected: string;
  constructor(argument: string, value: unknown, expected: string) {
    super('argument', `${argument}: ${formatValue(value)} was given, expected ${expected}`);
    this.argument = argument;
    this.value = value;
    this.expected = expected;
  }
}

/** A method that a subclass should have written. */
export class NotImplementedError extends GluonError {
  readonly block: string;
  readonly method: string;
  constructor(block: string, method: string, remedy: string) {
    super('not-implemented', `${block}.${method} is not written; ${remedy}`);
    this.block = block;
    this.method = method;
  }
}

/** A file or dictionary of parameters that lacks names, or has names that are not known. */
export class MissingKeysError extends GluonError {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  constructor(message: string, missing: readonly string[], extra: readonly string[]) {
    super('missing-keys', message);
    this.missing = missing;
    this.extra = extra;
  }
}

/** A gradient that no backward has written since the last step. */
export class StaleGradientError extends GluonError {
  readonly parameter: string;
  constructor(parameter: string, ctx: string) {
    super(
      'stale-gradient',
      `the gradient of ${parameter} on ${ctx} has not been written by backward since the last step; run backward on a loss that uses it, set its gradReq to 'null', or pass { ignoreStaleGrad: true } to skip it`,
    );
    this.parameter = parameter;
  }
}

function formatValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? `[${value.map(formatValue).join(', ')}]` : (value.constructor?.name ?? 'an object');
  return String(value);
}
