import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CliError, numericColumns, parseTable, readTable, toNumbers } from '../src/index.ts';
import { sizeNotes } from '../src/fit.ts';
import { decodeText } from '../src/table.ts';

const parse = (text: string) => parseTable('data.csv', text);

describe('parseTable', () => {
  it('reads quotes, spaces, blank lines, a byte order mark and Windows line ends', () => {
    const t = parse('\uFEFF"a, b",c\r\n 1 ,"2"\r\n\r\n3,4\r\n');
    expect(t.columns).toEqual(['a, b', 'c']);
    expect(t.rows).toEqual([{ line: 2, cells: ['1', '2'] }, { line: 4, cells: ['3', '4'] }]);
  });
  it.each([
    ['', /the file is empty/],
    ['\n \n', /the file is empty/],
    ['a,b\n', /no rows below the header a, b/],
    ['a,a\n1,2', /two columns are named 'a'/],
    ['1,2\n3,4', /line 1 holds numbers/],
    ['a,b\n1,2\n3', /line 3 has 1 cells, the header has 2/],
    ['a,b\n1,2,3', /line 2 has 3 cells/],
  ])('refuses %j', (text, message) => {
    expect(() => parse(text)).toThrow(message);
    expect(() => parse(text)).toThrow(CliError);
  });
  it('reads UTF-8, UTF-16 with its mark and Windows-1252, and nothing that is no text', () => {
    const text = 'größe,y\n1,2\n';
    const utf16 = (big: boolean): Uint8Array => Uint8Array.from([...`\uFEFF${text}`].flatMap((c) => (big ? [c.charCodeAt(0) >> 8, c.charCodeAt(0) & 255] : [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8])));
    for (const bytes of [new TextEncoder().encode(text), Uint8Array.from(text, (c) => c.charCodeAt(0)), utf16(false), utf16(true)]) {
      expect(parse(decodeText('f.csv', bytes)).columns).toEqual(['größe', 'y']);
    }
    expect(() => decodeText('f.csv', Uint8Array.from([80, 75, 3, 0]))).toThrow(/f.csv: is no text, it has a byte of 0 at position 3/);
  });
  it('finds what separates cells, also beside decimal commas', () => {
    for (const d of [',', ';', '\t', '|']) expect(parse(`a${d}b\n1${d}2\n`)).toMatchObject({ columns: ['a', 'b'], rows: [{ cells: ['1', '2'] }] });
    expect(parse('a;b\n1,5;2\n3;4\n')).toMatchObject({ columns: ['a', 'b'], rows: [{ cells: ['1,5', '2'] }, { cells: ['3', '4'] }] });
    expect(parse('"a;b",c\n1,2\n').columns).toEqual(['a;b', 'c']);
  });
  it('says which file can not be read', async () => {
    await expect(readTable('/nonexistent/x.csv')).rejects.toMatchObject({ exitCode: 3 });
  });
});

