import { IndexError, ShapeError } from './errors.ts';

/** Sizes by axis, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];
/** One axis or several; negative counts from the end. */
export type Axis = number | readonly number[];

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let k = 0; k < shape.length; k++) size *= shape[k]!;
  return size;
}

/** Whether both shapes are equal, axis by axis. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}

/** `[3, 4]`, as error messages print it. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Row-major strides in elements. */
export function rowMajorStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let k = shape.length - 1; k >= 0; k--) {
    strides[k] = step;
    step *= shape[k]!;
  }
  return strides;
}

/** NumPy's broadcasting: sizes meet from the last axis on, 1 stretches. ShapeError names both shapes. */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let k = 0; k < rank; k++) {
    const p = a[k - rank + a.length] ?? 1;
    const q = b[k - rank + b.length] ?? 1;
    if (p !== q && p !== 1 && q !== 1) {
      throw new ShapeError(op, `${op}: shapes ${formatShape(a)} and ${formatShape(b)} don't broadcast; sizes must agree from the last axis on, or be 1`, {
        expected: 'shapes that broadcast',
        actual: [a, b],
      });
    }
    out[k] = p === 1 ? q : p;
  }
  return out;
}

/** A non-negative axis; IndexError where it lies outside [-rank, rank). */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  const k = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || k < 0 || k >= rank) {
    throw new IndexError(op, `${op}: axis ${axis} is outside the ${rank} ax${rank === 1 ? 'is' : 'es'} of the tensor; use an integer in [${-rank}, ${rank})`, axis, rank);
  }
  return k;
}

/** Non-negative axes in increasing order; all of them where `axis` is absent. A repeated axis is a ShapeError. */
export function normalizeAxes(op: string, axis: Axis | undefined, rank: number): number[] {
  if (axis === undefined) return Array.from({ length: rank }, (_, k) => k);
  const axes = [axis].flat().map((a) => normalizeAxis(op, a, rank)).sort((p, q) => p - q);
  for (let k = 1; k < axes.length; k++) {
    if (axes[k] === axes[k - 1]) {
      throw new ShapeError(op, `${op}: axis ${axes[k]} is named twice in ${formatShape(axis as readonly number[])}`, { expected: 'distinct axes', actual: [axes] });
    }
  }
  return axes;
}

/** A copy of a shape, checked to be an array of non-negative integers. A copy, since a tensor keeps it and the caller may write to his. */
export function checkShape(op: string, shape: Shape): number[] {
  if (!Array.isArray(shape) || shape.some((size) => !Number.isInteger(size) || size < 0)) {
    throw new ShapeError(op, `${op}: ${Array.isArray(shape) ? formatShape(shape) : shape} is no shape of non-negative integers`, { expected: 'non-negative integers', actual: [shape] });
  }
  return [...shape];
}
