import type { Kind } from '@matheron/core-tensor';
import { cube, scaledSquare } from './awkward.ts';
import type { NoGradient } from '../reference/no-gradient.ts';
import { binaryRows, unaryGradients } from './elementwise.ts';
import { matrixRows } from './linear-algebra.ts';
import { type Row, any } from './row.ts';
import { cumulativeRows, indexingRows, movementRows, reduceRows } from './structural.ts';

/** What is differentiated, kind by kind; a kind without an entry does not compile. */
export const gradientTable: Readonly<Record<Kind, readonly Row[] | NoGradient>> = {
  full: { none: 'it has no operand' },
  iota: { none: 'it has no operand' },
  ...movementRows,
  unary: unaryGradients,
  binary: binaryRows,
  compare: { none: 'its result is bool' },
  reduce: reduceRows,
  argReduce: { none: 'its result is int32' },
  cumulative: cumulativeRows,
  ...indexingRows,
  ...matrixRows,
  randomBits: { none: 'its operands and result are int32' },
};

/** Stated gradients, alone and nested. */
export const customRows: readonly Row[] = [
  { name: 'customGradient with a kept tensor', f: cube, x: [any([4], 70)] },
  { name: 'customGradient of a customGradient', f: (x) => cube(cube(x)), x: [{ shape: [3], values: [0.4, -0.9, 1.1] }] },
  { name: 'customGradient of two inputs', f: scaledSquare, x: [any([3], 71), any([3], 72)] },
];
