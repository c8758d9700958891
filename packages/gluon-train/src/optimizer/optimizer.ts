import { isTraining, pause } from '@matheron/autograd';
import { Cell, RowSparseTensor, type Tensor, clip, greater, neg, ones, scatterAdd, take, where, zeros, zerosLike } from '@matheron/core-tensor';
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
  /** What it was at the weight's update before; `lr` at the first. */
  readonly lrBefore: number;
  /** The decay, times the weight's multiplier. */
  readonly wd: number;
  /** How often this weight has been updated, this time included. */
  readonly t: number;
  readonly index: number;
  readonly name: string | undefined;
}

/** A number of an update as a rule sees it: a scalar tensor where the update is compiled. One that is 0 is always a number, so that a rule can leave a term out. */
export type Coefficient = number | Tensor;

/** What a compiled update puts in place of the optimizer's own numbers, while its rule is traced. */
interface Traced {
  readonly scale: Coefficient;
  readonly bound: Coefficient;
}
/** The optimizer from within: for what compiles its updates. */
export interface OptimizerParts {
  /** Whether the class states what its rule computes with: a subclass that doesn't state it anew may have changed the rule. */
  readonly compiles: boolean;
  /** Counts an update of a weight. */
  begin(index: number): UpdateContext;
  /** The rate at the last update of each index. */
  readonly rates: Map<number, number>;
  coefficients(context: UpdateContext): readonly number[];
  rule(w: Tensor, g: Tensor, states: readonly Tensor[], coefficients: readonly Coefficient[], traced: Traced): readonly Tensor[];
}
let open!: (optimizer: Optimizer) => OptimizerParts;

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
  readonly #rates = new Map<number, number>();
  readonly #multipliers = new Map<number, Multipliers>();
  #traced: Traced | undefined;

  static {
    open = (optimizer) => ({
      compiles: Object.hasOwn(Object.getPrototypeOf(optimizer) as object, 'coefficients'),
      begin: (index) => optimizer.#begins(index),
      rates: optimizer.#rates,
      coefficients: (context) => optimizer.coefficients(context) ?? [],
      rule: (w, g, states, coefficients, traced) => {
        optimizer.#traced = traced;
        try {
          return optimizer.rule(w, g, states, unknownContext, coefficients);
        } finally {
          optimizer.#traced = undefined;
        }
      },
    });
  }

  constructor(options: OptimizerOptions = {}, defaultRate = 0.01) {
    this.#learningRate = options.learningRate ?? defaultRate;
    const { lrScheduler } = options;
    if (lrScheduler) {
      // A function has a `call` of its own, which would take the step for its `this`.
      if (typeof lrScheduler === 'function') throw new ArgumentError('lrScheduler', lrScheduler, 'an object with baseLr and call(numUpdate); a function of the step is a learningRate');
      if (typeof options.learningRate === 'number') lrScheduler.baseLr = options.learningRate;
      this.#learningRate = (step) => lrScheduler.call(step);
    }
    this.wd = options.wd ?? 0;
    this.clipGradient = options.clipGradient;
    this.rescaleGrad = options.rescaleGrad ?? 1;
    this.#begin = this.numUpdate = options.beginNumUpdate ?? 0;
    checkedRate(this.#learningRate);
    for (const [name, value] of Object.entries({ wd: this.wd, rescaleGrad: this.rescaleGrad })) if (!Number.isFinite(value)) throw new ArgumentError(name, value, 'a finite number');
    for (const [name, value] of Object.entries(options)) if (Number.isNaN(value)) throw new ArgumentError(name, value, 'a number');
    if (this.clipGradient !== undefined && !(this.clipGradient > 0)) throw new ArgumentError('clipGradient', this.clipGradient, 'a positive number');
  }
  /** The rate, or the schedule that gives it. */
  get learningRate(): number | Scheduler {
    return this.#learningRate;
  }
  set learningRate(value: number | Scheduler) {
    this.#learningRate = checkedRate(value);
  }
  /** The rate at the present number of updates. ArgumentError where a schedule gives no finite number. */
  get currentRate(): number {
    if (typeof this.#learningRate === 'number') return this.#learningRate;
    const rate = this.#learningRate(this.numUpdate);
    if (!Number.isFinite(rate)) throw new ArgumentError('learningRate', rate, `a finite number from the schedule at update ${this.numUpdate}`);
    return rate;
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
  /** The new weight and states from the old ones; `g` is the raw gradient, `coefficients` are those of {@link Optimizer.coefficients}. */
  protected abstract rule(w: Tensor, g: Tensor, states: readonly Tensor[], context: UpdateContext, coefficients: readonly Coefficient[]): readonly [weight: Tensor, ...states: Tensor[]];
  /**
   * The numbers that `rule` computes with, asked for once an update. A class that gives all of them (settings may change between
   * updates) and whose rule then reads neither the context nor a field has its updates compiled, all weights in one.
   */
  protected coefficients(_context: UpdateContext): readonly number[] | undefined {
    return undefined;
  }
  /** Whether rows without a gradient are left alone, state included, when the gradient is row-sparse. */
  protected get lazy(): boolean {
    return false;
  }

  /** Updates `weight` and its `state` in place. A row-sparse gradient updates only its rows where the optimizer is lazy. */
  update(index: number, weight: Cell, gradient: Tensor | RowSparseTensor, state: Cell[]): void {
    const context = this.#begins(index);
    const coefficients = this.coefficients(context) ?? [];
    pause(
      () => {
        const old = [weight, ...state].map((cell) => cell.read());
        const sparse = gradient instanceof RowSparseTensor;
        const next = sparse && this.lazy ? this.#updateRows(old, gradient.coalesce(), context, coefficients) : this.rule(old[0]!, sparse ? gradient.toDense() : gradient, old.slice(1), context, coefficients);
        [weight, ...state].forEach((cell, k) => cell.write(next[k]!));
      },
      { trainMode: isTraining() },
    );
  }
  #begins(index: number): UpdateContext {
    const count = (this.#counts.get(index) ?? this.#begin) + 1;
    this.#counts.set(index, count);
    this.numUpdate = Math.max(this.numUpdate, count);
    const multipliers = this.#multipliers.get(index);
    const lr = this.currentRate * (multipliers?.lrMult ?? 1);
    const wd = this.wd * (multipliers?.wdMult ?? 1);
    if (!Number.isFinite(lr) || !Number.isFinite(wd)) throw new ArgumentError(Number.isFinite(lr) ? 'wdMult' : 'lrMult', Number.isFinite(lr) ? multipliers?.wdMult : multipliers?.lrMult, `a finite number for ${multipliers?.name ?? `weight ${index}`}`);
    const lrBefore = this.#rates.get(index) ?? lr;
    this.#rates.set(index, lr);
    return { lr, lrBefore, wd, t: count, index, name: multipliers?.name };
  }
  #updateRows(old: readonly Tensor[], { values, indices }: RowSparseTensor, context: UpdateContext, coefficients: readonly Coefficient[]): readonly Tensor[] {
    if (indices.size === 0) return old;
    const rows = old.map((x) => take(x, indices));
    const next = this.rule(rows[0]!, values, rows.slice(1), context, coefficients);
    const { shape, ctx } = old[0]!;
    const touched = scatterAdd(zeros([shape[0]!], { ctx, dtype: 'int32' }), indices, ones([indices.size], { ctx, dtype: 'int32' }));
    const mask = greater(touched, 0).reshape(shape[0]!, ...shape.slice(1).map(() => 1));
    return old.map((x, k) => where(mask, scatterAdd(zerosLike(x), indices, next[k]!), x));
  }

  /** The gradient times `rescaleGrad`, clipped. */
  protected clipped(g: Tensor): Tensor {
    return this.clipTo(this.rescaled(g));
  }
  /** The gradient times `rescaleGrad`. */
  protected rescaled(g: Tensor): Tensor {
    const scale = this.#traced?.scale ?? this.rescaleGrad;
    return scale === 1 ? g : g.mul(scale);
  }
  /** The gradient clipped to ±`clipGradient`, where that is set. */
  protected clipTo(g: Tensor): Tensor {
    const bound = this.#traced?.bound ?? this.clipGradient ?? 0;
    return bound === 0 ? g : clip(g, typeof bound === 'number' ? -bound : neg(bound), bound);
  }
  /** The clipped gradient plus the decay: C(g) + wd w. */
  protected decayed(w: Tensor, g: Tensor, wd: Coefficient): Tensor {
    const c = this.clipped(g);
    return wd === 0 ? c : c.add(w.mul(wd));
  }
  /** The gradient with the decay, clipped together: C(g + wd w). */
  protected clippedDecayed(w: Tensor, g: Tensor, wd: Coefficient): Tensor {
    const r = this.rescaled(g);
    return this.clipTo(wd === 0 ? r : r.add(w.mul(wd)));
  }
}

function checkedRate(value: number | Scheduler): number | Scheduler {
  if (typeof value !== 'function' && !Number.isFinite(value)) throw new ArgumentError('learningRate', value, 'a finite number, or a function of the step; an object with call(numUpdate) is an lrScheduler');
  return value;
}

/** The parts of an optimizer. */
export function partsOf(optimizer: Optimizer): OptimizerParts {
  return open(optimizer);
}

/** What a rule that is compiled gets for a context: its numbers would be those of the first update for ever. */
const unknownContext: UpdateContext = Object.defineProperties({} as UpdateContext, Object.fromEntries(['lr', 'lrBefore', 'wd', 't', 'index', 'name'].map((key) => [key, {
  get: () => {
    throw new ArgumentError('rule', `a rule that reads ${key} of its context`, 'a rule that takes all its numbers from coefficients(context), since its class states them');
  },
}])));

/** `n` states of zeros shaped as the weight. */
export function zeroStates(weight: Tensor, n: number): Cell[] {
  return Array.from({ length: n }, () => new Cell(zerosLike(weight)));
}
