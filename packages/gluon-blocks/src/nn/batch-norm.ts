import { isTraining, onBackward, pause } from '@matheron/autograd';
import { type Context, type DType, type Shape, type Tensor, isFloat, relu, sqrt } from '@matheron/core-tensor';
import { ArgumentError, type InitLike, type Parameter } from '@matheron/gluon-params';
import type { BlockOptions } from '../block.ts';
import { HybridBlock } from '../hybrid-block.ts';
import { bool, dimension, float } from './print.ts';

/** What {@link BatchNorm} takes. */
export interface BatchNormOptions extends BlockOptions {
  /** The axis of channels; 1. */
  axis?: number;
  /** Of the running statistics; 0.9. */
  momentum?: number;
  /** 1e-5 */
  epsilon?: number;
  /** Whether beta is trained; true. */
  center?: boolean;
  /** Whether gamma is there; true. */
  scale?: boolean;
  /** Whether training uses the running statistics too; false. */
  useGlobalStats?: boolean;
  betaInitializer?: InitLike;
  gammaInitializer?: InitLike;
  runningMeanInitializer?: InitLike;
  runningVarianceInitializer?: InitLike;
  /** Learned at the first forward where it is not given. */
  inChannels?: number;
  /** When the running statistics move: at the backward pass, once however often it ran forward, as MXNet does; or at each training forward. 'backward'. */
  updateStatistics?: 'backward' | 'forward';
}

/**
 * y = γ (x − mean)/√(variance + ε) + β over all axes but `axis`: the batch's statistics (biased variance) in training, the running ones
 * else. Running statistics s ← momentum s + (1 − momentum) batch.
 *
 * Ioffe and Szegedy, "Batch normalization", ICML 2015.
 */
export class BatchNorm extends HybridBlock {
  readonly gamma: Parameter;
  readonly beta: Parameter;
  readonly running_mean: Parameter;
  readonly running_var: Parameter;
  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  readonly useGlobalStats: boolean;
  readonly updateStatistics: 'backward' | 'forward';
  constructor(options: BatchNormOptions = {}) {
    super({ alias: 'batchnorm', ...options });
    this.axis = options.axis ?? 1;
    this.momentum = options.momentum ?? 0.9;
    this.epsilon = options.epsilon ?? 1e-5;
    this.center = options.center ?? true;
    this.scale = options.scale ?? true;
    this.useGlobalStats = options.useGlobalStats ?? false;
    this.updateStatistics = options.updateStatistics ?? 'backward';
    if (this.updateStatistics !== 'backward' && this.updateStatistics !== 'forward') throw new ArgumentError('updateStatistics', this.updateStatistics, "'backward' or 'forward'");
    const shape = [options.inChannels ?? 0];
    const make = (name: string, init: InitLike, differentiable: boolean): Parameter => this.params.get(name, { shape, init, allowDeferredInit: true, differentiable });
    this.gamma = make('gamma', options.gammaInitializer ?? 'ones', this.scale);
    this.beta = make('beta', options.betaInitializer ?? 'zeros', this.center);
    this.running_mean = make('running_mean', options.runningMeanInitializer ?? 'zeros', false);
    this.running_var = make('running_var', options.runningVarianceInitializer ?? 'ones', false);
  }
  override inferShape(x: Tensor): void {
    const channels = x.shape.at(this.axis < 0 ? this.axis + x.ndim : this.axis);
    if (channels === undefined) throw new ArgumentError('axis', this.axis, `an axis of an input of shape [${x.shape.join(', ')}]`);
    for (const parameter of [this.gamma, this.beta, this.running_mean, this.running_var]) parameter.shape = [channels];
  }
  override forward(x: Tensor): Tensor {
    if (!isTraining() || this.useGlobalStats) return this.#normalized(x, this.running_mean.data(x.ctx), this.running_var.data(x.ctx));
    const axes = this.#others(x);
    const mean = x.mean(axes);
    const variance = x.variance(axes);
    const y = this.#normalized(x, mean, variance);
    // No sample has no statistics: theirs would be NaN for ever.
    if (x.size > 0) this.moveStatistics(y, x.ctx, mean, variance);
    return y;
  }
  /** Schedules the running statistics' move towards a batch's, or makes it. */
  protected moveStatistics(y: Tensor, ctx: Context, mean: Tensor, variance: Tensor): void {
    const move = (): void =>
      pause(() => {
        for (const [parameter, batch] of [[this.running_mean, mean], [this.running_var, variance]] as const) {
          const cell = parameter.copies.find((copy) => copy.ctx === ctx)!.data;
          cell.write(cell.read().mul(this.momentum).add(batch.detach().mul(1 - this.momentum)));
        }
      });
    if (this.updateStatistics === 'forward') move();
    else onBackward(y, move);
  }
  #others(x: Tensor): number[] {
    const axis = this.axis < 0 ? this.axis + x.ndim : this.axis;
    return x.shape.map((_, k) => k).filter((k) => k !== axis);
  }
  #normalized(x: Tensor, mean: Tensor, variance: Tensor): Tensor {
    const axis = this.axis < 0 ? this.axis + x.ndim : this.axis;
    return normalize(x, alongAxis(mean, axis, x.shape), alongAxis(variance, axis, x.shape), this.epsilon, this.scale ? alongAxis(this.gamma.data(x.ctx), axis, x.shape) : undefined, alongAxis(this.beta.data(x.ctx), axis, x.shape));
  }
  /** Normalization with given statistics. */
  protected withStatistics(x: Tensor, mean: Tensor, variance: Tensor): Tensor {
    return this.#normalized(x, mean, variance);
  }
  override cast(dtype: DType): void {
    if (!isFloat(dtype)) throw new ArgumentError('dtype', dtype, 'a float dtype for normalization');
    super.cast(dtype);
  }
  override toString(): string {
    return `${this.constructor.name}(axis=${this.axis}, eps=${float(this.epsilon)}, momentum=${float(this.momentum)}, fix_gamma=${bool(!this.scale)}, use_global_stats=${bool(this.useGlobalStats)}, in_channels=${dimension(this.gamma.shape?.[0])})`;
  }
}

