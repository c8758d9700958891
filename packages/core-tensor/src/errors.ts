import type { Shape } from './shape.ts';

/**
 * The root of all errors of Matheron. `code` is stable and survives bundling and workers; the message says what, with
 * which values, and the remedy.
 */
export class MatheronError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** Base of the errors of tensors, contexts and backends. */
export class TensorError extends MatheronError {}

/** Shapes that don't fit the operation or each other. */
export class ShapeError extends TensorError {
  readonly op: string;
  readonly expected: string;
  readonly actual: readonly Shape[];
  constructor(op: string, message: string, detail: { expected: string; actual: readonly Shape[] }) {
    super('shape', message);
    this.op = op;
    this.expected = detail.expected;
    this.actual = detail.actual;
  }
}

/** A dtype that the operation can't take. */
export class DTypeError extends TensorError {
  readonly op: string;
  readonly dtype: string;
  constructor(op: string, dtype: string, message: string) {
    super('dtype', message);
    this.op = op;
    this.dtype = dtype;
  }
}

/** An index or axis outside its range of `size`. */
export class IndexError extends TensorError {
  readonly op: string;
  readonly index: number;
  readonly size: number;
  constructor(op: string, message: string, index: number, size: number) {
    super('index', message);
    this.op = op;
    this.index = index;
    this.size = size;
  }
}

/** No context, or tensors of contexts that don't mix. `contexts` are their names. */
export class ContextError extends TensorError {
  readonly contexts: readonly string[];
  constructor(message: string, contexts: readonly string[] = []) {
    super('context', message);
    this.contexts = contexts;
  }
}

/** A synchronous read on a device that only reads asynchronously. */
export class SynchronousReadError extends TensorError {
  readonly ctx: string;
  constructor(caller: string, ctx: string) {
    super('synchronous-read', `${caller}: values on ${ctx} can't be read synchronously; use await x.data()`);
    this.ctx = ctx;
  }
}

/** What a backend can't do: it never computes silently in another way. */
export class UnsupportedOperationError extends TensorError {
  readonly backend: string;
  readonly op: string;
  readonly dtype: string | undefined;
  constructor(backend: string, op: string, dtype: string | undefined, reason: string) {
    super('unsupported-operation', `${backend} can't do ${op}${dtype === undefined ? '' : ` on ${dtype}`}: ${reason}`);
    this.backend = backend;
    this.op = op;
    this.dtype = dtype;
  }
}

/** A backend that can't start here. `tried` lists what was looked for. */
export class BackendUnavailableError extends TensorError {
  readonly backend: string;
  readonly remedy: string;
  readonly tried: readonly string[];
  constructor(backend: string, reason: string, remedy: string, tried: readonly string[] = [], options?: ErrorOptions) {
    super('backend-unavailable', `the ${backend} backend is not available: ${reason}; ${remedy}`, options);
    this.backend = backend;
    this.remedy = remedy;
    this.tried = tried;
  }
}

/** A matrix without a Cholesky factor; `pivot` is 1-based, `jitter` what was added to its diagonal. */
export class NotPositiveDefiniteError extends TensorError {
  readonly pivot: number;
  readonly jitter: number;
  constructor(pivot: number, detail: { jitter?: number; batch?: number; size?: number; cause?: unknown } = {}) {
    const jitter = detail.jitter ?? 0;
    const where = detail.batch === undefined ? '' : ` of matrix ${detail.batch}`;
    const of = detail.size === undefined ? '' : ` of ${detail.size}`;
    super(
      'not-positive-definite',
      `cholesky: not positive definite at pivot ${pivot}${of}${where}${jitter > 0 ? ` with ${jitter} added to the diagonal` : ''}; check for NaN and for equal rows, or add a jitter to the diagonal`,
      detail.cause === undefined ? undefined : { cause: detail.cause },
    );
    this.pivot = pivot;
    this.jitter = jitter;
  }
}

/** A matrix that can't be solved with; `pivot` (1-based) is the first that is 0. */
export class SingularMatrixError extends TensorError {
  readonly pivot: number;
  constructor(op: string, pivot: number) {
    super('singular-matrix', `${op}: the matrix is singular, pivot ${pivot} is 0; use a pseudo-inverse through svd, or add to the diagonal`);
    this.pivot = pivot;
  }
}

/** More memory than a backend can hand out. */
export class AllocationError extends TensorError {
  readonly bytes: number;
  readonly limit: number;
  constructor(backend: string, bytes: number, limit: number, remedy: string) {
    super('allocation', `${backend}: ${bytes} bytes are more than its limit of ${limit}; ${remedy}`);
    this.bytes = bytes;
    this.limit = limit;
  }
}

/** A write to a Cell whose recorded value a backward pass still needs. */
export class RecordedWriteError extends TensorError {
  constructor(message: string) {
    super('recorded-write', message);
  }
}

/** A function that must be synchronous returned a promise. */
export class AsyncFunctionError extends MatheronError {
  readonly caller: string;
  constructor(caller: string) {
    super('async-function', `${caller}: the function returned a promise; pass a synchronous one and await outside`);
    this.caller = caller;
  }
}
