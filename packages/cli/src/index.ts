export { type MainIO, main } from './main.ts';
export type { Output } from './progress.ts';
export type { Report } from './report.ts';
export { CliError } from './errors.ts';
export { type DateRule, type Numbers, type Table, numericColumns, parseTable, readTable, toNumbers } from './table.ts';
