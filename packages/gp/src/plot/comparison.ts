import { ShapeError } from '@matheron/core-tensor';
import type { GPModel } from '../model.ts';
import type { Prediction } from '../prediction.ts';
import { type PlotOptions, numbers } from './curves.ts';
import { type Frame, axes, dataMarks, figureElement, frameAround, grid, header, n, percent } from './figure.ts';

/** Whether a plot over one axis is impossible: X has several columns. */
export async function hasSeveralInputs(options: PlotOptions): Promise<boolean> {
  const [x, y] = await Promise.all([numbers(options.X), numbers(options.y)]);
  return y.length > 0 && x.length > y.length && x.length % y.length === 0;
}

/**
 * For models of several inputs, which no line can show: each observation against its prediction from all others (leave-one-out; for models without it, the
 * posterior's own prediction), with the interval of `level`. Points on the diagonal are predicted exactly.
 */
export async function comparisonSvg(model: GPModel, options: PlotOptions): Promise<string> {
  const level = options.level ?? 0.95;
  const loo = (model as Partial<{ leaveOneOut(): Prediction }>).leaveOneOut?.bind(model);
  const prediction = loo ? loo() : model.predict(options.X, { noise: true });
  const { lower, upper } = prediction.interval(level);
  const [observed, mean, low, high] = await Promise.all([options.y, prediction.mean, lower, upper].map(numbers));
  if (mean!.length !== observed!.length) {
    throw new ShapeError('plot', `plot: ${observed!.length} observations for ${mean!.length} predictions; pass the X and y of the fit`, { expected: `[${mean!.length}]`, actual: [[observed!.length]] });
  }
  const frame = frameAround([...observed!, ...mean!], [...observed!, ...low!, ...high!]);
  const what = loo ? 'predicted from all others' : 'predicted';
  const y = options.yLabel ?? 'y';
  const title = options.title ?? '';
  const bars = mean!.map((m, i) => `<path class="mf-sample" d="M${n(frame.px(m))} ${n(frame.py(low![i]!))}V${n(frame.py(high![i]!))}"/>`).join('');
  return `${figureElement(title, `${observed!.length} observations against what the model predicts`, [
    grid(frame), axes(frame, { xLabel: `${y}, ${what}`, yLabel: `${y}, observed` }),
    diagonal(frame), bars,
    dataMarks(mean!.map((x, i) => ({ x, y: observed![i]! })), frame),
    header(title, [
      ['<circle class="mf-data" cx="10" cy="0" r="3.2"/>', 'observations'],
      ['<path class="mf-sample" d="M10 -7V7"/>', `${percent(level)} interval`],
      ['<path class="mf-mean" d="M0 0H20"/>', 'observed = predicted'],
    ], frame),
  ])}\n`;
}

function diagonal(f: Frame): string {
  const low = Math.max(f.x.low, f.y.low);
  const high = Math.min(f.x.high, f.y.high);
  return high > low ? `<path class="mf-mean" d="M${n(f.px(low))} ${n(f.py(low))}L${n(f.px(high))} ${n(f.py(high))}"/>` : '';
}
