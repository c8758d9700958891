import { ArgumentError } from '@matheron/gluon-params';
import { type HostValues, Metric, checkSameSize, classOf, classesOf } from './metric.ts';
import { AveragedMetric, StatisticMetric } from './statistic.ts';

function predictedClasses(name: string, label: HostValues, pred: HostValues, axis: number): number[] {
  const classes = pred.shape.length === label.shape.length && pred.values.length === label.values.length ? Array.from(pred.values, Math.trunc) : classesOf(pred, axis);
  checkSameSize(name, label, { shape: [classes.length], values: classes });
  return classes;
}

/** The share of samples whose largest prediction (along `axis`, 1) is the label. */
export class Accuracy extends Metric {
  readonly axis: number;
  constructor(options: { axis?: number; name?: string } = {}) {
    super(options.name ?? 'accuracy');
    this.axis = options.axis ?? 1;
  }
  protected override updateOne(label: HostValues, pred: HostValues): void {
    const classes = predictedClasses(this.name, label, pred, this.axis);
    this.count(classes.filter((c, i) => c === Math.trunc(label.values[i]!)).length, classes.length);
  }
}

/** The share of samples whose label is among the `topK` largest predictions; topK above 1. */
export class TopKAccuracy extends Metric {
  readonly topK: number;
  constructor(topK: number, options: { name?: string } = {}) {
    super(`${options.name ?? 'top_k_accuracy'}_${topK}`);
    if (!(Number.isInteger(topK) && topK > 1)) throw new ArgumentError('topK', topK, 'an integer above 1; use Accuracy for 1');
    this.topK = topK;
  }
  protected override updateOne(label: HostValues, pred: HostValues): void {
    const [n, classes] = pred.shape as [number, number];
    if (pred.shape.length !== 2 || label.values.length !== n) throw new ArgumentError(this.name, `labels of shape [${label.shape.join(', ')}] and predictions of shape [${pred.shape.join(', ')}]`, '[n] labels and [n, classes] predictions');
    let hits = 0;
    for (let i = 0; i < n; i++) {
      const row = Array.from({ length: classes }, (_, c) => pred.values[i * classes + c]!);
      const truth = classOf(this.name, label.values[i]!, classes);
      const own = row[truth]!;
      const above = row.filter((v, c) => v > own || (v === own && c > truth)).length;
      if (above < this.topK) hits++;
    }
    this.count(hits, n);
  }
}

interface Counts {
  tp: number;
  fp: number;
  tn: number;
  fn: number;
}
const none = (): Counts => ({ tp: 0, fp: 0, tn: 0, fn: 0 });
const merged = (a: Counts, b: Counts): Counts => ({ tp: a.tp + b.tp, fp: a.fp + b.fp, tn: a.tn + b.tn, fn: a.fn + b.fn });

/** A figure of a binary confusion matrix: the mean over updates ('macro'), or that of all samples together ('micro'). */
abstract class BinaryMetric extends AveragedMetric<Counts> {
  constructor(name: string, average: 'macro' | 'micro') {
    super(name, average, none);
  }
  /** The figure of a confusion matrix. */
  protected abstract score(counts: Counts): number;
  protected override updateOne(label: HostValues, pred: HostValues): void {
    const classes = classesOf(pred, 1);
    checkSameSize(this.name, label, { shape: [classes.length], values: classes });
    const found = none();
    classes.forEach((c, i) => {
      const truth = Math.trunc(label.values[i]!);
      if ((truth !== 0 && truth !== 1) || c > 1) throw new ArgumentError(this.name, `the class ${Math.max(truth, c)}`, 'two classes, 0 and 1');
      found[truth === 1 ? (c === 1 ? 'tp' : 'fn') : c === 1 ? 'fp' : 'tn']++;
    });
    if (this.average === 'macro') {
      this.count(this.score(found), 1);
      return;
    }
    const { local, global } = this.statistics;
    const now = { local: merged(local, found), global: merged(global, found) };
    this.statistics = now;
    const total = (k: Counts): { sum: number; count: number } => {
      const n = k.tp + k.fp + k.tn + k.fn;
      return { sum: this.score(k) * n, count: n };
    };
    this.set(total(now.local), total(now.global));
  }
}

/** 2 · precision · recall / (precision + recall) of two classes, 0 where there is none. */
export class F1 extends BinaryMetric {
  constructor(options: { average?: 'macro' | 'micro'; name?: string } = {}) {
    super(options.name ?? 'f1', options.average ?? 'macro');
  }
  protected override score({ tp, fp, fn }: Counts): number {
    return tp === 0 ? 0 : (2 * tp) / (2 * tp + fp + fn);
  }
}
/** Matthews' correlation coefficient of two classes. */
export class MCC extends BinaryMetric {
  constructor(options: { average?: 'macro' | 'micro'; name?: string } = {}) {
    super(options.name ?? 'mcc', options.average ?? 'macro');
  }
  protected override score({ tp, fp, tn, fn }: Counts): number {
    const divisor = [tp + fp, tp + fn, tn + fp, tn + fn].filter((t) => t !== 0).reduce((a, b) => a * b, 1);
    return (tp * tn - fp * fn) / Math.sqrt(divisor);
  }
}

/** Pearson's correlation of classes: Matthews' coefficient for any number of them. Gorodkin, Comput. Biol. Chem. 28 (2004). */
export class PCC extends StatisticMetric<number[][]> {
  constructor(options: { name?: string } = {}) {
    super(options.name ?? 'pcc', () => []);
  }
  protected override updateOne(label: HostValues, pred: HostValues): void {
    const classes = predictedClasses(this.name, label, pred, 1);
    const { local, global } = this.statistics;
    for (const table of [local, global]) {
      classes.forEach((c, i) => {
        const truth = classOf(this.name, label.values[i]!);
        for (let k = table.length; k <= Math.max(c, truth); k++) {
          for (const row of table) row.push(0);
          table.push(new Array<number>(k + 1).fill(0));
        }
        table[c]![truth]!++;
      });
    }
    this.set({ sum: correlation(local), count: 1 }, { sum: correlation(global), count: 1 });
  }
}
function correlation(table: readonly number[][]): number {
  const x = table.map((row) => row.reduce((a, b) => a + b, 0));
  const y = table.map((_, j) => table.reduce((a, row) => a + row[j]!, 0));
  const n = x.reduce((a, b) => a + b, 0);
  const xx = x.reduce((a, v) => a + v * (n - v), 0);
  const yy = y.reduce((a, v) => a + v * (n - v), 0);
  const xy = table.reduce((a, row, k) => a + row[k]! * n - x[k]! * y[k]!, 0);
  return xx === 0 || yy === 0 ? NaN : xy / Math.sqrt(xx * yy);
}
