import { type TensorLike, ShapeError, linspace } from '@matheron/core-tensor';
import { GPError } from '@matheron/gp-kernels';
import type { GPModel } from '../model.ts';

/**
 * X and y: the observations, one column each. `at`: where the curves are evaluated, 200 points over the range of X and truth by default. `truth`: what
 * really happened, shown beside the forecast. `level` 0.95. `samples`: joint draws of the function, none by default.
 */
export interface PlotOptions {
  X: TensorLike;
  y: TensorLike;
  at?: TensorLike;
  truth?: { X: TensorLike; y: TensorLike };
  title?: string;
  /** With the unit: `time / s`. */
  xLabel?: string;
  yLabel?: string;
  level?: number;
  samples?: number;
}

export interface Point { readonly x: number; readonly y: number }

/** All numbers that a plot shows. */
export interface Curves {
  readonly data: readonly Point[];
  readonly truth: readonly Point[];
  readonly x: readonly number[];
  readonly mean: readonly number[];
  /** The latent function's band. */
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** The observations' band, undefined where it is no wider. */
  readonly noise: { readonly lower: readonly number[]; readonly upper: readonly number[] } | undefined;
  readonly samples: readonly (readonly number[])[];
  readonly level: number;
}

/** Evaluates the model. ShapeError for more than one input column: a line has one. */
export async function curvesOf(model: GPModel, options: PlotOptions): Promise<Curves> {
  const level = options.level ?? 0.95;
  const data = await points('X', options.X, options.y);
  const truth = options.truth ? await points('truth.X', options.truth.X, options.truth.y) : [];
  const all = [...data, ...truth].map((p) => p.x);
  const [low, high] = extent(all);
  // at a single place, a band around it
  if (options.at === undefined && all.length === 0) throw new GPError('argument', 'plot: X and y hold no finite observation; pass those of the fit, or the places to draw as `at`');
  const reach = low === high ? 0.5 * (Math.abs(low) || 1) : 0;
  const grid = options.at === undefined ? await numbers(linspace(low - reach, high + reach, 200)) : [...(await numbers(options.at))].sort((a, b) => a - b);
  const stray = grid.find((v) => !Number.isFinite(v));
  if (stray !== undefined || grid.length === 0) throw new GPError('argument', `plot: at must hold finite numbers, got ${stray ?? 'none'}`);
  const count = options.samples ?? 0;
  if (!Number.isInteger(count) || count < 0) throw new GPError('argument', `plot: samples must be an integer that is not negative, got ${count}`);
  const column = grid.map((v) => [v]);
  const latent = model.predict(column);
  const observed = model.predict(column, { noise: true });
  const [a, b] = [latent.interval(level), observed.interval(level)];
  const [mean, lower, upper, lowerNoise, upperNoise] = await Promise.all([latent.mean, a.lower, a.upper, b.lower, b.upper].map(numbers));
  if (mean!.length !== grid.length) {
    throw new ShapeError('plot', 'plot: the model has several target columns; plot one of its states', { expected: `[${grid.length}]`, actual: [latent.mean.shape] });
  }
  const span = extent(upper!)[1] - extent(lower!)[0];
  const wider = grid.some((_, i) => upperNoise![i]! - upper![i]! > 0.004 * span);
  const drawn = count > 0 ? await numbers(model.sampleJoint(column, { samples: count })) : [];
  const samples = Array.from({ length: count }, (_, s) => grid.map((__, i) => drawn[i * (drawn.length / grid.length) + s]!));
  return { data, truth, x: grid, mean: mean!, lower: lower!, upper: upper!, noise: wider ? { lower: lowerNoise!, upper: upperNoise! } : undefined, samples, level };
}

async function points(name: string, X: TensorLike, y: TensorLike): Promise<Point[]> {
  const xs = await numbers(X);
  const ys = await numbers(y);
  if (xs.length !== ys.length) {
    throw new ShapeError('plot', `plot: ${name} has ${xs.length} values for ${ys.length} of y; a plot needs one input column`, { expected: `[${ys.length}] or [${ys.length}, 1]`, actual: [[xs.length]] });
  }
  return xs.map((x, i) => ({ x, y: ys[i]! })).filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y));
}
/** The least and the largest of any number of values. */
export function extent(values: readonly number[]): readonly [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const v of values) [low, high] = [Math.min(low, v), Math.max(high, v)];
  return [low, high];
}
/** The values of a TensorLike, flat. */
export async function numbers(x: TensorLike): Promise<number[]> {
  if ((x as unknown) === undefined || (x as unknown) === null) throw new GPError('argument', 'plot: the observations are missing; pass them as { X, y }');
  if (typeof x === 'number') return [x];
  if (typeof x === 'boolean') return [Number(x)];
  if (ArrayBuffer.isView(x)) return Array.from(x as ArrayLike<number>);
  if (Array.isArray(x)) return (x as unknown[]).flat(Infinity).map(Number);
  return Array.from(await (x as ReturnType<typeof linspace>).data(), Number);
}
