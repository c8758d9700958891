import { GluonError } from '@matheron/gluon-params';

/** A block that contains itself; the message names the path. */
export class CycleError extends GluonError {
  constructor(path: readonly { readonly name: string; readonly constructor: { readonly name: string } }[]) {
    super('block-cycle', `a block contains itself: ${path.map((b) => b.name || b.constructor.name).join(' → ')}; remove one of the references, or hide it behind a name that begins with _`);
  }
}

/** Whether something is an array, a Map, a Set or a plain object. */
export function isContainer(x: unknown): x is object {
  if (typeof x !== 'object' || x === null) return false;
  const prototype: unknown = Object.getPrototypeOf(x);
  return prototype === Object.prototype || prototype === null || Array.isArray(x) || x instanceof Map || x instanceof Set;
}

/** Whether a container holds something that `wanted` accepts, two levels deep. */
export function hasBlocks(container: object, wanted: (x: unknown) => boolean, depth = 0): boolean {
  const values: Iterable<unknown> = container instanceof Map ? container.values() : Symbol.iterator in container ? (container as Iterable<unknown>) : Object.values(container);
  for (const value of values) {
    if (wanted(value)) return true;
    if (depth < 2 && isContainer(value) && hasBlocks(value, wanted, depth + 1)) return true;
  }
  return false;
}

/** Lines after the first moved in by two spaces, as Gluon prints children. */
export function indent(text: string): string {
  return text.replaceAll('\n', '\n  ');
}
