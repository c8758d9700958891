import type { ArgReduceOp, CumulativeOp, ReduceOp } from '@matheron/core-tensor';
import { type NdArray, array, element, generate, indexAt, map, position } from './array.ts';

const product = (integer: boolean) => (a: number, b: number): number => (integer ? Math.imul(a, b) : a * b);
const total = (integer: boolean) => (a: number, b: number): number => (integer ? (a + b) | 0 : a + b);

/** Start and step of each reduction; one row a kind. */
type Fold = { readonly start: number; readonly step: (integer: boolean) => (a: number, b: number) => number };
export const reduceRows: Readonly<Record<ReduceOp, Fold>> = {
  sum: { start: 0, step: total },
  prod: { start: 1, step: product },
  max: { start: Number.NEGATIVE_INFINITY, step: () => (a, b) => (a !== a || b !== b ? Number.NaN : a > b ? a : b) },
  min: { start: Number.POSITIVE_INFINITY, step: () => (a, b) => (a !== a || b !== b ? Number.NaN : a < b ? a : b) },
  any: { start: 0, step: () => (a, b) => a | b },
  all: { start: 1, step: () => (a, b) => a & b },
};

/** One element after another, in row-major order, in double precision. */
export function reduce(op: ReduceOp, x: NdArray, axes: readonly number[]): NdArray {
  const kept = x.shape.map((_, k) => k).filter((k) => !axes.includes(k));
  const shape = kept.map((k) => x.shape[k]!);
  const row = reduceRows[op];
  const step = row.step(x.dtype === 'int32');
  const values = generate('float64', shape, () => row.start);
  for (let p = 0; p < x.data.length; p++) {
    const index = indexAt(x.shape, p);
    const q = position(shape, kept.map((k) => index[k]!));
    values.data[q] = step(values.data[q]!, x.data[p]!);
  }
  return array(x.dtype, shape, values.data);
}

/** Number of reduced elements times Σ |x|: what any order of summation keeps within, in units of epsilon. */
export function sumBound(x: NdArray, axes: readonly number[]): Float64Array {
  const magnitude = reduce('sum', map(x, (v) => (Number.isFinite(v) ? Math.abs(v) : 0), 'float64'), axes);
  const n = axes.reduce((m, a) => m * x.shape[a]!, 1);
  return (magnitude.data as Float64Array).map((v) => n * v);
}

export function argReduce(op: ArgReduceOp, x: NdArray, axis: number): NdArray {
  const shape = x.shape.filter((_, k) => k !== axis);
  return generate('int32', shape, (index) => {
    let best = 0;
    for (let i = 0; i < x.shape[axis]!; i++) {
      const candidate = element(x, index.toSpliced(axis, 0, i));
      const incumbent = element(x, index.toSpliced(axis, 0, best));
      if (incumbent !== incumbent) break;
      if (candidate !== candidate || (op === 'argmax' ? candidate > incumbent : candidate < incumbent)) best = i;
    }
    return best;
  });
}

export function cumulative(op: CumulativeOp, x: NdArray, axis: number): NdArray {
  const step = reduceRows[op].step(x.dtype === 'int32');
  return generate(x.dtype, x.shape, (index) => {
    let y: number = reduceRows[op].start;
    for (let i = 0; i <= index[axis]!; i++) y = step(y, element(x, index.with(axis, i)));
    return y;
  });
}

/** Stable insertion sort, NaN last. */
export function sort(x: NdArray, axis: number): { values: NdArray; indices: NdArray } {
  const order = (index: readonly number[]): number[] => {
    const sorted: number[] = [];
    for (let i = 0; i < x.shape[axis]!; i++) {
      const v = element(x, index.with(axis, i));
      let at = sorted.length;
      while (at > 0 && before(v, element(x, index.with(axis, sorted[at - 1]!)))) at--;
      sorted.splice(at, 0, i);
    }
    return sorted;
  };
  const indices = generate('int32', x.shape, (index) => order(index)[index[axis]!]!);
  return { indices, values: generate(x.dtype, x.shape, (index) => element(x, index.with(axis, element(indices, index)))) };
}

function before(a: number, b: number): boolean {
  return a < b || (b !== b && a === a);
}
