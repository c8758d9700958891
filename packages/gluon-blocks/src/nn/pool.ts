import { customGradient } from '@matheron/autograd';
import { type Tensor, arange, argmax, equal, max, pad, run1, sum, take, tensor, transpose, where, sizeOf } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import type { BlockOptions } from '../block.ts';
import { HybridBlock } from '../hybrid-block.ts';
import { type Sizes, checkedLayout, spread } from './conv.ts';
import { layoutAxes } from './convolve.ts';
import { bool, tuple } from './print.ts';

/** What every pool takes. */
export interface PoolOptions extends BlockOptions {
  /** The pool's size unless given. */
  strides?: Sizes;
  /** 0 */
  padding?: Sizes;
  /** Whether a last, incomplete window counts; false. */
  ceilMode?: boolean;
  layout?: string;
}
/** What average pools take. */
export interface AvgPoolOptions extends PoolOptions {
  /** Whether padding counts as zeros in the mean; true. */
  countIncludePad?: boolean;
}

/** The largest of each row, [..., k] → [...]: the first of equals takes the gradient, as in MXNet. */
const firstMax: (x: Tensor) => Tensor = /* @__PURE__ */ customGradient({
  forward: (x: Tensor) => [max(x, -1)],
  backward: (g, { inputs: [x] }) => [where(equal(arange(0, x.shape.at(-1)!, 1, { ctx: x.ctx, dtype: 'int32' }), argmax(x, -1, { keepdims: true })), g.expandDims(-1), 0)],
});

