import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, GaussianProcessRegression, configure } from 'matheron';
import Papa from 'papaparse';
import { CliError } from './errors.ts';
import { writeOutput } from './output.ts';
import type { Report } from './report.ts';
import type { Streams } from './fit.ts';
import { columnIndex, readTable, toNumbers } from './table.ts';

/** The flags of `matheron predict`. */
export interface PredictFlags {
  readonly model: string;
  readonly points: string;
  readonly out: string;
  readonly level: number;
  readonly noise: boolean;
  readonly samples: number;
  readonly config: Config;
}

/** Predicts at the points of a CSV file: its inputs, mean, std and the interval, and samples where asked for, as CSV (or JSON on stdout). */
export async function predict(flags: PredictFlags, { stdout, stderr, quiet, json }: Streams): Promise<number> {
  const { data } = await readReport(flags.model);
  const table = await readTable(flags.points);
  for (const name of data.x) columnIndex(table, name, 'predict');
  const numbers = toNumbers(table, data.x, data.dates);
  if (numbers.rows.length === 0) throw new CliError('data', `${flags.points}: no row has all of ${data.x.join(', ')}`);
  const ctx = await configure(flags.config);
  let model: GaussianProcessRegression;
  try {
    model = await GaussianProcessRegression.load(flags.model);
  } catch (error) {
    throw new CliError('data', `${flags.model}: the model can't be loaded: ${(error as Error).message}`, { cause: error });
  }
  const prediction = model.predict(numbers.rows as number[][], { noise: flags.noise });
  const { lower, upper } = prediction.interval(flags.level);
  const draws = flags.samples > 0 ? model.sampleJoint(numbers.rows as number[][], { samples: flags.samples }).toArray<number[][]>() : undefined;
  const columns = { mean: prediction.mean.dataSync(), std: prediction.std.dataSync(), lower: lower.dataSync(), upper: upper.dataSync() };
  const fields = [...data.x, ...Object.keys(columns), ...Array.from({ length: flags.samples }, (_, k) => `sample_${k + 1}`)];
  const rows = numbers.rows.map((x, k) => [...x, ...Object.values(columns).map((c) => c[k]!), ...(draws?.[k] ?? [])]);
  if (json) {
    stdout.write(`${JSON.stringify({ schema: 'matheron-predictions/1', backend: ctx.type, y: data.y, level: flags.level, noise: flags.noise, dropped: numbers.dropped, columns: fields, rows })}\n`);
    return 0;
  }
  await writeOutput(flags.out, `${Papa.unparse({ fields, data: rows }, { newline: '\n' })}\n`);
  if (!quiet) {
    for (const { row, reason } of numbers.dropped) stderr.write(`${flags.points}: line ${row} dropped: ${reason}\n`);
    stderr.write(`${rows.length} predictions of ${data.y} written to ${flags.out}\n`);
  }
  return 0;
}

async function readReport(folder: string): Promise<Report> {
  const file = join(folder, 'report.json');
  try {
    const report = JSON.parse(await readFile(file, 'utf8')) as Report;
    if (report.schema !== 'matheron-report/1') throw new Error(`its schema is ${JSON.stringify(report.schema)}, not matheron-report/1`);
    return report;
  } catch (error) {
    throw new CliError('data', `${file}: no report of \`matheron fit\` can be read there: ${(error as Error).message}`, { cause: error });
  }
}
