import { ArgumentError } from '@matheron/gluon-params';
import { type HostValues, Metric, classOf, sizeOfValues } from './metric.ts';

/** The predicted probabilities of the labels: predictions [n, classes]. */
function picked(name: string, label: HostValues, pred: HostValues): number[] {
  const classes = checkRows(name, label, pred);
  return Array.from({ length: sizeOfValues(label) }, (_, i) => {
    return pred.values[i * classes + classOf(name, label.values[i]!, classes)]!;
  });
}
function checkRows(name: string, label: HostValues, pred: HostValues): number {
  const classes = pred.shape.at(-1) ?? 0;
  if (pred.values.length !== sizeOfValues(label) * classes) throw new ArgumentError(name, `labels of shape [${label.shape.join(', ')}] and predictions of shape [${pred.shape.join(', ')}]`, '[n] labels and [n, classes] predictions');
  return classes;
}

/** exp of the mean −log probability of the labels; labels of `ignoreLabel` are left out. */
export class Perplexity extends Metric {
  readonly ignoreLabel: number | undefined;
  constructor(options: { ignoreLabel?: number; name?: string } = {}) {
    super(options.name ?? 'perplexity');
    this.ignoreLabel = options.ignoreLabel;
  }
  protected override updateOne(label: HostValues, pred: HostValues): void {
    const kept = Array.from(label.values, (_, i) => i).filter((i) => Math.trunc(label.values[i]!) !== this.ignoreLabel);
    const classes = checkRows(this.name, label, pred);
    const at = { shape: [kept.length], values: kept.map((i) => label.values[i]!) };
    const rows = { shape: [kept.length, classes], values: kept.flatMap((i) => Array.from({ length: classes }, (_, c) => pred.values[i * classes + c]!)) };
    const p = picked(this.name, at, rows);
    this.count(p.reduce((s, v) => s - Math.log(Math.max(1e-10, v)), 0), p.length);
  }
  protected override finish(sum: number, count: number): number {
    return count === 0 ? NaN : Math.exp(sum / count);
  }
}
/** The mean −log(probability + ε) of the labels; ε 1e-12. */
export class CrossEntropy extends Metric {
  readonly eps: number;
  constructor(options: { eps?: number; name?: string } = {}) {
    super(options.name ?? 'cross-entropy');
    this.eps = options.eps ?? 1e-12;
  }
  protected override updateOne(label: HostValues, pred: HostValues): void {
    const p = picked(this.name, label, pred);
    this.count(p.reduce((s, v) => s - Math.log(v + this.eps), 0), p.length);
  }
}
/** The same under the name nll-loss. */
export class NegativeLogLikelihood extends CrossEntropy {
  constructor(options: { eps?: number; name?: string } = {}) {
    super({ name: 'nll-loss', ...options });
  }
}
