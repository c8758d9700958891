import { enter } from './stack.ts';
import { Tensor } from './tensor.ts';

/**
 * Frees what `fn` made and did not return: for devices whose memory is freed by hand (tfjs, GPU); on hosts there is nothing to
 * do. Tensors in the result, at any depth of arrays and plain objects, are kept.
 */
export function scope<T>(fn: () => T): T {
  const made = new Set<Disposable>();
  let kept: Set<Disposable> | undefined;
  try {
    const result = enter('scope', { scope: made }, fn);
    kept = new Set();
    collect(result, kept, new Set());
    return result;
  } finally {
    for (const x of made) if (!kept?.has(x)) x[Symbol.dispose]();
  }
}

function collect(x: unknown, kept: Set<Disposable>, seen: Set<unknown>): void {
  if (x instanceof Tensor) kept.add(x);
  else if (typeof x === 'object' && x !== null && !seen.has(x)) {
    seen.add(x);
    for (const y of Object.values(x)) collect(y, kept, seen);
  }
}
