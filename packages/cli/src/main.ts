import { basename, resolve } from 'node:path';
import { type Config, MatheronError, backendsFromText } from 'matheron';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { listBackends } from './backends.ts';
import { exitCodeOf, exitCodes } from './errors.ts';
import { type Streams, fit } from './fit.ts';
import { meanNames } from './model-choice.ts';
import { predict } from './predict.ts';
import type { Output } from './progress.ts';
import { placeOf } from './table.ts';
import { version } from './version.ts';

/** Where `main` reads and writes; the process's own by default. */
export interface MainIO {
  stdout: Output;
  stderr: Output;
  cwd?: string;
  signal?: AbortSignal;
}

/** Runs `matheron` with the words after its name. Resolves to the exit code: 0 done, 1 the fit failed, 2 usage, 3 bad data, 4 backend unavailable, 5 output not writable, 130 interrupted. */
export async function main(argv: readonly string[], io: MainIO = { stdout: process.stdout, stderr: process.stderr }): Promise<number> {
  let code: number = exitCodes.done;
  const program = makeProgram(io, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    io.stderr.write(`matheron: ${error instanceof MatheronError ? error.message : ((error as Error).stack ?? String(error))}\n`);
    return exitCodeOf(error);
  }
}

const integer = (low: number, high: number = Infinity) => (text: string): number => {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isInteger(value) || value < low || value > high) throw new InvalidArgumentError(`expected an integer ${high === Infinity ? `of at least ${low}` : `from ${low} to ${high}`}.`);
  return value;
};
const number = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number.');
  return value;
};
/** A value of an input: a number, or a date. */
const place = (text: string): string => {
  if (placeOf(text) === undefined) throw new InvalidArgumentError('expected a number or an ISO date.');
  return text;
};
const positive = (text: string): number => {
  const value = number(text);
  if (value <= 0) throw new InvalidArgumentError('expected a positive number.');
  return value;
};
const level = (text: string): number => {
  const value = number(text);
  if (value <= 0 || value >= 1) throw new InvalidArgumentError('expected a number between 0 and 1.');
  return value;
};
const list = (text: string): string[] => text.split(',').map((s) => s.trim()).filter((s) => s !== '');

interface BackendFlags { backend?: string; dtype?: 'float64' | 'float32'; threads?: number; blas?: string }
interface CommonFlags extends BackendFlags { json?: boolean; quiet?: boolean }

