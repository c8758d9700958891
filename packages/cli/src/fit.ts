import { join, relative } from 'node:path';
import { type Config, type Context, type FitReport, type GaussianProcessRegression, type Prediction, configure, onWarning, tensor } from 'matheron';
import { plotHtml, plotSvg } from '@matheron/gp/plot';
import { CliError, exitCodes } from './errors.ts';
import { makeModel, type ModelChoice } from './model-choice.ts';
import { outputError, prepareFolder, writeOutput } from './output.ts';
import { type Output, ProgressLine } from './progress.ts';
import { type Report, formatReport } from './report.ts';
import { type Numbers, type Table, columnIndex, numericColumns, placeOf, readTable, reasonOfText, toNumbers } from './table.ts';
import { version } from './version.ts';

/** The flags of `matheron fit`. */
export interface FitFlags extends ModelChoice {
  readonly file: string;
  readonly y: string;
  readonly x: readonly string[] | undefined;
  readonly restarts: number;
  readonly maxIterations: number;
  /** A CSV file, or a value of the only input from which on rows are held out. */
  readonly holdout: string | undefined;
  readonly holdoutX: readonly string[] | undefined;
  readonly holdoutY: string | undefined;
  /** A number or a date, as `predictTo`. */
  readonly holdoutFrom: string | undefined;
  readonly predictTo: string | undefined;
  readonly level: number;
  readonly config: Config;
  readonly out: string;
  readonly force: boolean;
  readonly title: string | undefined;
  readonly xLabel: string | undefined;
  readonly yLabel: string | undefined;
}

export interface Streams {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

interface Points { readonly X: number[][]; readonly y: number[] }

/** Fits, writes report, plots and model, prints the report. Returns the exit code: done or interrupted. */
export async function fit(flags: FitFlags, streams: Streams): Promise<number> {
  const warnings: string[] = [];
  const restore = onWarning((w) => warnings.push(w.message));
  try {
    return await fitWithWarnings(flags, streams, warnings);
  } finally {
    restore();
  }
}

async function fitWithWarnings(flags: FitFlags, { stdout, stderr, quiet, json, signal }: Streams, warnings: string[]): Promise<number> {
  const say = (line: string): void => {
    if (!quiet) stderr.write(`${line}\n`);
  };
  const table = await readTable(flags.file);
  const x = chooseInputs(table, flags, warnings);
  const numbers = toNumbers(table, [...x, flags.y]);
  const all = pointsOf(numbers);
  const { train, held } = await splitOff(flags, x, numbers, all);
  if (train.y.length === 0) throw new CliError('data', `${flags.file}: no row is left to fit: ${numbers.dropped.length} of ${table.rows.length} rows lack a value${held ? `, ${held.y.length} are held out` : ''}`);
  // before anything is written or started: a kernel or a mean that is none is an error of usage
  const model = makeModel(flags, train.y);
  await prepareFolder(flags.out, { force: flags.force });

  const ctx = await configure({ seed: flags.seed, ...flags.config });
  say(`${flags.file}: ${train.y.length} rows, ${flags.y} over ${x.join(', ')}; ${ctx.type} backend, ${ctx.dtype}`);
  for (const note of sizeNotes(train.y.length, ctx.dtype)) {
    warnings.push(note);
    say(`note: ${note}`);
  }
  const [X, y] = [tensor(train.X), tensor(train.y)];
  const progress = new ProgressLine(stderr);
  const started = performance.now();
  let fitted: FitReport;
  try {
    fitted = await model.fit(X, y, {
      restarts: flags.restarts,
      maxIterations: flags.maxIterations,
      signal,
      ...(quiet ? {} : { onProgress: (p) => progress.update(p) }),
    });
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw new CliError('interrupted', 'interrupted before a first finite point was found; nothing was written', { cause: error });
    throw error;
  } finally {
    progress.end();
  }
  const forecast = held && held.y.length > 0 ? assess(model.predict(held.X, { noise: true }), held.y) : undefined;
  const seconds = (performance.now() - started) / 1000;
  const report = makeReport({ flags, ctx, table, numbers, x, model, fitted, seconds, train, forecast, warnings });
  await writeAll(flags, model, train, held, report);
  stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));
  return fitted.aborted ? exitCodes.interrupted : exitCodes.done;
}

