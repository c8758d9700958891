import { type Shape } from '@matheron/core-tensor';

/** Whether every dimension is known: 0 and -1 stand for unknown ones, `[]` is a scalar. */
export function isKnown(shape: Shape | undefined): shape is Shape {
  return shape !== undefined && shape.every((n) => n > 0);
}

/** Whether `next` fills in `stored`: the same rank, and known dimensions equal. */
export function refines(stored: Shape, next: Shape): boolean {
  return stored.length === next.length && stored.every((n, k) => n <= 0 || n === next[k]);
}

/** `(3, 4)`, `(3,)`, `None`: as Gluon prints shapes. */
export function printShape(shape: Shape | undefined): string {
  if (shape === undefined) return 'None';
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}