/** Batch normalization followed by a rectifier. */
export class BatchNormReLU extends BatchNorm {
  constructor(options: BatchNormOptions = {}) {
    super({ alias: 'batchnormrelu', ...options });
  }
  override forward(x: Tensor): Tensor {
    return relu(super.forward(x));
  }
}

/**
 * Batch normalization with statistics over several contexts: {@link callAll} takes one part of the batch a context. For a single tensor it is
 * BatchNorm.
 */
export class SyncBatchNorm extends BatchNorm {
  constructor(options: BatchNormOptions = {}) {
    super({ alias: 'syncbatchnorm', ...options });
  }
  /** The parts of a batch, each on its context, normalized by the statistics of them all. */
  callAll(parts: readonly Tensor[]): Tensor[] {
    if (!isTraining() || this.useGlobalStats || parts.length < 2) return parts.map((x) => (this as BatchNorm).call(x));
    const first = parts[0]!;
    if ([...this.params.values()].some((p) => p.deferred)) {
      this.inferShape(first);
      for (const parameter of this.params.values()) parameter.finishDeferredInit();
    }
    const axis = this.axis < 0 ? this.axis + first.ndim : this.axis;
    const others = first.shape.map((_, k) => k).filter((k) => k !== axis);
    const count = (x: Tensor): number => x.size / x.shape[axis]!;
    const total = parts.reduce((n, x) => n + count(x), 0);
    const gather = (f: (x: Tensor) => Tensor): Tensor => parts.map((x) => f(x).to(first.ctx)).reduce((a, b) => a.add(b)).div(total);
    const mean = gather((x) => x.sum(others));
    const variance = gather((x) => x.sub(alongAxis(mean.to(x.ctx), axis, x.shape)).square().sum(others));
    return parts.map((x) => {
      const [m, v] = [mean.to(x.ctx), variance.to(x.ctx)];
      const y = this.withStatistics(x, m, v);
      if (total > 0) this.moveStatistics(y, x.ctx, m, v);
      return y;
    });
  }
}

/** A vector along `axis` of `shape`, of size 1 elsewhere. */
export function alongAxis(v: Tensor, axis: number, shape: Shape): Tensor {
  return v.reshape(...shape.map((_, k) => (k === axis ? v.size : 1)));
}
/** (x − mean)/√(variance + ε), times gamma where there is one, plus beta. */
export function normalize(x: Tensor, mean: Tensor, variance: Tensor, epsilon: number, gamma: Tensor | undefined, beta: Tensor): Tensor {
  const scale = sqrt(variance.add(epsilon)).reciprocal();
  return x.sub(mean).mul(gamma ? scale.mul(gamma) : scale).add(beta);
}