function makeProgram(io: MainIO, done: (code: number) => void): Command {
  const path = (file: string): string => (io.cwd === undefined ? file : resolve(io.cwd, file));
  const program = new Command('matheron')
    .description('Gaussian processes from the command line')
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ writeOut: (s) => io.stdout.write(s), writeErr: (s) => io.stderr.write(s) });
  const streams = (flags: CommonFlags): Streams => ({
    stdout: io.stdout,
    stderr: io.stderr,
    quiet: flags.quiet ?? false,
    json: flags.json ?? false,
    signal: io.signal ?? new AbortController().signal,
  });
  const withBackend = (command: Command): Command =>
    command
      .option('--backend <names>', 'backend, or a comma-separated list of which the first that starts is taken; over MATHERON_BACKEND and matheron.config')
      .addOption(new Option('--dtype <dtype>', 'dtype of floats').choices(['float64', 'float32']))
      .option('--threads <n>', 'threads of the wasm and native backends', integer(1))
      .option('--blas <path>', 'BLAS library of the native backend')
      .option('--json', 'results as JSON on stdout, and nothing else there')
      .option('--quiet', 'no progress');

  withBackend(program.command('fit').description('fit a Gaussian process to a CSV file; writes report.json, plot.svg, plot.html and the model').argument('<data.csv>'))
    .requiredOption('--y <column>', 'target')
    .option('--x <columns>', 'inputs, comma-separated; by default all other columns of numbers or dates', list)
    .option('--kernel <expression>', "covariance, for example 'scale(rbf) * periodic(period=1) + white'; by default a scaled Matérn-5/2 with one lengthscale an input")
    .option('--mean <name>', `mean: ${meanNames.join(', ')} (average: of the targets, held fixed)`)
    .addOption(new Option('--preset <name>', 'priors and starts').choices(['matheron', 'syne-tune']).default('matheron'))
    .option('--noise <variance>', 'start of the noise variance', positive)
    .option('--no-standardize', 'keep inputs and targets in their units')
    .option('--restarts <n>', 'starts of the optimizer', integer(1), 5)
    .option('--max-iterations <n>', 'iterations a start', integer(1), 500)
    .option('--seed <n>', 'seed of everything random', integer(0, 2 ** 32 - 1), 31415927)
    .option('--holdout <csv|value>', 'rows to check the forecast on: a CSV file, or the value of the input, a number or a date, from which on rows are held out')
    .option('--holdout-x <columns>', 'the inputs in the holdout file, where they are named differently', list)
    .option('--holdout-y <column>', 'the target in the holdout file, where it is named differently')
    .option('--holdout-from <value>', 'use rows of the holdout file from this value of the first input on', place)
    .option('--predict-to <value>', 'extend the plot to this value of the input, a number or a date', place)
    .option('--level <p>', 'probability of the band in the plot', level, 0.95)
    .option('--title <text>', 'title of the plot')
    .option('--x-label <text>', 'label of the horizontal axis')
    .option('--y-label <text>', 'label of the vertical axis')
    .option('--out <folder>', 'folder to write to; by default out/<name of the file>')
    .option('--force', 'replace the report of an earlier run')
    .action(async (file: string, flags: CommonFlags & Record<string, never>) => {
      done(await fit(fitFlags(path(file), file, flags, path), streams(flags)));
    });

  withBackend(program.command('predict').description('predict at the points of a CSV file').argument('<model folder>').argument('<points.csv>'))
    .option('--out <file>', 'CSV file to write', 'predictions.csv')
    .option('--level <p>', 'probability of the interval', level, 0.95)
    .option('--noise', 'predict observations, not the function behind them')
    .option('--samples <n>', 'joint samples, one column each', integer(0), 0)
    .action(async (folder: string, points: string, flags: CommonFlags & { out: string; level: number; noise?: boolean; samples: number }) => {
      done(await predict({ model: path(folder), points: path(points), out: path(flags.out), level: flags.level, noise: flags.noise ?? false, samples: flags.samples, config: configOf(flags) }, streams(flags)));
    });

  program
    .command('backends')
    .description('list the backends that start here')
    .option('--json', 'as JSON')
    .action(async (flags: { json?: boolean }) => {
      done(await listBackends(io.stdout, flags.json ?? false));
    });
  return program;
}

/** What the flags say over files and variables. */
function configOf(flags: BackendFlags): Config {
  return {
    ...(flags.backend === undefined ? {} : backendsFromText('--backend', flags.backend)),
    ...(flags.dtype === undefined ? {} : { dtype: flags.dtype }),
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    ...(flags.blas === undefined ? {} : { blas: flags.blas }),
  };
}

interface RawFitFlags extends BackendFlags {
  y: string; x?: string[]; kernel?: string; mean?: string; preset: 'matheron' | 'syne-tune'; noise?: number; standardize: boolean; restarts: number; maxIterations: number; seed: number;
  holdout?: string; holdoutX?: string[]; holdoutY?: string; holdoutFrom?: string; predictTo?: string; level: number; title?: string; xLabel?: string; yLabel?: string; out?: string; force?: boolean;
}
function fitFlags(file: string, given: string, raw: Record<string, unknown>, path: (file: string) => string): Parameters<typeof fit>[0] {
  const flags = raw as unknown as RawFitFlags;
  const isValue = flags.holdout !== undefined && placeOf(flags.holdout) !== undefined;
  return {
    file, y: flags.y, x: flags.x, kernel: flags.kernel, mean: flags.mean, preset: flags.preset, noise: flags.noise, standardize: flags.standardize,
    restarts: flags.restarts, maxIterations: flags.maxIterations, seed: flags.seed,
    holdout: flags.holdout === undefined || isValue ? flags.holdout : path(flags.holdout),
    holdoutX: flags.holdoutX, holdoutY: flags.holdoutY, holdoutFrom: flags.holdoutFrom, predictTo: flags.predictTo, level: flags.level,
    title: flags.title, xLabel: flags.xLabel, yLabel: flags.yLabel,
    out: path(flags.out ?? `out/${basename(given).replace(/\.[^.]*$/, '')}`),
    force: flags.force ?? false,
    config: configOf(flags),
  };
}
