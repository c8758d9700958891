import type { DateRule } from './table.ts';

/** What `matheron fit` writes as report.json and prints with `--json`. */
export interface Report {
  readonly schema: 'matheron-report/1';
  /** Version of matheron. */
  readonly matheron: string;
  readonly backend: string;
  readonly backendDetail: string;
  readonly dtype: 'float64' | 'float32';
  readonly seconds: number;
  readonly seed: number;
  readonly data: {
    readonly file: string;
    readonly rows: number;
    readonly used: number;
    readonly dropped: readonly { readonly row: number; readonly reason: string }[];
    readonly x: readonly string[];
    readonly y: string;
    /** How columns of dates were turned into years. */
    readonly dates: Readonly<Record<string, DateRule>>;
  };
  /** Which sides are shifted to mean 0 and scaled to standard deviation 1: hyperparameters and the noise variance are in these units. */
  readonly standardized: { readonly inputs: boolean; readonly targets: boolean };
  readonly kernel: string;
  readonly mean: string;
  readonly hyperparameters: Readonly<Record<string, number | number[]>>;
  readonly noiseVariance: number;
  readonly logMarginalLikelihood: number;
  readonly jitter: number;
  readonly restarts: readonly { readonly value: number; readonly iterations: number; readonly reason: string; readonly error?: string }[];
  readonly aborted: boolean;
  readonly leaveOneOut?: { readonly rmse: number; readonly meanLogDensity: number; readonly coverage95: number };
  readonly forecast?: { readonly rmse: number; readonly coverage95: number; readonly points: number };
  readonly files: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/** The report for people: a few aligned lines. */
export function formatReport(report: Report): string {
  const rows: [string, string][] = [
    ['data', `${report.data.used} of ${report.data.rows} rows of ${report.data.file}${report.data.dropped.length > 0 ? ` (${describeDropped(report.data.dropped)})` : ''}`],
    ...Object.entries(report.data.dates).map(([column, rule]): [string, string] => ['', `${column}: dates as ${rule === 'twelfths' ? 'year + (month − 1)/12' : 'year + day of the year'}`]),
    ['model', `${report.data.y} ~ GP(${report.data.x.join(', ')}), mean ${report.mean}`],
    ['', report.kernel],
    ['backend', `${report.backend}, ${report.dtype} (${report.backendDetail})`],
    ['log marginal likelihood', `${short(report.logMarginalLikelihood)}${report.aborted ? ' (interrupted: the best point so far)' : ''}`],
    ['noise variance', short(report.noiseVariance)],
    ...unitsOf(report.standardized).map((text): [string, string] => ['', text]),
    ...Object.entries(report.hyperparameters).map(([name, value]): [string, string] => [`  ${name}`, Array.isArray(value) ? value.map(short).join(', ') : short(value)]),
  ];
  if (report.leaveOneOut) {
    const { rmse, meanLogDensity, coverage95 } = report.leaveOneOut;
    rows.push(['leave one out', `rmse ${short(rmse)}, mean log density ${short(meanLogDensity)}, ${percent(coverage95)} inside the 95 % interval`]);
  }
  if (report.forecast) {
    const { rmse, coverage95, points } = report.forecast;
    rows.push(['held out', `${points} points: rmse ${short(rmse)}, ${percent(coverage95)} inside the 95 % interval`]);
  }
  rows.push(['time', `${report.seconds.toFixed(2)} s`]);
  for (const [name, file] of Object.entries(report.files)) rows.push([name, file]);
  for (const warning of report.warnings) rows.push(['warning', warning]);
  const width = Math.max(...rows.map(([label]) => label.length));
  return `${rows.map(([label, text]) => `${label.padEnd(width)}  ${text}`.trimEnd()).join('\n')}\n`;
}

function unitsOf({ inputs, targets }: Report['standardized']): string[] {
  const sides = [...(inputs ? ['inputs'] : []), ...(targets ? ['targets'] : [])].join(' and ');
  return sides === '' ? [] : [`(hyperparameters are those of standardized ${sides}: mean 0, standard deviation 1)`];
}
function describeDropped(dropped: Report['data']['dropped']): string {
  const counts = new Map<string, number>();
  for (const { reason } of dropped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return `dropped ${[...counts].map(([reason, n]) => `${n}: ${reason}`).join('; ')}`;
}
const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
/** Six significant digits. */
export function short(x: number): string {
  return String(Number(x.toPrecision(6)));
}
