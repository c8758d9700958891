import { isTraining, pause } from '@matheron/autograd';
import { Cell, RowSparseTensor, type Tensor, clip, greater, ones, scatterAdd, take, where, zeros, zerosLike } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';

/** A learning rate as a function of the number of updates so far, 1 at the first. */
export type Scheduler = (step: number) => number;

/** What every optimizer takes. */
export interface OptimizerOptions {
  /** A number or a schedule. */
  learningRate?: number | Scheduler;
  /** A schedule in Gluon's form; a `learningRate` beside it becomes its `baseLr`. */
  lrScheduler?: { baseLr: number; call(numUpdate: number): number };
  /** Weight decay; 0. */
  wd?: number;
  /** Gradients (times `rescaleGrad`) are clipped to ±this; none. */
  clipGradient?: number;
  /** Multiplies every gradient; 1. A Trainer divides it by the batch size. */
  rescaleGrad?: number;
  /** Updates counted as done already; 0. */
  beginNumUpdate?: number;
}

/** What multiplies the rate and the decay of one weight: a Parameter has it. */
export interface Multipliers {
  readonly name?: string;
  readonly lrMult: number;
  readonly wdMult: number;
}

/** One update of one weight, as a rule sees it. */
export interface UpdateContext {
  /** The rate, times the weight's multiplier. */
  readonly lr: number;
  /** The decay, times the weight's multiplier. */
  readonly wd: number;
  /** How often this weight has been updated, this time included. */
  readonly t: number;
  readonly index: number;
  readonly name: string | undefined;
}

/**
 * Updates weights from gradients. Subclasses write `rule`, a pure function of tensors, and `createState`. Weights are told apart by
 * index, so that one optimizer serves many.
 */
export abstract class Optimizer {
  wd: number;
  clipGradient: number | undefined;
  rescaleGrad: number;
  /** Updates done: the largest count of any weight. */
  numUpdate: number;
  #learningRate: number | Scheduler;
  readonly #begin: number;
  readonly #counts = new Map<number, number>();
  readonly #multipliers = new Map<number, Multipliers>();

  constructor(options: OptimizerOptions = {}, defaultRate = 0.01) {
    this.#learningRate = options.learningRate ?? defaultRate;
    const { lrScheduler } = options;
    if (lrScheduler) {
      if (typeof options.learningRate === 'number') lrScheduler.baseLr = options.learningRate;
      this.#learningRate = (step) => lrScheduler.call(step);
    }
    this.wd = options.wd ?? 0;
    this.clipGradient = options.clipGradient;
    this.rescaleGrad = options.rescaleGrad ?? 1;
    this.#begin = this.numUpdate = options.beginNumUpdate ?? 0;
    for (const [name, value] of Object.entries({ learningRate: this.#learningRate, wd: this.wd, rescaleGrad: this.rescaleGrad })) {
      if (typeof value !== 'function' && !Number.isFinite(value)) throw new ArgumentError(name, value, 'a finite number');
    }
    if (this.clipGradient !== undefined && !(this.clipGradient > 0)) throw new ArgumentError('clipGradient', this.clipGradient, 'a positive number');
  }
  /** The rate, or the schedule that gives it. */
  get learningRate(): number | Scheduler {
    return this.#learningRate;
  }
  set learningRate(value: number | Scheduler) {
    this.#learningRate = value;
  }
  /** The rate at the present number of updates. */
  get currentRate(): number {
    return typeof this.#learningRate === 'function' ? this.#learningRate(this.numUpdate) : this.#learningRate;
  }
  /** Ties an index to a parameter's name and multipliers. */
  setMultipliers(index: number, multipliers: Multipliers): void {
    this.#multipliers.set(index, multipliers);
  }
  /** Updates of each index: what a checkpoint keeps. */
  get counts(): ReadonlyMap<number, number> {
    return this.#counts;
  }
  /** Restores the counts. */
  set counts(counts: ReadonlyMap<number, number>) {
    this.#counts.clear();
    for (const [index, count] of counts) this.#counts.set(index, count);
    this.numUpdate = Math.max(this.#begin, ...counts.values());
  }

  /** The states of one weight before its first update. */
  createState(_weight: Tensor): Cell[] {
    return [];
  }
  /** The new weight and states from the old ones; `g` is the raw gradient. */
  protected abstract rule(w: Tensor, g: Tensor, states: readonly Tensor[], context: UpdateContext): readonly [weight: Tensor, ...states: Tensor[]];
  /** Whether rows without a gradient are left alone, state included, when the gradient is row-sparse. */
  protected get lazy(): boolean {
    return false;
  }

  /** Updates `weight` and its `state` in place. A row-sparse gradient updates only its rows where the optimizer is lazy. */
  update(index: number, weight: Cell, gradient: Tensor | RowSparseTensor, state: Cell[]): void {
    const count = (this.#counts.get(index) ?? this.#begin) + 1;
    this.#counts.set(index, count);
    this.numUpdate = Math.max(this.numUpdate, count);
    const multipliers = this.#multipliers.get(index);
    const context: UpdateContext = { lr: this.currentRate * (multipliers?.lrMult ?? 1), wd: this.wd * (multipliers?.wdMult ?? 1), t: count, index, name: multipliers?.name };
    pause(
      () => {
        const old = [weight, ...state].map((cell) => cell.read());
        const sparse = gradient instanceof RowSparseTensor;
        const next = sparse && this.lazy ? this.#updateRows(old, gradient.coalesce(), context) : this.rule(old[0]!, sparse ? gradient.toDense() : gradient, old.slice(1), context);
        [weight, ...state].forEach((cell, k) => cell.write(next[k]!));
      },
      { trainMode: isTraining() },
    );
  }
  #updateRows(old: readonly Tensor[], { values, indices }: RowSparseTensor, context: UpdateContext): readonly Tensor[] {
    if (indices.size === 0) return old;
    const rows = old.map((x) => take(x, indices));
    const next = this.rule(rows[0]!, values, rows.slice(1), context);
    const { shape, ctx } = old[0]!;
    const touched = scatterAdd(zeros([shape[0]!], { ctx, dtype: 'int32' }), indices, ones([indices.size], { ctx, dtype: 'int32' }));
    const mask = greater(touched, 0).reshape(shape[0]!, ...shape.slice(1).map(() => 1));
    return old.map((x, k) => where(mask, scatterAdd(zerosLike(x), indices, next[k]!), x));
  }

  /** The gradient times `rescaleGrad`, clipped. */
  protected clipped(g: Tensor): Tensor {
    return this.clipTo(this.rescaled(g));
  }
  protected rescaled(g: Tensor): Tensor {
    return this.rescaleGrad === 1 ? g : g.mul(this.rescaleGrad);
  }
  protected clipTo(g: Tensor): Tensor {
    return this.clipGradient === undefined ? g : clip(g, -this.clipGradient, this.clipGradient);
  }
  /** The clipped gradient plus the decay: C(g) + wd w. */
  protected decayed(w: Tensor, g: Tensor, wd: number): Tensor {
    const c = this.clipped(g);
    return wd === 0 ? c : c.add(w.mul(wd));
  }
  /** The gradient with the decay, clipped together: C(g + wd w). */
  protected clippedDecayed(w: Tensor, g: Tensor, wd: number): Tensor {
    const r = this.rescaled(g);
    return this.clipTo(wd === 0 ? r : r.add(w.mul(wd)));
  }
}

/** `n` states of zeros shaped as the weight. */
export function zeroStates(weight: Tensor, n: number): Cell[] {
  return Array.from({ length: n }, () => new Cell(zerosLike(weight)));
}
