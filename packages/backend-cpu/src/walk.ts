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
  const sizes: number[] = [];
  const steps: number[][] = strides.map(() => []);
  for (let k = 0; k < shape.length; k++) {
    const n = shape[k]!;
    if (n === 1) continue;
    const last = sizes.length - 1;
    if (last >= 0 && strides.every((s, q) => steps[q]![last] === s[k]! * n)) {
      sizes[last] = sizes[last]! * n;
      for (let q = 0; q < steps.length; q++) steps[q]![last] = strides[q]![k]!;
    } else {
      sizes.push(n);
      for (let q = 0; q < steps.length; q++) steps[q]!.push(strides[q]![k]!);
    }
  }
  if (sizes.length === 0) {
    sizes.push(1);
    for (const s of steps) s.push(0);
  } else if (sizes.at(-1)! < shortLoop) {
    const longest = sizes.indexOf(Math.max(...sizes));
    for (const list of [sizes, ...steps]) list.push(...list.splice(longest, 1));
  }
  return { sizes, steps };
}

/** Runs `loop` over a nest of operands a, y. */
export function walkUnary(nest: Nest, loop: UnaryLoop, a: TypedArray, ao: number, y: TypedArray, yo: number): void {
  const { sizes, steps } = nest, last = sizes.length - 1, [as, ys] = steps as [readonly number[], readonly number[]];
  const visit = (level: number, ai: number, yi: number): void => {
    const n = sizes[level]!, da = as[level]!, dy = ys[level]!;
    if (level === last) loop(n, a, ai, da, y, yi, dy);
    else for (let k = 0; k < n; k++, ai += da, yi += dy) visit(level + 1, ai, yi);
  };
  visit(0, ao, yo);
}

/** Runs `loop` over a nest of operands a, b, y. */
export function walkBinary(nest: Nest, loop: BinaryLoop, a: TypedArray, ao: number, b: TypedArray, bo: number, y: TypedArray, yo: number): void {
  const { sizes, steps } = nest, last = sizes.length - 1, [as, bs, ys] = steps as [readonly number[], readonly number[], readonly number[]];
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
  const { sizes, steps } = nest, last = sizes.length - 1;
  const [cs, as, bs, ys] = steps as [readonly number[], readonly number[], readonly number[], readonly number[]];
  const visit = (level: number, ci: number, ai: number, bi: number, yi: number): void => {
    const n = sizes[level]!, dc = cs[level]!, da = as[level]!, db = bs[level]!, dy = ys[level]!;
    if (level === last) loop(n, c, ci, dc, a, ai, da, b, bi, db, y, yi, dy);
    else for (let k = 0; k < n; k++, ci += dc, ai += da, bi += db, yi += dy) visit(level + 1, ci, ai, bi, yi);
  };
  visit(0, co, ao, bo, yo);
}
