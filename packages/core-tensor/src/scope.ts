import type { BackendTensor } from './backend.ts';
import { type Decorator, innerOf } from './dispatch.ts';
import { type Scope, currentFrame, enter } from './stack.ts';
import { Tensor, backendOf, storageOf } from './tensor.ts';

/**
 * Frees what `fn` made, but for what it returned and what it wrote to Cells: for devices whose memory is freed by hand (tfjs, GPU); on
 * hosts there is nothing to do. Tensors in the result, at any depth of arrays and plain objects, are kept, and belong to the scope around,
 * if any. What a recorded graph needs is freed too: go backward inside.
 */
export function scope<T>(fn: () => T): T {
  const around = currentFrame().scope;
  const made = new Set<Tensor>();
  const kept = new Set<BackendTensor>();
  const own: Scope = { add: (x) => made.add(x), keep: (x) => keepStorage(x, kept) };
  let returned: Tensor[] = [];
  try {
    const result = enter('scope', { scope: own }, fn);
    returned = collect(result, [], new Set());
    for (const x of returned) keepStorage(x, kept);
    return result;
  } finally {
    for (const x of made) if (!kept.has(storageOf(x))) x[Symbol.dispose]();
    if (around) for (const x of returned) if (made.has(x)) around.add(x);
  }
}

/** The value, and those of the levels below that it stands on. */
function keepStorage(x: Tensor, kept: Set<BackendTensor>): void {
  let storage: BackendTensor | undefined = storageOf(x);
  for (let b = backendOf(x), inner = innerOf(b); storage; b = inner, inner = innerOf(b)) {
    kept.add(storage);
    if (!inner) return;
    storage = (b as Decorator).detach?.(storage);
  }
}

function collect(x: unknown, found: Tensor[], seen: Set<unknown>): Tensor[] {
  if (x instanceof Tensor) found.push(x);
  else if (typeof x === 'object' && x !== null && !seen.has(x)) {
    seen.add(x);
    for (const y of Object.values(x)) collect(y, found, seen);
  }
  return found;
}
