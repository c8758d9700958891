import type { Shape, TypedArray } from '@matheron/core-tensor';
import type { BinaryLoop, TernaryLoop, UnaryLoop } from './loops.ts';

/** A nest of loops over several operands: sizes, outermost first, and the step of each operand at each of them. */
export interface Nest {
  readonly sizes: readonly number[];
  readonly steps: readonly (readonly number[])[];
}

/** Shorter inner loops than this don't repay a call each. */
const shortLoop = 16;

/**
 * The nest that visits every element of `shape`: axes of size 1 dropped, neighbours merged where every operand runs on from one into
 * the other, and the longest axis innermost where the last one is short. There is always at least one loop.
 */
export function makeNest(shape: Shape, strides: readonly (readonly number[])[]): Nest {
  const sizes: number[] = [], steps: number[][] = [], count = strides.length;
  for (let q = 0; q < count; q++) steps.push([]);
  for (let k = 0; k < shape.length; k++) {
    const n = shape[k]!;
    if (n === 1) continue;
    let last = sizes.length - 1;
    for (let q = 0; q < count && last >= 0; q++) if (steps[q]![last] !== strides[q]![k]! * n) last = -1;
    if (last >= 0) {
      sizes[last] = sizes[last]! * n;
      for (let q = 0; q < count; q++) steps[q]![last] = strides[q]![k]!;
    } else {
      sizes.push(n);
      for (let q = 0; q < count; q++) steps[q]!.push(strides[q]![k]!);
    }
  }
  const inner = sizes.length - 1;
  if (inner < 0) {
    sizes.push(1);
    for (let q = 0; q < count; q++) steps[q]!.push(0);
  } else if (inner > 0 && sizes[inner]! < shortLoop) {
    let longest = inner;
    for (let k = inner - 1; k >= 0; k--) if (sizes[k]! > sizes[longest]!) longest = k;
    swap(sizes, longest, inner);
    for (let q = 0; q < count; q++) swap(steps[q]!, longest, inner);
  }
  return { sizes, steps };
}
function swap(list: number[], p: number, q: number): void {
  const x = list[p]!;
  list[p] = list[q]!;
  list[q] = x;
}

/** Runs `loop` over a nest of operands a, y. */
export function walkUnary(nest: Nest, loop: UnaryLoop, a: TypedArray, ao: number, y: TypedArray, yo: number): void {
  const { sizes, steps } = nest, last = sizes.length - 1, as = steps[0]!, ys = steps[1]!;
  const visit = (level: number, ai: number, yi: number): void => {
    const n = sizes[level]!, da = as[level]!, dy = ys[level]!;
    if (level === last) loop(n, a, ai, da, y, yi, dy);
    else for (let k = 0; k < n; k++, ai += da, yi += dy) visit(level + 1, ai, yi);
  };
  visit(0, ao, yo);
}

/** Runs `loop` over a nest of operands a, b, y. */
export function walkBinary(nest: Nest, loop: BinaryLoop, a: TypedArray, ao: number, b: TypedArray, bo: number, y: TypedArray, yo: number): void {
  const { sizes, steps } = nest, last = sizes.length - 1, as = steps[0]!, bs = steps[1]!, ys = steps[2]!;
  const visit = (level: number, ai: number, bi: number, yi: number): void => {
    const n = sizes[level]!, da = as[level]!, db = bs[level]!, dy = ys[level]!;
    if (level === last) loop(n, a, ai, da, b, bi, db, y, yi, dy);
    else for (let k = 0; k < n; k++, ai += da, bi += db, yi += dy) visit(level + 1, ai, bi, yi);
  };
  visit(0, ao, bo, yo);
}

/** Runs `loop` over a nest of operands c, a, b, y. */
export function walkTernary(
  nest: Nest, loop: TernaryLoop, c: TypedArray, co: number, a: TypedArray, ao: number, b: TypedArray, bo: number, y: TypedArray, yo: number,
): void {
  const { sizes, steps } = nest, last = sizes.length - 1, cs = steps[0]!, as = steps[1]!, bs = steps[2]!, ys = steps[3]!;
  const visit = (level: number, ci: number, ai: number, bi: number, yi: number): void => {
    const n = sizes[level]!, dc = cs[level]!, da = as[level]!, db = bs[level]!, dy = ys[level]!;
    if (level === last) loop(n, c, ci, dc, a, ai, da, b, bi, db, y, yi, dy);
    else for (let k = 0; k < n; k++, ci += dc, ai += da, bi += db, yi += dy) visit(level + 1, ci, ai, bi, yi);
  };
  visit(0, co, ao, bo, yo);
}
