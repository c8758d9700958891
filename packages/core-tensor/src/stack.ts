import type { Context } from './context.ts';
import type { Level } from './dispatch.ts';
import { AsyncFunctionError, MatheronError } from './errors.ts';
import type { Tensor } from './tensor.ts';

/** Where a running `scope` learns of tensors that were made, and of those that outlive it in a Cell. */
export interface Scope {
  /** A tensor was made. */
  add(x: Tensor): void;
  /** A tensor outlives the scope. */
  keep(x: Tensor): void;
}

/** What the running code stands in. One synchronous stack for all of Matheron. */
export interface Frame {
  readonly parent: Frame | undefined;
  /** The context of creation functions, where one was set by `withContext`. */
  readonly context: Context | undefined;
  /** Running transformations, outermost last; empty outside of `grad`, `record`, `compile`. */
  readonly levels: readonly Level[];
  /** Gluon's flags. */
  readonly recording: boolean;
  readonly training: boolean;
  /** gluon-blocks' name scope, opaque here. */
  readonly nameScope: object | undefined;
  /** Where `scope` collects the tensors of devices that free memory by hand. */
  readonly scope: Scope | undefined;
}

let top: Frame = { parent: undefined, context: undefined, levels: [], recording: false, training: false, nameScope: undefined, scope: undefined };

/** The top of the stack. */
export function currentFrame(): Frame {
  return top;
}

/**
 * Runs `fn` on a frame that differs from the present one in `change`, and leaves it however `fn` ends. A promise as a
 * result is refused with AsyncFunctionError, since its rest would run outside of the frame.
 */
export function enter<T>(caller: string, change: Partial<Omit<Frame, 'parent'>>, fn: () => T): T {
  const before = top;
  top = { ...before, ...change, parent: before };
  try {
    const result = fn();
    if (isPromise(result)) throw new AsyncFunctionError(caller);
    return result;
  } finally {
    top = before;
  }
}

/** The same for `using`: disposing checks that the frame is the top. */
export function push(caller: string, change: Partial<Omit<Frame, 'parent'>>): Disposable {
  const before = top;
  const frame: Frame = { ...before, ...change, parent: before };
  top = frame;
  return {
    [Symbol.dispose]() {
      if (top !== frame) {
        throw new MatheronError('stack-order', `${caller}: disposed while an inner scope is still open; dispose scopes in the reverse order of opening them`);
      }
      top = before;
    },
  };
}

function isPromise(x: unknown): boolean {
  return typeof x === 'object' && x !== null && typeof (x as { then?: unknown }).then === 'function';
}
