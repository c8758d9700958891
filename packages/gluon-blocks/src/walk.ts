import { GluonError } from '@matheron/gluon-params';

/** A block that contains itself; the message names the path. */
export class CycleError extends GluonError {
  constructor(path: readonly { readonly name: string; readonly constructor: { readonly name: string } }[]) {
    super('block-cycle', `a block contains itself: ${path.map((b) => b.name || b.constructor.name).join(' → ')}; remove one of the references, or hide it behind a name that begins with _`);
  }
}

/** Whether an array, a Map or a plain object holds something that `wanted` accepts, two levels deep. */
export function hasBlocks(container: object, wanted: (x: unknown) => boolean, depth = 0): boolean {
  const prototype: unknown = Object.getPrototypeOf(container);
  const isPlain = prototype === Object.prototype || prototype === null;
  if (!Array.isArray(container) && !(container instanceof Map) && !(container instanceof Set) && !isPlain) return false;
  const values: Iterable<unknown> = isPlain ? Object.values(container) : (container as Iterable<unknown>);
  for (const value of container instanceof Map ? container.values() : values) {
    if (wanted(value)) return true;
    if (depth < 2 && typeof value === 'object' && value !== null && hasBlocks(value, wanted, depth + 1)) return true;
  }
  return false;
}

/** Lines after the first moved in by two spaces, as Gluon prints children. */
export function indent(text: string): string {
  return text.replaceAll('\n', '\n  ');
}