/** What exact inference takes where there are many rows: a matrix of n² numbers, and n³/3 operations an evaluation. */
export function sizeNotes(n: number, dtype: 'float64' | 'float32'): string[] {
  if (n < 8000) return [];
  const gigabytes = (n * n * (dtype === 'float64' ? 8 : 4)) / 1e9;
  return [`exact inference with ${n} rows takes ${gigabytes.toPrecision(2)} GB for each covariance matrix and ${(n ** 3 / 3).toExponential(0).replace('e+', 'e')} operations for each evaluation; thin the rows if that is too much`];
}

/** The named inputs, or every other column of numbers or dates. */
function chooseInputs(table: Table, flags: FitFlags, warnings: string[]): readonly string[] {
  columnIndex(table, flags.y, '--y');
  if (flags.x) {
    if (flags.x.length === 0) throw new CliError('usage', `--x: no column is named; those of ${table.file} are ${table.columns.join(', ')}`);
    for (const name of flags.x) columnIndex(table, name, '--x');
    const twice = flags.x.find((name, k) => flags.x!.indexOf(name) !== k);
    if (twice !== undefined) throw new CliError('usage', `--x: '${twice}' is named twice`);
    if (flags.x.includes(flags.y)) throw new CliError('usage', `--x: '${flags.y}' is the target`);
    return flags.x;
  }
  const numeric = numericColumns(table);
  const left = table.columns.filter((name) => name !== flags.y && !numeric.includes(name));
  if (left.length > 0) warnings.push(`left out, since not all of their values are numbers or dates: ${left.map((name) => reasonOfText(table, name)).join(', ')}`);
  const x = numeric.filter((name) => name !== flags.y);
  if (x.length === 0) throw new CliError('data', `${table.file}: no column of numbers or dates is left to be an input${left.length > 0 ? `: ${left.map((name) => reasonOfText(table, name)).join(', ')}; numbers have a decimal point, dates are ISO dates as 1958-03-29` : `, '${flags.y}' is the only column`}`);
  return x;
}

function pointsOf({ rows }: Numbers): Points {
  return { X: rows.map((row) => row.slice(0, -1)), y: rows.map((row) => row.at(-1)!) };
}
const pick = (points: Points, keep: (x: readonly number[]) => boolean): Points => {
  const kept = points.X.flatMap((x, k) => (keep(x) ? [k] : []));
  return { X: kept.map((k) => points.X[k]!), y: kept.map((k) => points.y[k]!) };
};

/** Training rows and held-out ones: a value splits the file itself, a CSV brings rows of its own. */
async function splitOff(flags: FitFlags, x: readonly string[], numbers: Numbers, all: Points): Promise<{ train: Points; held: Points | undefined }> {
  if (flags.holdout === undefined) return { train: all, held: undefined };
  const rule = numbers.dates[x[0]!];
  const from = placeOf(flags.holdout, rule);
  if (from !== undefined) {
    if (x.length !== 1) throw new CliError('usage', `--holdout: a value holds out rows by the only input, there are ${x.length} (${x.join(', ')}); pass a CSV file`);
    return { train: pick(all, ([v]) => v! < from), held: pick(all, ([v]) => v! >= from) };
  }
  const table = await readTable(flags.holdout);
  const names = [...(flags.holdoutX ?? x), flags.holdoutY ?? flags.y];
  if (names.length !== x.length + 1) throw new CliError('usage', `--holdout-x: ${names.length - 1} columns for the ${x.length} inputs ${x.join(', ')}`);
  for (const name of names) columnIndex(table, name, '--holdout');
  const rules = Object.fromEntries(names.slice(0, -1).flatMap((name, k) => (numbers.dates[x[k]!] ? [[name, numbers.dates[x[k]!]!]] : [])));
  const points = pointsOf(toNumbers(table, names, rules));
  return { train: all, held: flags.holdoutFrom === undefined ? points : pick(points, ([v]) => v! >= placeOf(flags.holdoutFrom!, rule)!) };
}

/** Root mean squared error and the share inside the 95 % interval. */
function assess(prediction: Prediction, y: readonly number[]): { rmse: number; coverage95: number; points: number } {
  const [mean, { lower, upper }] = [prediction.mean.dataSync(), prediction.interval(0.95)];
  const [low, high] = [lower.dataSync(), upper.dataSync()];
  const squares = y.reduce((sum, v, k) => sum + (v - mean[k]!) ** 2, 0);
  const inside = y.filter((v, k) => v >= low[k]! && v <= high[k]!).length;
  return { rmse: Math.sqrt(squares / y.length), coverage95: inside / y.length, points: y.length };
}

