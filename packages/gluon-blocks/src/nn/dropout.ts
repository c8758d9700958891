import { type Rng, type Tensor, broadcastTo, defaultRng, div, less, normalizeAxis, where, zerosLike } from '@matheron/core-tensor';
import { isTraining } from '@matheron/autograd';
import { ArgumentError } from '@matheron/gluon-params';
import type { BlockOptions } from '../block.ts';
import { HybridBlock } from '../hybrid-block.ts';

/** What {@link Dropout} takes. */
export interface DropoutOptions extends BlockOptions {
  /** Axes along which one mask is shared. */
  axes?: readonly number[];
  rng?: Rng;
}

/** `rate`, checked to be a probability less than 1. */
export function probability(argument: string, rate: number): number {
  if (!(rate >= 0 && rate < 1)) throw new ArgumentError(argument, rate, 'a number in [0, 1)');
  return rate;
}

/** In training, each element is 0 with probability `rate` and divided by 1 − rate otherwise; else the identity. */
export class Dropout extends HybridBlock {
  readonly rate: number;
  readonly axes: readonly number[];
  readonly #rng: Rng | undefined;
  constructor(rate: number, options: DropoutOptions = {}) {
    super({ alias: 'dropout', ...options });
    this.rate = probability('rate', rate);
    this.axes = options.axes ?? [];
    this.#rng = options.rng;
  }
  override forward(x: Tensor): Tensor {
    return isTraining() ? dropout(x, this.rate, { axes: this.axes, rng: this.#rng ?? defaultRng() }) : x;
  }
  override toString(): string {
    return `Dropout(p = ${this.rate}, axes=(${this.axes.join(', ')}))`;
  }
}

/** The training form of {@link Dropout}. */
export function dropout(x: Tensor, rate: number, options: { axes?: readonly number[]; rng?: Rng } = {}): Tensor {
  if (rate === 0) return x;
  const shared = (options.axes ?? []).map((a) => normalizeAxis('dropout', a, x.ndim));
  const shape = x.shape.map((n, k) => (shared.includes(k) ? 1 : n));
  const dtype = x.dtype === 'float32' ? 'float32' : 'float64';
  const kept = less((options.rng ?? defaultRng()).uniform(shape, { dtype, ctx: x.ctx }), 1 - rate);
  return where(broadcastTo(kept, x.shape), div(x, 1 - rate), zerosLike(x));
}
