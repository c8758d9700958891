import { readFile } from 'node:fs/promises';
import { nearestName } from 'matheron';
import Papa from 'papaparse';
import { CliError } from './errors.ts';

/** Cells that stand for a missing value, lower case. */
const missing = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '?', '-', '.']);

/** A CSV file as text: rows carry the number of their line (the header is line 1). */
export interface Table {
  readonly file: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly line: number; readonly cells: readonly string[] }[];
}

/**
 * How dates of a column became numbers: year + (month − 1)/12 where all are the beginning of the first of a month, else year + (day of the year − 1)/(days of the year), with
 * the time of day as a part of the day.
 */
export type DateRule = 'twelfths' | 'day-of-year';

/** Numbers out of a table: the rows that have all columns. */
export interface Numbers {
  readonly columns: readonly string[];
  /** One array a row, in the order of `columns`. */
  readonly rows: readonly (readonly number[])[];
  readonly dropped: readonly { readonly row: number; readonly reason: string }[];
  readonly dates: Readonly<Record<string, DateRule>>;
}

/** Reads a CSV file. CliError for one that can't be read, is empty, has no header, repeated columns or ragged rows. */
export async function readTable(file: string): Promise<Table> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new CliError('data', `${file}: can't be read: ${(error as Error).message}`, { cause: error });
  }
  return parseTable(file, decodeText(file, bytes));
}

