import type { Backend } from './backend.ts';
import { DTypeError, ContextError } from './errors.ts';
import type { FloatDType } from './dtype.ts';
import { innerOf } from './dispatch.ts';
import { currentFrame, enter } from './stack.ts';

const owners = new WeakMap<Backend, Context>();

/**
 * A device: a backend under a type and an id, with the default dtype of floats made on it. Backend packages hand out one object
 * per (type, id), each with its own backend, so contexts compare with `===`.
 */
export class Context {
  readonly type: string;
  readonly id: number;
  readonly backend: Backend;
  readonly dtype: FloatDType;
  constructor(type: string, id: number, backend: Backend, options: { dtype?: FloatDType } = {}) {
    this.type = type;
    this.id = id;
    this.backend = backend;
    this.dtype = options.dtype ?? 'float64';
    if (!owners.has(backend)) owners.set(backend, this);
    if (!backend.supports(this.dtype)) {
      throw new DTypeError('Context', this.dtype, `Context: ${type} has no ${this.dtype}; state the default it should use, for example { dtype: 'float32' }`);
    }
  }
  /** `cpu(0)`, as Gluon writes it. */
  toString(): string {
    return `${this.type}(${this.id})`;
  }
}

/** The context that a backend was given to, or that of the backend it wraps; undefined for a backend of no context. */
export function contextOf(backend: Backend): Context | undefined {
  for (let b: Backend | undefined = backend; b; b = innerOf(b)) {
    const ctx = owners.get(b);
    if (ctx) return ctx;
  }
  return undefined;
}

let fallback: Context | (() => Context) | undefined;

/** The context used where none is given. A function is called once, at first use. */
export function setDefaultContext(ctx: Context | (() => Context)): void {
  fallback = ctx;
}

/** The context of the innermost `withContext`, else the default. ContextError, with the remedy, where there is none. */
export function currentContext(): Context {
  const { context } = currentFrame();
  if (context) return context;
  if (fallback === undefined) {
    throw new ContextError("no context is set: call setDefaultContext(cpu()), pass { ctx }, or import 'matheron', which has one");
  }
  if (typeof fallback === 'function') fallback = fallback();
  return fallback;
}

/** Runs `fn` with `ctx` as the current context. Synchronous: a promise is refused. */
export function withContext<T>(ctx: Context, fn: () => T): T {
  return enter('withContext', { context: ctx }, fn);
}
