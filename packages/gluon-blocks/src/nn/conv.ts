import { type Tensor, transpose, windowCount } from '@matheron/core-tensor';
import { ArgumentError, type InitLike, type Parameter } from '@matheron/gluon-params';
import type { BlockOptions } from '../block.ts';
import { HybridBlock } from '../hybrid-block.ts';
import { Activation, type ActivationName } from './activation.ts';
import { type Spatial, convolve, convolveTransposed, layoutAxes, transposedSizes, windowsOf } from './convolve.ts';
import { positiveInteger } from './parameters.ts';
import { tuple } from './print.ts';

/** A number for all spatial axes, or one each. */
export type Sizes = number | readonly number[];

/** What every convolution takes. */
export interface ConvOptions extends BlockOptions {
  /** 1 */
  strides?: Sizes;
  /** 0 */
  padding?: Sizes;
  /** 1 */
  dilation?: Sizes;
  /** 1 */
  groups?: number;
  /** 'NCW', 'NCHW' or 'NCDHW'; channels may stand last where there are two or three spatial axes. */
  layout?: string;
  activation?: ActivationName;
  /** true */
  useBias?: boolean;
  weightInitializer?: InitLike;
  /** 'zeros' */
  biasInitializer?: InitLike;
  /** Learned at the first forward where it is not given. */
  inChannels?: number;
}
/** What every transposed convolution takes. */
export interface ConvTransposeOptions extends ConvOptions {
  /** Less than the stride; 0. */
  outputPadding?: Sizes;
}

const layouts: Readonly<Record<number, readonly string[]>> = { 1: ['NCW'], 2: ['NCHW', 'NHWC'], 3: ['NCDHW', 'NDHWC'] };

/** A number for each of `d` axes. */
export function spread(name: string, sizes: Sizes, d: number, least: number): readonly number[] {
  const list = typeof sizes === 'number' ? new Array<number>(d).fill(sizes) : sizes;
  if (list.length !== d || !list.every((v) => Number.isInteger(v) && v >= least)) throw new ArgumentError(name, sizes, `an integer ≥ ${least}, or ${d} of them`);
  return list;
}
/** A layout of `d` spatial axes. */
export function checkedLayout(layout: string | undefined, d: number): string {
  const allowed = layouts[d]!;
  if (layout !== undefined && !allowed.includes(layout)) throw new ArgumentError('layout', layout, `one of ${allowed.join(', ')}`);
  return layout ?? allowed[0]!;
}