describe('toNumbers', () => {
  it('drops rows with missing values, by line and name', () => {
    const n = toNumbers(parse('x,y,z\n1,2,a\nNA,3,b\n4,,c\n?,null,d\n5,6,e'), ['x', 'y']);
    expect(n.rows).toEqual([[1, 2], [5, 6]]);
    expect(n.dropped).toEqual([{ row: 3, reason: 'x missing' }, { row: 4, reason: 'y missing' }, { row: 5, reason: 'x, y missing' }]);
  });
  it('names the cell that is no number', () => {
    expect(() => toNumbers(parse('x,y\n1,2\n3,abc'), ['x', 'y'])).toThrow(/line 3, column 'y': 'abc' is no number/);
    expect(() => toNumbers(parse('x\n1\ninf'), ['x'])).toThrow(/'inf' is not finite/);
    expect(() => toNumbers(parse('x\n1\n2001-01-01'), ['x'])).toThrow(/a date among other values/);
    expect(() => toNumbers(parse('x\n0x10'), ['x'])).toThrow(/no number/);
  });
  it('names the nearest column', () => {
    expect(() => toNumbers(parse('height,weight\n1,2'), ['heigt'])).toThrow(/no column 'heigt'; did you mean 'height'\?/);
  });
  it('turns first-of-month dates into exact twelfths, others into days of the year', () => {
    expect(toNumbers(parse('t\n1958-03-01\n1958-12-01'), ['t'])).toMatchObject({ rows: [[1958 + 2 / 12], [1958 + 11 / 12]], dates: { t: 'twelfths' } });
    expect(toNumbers(parse('t\n1958-03'), ['t']).rows).toEqual([[1958 + 2 / 12]]);
    const days = toNumbers(parse('t\n2000-01-01\n2000-07-02\n2001-12-31'), ['t']);
    expect(days.dates).toEqual({ t: 'day-of-year' });
    expect(days.rows).toEqual([[2000], [2000 + 183 / 366], [2001 + 364 / 365]]);
    expect(() => toNumbers(parse('t\n2001-02-30'), ['t'])).toThrow(/no number/);
  });
  it('counts the time of day, in UTC', () => {
    const hours = toNumbers(parse('t\n2001-01-01T00:00\n2001-01-01 06:00:00\n2001-01-01T12:00:00.0Z\n2001-01-01T20:00:00-04:00\n2001-01-01T00:00+06'), ['t']);
    expect(hours.dates).toEqual({ t: 'day-of-year' });
    [0, 0.25, 0.5, 1, -0.25 * (365 / 366)].forEach((day, k) => expect(hours.rows[k]![0]).toBeCloseTo(2001 + day / 365, 11));
    expect(() => toNumbers(parse('t\n2001-01-01T25:00'), ['t'])).toThrow(/no number/);
    expect(() => toNumbers(parse('t\n2001-01-01 noon'), ['t'])).toThrow(/no number/);
  });
  it('goes through the month where a rule of twelfths meets other days', () => {
    expect(toNumbers(parse('t\n2001-02-15\n2001-02-01T12:00'), ['t'], { t: 'twelfths' }).rows).toEqual([[2001 + 1.5 / 12], [2001 + (1 + 0.5 / 28) / 12]]);
  });
  it('calls a number beyond float64 not finite', () => {
    expect(() => toNumbers(parse('x\n1e400'), ['x'])).toThrow(/'1e400' is not finite/);
  });
  it('finds the columns of numbers and dates', () => {
    expect(numericColumns(parse('a,b,c,d\n1,x,2001-01-01,\n2,3,2001-02-01,NA'))).toEqual(['a', 'c']);
  });
});

describe('the CO2 records', () => {
  it('differ by less than 0.15 ppm rms where they overlap', async () => {
    const folder = join(import.meta.dirname, '../../../examples/co2/data');
    const early = toNumbers(await readTable(join(folder, 'co2_monthly.csv')), ['decimal_year', 'co2_ppm']);
    const late = toNumbers(await readTable(join(folder, 'co2_1958_2020.csv')), ['Date', 'CO2']);
    expect(late.dates).toEqual({ Date: 'twelfths' });
    const key = (t: number): number => Math.round(t * 12);
    const known = new Map(late.rows.map(([t, y]) => [key(t!), y!]));
    const squares = early.rows.flatMap(([t, y]) => (known.has(key(t!)) ? [(y! - known.get(key(t!))!) ** 2] : []));
    expect(early.rows).toHaveLength(521);
    expect(squares.length).toBeGreaterThan(500);
    const rms = Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length);
    expect(rms).toBeLessThan(0.15);
    // Shifted by a month they would differ by more than 1 ppm: the test can fail.
    const shifted = early.rows.flatMap(([t, y]) => (known.has(key(t!) + 1) ? [(y! - known.get(key(t!) + 1)!) ** 2] : []));
    expect(Math.sqrt(shifted.reduce((a, b) => a + b, 0) / shifted.length)).toBeGreaterThan(1);
  });
});

it('says what many rows take', () => {
  expect(sizeNotes(7999, 'float64')).toEqual([]);
  expect(sizeNotes(40000, 'float64')[0]).toMatch(/40000 rows takes 13 GB .* 2e13 operations/);
  expect(sizeNotes(40000, 'float32')[0]).toMatch(/6.4 GB/);
});
