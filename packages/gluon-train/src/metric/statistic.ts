import { ArgumentError } from '@matheron/gluon-params';
import { Metric } from './metric.ts';

/** A figure that is no sum over samples but a function of statistics of all of them. `none` makes those of no sample. */
export abstract class StatisticMetric<S> extends Metric {
  readonly #none: () => S;
  #local: S;
  #global: S;
  constructor(name: string, none: () => S) {
    super(name);
    this.#none = none;
    this.#local = none();
    this.#global = none();
  }
  /** The statistics since `resetLocal`, and since `reset`. */
  protected get statistics(): { readonly local: S; readonly global: S } {
    return { local: this.#local, global: this.#global };
  }
  protected set statistics({ local, global }: { readonly local: S; readonly global: S }) {
    this.#local = local;
    this.#global = global;
  }
  override reset(): void {
    super.reset();
    this.#local = this.#none();
    this.#global = this.#none();
  }
  override resetLocal(): void {
    super.resetLocal();
    this.#local = this.#none();
  }
  override get state(): unknown {
    return { totals: super.state, ...this.statistics };
  }
  override set state(state: unknown) {
    const { totals, ...statistics } = state as { totals: unknown; local: S; global: S };
    super.state = totals;
    this.statistics = statistics;
  }
}

/** Such a figure as the mean over updates ('macro'), or of all samples together ('micro'). */
export abstract class AveragedMetric<S> extends StatisticMetric<S> {
  readonly average: 'macro' | 'micro';
  constructor(name: string, average: 'macro' | 'micro', none: () => S) {
    super(name, none);
    if (average !== 'macro' && average !== 'micro') throw new ArgumentError('average', average, "'macro' or 'micro'");
    this.average = average;
  }
}