/** What all convolutions share. */
abstract class Conv extends HybridBlock {
  readonly channels: number;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  readonly activation: Activation | undefined;
  protected readonly spatial: Spatial;
  protected readonly groups: number;
  protected readonly layout: string;
  protected readonly transposed: boolean;
  readonly #axes: ReturnType<typeof layoutAxes>;
  constructor(d: number, channels: number, kernelSize: Sizes, options: ConvOptions, transposed: boolean) {
    super({ alias: 'conv', ...options });
    this.channels = positiveInteger('channels', channels);
    this.transposed = transposed;
    this.layout = checkedLayout(options.layout, d);
    this.#axes = layoutAxes(this.layout);
    this.spatial = {
      kernel: spread('kernelSize', kernelSize, d, 1),
      strides: spread('strides', options.strides ?? 1, d, 1),
      padding: spread('padding', options.padding ?? 0, d, 0),
      dilation: spread('dilation', options.dilation ?? 1, d, 1),
    };
    this.groups = options.groups ?? 1;
    if (!Number.isInteger(this.groups) || this.groups < 1 || channels % this.groups !== 0) throw new ArgumentError('groups', this.groups, `a divisor of the ${channels} channels`);
    const init = options.weightInitializer;
    this.weight = this.params.get('weight', { shape: this.#weightShape(options.inChannels ?? 0), allowDeferredInit: true, ...(init !== undefined && { init }) });
    this.bias = (options.useBias ?? true) ? this.params.get('bias', { shape: [channels], allowDeferredInit: true, init: options.biasInitializer ?? 'zeros' }) : undefined;
    this.activation = options.activation ? this.nameScope(() => new Activation(options.activation!, { prefix: `${options.activation}_` })) : undefined;
  }
  #weightShape(inputs: number): number[] {
    const [first, second] = this.transposed ? [inputs, this.channels / this.groups] : [this.channels, inputs / this.groups];
    return this.#axes ? [first, ...this.spatial.kernel, second] : [first, second, ...this.spatial.kernel];
  }
  override inferShape(x: Tensor): void {
    const inputs = x.shape[this.layout.indexOf('C')] ?? 0;
    if (x.ndim !== this.layout.length || inputs % this.groups !== 0) throw this.#misfit(x, `${this.layout} with channels divisible by ${this.groups}`);
    this.weight.shape = this.#weightShape(inputs);
  }
  override forward(x: Tensor): Tensor {
    if (x.ndim !== this.layout.length) throw this.#misfit(x, `the layout ${this.layout}`);
    const axes = this.#axes;
    const first = axes ? transpose(x, axes.toFirst) : x;
    const weight = axes ? transpose(this.weight.data(x.ctx), axes.toFirst) : this.weight.data(x.ctx);
    const channels = this.transposed ? weight.shape[0]! : weight.shape[1]! * this.groups;
    if (first.shape[1] !== channels) throw this.#misfit(x, `${this.layout} with the ${channels} channels of its weight`);
    if (this.outputSizes(first.shape.slice(2)).some((n) => n < 1)) throw this.#misfit(x, `${this.layout} with room for one position along each axis: its kernel is ${tuple(this.spatial.kernel)}, dilation ${tuple(this.spatial.dilation)}, padding ${tuple(this.spatial.padding)}`);
    let y = this.convolution(first, weight);
    if (this.bias) y = y.add(this.bias.data(x.ctx).reshape(this.channels, ...this.spatial.kernel.map(() => 1)));
    if (axes) y = transpose(y, axes.back);
    return this.activation ? this.activation.call(y) : y;
  }
  #misfit(x: Tensor, expected: string): ArgumentError {
    return new ArgumentError(this.name, `an input of shape [${x.shape.join(', ')}]`, expected);
  }
  /** Positions along each spatial axis. */
  protected abstract outputSizes(sizes: readonly number[]): readonly number[];
  /** The convolution alone, channels first. */
  protected abstract convolution(x: Tensor, w: Tensor): Tensor;
  override toString(): string {
    const { kernel, strides, padding, dilation } = this.spatial;
    const inputs = this.weight.shape?.[this.transposed ? 0 : this.#axes ? this.weight.shape.length - 1 : 1] ?? 0;
    const known = inputs > 0 ? String(this.transposed ? inputs : inputs * this.groups) : 'None';
    const parts = [
      `${known} -> ${this.channels}`, `kernel_size=${tuple(kernel)}`, `stride=${tuple(strides)}`,
      ...(padding.some((p) => p > 0) ? [`padding=${tuple(padding)}`] : []), ...(dilation.some((v) => v > 1) ? [`dilation=${tuple(dilation)}`] : []),
      ...this.extraSettings(), ...(this.groups > 1 ? [`groups=${this.groups}`] : []), ...(this.bias ? [] : ['bias=False']), ...(this.activation ? [String(this.activation)] : []),
    ];
    return `${this.constructor.name}(${parts.join(', ')})`;
  }
  /** What a class adds to the settings it prints. */
  protected extraSettings(): string[] {
    return [];
  }
}

abstract class PlainConv extends Conv {
  constructor(d: number, channels: number, kernelSize: Sizes, options: ConvOptions) {
    super(d, channels, kernelSize, options, false);
  }
  protected override outputSizes(sizes: readonly number[]): readonly number[] {
    const windows = windowsOf(this.spatial);
    return sizes.map((n, k) => windowCount(n + 2 * this.spatial.padding[k]!, windows[k]!));
  }
  protected override convolution(x: Tensor, w: Tensor): Tensor {
    return convolve(x, w, this.spatial, this.groups);
  }
}
/** Convolution over one axis: [n, c, w] → [n, channels, positions]; weight [channels, c/groups, kernel]. */
export class Conv1D extends PlainConv {
  constructor(channels: number, kernelSize: number | readonly [number], options: ConvOptions = {}) {
    super(1, channels, kernelSize, options);
  }
}
/** Convolution over two axes: [n, c, h, w] → [n, channels, …positions]; weight [channels, c/groups, …kernel], channels last for NHWC. */
export class Conv2D extends PlainConv {
  constructor(channels: number, kernelSize: number | readonly [number, number], options: ConvOptions = {}) {
    super(2, channels, kernelSize, options);
  }
}
/** Convolution over three axes: [n, c, d, h, w] → [n, channels, …positions]. */
export class Conv3D extends PlainConv {
  constructor(channels: number, kernelSize: number | readonly [number, number, number], options: ConvOptions = {}) {
    super(3, channels, kernelSize, options);
  }
}

abstract class TransposedConv extends Conv {
  readonly outputPadding: readonly number[];
  constructor(d: number, channels: number, kernelSize: Sizes, options: ConvTransposeOptions) {
    super(d, channels, kernelSize, options, true);
    this.outputPadding = spread('outputPadding', options.outputPadding ?? 0, d, 0);
    if (this.outputPadding.some((p, k) => p >= this.spatial.strides[k]!)) throw new ArgumentError('outputPadding', options.outputPadding, `less than the strides ${this.spatial.strides.join(', ')}`);
  }
  protected override outputSizes(sizes: readonly number[]): readonly number[] {
    return transposedSizes(sizes, this.spatial, this.outputPadding).map((n, k) => n - 2 * this.spatial.padding[k]!);
  }
  protected override convolution(x: Tensor, w: Tensor): Tensor {
    return convolveTransposed(x, w, this.spatial, this.groups, this.outputPadding);
  }
  /** What a class adds to the settings it prints. */
  protected override extraSettings(): string[] {
    return this.outputPadding.some((p) => p > 0) ? [`output_padding=${tuple(this.outputPadding)}`] : [];
  }
}
/** The adjoint of a one-dimensional convolution; weight [c, channels/groups, kernel]. */
export class Conv1DTranspose extends TransposedConv {
  constructor(channels: number, kernelSize: number | readonly [number], options: ConvTransposeOptions = {}) {
    super(1, channels, kernelSize, options);
  }
}
/** The adjoint of a two-dimensional convolution; sizes grow to (size − 1) · stride − 2 padding + dilation (kernel − 1) + 1 + outputPadding. */
export class Conv2DTranspose extends TransposedConv {
  constructor(channels: number, kernelSize: number | readonly [number, number], options: ConvTransposeOptions = {}) {
    super(2, channels, kernelSize, options);
  }
}
/** The adjoint of a three-dimensional convolution. */
export class Conv3DTranspose extends TransposedConv {
  constructor(channels: number, kernelSize: number | readonly [number, number, number], options: ConvTransposeOptions = {}) {
    super(3, channels, kernelSize, options);
  }
}
