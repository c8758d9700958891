import { type Attributes, type Tensor, rangeSize, run1 } from '@matheron/core-tensor';
import type { KindRule } from './rule.ts';
import { cast, flip, permute, reshape, sliceAxis, sum, where } from './algebra.ts';

/** Un-broadcasting: the one place where gradients are summed over stretched axes. */
const broadcastTo: KindRule<'broadcastTo'> = ([g], [x]) => [reshape(sum(g!, g!.shape.flatMap((size, k) => (x!.shape[k] === size ? [] : [k]))), x!.shape)];

/** Zeros between and around, so that what was picked goes back to its place; a negative step first reads backwards. */
function unslice(g: Tensor, x: Tensor, { ranges }: Attributes['slice']): Tensor {
  const forward = flip(g, ranges.flatMap((r, k) => (r.step < 0 ? [k] : [])));
  const widths = ranges.map((r, k) => {
    const size = x.shape[k]!;
    const count = rangeSize(r);
    if (count === 0) return { low: size, high: 0, interior: 0 };
    const step = Math.abs(r.step);
    const low = r.step > 0 ? r.start : r.start + (count - 1) * r.step;
    return { low, high: size - low - (count - 1) * step - 1, interior: step - 1 };
  });
  return run1('pad', [forward], { widths, value: 0 });
}

/** What was put in is picked out again; cropped elements (negative widths) get 0. */
function unpad(g: Tensor, x: Tensor, { widths }: Attributes['pad']): Tensor {
  const cropped = widths.some((w) => w.low < 0 || w.high < 0);
  const whole = cropped ? run1('pad', [g], { widths: widths.map((w) => ({ low: Math.max(0, -w.low), high: Math.max(0, -w.high), interior: 0 })), value: 0 }) : g;
  const ranges = widths.map((w, k) => {
    const size = x.shape[k]!;
    const start = size === 0 ? 0 : Math.max(0, w.low);
    const step = w.interior + 1;
    return { start, stop: size === 0 ? 0 : start + (size - 1) * step + 1, step };
  });
  return run1('slice', [whole], { ranges });
}

export const reshapeRule: KindRule<'reshape'> = ([g], [x]) => [reshape(g!, x!.shape)];
export const permuteRule: KindRule<'permute'> = ([g], _x, _y, { axes }) => [permute(g!, axes.map((_, k) => axes.indexOf(k)))];
export const broadcastToRule: KindRule<'broadcastTo'> = broadcastTo;
export const castRule: KindRule<'cast'> = ([g], [x]) => [cast(g!, x!.dtype)];
export const sliceRule: KindRule<'slice'> = ([g], [x], _y, at) => [unslice(g!, x!, at)];
export const padRule: KindRule<'pad'> = ([g], [x], _y, at) => [unpad(g!, x!, at)];
export const concatRule: KindRule<'concat'> = ([g], xs, _y, { axis }) => {
  let start = 0;
  return xs.map((x) => {
    const from = start;
    const to = (start += x.shape[axis]!);
    return () => sliceAxis(g!, axis, from, to);
  });
};
/** The branch that was not taken gets 0, whatever its value. */
export const whereRule: KindRule<'where'> = ([g], [condition]) => [undefined, () => where(condition!, g!, 0), () => where(condition!, 0, g!)];

