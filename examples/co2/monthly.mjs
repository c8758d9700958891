// Monthly means of the weekly record, at t = year + (month − 1)/12: node monthly.mjs writes data/co2_monthly.csv
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(import.meta.dirname, 'data');

/** The text of co2_monthly.csv, from the text of co2_weekly.csv. Weeks without a value are left out. */
export function monthlyMeans(weekly) {
  const months = new Map();
  for (const line of weekly.trim().split('\n').slice(1)) {
    const [date, value] = line.split(',');
    if (value.trim() === '') continue;
    const month = date.slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), Number(value)]);
  }
  const rows = [...months].sort(([a], [b]) => (a < b ? -1 : 1)).map(([month, values]) => {
    const t = Number(month.slice(0, 4)) + (Number(month.slice(5)) - 1) / 12;
    return `${t},${values.reduce((a, b) => a + b, 0) / values.length}`;
  });
  return `decimal_year,co2_ppm\n${rows.join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = join(folder, 'co2_monthly.csv');
  writeFileSync(`${file}.tmp`, monthlyMeans(readFileSync(join(folder, 'co2_weekly.csv'), 'utf8')));
  renameSync(`${file}.tmp`, file);
}
