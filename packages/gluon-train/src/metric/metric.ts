import { type Shape, type TensorLike, Tensor, asTensor, sizeOf } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';

/** Labels or predictions: one array, or a list of them. */
export type MetricInput = TensorLike | readonly Tensor[];
/** Values on the host. */
export interface HostValues {
  readonly shape: Shape;
  readonly values: ArrayLike<number>;
}

/**
 * A figure over many batches. `update` takes a batch in; `get` gives the name and the value so far, NaN before there is any. There are
 * two counts: `get` and `reset` mean both, `resetLocal` starts the local one anew and `getGlobal` reads the other.
 */
export abstract class Metric {
  readonly name: string;
  #local = { sum: 0, count: 0 };
  #global = { sum: 0, count: 0 };
  constructor(name: string) {
    this.name = name;
  }
  /** Takes in a batch. Lists go pairwise. ArgumentError for lists of different lengths. */
  update(labels: MetricInput, preds: MetricInput): void {
    const [l, p] = [listOf(labels), listOf(preds)];
    if (l.length !== p.length) throw new ArgumentError('labels', `${l.length} arrays`, `as many as there are predictions, ${p.length}`);
    l.forEach((label, k) => this.updateOne(label, p[k]!));
  }
  /** One pair of arrays. */
  protected abstract updateOne(label: HostValues, pred: HostValues): void;
  /** Takes in arrays by name: pairs of one name where both have the same names, else in their order. */
  updateDict(labels: Readonly<Record<string, Tensor>>, preds: Readonly<Record<string, Tensor>>): void {
    const names = Object.keys(labels);
    const same = names.length === Object.keys(preds).length && names.every((name) => Object.hasOwn(preds, name));
    this.update(Object.values(labels), same ? names.map((name) => preds[name]!) : Object.values(preds));
  }
  /** Adds to both counts. */
  protected count(sum: number, n: number): void {
    this.#local = { sum: this.#local.sum + sum, count: this.#local.count + n };
    this.#global = { sum: this.#global.sum + sum, count: this.#global.count + n };
  }
  /** Replaces the totals, for figures that are no sums. */
  protected set(local: { sum: number; count: number }, global: { sum: number; count: number }): void {
    this.#local = local;
    this.#global = global;
  }
  /** The value of a total. */
  protected finish(sum: number, count: number): number {
    return count === 0 ? NaN : sum / count;
  }
  /** Name and value since `resetLocal`. */
  get(): [name: string, value: number] {
    return [this.name, this.finish(this.#local.sum, this.#local.count)];
  }
  /** Name and value since `reset`. */
  getGlobal(): [name: string, value: number] {
    return [this.name, this.finish(this.#global.sum, this.#global.count)];
  }
  /** Name and value as a list, which has one entry for each figure. */
  getNameValue(): [name: string, value: number][] {
    return [this.get()];
  }
  /** Forgets everything. */
  reset(): void {
    this.#local = { sum: 0, count: 0 };
    this.#global = { sum: 0, count: 0 };
  }
  /** Forgets what `get` gives, and keeps what `getGlobal` gives. */
  resetLocal(): void {
    this.#local = { sum: 0, count: 0 };
  }
  /** Class and settings. */
  getConfig(): Record<string, unknown> {
    return { metric: this.constructor.name, ...Object.fromEntries(Object.entries(this)) };
  }
  /** What a checkpoint keeps. */
  get state(): unknown {
    return { local: this.#local, global: this.#global };
  }
  set state(state: unknown) {
    const { local, global } = state as { local: { sum: number; count: number }; global: { sum: number; count: number } };
    this.#local = local;
    this.#global = global;
  }
  toString(): string {
    const [name, value] = this.get();
    return `EvalMetric: {'${name}': ${value}}`;
  }
}

/** The arrays of an input, on the host. */
export function listOf(x: MetricInput): HostValues[] {
  const arrays = Array.isArray(x) && x.length > 0 && x.every((y) => y instanceof Tensor) ? (x as readonly Tensor[]) : [asTensor('metric', x as TensorLike)];
  return arrays.map((y) => ({ shape: y.shape, values: y.dataSync() }));
}

/** Number of elements. */
export function sizeOfValues(x: HostValues): number {
  return x.values.length;
}
/** ArgumentError where two arrays have different numbers of elements. */
export function checkSameSize(metric: string, label: HostValues, pred: HostValues): void {
  if (label.values.length !== pred.values.length) throw new ArgumentError(metric, `labels of shape [${label.shape.join(', ')}] and predictions of shape [${pred.shape.join(', ')}]`, 'as many labels as predictions');
}
/** The class that a label names. ArgumentError where there is no such class. */
export function classOf(metric: string, label: number, classes: number = Infinity): number {
  const c = Math.trunc(label);
  if (!(c >= 0 && c < classes)) throw new ArgumentError(metric, `the label ${label}`, classes === Infinity ? 'a class, from 0 on' : `a class below ${classes}`);
  return c;
}
/** The largest element's place along an axis: the predicted classes. */
export function classesOf(pred: HostValues, axis: number): number[] {
  const k = axis < 0 ? axis + pred.shape.length : axis;
  const n = pred.shape[k];
  if (n === undefined) throw new ArgumentError('preds', `shape [${pred.shape.join(', ')}]`, `an axis ${axis} of classes`);
  const inner = sizeOf(pred.shape.slice(k + 1));
  const outer = sizeOf(pred.shape.slice(0, k));
  return Array.from({ length: outer * inner }, (_, i) => {
    const start = Math.floor(i / inner) * n * inner + (i % inner);
    let best = 0;
    for (let c = 1; c < n; c++) if (pred.values[start + c * inner]! > pred.values[start + best * inner]!) best = c;
    return best;
  });
}
