import type { Range } from '../backend.ts';
import { rangeSize } from '../call.ts';
import { run1 } from '../dispatch.ts';
import { IndexError, ShapeError } from '../errors.ts';
import { type TensorLike, asTensor, castTo, expand, operands } from '../operands.ts';
import { broadcastShapes, formatShape, sameShape } from '../shape.ts';
import { promote } from '../dtype.ts';
import type { Tensor } from '../tensor.ts';
import { where } from './elementwise.ts';
import { reshape } from './movement.ts';

/**
 * One place of an index: a number picks and drops the axis, `[]` keeps it whole, `[start, stop, step]` is a range (null: the end it
 * starts from; negative counts from the end), null adds an axis of size 1, '...' stands for all axes between.
 */
export type Index = number | readonly [] | readonly [start: number | null, stop?: number | null, step?: number] | null | '...';

interface Resolved { ranges: Range[]; /** Shape with picked axes dropped and new ones added. */ shape: number[] }

function resolve(op: string, t: Tensor, index: readonly Index[]): Resolved {
  const consuming = index.filter((i) => i !== null && i !== '...').length;
  const dots = index.filter((i) => i === '...').length;
  if (dots > 1 || consuming > t.ndim) {
    throw new ShapeError(op, `${op}: ${dots > 1 ? "more than one '...'" : `${consuming} indices`} for the ${t.ndim} axes of ${formatShape(t.shape)}`, { expected: `at most ${t.ndim} indices`, actual: [t.shape] });
  }
  const full: Index[] = dots === 0 ? [...index, '...'] : [...index];
  const ranges: Range[] = [];
  const shape: number[] = [];
  for (const i of full) {
    if (i === null) {
      shape.push(1);
    } else if (i === '...') {
      for (let k = t.ndim - consuming; k > 0; k--) {
        const size = t.shape[ranges.length]!;
        ranges.push({ start: 0, stop: size, step: 1 });
        shape.push(size);
      }
    } else {
      const size = t.shape[ranges.length]!;
      // Not typeof: what is neither a number nor a range is refused as a number.
      if (!Array.isArray(i)) {
        const at = i as number < 0 ? i as number + size : i as number;
        if (!Number.isInteger(i) || at < 0 || at >= size) {
          throw new IndexError(op, `${op}: index ${i} is outside axis ${ranges.length} of size ${size}; use an integer in [${-size}, ${size})`, i as number, size);
        }
        ranges.push({ start: at, stop: at + 1, step: 1 });
      } else {
        const range = resolveRange(op, i as readonly number[], size);
        ranges.push(range);
        shape.push(rangeSize(range));
      }
    }
  }
  return { ranges, shape };
}

/** Python's slice semantics: bounds are clamped, negative ones count from the end. */
function resolveRange(op: string, index: readonly (number | null | undefined)[], size: number): Range {
  const step = index[2] ?? 1;
  for (const v of index) {
    if (v != null && !Number.isInteger(v)) throw new IndexError(op, `${op}: ${v} in a range is no integer`, v, size);
  }
  if (step === 0) throw new IndexError(op, `${op}: the step of a range is 0; use a positive or a negative integer`, 0, size);
  // Forwards from 0 up to `size`, backwards from size − 1 down to −1, which stands before the first element.
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const clamp = (v: number | null | undefined, otherwise: number): number => (v == null ? otherwise : Math.min(Math.max(v < 0 ? v + size : v, low), high));
  return { start: clamp(index[0], step > 0 ? low : high), stop: clamp(index[1], step > 0 ? high : low), step };
}

function isWhole(t: Tensor, ranges: readonly Range[]): boolean {
  return ranges.every((r, k) => r.step === 1 && r.start === 0 && r.stop === t.shape[k]);
}

/** Part of a tensor, as NumPy's basic indexing: `slice(x, 0, [1, 3], [], null)`. IndexError outside the axis. */
export function slice(x: TensorLike, ...index: Index[]): Tensor {
  const t = asTensor('slice', x);
  const { ranges, shape } = resolve('slice', t, index);
  return reshape(isWhole(t, ranges) ? t : run1('slice', [t], { ranges }), shape);
}

/** A copy of `x` in which the part named by `index` holds `values` (broadcast). */
export function setSlice(x: TensorLike, index: readonly Index[], values: TensorLike): Tensor {
  const t = asTensor('setSlice', x);
  const { ranges, shape } = resolve('setSlice', t, index);
  const [, v] = operands('setSlice', [t, values], 'any') as [Tensor, Tensor];
  if (!sameShape(broadcastShapes('setSlice', v.shape, shape), shape)) {
    throw new ShapeError('setSlice', `setSlice: values of ${formatShape(v.shape)} don't fill the part ${formatShape(shape)}`, { expected: formatShape(shape), actual: [v.shape] });
  }
  // A descending range is the ascending one over the same positions, with the values reversed.
  const ascending = ranges.map((r) => (r.step > 0 ? r : { start: r.start + (rangeSize(r) - 1) * r.step, stop: r.start + 1, step: -r.step }));
  let part = reshape(expand(castTo(v, promote(v.dtype, t.dtype)), shape), ranges.map(rangeSize));
  if (ranges.some((r) => r.step < 0)) {
    part = run1('slice', [part], { ranges: ranges.map((r, k) => (r.step < 0 ? { start: part.shape[k]! - 1, stop: -1, step: -1 } : { start: 0, stop: part.shape[k]!, step: 1 })) });
  }
  if (part.size === 0) return t;
  const widths = ascending.map((r, k) => ({ low: r.start, high: t.shape[k]! - r.start - (rangeSize(r) - 1) * r.step - 1, interior: r.step - 1 }));
  const ones = run1('cast', [part], { dtype: 'bool' });
  const mask = run1('pad', [run1('compare', [ones, ones], { op: 'equal' })], { widths, value: 0 });
  return castTo(where(mask, run1('pad', [part], { widths, value: 0 }), t), t.dtype);
}