/** UTF-8; UTF-16 by its byte order mark, as spreadsheets write "Unicode text"; else Windows-1252, as they write CSV. CliError for what is no text. */
export function decodeText(file: string, bytes: Uint8Array): string {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
  if (utf16) return new TextDecoder(utf16).decode(bytes);
  if (bytes.includes(0)) throw new CliError('data', `${file}: is no text, it has a byte of 0 at position ${bytes.indexOf(0)}; save it as CSV in UTF-8`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** `readTable` on text. */
export function parseTable(file: string, text: string): Table {
  const plain = text.replace(/^\uFEFF/, '');
  const { data, errors } = Papa.parse<string[]>(plain, { skipEmptyLines: false, delimiter: delimiterOf(plain) });
  const fatal = errors.find((e) => e.type === 'Quotes');
  if (fatal) throw new CliError('data', `${file}: line ${(fatal.row ?? 0) + 1}: ${fatal.message}`);
  const lines = data.map((cells, k) => ({ line: k + 1, cells: cells.map((c) => c.trim()) })).filter(({ cells }) => cells.some((c) => c !== ''));
  const [header, ...rows] = lines;
  if (!header) throw new CliError('data', `${file}: the file is empty; expected a header line and rows of numbers`);
  const columns = header.cells;
  const repeated = columns.find((name, k) => columns.indexOf(name) !== k);
  if (repeated !== undefined) throw new CliError('data', `${file}: two columns are named '${repeated}'; rename one`);
  if (columns.every((name) => isNumber(name))) throw new CliError('data', `${file}: line 1 holds numbers (${columns.join(', ')}), where the names of the columns are expected`);
  if (rows.length === 0) throw new CliError('data', `${file}: there are no rows below the header ${columns.join(', ')}`);
  for (const { line, cells } of rows) {
    if (cells.length !== columns.length) throw new CliError('data', `${file}: line ${line} has ${cells.length} cells, the header has ${columns.length} (${columns.join(', ')})`);
  }
  return { file, columns, rows };
}

/** What separates cells: the first of comma, semicolon, tabulator and bar that cuts the first lines into equally many, else '' for a guess. */
function delimiterOf(text: string): string {
  return [',', ';', '\t', '|'].find((delimiter) => {
    const { data } = Papa.parse<string[]>(text, { delimiter, preview: 100, skipEmptyLines: 'greedy' });
    const cells = data[0]?.length ?? 0;
    return cells > 1 && data.every((line) => line.length === cells);
  }) ?? '';
}

/** The position of a column; CliError (usage) that names the nearest. */
export function columnIndex(table: Table, name: string, flag: string): number {
  const k = table.columns.indexOf(name);
  if (k >= 0) return k;
  const near = nearestName(name, table.columns);
  throw new CliError('usage', `${flag}: ${table.file} has no column '${name}'${near === undefined ? '' : `; did you mean '${near}'?`} Its columns are ${table.columns.join(', ')}`);
}

/** The columns that hold numbers or dates only, missing values aside. */
export function numericColumns(table: Table): string[] {
  return table.columns.filter((_, k) => {
    const cells = table.rows.map(({ cells: c }) => c[k]!).filter((c) => !missing.has(c.toLowerCase()));
    return cells.length > 0 && (cells.every(isNumber) || cells.every((c) => parseDate(c) !== undefined));
  });
}

/** The first cell of a column that is neither a number nor a missing value, as a reason for people. */
export function reasonOfText(table: Table, name: string): string {
  const k = table.columns.indexOf(name);
  const bad = table.rows.find(({ cells }) => !missing.has(cells[k]!.toLowerCase()) && !isNumber(cells[k]!));
  return bad ? `'${name}' holds '${bad.cells[k]!}' in line ${bad.line}` : `'${name}' is empty`;
}

/** The named columns as numbers; rows with a missing value are dropped and listed. CliError names row and column of text among numbers, or of what is not finite. `rules` fixes how dates are read. */
export function toNumbers(table: Table, columns: readonly string[], rules: Readonly<Record<string, DateRule>> = {}): Numbers {
  const indices = columns.map((name) => columnIndex(table, name, 'column'));
  const dates: Record<string, DateRule> = {};
  columns.forEach((name, c) => {
    const cells = table.rows.map(({ cells: row }) => row[indices[c]!]!).filter((cell) => !missing.has(cell.toLowerCase()));
    const parsed = cells.map(parseDate);
    if (cells.length > 0 && parsed.every((d) => d !== undefined)) dates[name] = rules[name] ?? (parsed.every((d) => d!.day === 1 && d!.time === 0) ? 'twelfths' : 'day-of-year');
  });
  const rows: number[][] = [];
  const dropped: { row: number; reason: string }[] = [];
  for (const { line, cells } of table.rows) {
    const absent = columns.filter((_, c) => missing.has(cells[indices[c]!]!.toLowerCase()));
    if (absent.length > 0) {
      dropped.push({ row: line, reason: `${absent.join(', ')} missing` });
      continue;
    }
    rows.push(columns.map((name, c) => numberAt(table, line, name, cells[indices[c]!]!, dates[name])));
  }
  return { columns, rows, dropped, dates };
}

function numberAt(table: Table, line: number, column: string, cell: string, rule: DateRule | undefined): number {
  if (rule) return decimalYear(parseDate(cell)!, rule);
  const value = isNumber(cell) ? Number(cell) : Number.NaN;
  if (Number.isFinite(value)) return value;
  const what = parseDate(cell) ? 'a date among other values' : isNumber(cell) || /^[+-]?inf(inity)?$/i.test(cell) ? 'not finite' : 'no number';
  throw new CliError('data', `${table.file}: line ${line}, column '${column}': '${cell}' is ${what}; mend the cell, or leave it empty to drop the row`);
}

function isNumber(cell: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell);
}

/** `time`: the part of the day that has passed. */
interface CalendarDate { readonly year: number; readonly month: number; readonly day: number; readonly time: number }
const isoDate = /^(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?)?$/;
/** ISO dates: 1958-03, 1958-03-29, 1958-03-29T14:30, with seconds and a time zone where they are given; of a zone, the time in UTC counts. */
function parseDate(cell: string): CalendarDate | undefined {
  const parts = isoDate.exec(cell);
  if (!parts) return undefined;
  const [year, month, day, hour, minute] = [parts[1], parts[2], parts[3] ?? 1, parts[4] ?? 0, parts[5] ?? 0].map(Number) as [number, number, number, number, number];
  const second = Number((parts[6] ?? '0').replace(',', '.'));
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) && hour <= 23 && minute <= 59 && second < 61)) return undefined;
  const zone = /^([+-])(\d{2}):?(\d{2})?$/.exec(parts[7] ?? '');
  const offset = zone ? Number(`${zone[1]!}1`) * (60 * Number(zone[2]) + Number(zone[3] ?? 0)) : 0;
  const time = ((hour * 60 + minute - offset) * 60 + second) / 86400;
  if (time >= 0 && time < 1) return { year, month, day, time };
  const utc = new Date(Date.UTC(year, month - 1, day + Math.floor(time)));
  return { year: utc.getUTCFullYear(), month: utc.getUTCMonth() + 1, day: utc.getUTCDate(), time: time - Math.floor(time) };
}
function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
/** A number, or a date as the number it is in a column of `rule`; undefined for other text. */
export function placeOf(text: string, rule?: DateRule): number | undefined {
  const plain = text.trim();
  if (isNumber(plain)) return Number.isFinite(Number(plain)) ? Number(plain) : undefined;
  const date = parseDate(plain);
  return date && decimalYear(date, rule ?? 'day-of-year');
}
/** A date as a decimal year, by one of the two rules; between first days, 'twelfths' goes evenly through the month. */
export function decimalYear({ year, month, day, time }: CalendarDate, rule: DateRule): number {
  if (rule === 'twelfths') return year + (month - 1 + (day - 1 + time) / daysIn(year, month)) / 12;
  const start = Date.UTC(year, 0, 1);
  const length = (Date.UTC(year + 1, 0, 1) - start) / 86400e3;
  return year + ((Date.UTC(year, month - 1, day) - start) / 86400e3 + time) / length;
}
