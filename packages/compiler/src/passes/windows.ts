import type { Attributes, GraphValue } from '@matheron/core-tensor';
import type { Part } from './group-kernel.ts';
import { operand } from './indices.ts';

/**
 * A part of a stored value that begins at `starts`: kernels get its first element as a pointer, so that those for other parts, as for the steps of
 * an unrolled loop, are the same. Along the axis where memory is adjacent the start is part of the code, and 0 here.
 */
export interface Window {
  readonly starts: readonly number[];
  readonly part: Part<GraphValue>;
}

/** The axis along which memory is adjacent: the last, but for those of size 1. */
export function lastAxis({ shape }: GraphValue): number {
  for (let k = shape.length - 1; k >= 0; k--) if (shape[k] !== 1) return k;
  return shape.length - 1;
}
/** Whether a part of `whole` of a shape may begin at more than one place, but along the last axis. */
export function isNarrower(part: readonly number[], whole: GraphValue): boolean {
  const last = lastAxis(whole);
  return whole.shape.some((s, k) => k !== last && part[k]! < s);
}
/** Where a part of `whole` begins, without the last axis. */
export function startsOf(whole: GraphValue, starts: readonly number[]): readonly number[] {
  const last = lastAxis(whole);
  return starts.map((s, k) => (k === last ? 0 : s));
}
/** The window that `v` is on its operand, where it is a slice and begins somewhere else than another might. */
export function windowOf(v: GraphValue): Window | undefined {
  const { call } = v.node;
  if (call?.kind !== 'slice') return undefined;
  const whole = operand(v, 0);
  return isNarrower(v.shape, whole) ? { starts: startsOf(whole, (call.attributes as Attributes['slice']).ranges.map(({ start }) => start)), part: { slice: v } } : undefined;
}
