import { type Tensor, arange, concat, cumsum, equal, full, greater, greaterEqual, less, logSoftmax, logSumExp, logicalAnd, notEqual, slice, stack, takeAlongAxis, transpose, where } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import { Loss, type LossOptions } from './loss.ts';

/** The layouts of {@link CTCLoss}. */
export interface CTCOptions extends LossOptions {
  /** Axes of `pred`: 'NTC' or 'TNC'. */
  layout?: 'NTC' | 'TNC';
  /** Axes of `label`: 'NT' or 'TN'. */
  labelLayout?: 'NT' | 'TN';
}

/** The log of 0: finite, so that gradients through paths that don't exist are 0 and not NaN. */
const never = -1e30;

/**
 * Connectionist temporal classification: −log of the probability that a sequence of predictions spells the labels, blanks removed. The last
 * class is the blank, labels end at the first −1 (or by `labelLengths`), predictions by `predLengths`. [n].
 *
 * Graves, Fernández, Gomez and Schmidhuber, "Connectionist temporal classification", ICML 2006, §4.1, in logarithms.
 */
export class CTCLoss extends Loss {
  readonly layout: 'NTC' | 'TNC';
  readonly labelLayout: 'NT' | 'TN';
  constructor(options: CTCOptions = {}) {
    super({ alias: 'ctcloss', ...options });
    this.layout = options.layout ?? 'NTC';
    this.labelLayout = options.labelLayout ?? 'NT';
    if (!['NTC', 'TNC'].includes(this.layout)) throw new ArgumentError('layout', this.layout, "'NTC' or 'TNC'");
    if (!['NT', 'TN'].includes(this.labelLayout)) throw new ArgumentError('labelLayout', this.labelLayout, "'NT' or 'TN'");
  }
  override forward(pred: Tensor, label: Tensor, predLengths?: Tensor, labelLengths?: Tensor, sampleWeight?: Tensor): Tensor {
    const logs = logSoftmax(this.layout === 'NTC' ? transpose(pred, [1, 0, 2]) : pred, -1);
    const labels = (this.labelLayout === 'NT' ? label : label.T).astype('int32');
    const [steps, n, classes] = logs.shape as [number, number, number];
    const length = labels.shape[1]!;
    const blank = classes - 1;
    const { ctx, dtype } = logs;
    const lengths = labelLengths ? labelLengths.astype('int32') : lengthsOf(labels);
    const given = less(arange(0, length, 1, { ctx, dtype: 'int32' }).expandDims(0), lengths.expandDims(1));
    const known = where(given, labels, blank);
    // blank, l₁, blank, l₂, …, blank
    const blanks = full([n, length], blank, { ctx, dtype: 'int32' });
    const path = concat([stack([blanks, known], 2).reshape(n, 2 * length), full([n, 1], blank, { ctx, dtype: 'int32' })], 1);
    const size = 2 * length + 1;
    const nothing = (k: number): Tensor => full([n, Math.min(k, size)], never, { ctx, dtype });
    const skips = size < 3 ? undefined : concat([full([n, 2], 0, { ctx, dtype: 'bool' }), logicalAnd(notEqual(slice(path, [], [2]), slice(path, [], [0, size - 2])), notEqual(slice(path, [], [2]), blank))], 1);
    const emit = (t: number): Tensor => takeAlongAxis(logs.slice(t), path, 1);
    const moved = (x: Tensor, k: number): Tensor => (k >= size ? nothing(k) : concat([nothing(k), slice(x, [], [0, size - k])], 1));
    const position = arange(0, size, 1, { ctx, dtype: 'int32' }).expandDims(0);
    let alpha = where(less(position, 2), emit(0), never);
    for (let t = 1; t < steps; t++) {
      const from = [alpha, moved(alpha, 1), ...(skips ? [where(skips, moved(alpha, 2), never)] : [])];
      const next = logSumExp(stack(from, 0), 0).add(emit(t));
      alpha = predLengths ? where(greater(predLengths.expandDims(1), t), next, alpha) : next;
    }
    const end = lengths.mul(2).expandDims(1);
    const ends = where(logicalAnd(greaterEqual(position, end.sub(1)), less(position, end.add(1))), alpha, never);
    return this.weighted(logSumExp(ends, 1).neg(), sampleWeight);
  }
}

/** How many labels stand before the first −1. */
function lengthsOf(labels: Tensor): Tensor {
  const padding = equal(labels, -1).astype('int32');
  return equal(cumsum(padding, 1), 0).astype('int32').sum(1);
}
