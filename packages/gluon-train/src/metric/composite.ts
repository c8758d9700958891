import { IndexError, nearestName } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import { Accuracy, F1, MCC, PCC, TopKAccuracy } from './classification.ts';
import { CrossEntropy, NegativeLogLikelihood, Perplexity } from './likelihood.ts';
import { Metric, type MetricInput } from './metric.ts';
import { CustomMetric, Loss, MAE, MSE, PearsonCorrelation, RMSE } from './regression.ts';

/** Several metrics over the same batches. `get` gives the first; `getNameValue` all. */
export class CompositeEvalMetric extends Metric {
  readonly metrics: Metric[];
  constructor(metrics: readonly Metric[] = [], options: { name?: string } = {}) {
    super(options.name ?? 'composite');
    this.metrics = [...metrics];
  }
  /** Puts a metric at the end. */
  add(metric: Metric): this {
    this.metrics.push(metric);
    return this;
  }
  /** The metric at `index`. IndexError outside. */
  at(index: number): Metric {
    const metric = this.metrics.at(index);
    if (!metric) throw new IndexError('CompositeEvalMetric.at', `CompositeEvalMetric.at: there is no metric ${index} among ${this.metrics.length}`, index, this.metrics.length);
    return metric;
  }
  override update(labels: MetricInput, preds: MetricInput): void {
    for (const metric of this.metrics) metric.update(labels, preds);
  }
  protected override updateOne(): void {}
  /** Name and value of the first metric. IndexError where there is none. */
  override get(): [name: string, value: number] {
    return this.at(0).get();
  }
  /** Names and values of all metrics. */
  override getNameValue(): [name: string, value: number][] {
    return this.metrics.flatMap((metric) => metric.getNameValue());
  }
  override reset(): void {
    for (const metric of this.metrics) metric.reset();
  }
  override resetLocal(): void {
    for (const metric of this.metrics) metric.resetLocal();
  }
  override get state(): unknown {
    return this.metrics.map((metric) => metric.state);
  }
  override set state(state: unknown) {
    (state as unknown[]).forEach((own, k) => (this.metrics[k]!.state = own));
  }
}

const makers: Readonly<Record<string, () => Metric>> = {
  acc: () => new Accuracy(),
  accuracy: () => new Accuracy(),
  top_k_accuracy: () => new TopKAccuracy(5),
  top_k_acc: () => new TopKAccuracy(5),
  f1: () => new F1(),
  mcc: () => new MCC(),
  pcc: () => new PCC(),
  perplexity: () => new Perplexity(),
  mae: () => new MAE(),
  mse: () => new MSE(),
  rmse: () => new RMSE(),
  ce: () => new CrossEntropy(),
  'cross-entropy': () => new CrossEntropy(),
  nll_loss: () => new NegativeLogLikelihood(),
  pearsonr: () => new PearsonCorrelation(),
  loss: () => new Loss(),
};

/** A metric by its Gluon name, out of a function, or several as one. ArgumentError, with the nearest name, for others. */
export function create(metric: string | Metric | ConstructorParameters<typeof CustomMetric>[0] | readonly (string | Metric)[]): Metric {
  if (metric instanceof Metric) return metric;
  if (typeof metric === 'function') return new CustomMetric(metric);
  if (typeof metric !== 'string') return new CompositeEvalMetric(metric.map((m) => create(m)));
  const key = metric.toLowerCase();
  const make = Object.hasOwn(makers, key) ? makers[key] : undefined;
  if (!make) {
    const nearest = nearestName(key, Object.keys(makers));
    throw new ArgumentError('metric', metric, `one of ${Object.keys(makers).join(', ')}${nearest ? `; did you mean '${nearest}'?` : ''}`);
  }
  return make();
}
