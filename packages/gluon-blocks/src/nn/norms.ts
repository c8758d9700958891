import type { Tensor } from '@matheron/core-tensor';
import { ArgumentError, type InitLike, type Parameter } from '@matheron/gluon-params';
import type { BlockOptions } from '../block.ts';
import { HybridBlock } from '../hybrid-block.ts';
import { alongAxis, normalize } from './batch-norm.ts';
import { bool, dimension, float } from './print.ts';

/** What layer, instance and group norms take. */
export interface NormOptions extends BlockOptions {
  /** 1e-5 */
  epsilon?: number;
  /** Whether beta is trained. */
  center?: boolean;
  /** Whether gamma is trained; it multiplies in any case. */
  scale?: boolean;
  betaInitializer?: InitLike;
  gammaInitializer?: InitLike;
  /** Learned at the first forward where it is not given. */
  inChannels?: number;
}

abstract class Norm extends HybridBlock {
  readonly gamma: Parameter;
  readonly beta: Parameter;
  readonly epsilon: number;
  constructor(options: NormOptions, scale: boolean, size: number) {
    super(options);
    this.epsilon = options.epsilon ?? 1e-5;
    const make = (name: string, init: InitLike, differentiable: boolean): Parameter => this.params.get(name, { shape: [size], init, allowDeferredInit: true, differentiable });
    this.gamma = make('gamma', options.gammaInitializer ?? 'ones', options.scale ?? scale);
    this.beta = make('beta', options.betaInitializer ?? 'zeros', options.center ?? true);
  }
  /** As Gluon prints it: `setting` is what the class adds to the common ones, `size` the channels where they are told. */
  protected print(setting: string, size = ''): string {
    return `${this.constructor.name}(eps=${float(this.epsilon)}, ${setting}, center=${bool(this.beta.differentiable)}, scale=${bool(this.gamma.differentiable)}${size})`;
  }
  /** Gives gamma and beta the size that x has along `axis`. ArgumentError where there is no such axis. */
  protected fit(x: Tensor, axis: number): void {
    const size = x.shape[axis < 0 ? axis + x.ndim : axis];
    if (size === undefined) throw new ArgumentError('axis', axis, `an axis of an input of shape [${x.shape.join(', ')}]`);
    this.gamma.shape = [size];
    this.beta.shape = [size];
  }
}

/** A norm whose gamma and beta lie along one axis. */
abstract class AxisNorm extends Norm {
  readonly axis: number;
  constructor(options: NormOptions, scale: boolean, axis: number) {
    super(options, scale, options.inChannels ?? 0);
    this.axis = axis;
  }
  /** The axes whose elements are normalized together, where gamma lies along `axis` of `ndim`. */
  protected abstract together(axis: number, ndim: number): number | number[];
  override inferShape(x: Tensor): void {
    this.fit(x, this.axis);
  }
  override forward(x: Tensor): Tensor {
    const axis = this.axis < 0 ? this.axis + x.ndim : this.axis;
    const axes = this.together(axis, x.ndim);
    const keepdims = { keepdims: true };
    return normalize(x, x.mean(axes, keepdims), x.variance(axes, keepdims), this.epsilon, alongAxis(this.gamma.data(x.ctx), axis, x.shape), alongAxis(this.beta.data(x.ctx), axis, x.shape));
  }
  override toString(): string {
    return this.print(`axis=${this.axis}`, `, in_channels=${dimension(this.gamma.shape?.[0])}`);
  }
}

/**
 * Normalizes over one axis, the last by default; gamma and beta along it.
 *
 * Ba, Kiros and Hinton, "Layer normalization", arXiv:1607.06450.
 */
export class LayerNorm extends AxisNorm {
  constructor(options: NormOptions & { axis?: number } = {}) {
    super({ alias: 'layernorm', ...options }, true, options.axis ?? -1);
  }
  protected override together(axis: number): number {
    return axis;
  }
}

/**
 * Normalizes each channel of each sample; gamma is not trained unless `scale`.
 *
 * Ulyanov, Vedaldi and Lempitsky, "Instance normalization", arXiv:1607.08022.
 */
export class InstanceNorm extends AxisNorm {
  constructor(options: NormOptions & { axis?: number } = {}) {
    super({ alias: 'instancenorm', ...options }, false, options.axis ?? 1);
  }
  protected override together(axis: number, ndim: number): number[] {
    return Array.from({ length: ndim }, (_, k) => k).filter((k) => k !== 0 && k !== axis);
  }
}

/**
 * Normalizes groups of channels of each sample; gamma and beta have one number a group.
 *
 * Wu and He, "Group normalization", ECCV 2018.
 */
export class GroupNorm extends Norm {
  readonly numGroups: number;
  constructor(options: NormOptions & { numGroups?: number } = {}) {
    super({ alias: 'groupnorm', ...options }, true, options.numGroups ?? 1);
    this.numGroups = options.numGroups ?? 1;
  }
  override forward(x: Tensor): Tensor {
    const [n, c] = x.shape as [number, number];
    if (x.ndim < 2 || c % this.numGroups !== 0) throw new ArgumentError('numGroups', this.numGroups, `a divisor of the channels of an input of shape [${x.shape.join(', ')}]`);
    const groups = x.reshape(n, this.numGroups, -1);
    const keepdims = { keepdims: true };
    const [gamma, beta] = [this.gamma, this.beta].map((p) => p.data(x.ctx).reshape(1, this.numGroups, 1)) as [Tensor, Tensor];
    return normalize(groups, groups.mean(2, keepdims), groups.variance(2, keepdims), this.epsilon, gamma, beta).reshape(...x.shape);
  }
  override toString(): string {
    return this.print(`num_groups=${this.numGroups}`);
  }
}
