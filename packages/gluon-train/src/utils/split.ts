import { type Context, type Tensor, type TensorLike, asTensor, normalizeAxis, slice } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';

/** How a batch is split. */
export interface SplitOptions {
  /** 0 */
  batchAxis?: number;
  /** Whether parts must be equal; true. Otherwise the first `size % parts` get one more. */
  evenSplit?: boolean;
}

/** A batch in parts along an axis. ArgumentError where it doesn't come out even and must. */
export function splitData(x: Tensor, parts: number, options: SplitOptions = {}): Tensor[] {
  const { batchAxis = 0, evenSplit = true } = options;
  if (!Number.isInteger(parts) || parts < 1) throw new ArgumentError('parts', parts, 'a positive integer');
  const axis = normalizeAxis('splitData', batchAxis, x.ndim);
  const size = x.shape[axis]!;
  if (evenSplit && size % parts !== 0) {
    throw new ArgumentError('x', `${size} rows along axis ${axis}`, `a multiple of ${parts}; use another batch size, or { evenSplit: false }`);
  }
  const whole: [][] = Array.from({ length: axis }, () => []);
  let start = 0;
  return Array.from({ length: parts }, (_, k) => {
    const stop = start + Math.floor(size / parts) + (k < size % parts ? 1 : 0);
    const part = slice(x, ...whole, [start, stop]);
    start = stop;
    return part;
  });
}

/** One part of a batch for each context, moved there. */
export function splitAndLoad(x: TensorLike, ctx: readonly Context[], options: SplitOptions = {}): Tensor[] {
  if (ctx.length === 0) throw new ArgumentError('ctx', '[]', 'at least one context');
  const all = asTensor('splitAndLoad', x, ctx[0]);
  return splitData(all, ctx.length, options).map((part, k) => part.to(ctx[k]!));
}