abstract class Pool extends HybridBlock {
  protected readonly size: readonly number[];
  protected readonly strides: readonly number[];
  protected readonly padding: readonly number[];
  readonly ceilMode: boolean;
  readonly #layout: string;
  readonly #axes: ReturnType<typeof layoutAxes>;
  constructor(d: number, poolSize: Sizes, options: PoolOptions) {
    super({ alias: 'pool', ...options });
    this.size = spread('poolSize', poolSize, d, 1);
    this.strides = options.strides === undefined ? this.size : spread('strides', options.strides, d, 1);
    this.padding = spread('padding', options.padding ?? 0, d, 0);
    if (this.padding.some((p, k) => p >= this.size[k]!)) throw new ArgumentError('padding', options.padding, `less than the pool's size ${tuple(this.size)}, so that every window meets the input`);
    this.ceilMode = options.ceilMode ?? false;
    this.#layout = checkedLayout(options.layout, d);
    this.#axes = layoutAxes(this.#layout);
  }
  override forward(x: Tensor): Tensor {
    if (x.ndim !== this.#layout.length) throw new ArgumentError(this.name, `an input of shape [${x.shape.join(', ')}]`, `the layout ${this.#layout}`);
    const first = this.#axes ? transpose(x, this.#axes.toFirst) : x;
    const sizes = first.shape.slice(2);
    if (sizes.some((n, k) => this.positions(n, k) < 1)) throw new ArgumentError(this.name, `an input of shape [${x.shape.join(', ')}]`, `${this.#layout} with room for one window: its size is ${tuple(this.size)}, its padding ${tuple(this.padding)}`);
    const y = this.pool(first, sizes);
    return this.#axes ? transpose(y, this.#axes.back) : y;
  }
  /** The pool of windows, which are the last axes. */
  protected abstract pool(x: Tensor, sizes: readonly number[]): Tensor;
  /** Windows of the padded input as one last axis: [n, c, …positions, elements]. */
  protected windows(x: Tensor, sizes: readonly number[], fill: number): Tensor {
    const widths = sizes.map((n, k): [number, number] => {
      const p = this.padding[k]!;
      return [p, p + this.#overhang(n, k)];
    });
    const padded = widths.some(([a, b]) => a > 0 || b > 0) ? pad(x, [[0, 0], [0, 0], ...widths], { value: fill }) : x;
    const u = run1('unfold', [padded], { windows: this.size.map((width, k) => ({ width, stride: this.strides[k]!, dilation: 1 })) });
    return u.reshape(...u.shape.slice(0, 2 + sizes.length), sizeOf(this.size));
  }
  /** How far the last window of `ceilMode` reaches beyond the padded input. */
  #overhang(n: number, k: number): number {
    if (!this.ceilMode) return 0;
    return Math.max(0, (this.positions(n, k) - 1) * this.strides[k]! + this.size[k]! - n - 2 * this.padding[k]!);
  }
  /** Windows along axis k of an input of `n`; of those that `ceilMode` adds, only what begins before the end of what counts: others hold nothing. */
  protected positions(n: number, k: number): number {
    const [stride, p] = [this.strides[k]!, this.padding[k]!];
    const steps = (n + 2 * p - this.size[k]!) / stride;
    if (!this.ceilMode) return Math.floor(steps) + 1;
    return Math.min(Math.ceil(steps), Math.ceil((n + (this.paddingCounts ? 2 * p : p)) / stride) - 1) + 1;
  }
  /** Whether a window of padding alone has a value. */
  protected abstract readonly paddingCounts: boolean;
  protected abstract readonly type: 'max' | 'avg';
  override toString(): string {
    return `${this.constructor.name}(size=${tuple(this.size)}, stride=${tuple(this.strides)}, padding=${tuple(this.padding)}, ceil_mode=${bool(this.ceilMode)}, global_pool=False, pool_type=${this.type}, layout=${this.#layout})`;
  }
}

abstract class MaxPool extends Pool {
  protected override get type(): 'max' {
    return 'max';
  }
  protected override get paddingCounts(): boolean {
    return false;
  }
  protected override pool(x: Tensor, sizes: readonly number[]): Tensor {
    return firstMax(this.windows(x, sizes, -Infinity));
  }
}
/** The largest element of each window, [n, c, w]. */
export class MaxPool1D extends MaxPool {
  constructor(poolSize: number | readonly [number] = 2, options: PoolOptions = {}) {
    super(1, poolSize, options);
  }
}
/** The largest element of each window, [n, c, h, w]. */
export class MaxPool2D extends MaxPool {
  constructor(poolSize: number | readonly [number, number] = 2, options: PoolOptions = {}) {
    super(2, poolSize, options);
  }
}
/** The largest element of each window, [n, c, d, h, w]. */
export class MaxPool3D extends MaxPool {
  constructor(poolSize: number | readonly [number, number, number] = 2, options: PoolOptions = {}) {
    super(3, poolSize, options);
  }
}

abstract class AvgPool extends Pool {
  protected override get type(): 'avg' {
    return 'avg';
  }
  protected override get paddingCounts(): boolean {
    return this.countIncludePad;
  }
  readonly countIncludePad: boolean;
  constructor(d: number, poolSize: Sizes, options: AvgPoolOptions) {
    super(d, poolSize, options);
    this.countIncludePad = options.countIncludePad ?? true;
  }
  protected override pool(x: Tensor, sizes: readonly number[]): Tensor {
    const total = sum(this.windows(x, sizes, 0), -1);
    const counts = sizes.map((n, k) => this.#counts(n, k));
    if (counts.every((axis) => axis.every((v) => v === axis[0]))) return total.div(counts.reduce((a, axis) => a * (axis[0] ?? 1), 1));
    let divisor = tensor(1, { ctx: x.ctx, dtype: x.dtype });
    counts.forEach((axis, k) => (divisor = divisor.mul(tensor(axis, { ctx: x.ctx, dtype: x.dtype, shape: [axis.length, ...sizes.slice(k + 1).map(() => 1)] }))));
    return total.div(divisor);
  }
  /** Elements that count in each window along axis k: what lies beyond the padded input never does. */
  #counts(n: number, k: number): number[] {
    const p = this.padding[k]!;
    const [low, high] = this.countIncludePad ? [0, n + 2 * p] : [p, n + p];
    return Array.from({ length: this.positions(n, k) }, (_, i) => {
      const start = i * this.strides[k]!;
      return Math.min(start + this.size[k]!, high) - Math.max(start, low);
    });
  }
}
/** The mean of each window, [n, c, w]. */
export class AvgPool1D extends AvgPool {
  constructor(poolSize: number | readonly [number] = 2, options: AvgPoolOptions = {}) {
    super(1, poolSize, options);
  }
}
/** The mean of each window, [n, c, h, w]. */
export class AvgPool2D extends AvgPool {
  constructor(poolSize: number | readonly [number, number] = 2, options: AvgPoolOptions = {}) {
    super(2, poolSize, options);
  }
}
/** The mean of each window, [n, c, d, h, w]. */
export class AvgPool3D extends AvgPool {
  constructor(poolSize: number | readonly [number, number, number] = 2, options: AvgPoolOptions = {}) {
    super(3, poolSize, options);
  }
}

abstract class GlobalPool extends HybridBlock {
  readonly #layout: string;
  readonly #kind: 'max' | 'mean';
  constructor(d: number, kind: 'max' | 'mean', options: BlockOptions & { layout?: string }) {
    super({ alias: 'pool', ...options });
    this.#layout = checkedLayout(options.layout, d);
    this.#kind = kind;
  }
  override forward(x: Tensor): Tensor {
    const axes = [...this.#layout].map((_, k) => k).filter((k) => k !== 0 && this.#layout[k] !== 'C');
    if (x.ndim !== this.#layout.length) throw new ArgumentError(this.name, `an input of shape [${x.shape.join(', ')}]`, `the layout ${this.#layout}`);
    if (this.#kind === 'mean') return x.mean(axes, { keepdims: true });
    const rows = transpose(x, [0, this.#layout.indexOf('C'), ...axes]).reshape(x.shape[0]!, x.shape[this.#layout.indexOf('C')]!, -1);
    return firstMax(rows).reshape(...x.shape.map((n, k) => (axes.includes(k) ? 1 : n)));
  }
  override toString(): string {
    const ones = [...this.#layout.slice(2)].map(() => 1);
    return `${this.constructor.name}(size=${tuple(ones)}, stride=${tuple(ones)}, padding=${tuple(ones.map(() => 0))}, ceil_mode=True, global_pool=True, pool_type=${this.#kind === 'max' ? 'max' : 'avg'}, layout=${this.#layout})`;
  }
}
/** The largest element over all positions; axes stay, of size 1. */
export class GlobalMaxPool1D extends GlobalPool {
  constructor(options: BlockOptions & { layout?: string } = {}) {
    super(1, 'max', options);
  }
}
/** The largest element over all positions; axes stay, of size 1. */
export class GlobalMaxPool2D extends GlobalPool {
  constructor(options: BlockOptions & { layout?: string } = {}) {
    super(2, 'max', options);
  }
}
/** The largest element over all positions; axes stay, of size 1. */
export class GlobalMaxPool3D extends GlobalPool {
  constructor(options: BlockOptions & { layout?: string } = {}) {
    super(3, 'max', options);
  }
}
/** The mean over all positions; axes stay, of size 1. */
export class GlobalAvgPool1D extends GlobalPool {
  constructor(options: BlockOptions & { layout?: string } = {}) {
    super(1, 'mean', options);
  }
}
/** The mean over all positions; axes stay, of size 1. */
export class GlobalAvgPool2D extends GlobalPool {
  constructor(options: BlockOptions & { layout?: string } = {}) {
    super(2, 'mean', options);
  }
}
/** The mean over all positions; axes stay, of size 1. */
export class GlobalAvgPool3D extends GlobalPool {
  constructor(options: BlockOptions & { layout?: string } = {}) {
    super(3, 'mean', options);
  }
}

/** Mirrors the border rows and columns of [n, c, h, w], without repeating the edge: one width, or MXNet's eight. */
export class ReflectionPad2D extends HybridBlock {
  readonly #widths: readonly [number, number][];
  constructor(padding: number | readonly number[] = 0, options: BlockOptions = {}) {
    super({ alias: 'reflectionpad2d', ...options });
    const list = typeof padding === 'number' ? [0, 0, 0, 0, padding, padding, padding, padding] : padding;
    if (list.length !== 8 || list.slice(0, 4).some((p) => p !== 0) || !list.every((p) => Number.isInteger(p) && p >= 0)) throw new ArgumentError('padding', padding, 'a non-negative integer, or eight of them that begin with four zeros');
    this.#widths = [[list[4]!, list[5]!], [list[6]!, list[7]!]];
  }
  override forward(x: Tensor): Tensor {
    return this.#widths.reduce((y, [before, after], k) => {
      const n = y.shape[2 + k]!;
      if (before >= n || after >= n) throw new ArgumentError('padding', Math.max(before, after), `less than the size ${n} of axis ${2 + k}`);
      const at = Int32Array.from({ length: before + n + after }, (_, i) => {
        const j = Math.abs(i - before);
        return j < n ? j : 2 * (n - 1) - j;
      });
      return before + after === 0 ? y : take(y, tensor(at, { ctx: y.ctx }), 2 + k);
    }, x);
  }
}