function leaveOneOut(model: GaussianProcessRegression, y: readonly number[]): NonNullable<Report['leaveOneOut']> {
  const prediction = model.leaveOneOut();
  const { rmse, coverage95 } = assess(prediction, y);
  const [mean, variance] = [prediction.mean.dataSync(), prediction.variance.dataSync()];
  const density = y.reduce((sum, v, k) => sum - 0.5 * (Math.log(2 * Math.PI * variance[k]!) + (v - mean[k]!) ** 2 / variance[k]!), 0);
  return { rmse, meanLogDensity: density / y.length, coverage95 };
}

interface ReportParts {
  flags: FitFlags; ctx: Context; table: Table; numbers: Numbers; x: readonly string[]; model: GaussianProcessRegression; fitted: FitReport; seconds: number; train: Points;
  forecast: Report['forecast'] | undefined; warnings: readonly string[];
}
function makeReport({ flags, ctx, table, numbers, x, model, fitted, seconds, train, forecast, warnings }: ReportParts): Report {
  const hyperparameters = model.getParams();
  const noise = hyperparameters['noise_variance'];
  const file = (name: string): string => relative(process.cwd(), join(flags.out, name)) || name;
  return {
    schema: 'matheron-report/1',
    matheron: version,
    backend: ctx.type,
    backendDetail: ctx.backend.name,
    dtype: ctx.dtype,
    seconds,
    seed: flags.seed,
    data: { file: flags.file, rows: table.rows.length, used: train.y.length, dropped: numbers.dropped, x, y: flags.y, dates: numbers.dates },
    standardized: { inputs: model['standardizing'].inputs, targets: model['standardizing'].targets },
    kernel: model.kernel.toString(),
    mean: flags.mean ?? 'constant',
    hyperparameters,
    noiseVariance: typeof noise === 'number' ? noise : 0,
    logMarginalLikelihood: fitted.logMarginalLikelihood,
    jitter: fitted.jitter,
    restarts: fitted.restarts.map(({ value, iterations, reason, error }) => ({ value, iterations, reason, ...(error ? { error: error.message } : {}) })),
    aborted: fitted.aborted,
    ...(train.y.length > 1 ? { leaveOneOut: leaveOneOut(model, train.y) } : {}),
    ...(forecast ? { forecast } : {}),
    files: { report: file('report.json'), plot: file('plot.svg'), page: file('plot.html'), model: file('model.json'), weights: file('model.safetensors') },
    warnings,
  };
}

async function writeAll(flags: FitFlags, model: GaussianProcessRegression, train: Points, held: Points | undefined, report: Report): Promise<void> {
  try {
    await model.save(flags.out);
  } catch (error) {
    throw isSystemError(error) ? outputError(flags.out, error) : error;
  }
  const options = {
    X: train.X,
    y: train.y,
    level: flags.level,
    title: flags.title ?? `${flags.y} over ${report.data.x.join(', ')}`,
    xLabel: flags.xLabel ?? report.data.x[0]!,
    yLabel: flags.yLabel ?? flags.y,
    ...(held && held.y.length > 0 ? { truth: { X: held.X, y: held.y } } : {}),
    ...atGrid(train, held, flags.predictTo === undefined ? undefined : placeOf(flags.predictTo, report.data.dates[report.data.x[0]!])),
  };
  await writeOutput(join(flags.out, 'plot.svg'), await plotSvg(model, options));
  await writeOutput(join(flags.out, 'plot.html'), await plotHtml(model, options));
  await writeOutput(join(flags.out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
}
/** Evenly spaced points over training data, held-out data and `--predict-to`; the plot's own choice where they are one place, or there are several inputs. */
function atGrid(train: Points, held: Points | undefined, predictTo: number | undefined): { at?: number[][] } {
  if (train.X[0]!.length !== 1) return {};
  const values = [...train.X, ...(held?.X ?? [])].map(([v]) => v!);
  let [low, high] = [Infinity, -Infinity];
  for (const v of values) [low, high] = [Math.min(low, v), Math.max(high, v)];
  if (predictTo !== undefined) [low, high] = [Math.min(low, predictTo), Math.max(high, predictTo)];
  const count = Math.min(1500, Math.max(200, 2 * values.length));
  return low < high ? { at: Array.from({ length: count }, (_, k) => [low + ((high - low) * k) / (count - 1)]) } : {};
}
function isSystemError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
