import { Cell, type Tensor, clip, sqrt, sum, zerosLike } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import { Optimizer, type OptimizerOptions, type UpdateContext } from './optimizer.ts';
import { momentumStep } from './sgd.ts';

export interface LBSGDOptions extends OptimizerOptions {
  /** 0 */
  momentum?: number;
  /** How the rate grows to `batchScale` times itself; 'linear'. 'lars': by the norms of weight and gradient. */
  warmupStrategy?: 'linear' | 'power2' | 'sqrt' | 'lars';
  /** 5 */
  warmupEpochs?: number;
  /** Gradients summed into one update; 1. */
  batchScale?: number;
  /** 32 */
  updatesPerEpoch?: number;
  /** 0 */
  beginEpoch?: number;
}

/** SGD for large batches: gradients of `batchScale` calls make one update, whose rate warms up over the first epochs. Rate 0.01. */
export class LBSGD extends Optimizer {
  momentum: number;
  warmupStrategy: 'linear' | 'power2' | 'sqrt' | 'lars';
  warmupEpochs: number;
  batchScale: number;
  updatesPerEpoch: number;
  initialUpdates: number;
  constructor(options: LBSGDOptions = {}) {
    super(options);
    this.momentum = options.momentum ?? 0;
    this.warmupStrategy = options.warmupStrategy ?? 'linear';
    this.warmupEpochs = options.warmupEpochs ?? 5;
    this.batchScale = options.batchScale ?? 1;
    this.updatesPerEpoch = options.updatesPerEpoch ?? 32;
    this.initialUpdates = (options.beginEpoch ?? 0) * this.updatesPerEpoch;
    if (!Number.isInteger(this.batchScale) || this.batchScale < 1) throw new ArgumentError('batchScale', this.batchScale, 'a positive integer');
  }
  override createState(weight: Tensor): Cell[] {
    return Array.from({ length: this.momentum === 0 ? 1 : 2 }, () => new Cell(zerosLike(weight)));
  }
  protected override rule(w: Tensor, g: Tensor, [total, m]: readonly Tensor[], { lr, wd, t }: UpdateContext): readonly [Tensor, ...Tensor[]] {
    const gathered = total!.add(g);
    const kept = m ? [m] : [];
    if (t % this.batchScale !== 0) return [w, gathered, ...kept];
    const mean = gathered.div(this.batchScale);
    const step = this.decayed(w, mean, wd).mul(-lr);
    const scaled = this.warmupStrategy === 'lars' ? step.mul(this.#trust(w, mean, wd)) : step.mul(this.#warmup(t + this.initialUpdates));
    const [next, ...momentum] = momentumStep(w, m, scaled, this.momentum);
    return [next, zerosLike(w), ...momentum];
  }
  #warmup(updates: number): number {
    const span = this.warmupEpochs * this.updatesPerEpoch;
    if (updates >= span) return this.batchScale;
    if (span <= 1) return 1;
    const part = updates / span;
    const grown = { linear: part, power2: part * part, sqrt: Math.sqrt(part), lars: 0 }[this.warmupStrategy];
    return 1 + (this.batchScale - 1) * grown;
  }
  #trust(w: Tensor, g: Tensor, wd: number): Tensor {
    const [weight, gradient] = [sum(w.square()), sum(g.square())];
    return clip(sqrt(weight.div(gradient.add(weight.mul(wd)).add(1e-18))), 0.01, 100);
  }
}
