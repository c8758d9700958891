import { type HostValues, Metric, type MetricInput, checkSameSize, listOf, sizeOfValues } from './metric.ts';
import { AveragedMetric } from './statistic.ts';

/** The mean over updates of a figure of a batch. */
abstract class ErrorMetric extends Metric {
  protected override updateOne(label: HostValues, pred: HostValues): void {
    checkSameSize(this.name, label, pred);
    this.count(this.error(label, pred), 1);
  }
  /** The figure of a batch. */
  protected abstract error(label: HostValues, pred: HostValues): number;
}
function mean(label: HostValues, pred: HostValues, f: (e: number) => number): number {
  let sum = 0;
  for (let i = 0; i < label.values.length; i++) sum += f(label.values[i]! - pred.values[i]!);
  return sum / label.values.length;
}
/** Mean absolute error. */
export class MAE extends ErrorMetric {
  constructor(options: { name?: string } = {}) {
    super(options.name ?? 'mae');
  }
  protected override error(label: HostValues, pred: HostValues): number {
    return mean(label, pred, Math.abs);
  }
}
/** Mean squared error. */
export class MSE extends ErrorMetric {
  constructor(options: { name?: string } = {}) {
    super(options.name ?? 'mse');
  }
  protected override error(label: HostValues, pred: HostValues): number {
    return mean(label, pred, (e) => e * e);
  }
}
/** Root of the mean squared error: the mean of the batches' roots, as in Gluon. */
export class RMSE extends ErrorMetric {
  constructor(options: { name?: string } = {}) {
    super(options.name ?? 'rmse');
  }
  protected override error(label: HostValues, pred: HostValues): number {
    return Math.sqrt(mean(label, pred, (e) => e * e));
  }
}

interface Moments {
  n: number;
  x: number;
  y: number;
  xx: number;
  yy: number;
  xy: number;
}
const empty = (): Moments => ({ n: 0, x: 0, y: 0, xx: 0, yy: 0, xy: 0 });
/** Adds a pair to means and centered sums (Welford). */
function include(m: Moments, x: number, y: number): void {
  m.n++;
  const [dx, dy] = [x - m.x, y - m.y];
  m.x += dx / m.n;
  m.y += dy / m.n;
  m.xx += dx * (x - m.x);
  m.yy += dy * (y - m.y);
  m.xy += dx * (y - m.y);
}
const correlation = ({ xx, yy, xy }: Moments): number => xy / Math.sqrt(xx * yy);

/** Pearson's correlation of labels and predictions: the mean over updates ('macro'), or that of all together ('micro'). */
export class PearsonCorrelation extends AveragedMetric<Moments> {
  constructor(options: { average?: 'macro' | 'micro'; name?: string } = {}) {
    super(options.name ?? 'pearsonr', options.average ?? 'macro', empty);
  }
  protected override updateOne(label: HostValues, pred: HostValues): void {
    checkSameSize(this.name, label, pred);
    const own = empty();
    const { local, global } = this.statistics;
    for (let i = 0; i < label.values.length; i++) for (const m of [own, local, global]) include(m, label.values[i]!, pred.values[i]!);
    if (this.average === 'macro') this.count(correlation(own), 1);
    else this.set({ sum: correlation(local), count: 1 }, { sum: correlation(global), count: 1 });
  }
}

/** The mean of what is handed in as predictions: a loss. */
export class Loss extends Metric {
  constructor(options: { name?: string } = {}) {
    super(options.name ?? 'loss');
  }
  /** Takes in losses, one array or a list of them; labels are not looked at. */
  override update(_labels: MetricInput | null | undefined, preds: MetricInput): void {
    for (const pred of listOf(preds)) this.updateOne(pred, pred);
  }
  protected override updateOne(_label: HostValues, pred: HostValues): void {
    let sum = 0;
    for (let i = 0; i < pred.values.length; i++) sum += pred.values[i]!;
    this.count(sum, sizeOfValues(pred));
  }
}

/** A function of labels and predictions as a metric: it gives a number a batch, or a sum and a count. */
export class CustomMetric extends Metric {
  readonly #f: (label: HostValues, pred: HostValues) => number | readonly [sum: number, count: number];
  constructor(f: (label: HostValues, pred: HostValues) => number | readonly [sum: number, count: number], options: { name?: string } = {}) {
    super(options.name ?? `custom(${f.name || '<lambda>'})`);
    this.#f = f;
  }
  protected override updateOne(label: HostValues, pred: HostValues): void {
    const found = this.#f(label, pred);
    if (typeof found === 'number') this.count(found, 1);
    else this.count(found[0], found[1]);
  }
}
