import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Report, main } from '../src/index.ts';

let folder: string;
const files: Record<string, string> = {
  'toy.csv': `x,y\n${[1, 3, 5, 6, 7, 8].map((x) => `${x},${x * Math.sin(x)}`).join('\n')}\n`,
  'points.csv': 'x\n2\n4.5\nNA\n',
  'two.csv': `a,b,name,y\n${Array.from({ length: 12 }, (_, k) => `${k / 11},${(k * 7) % 5},p${k},${Math.cos(k / 3)}`).join('\n')}\n`,
  'dates.csv': `when,y\n${Array.from({ length: 12 }, (_, k) => `2001-${String(k + 1).padStart(2, '0')}-01,${Math.sin(k)}`).join('\n')}\n`,
  'missing.csv': 'x,y\n1,2\n2,\nNA,3\n4,5\n6,1\n',
  'text.csv': 'x,y\n1,2\n2,oops\n3,4\n',
  'ragged.csv': 'x,y\n1,2\n2\n',
  'empty.csv': '',
  'words.csv': 'x;y\n1,5;2\n2;3\n',
  'constant.csv': `x,y\n${[1, 2, 3, 4, 5].map((x) => `${x},7`).join('\n')}\n`,
  'duplicated.csv': 'x,y\n1,2\n1,2\n2,3\n2,3\n3,1\n',
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'matheron-cli-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  return runWith(undefined, ...argv);
}
async function runWith(signal: AbortSignal | undefined, ...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await main(argv, { stdout: { write: (s) => { out += s; } }, stderr: { write: (s) => { err += s; } }, cwd: folder, ...(signal ? { signal } : {}) });
  return { code, out, err };
}
const quick = ['--restarts', '1', '--backend', 'cpu'];
const report = async (out: string): Promise<Report> => JSON.parse(await readFile(join(folder, out, 'report.json'), 'utf8')) as Report;

describe('matheron fit', () => {
  it('writes report, plots and model, and prints the report', async () => {
    const { code, out, err } = await run('fit', 'toy.csv', '--y', 'y', ...quick, '--out', 'toy');
    expect(code, err).toBe(0);
    expect((await readdir(join(folder, 'toy'))).sort()).toEqual(['model.json', 'model.safetensors', 'plot.html', 'plot.svg', 'report.json']);
    const r = await report('toy');
    expect(r).toMatchObject({ schema: 'matheron-report/1', backend: 'cpu', dtype: 'float64', data: { rows: 6, used: 6, x: ['x'], y: 'y', dropped: [] }, aborted: false });
    expect(Object.keys(r.hyperparameters)).toContain('noise_variance');
    expect(Number.isFinite(r.logMarginalLikelihood)).toBe(true);
    expect(r.leaveOneOut!.rmse).toBeGreaterThan(0);
    expect(out).toContain('log marginal likelihood');
    expect(err).toContain('toy.csv');
    expect(await readFile(join(folder, 'toy', 'plot.svg'), 'utf8')).toMatch(/^<svg[\s\S]*prefers-color-scheme/);
  });
  it("finds scikit-learn's toy likelihood at fixed hyperparameters", async () => {
    const { code } = await run('fit', 'toy.csv', '--y', 'y', ...quick, '--out', 'sk', '--kernel', 'rbf(lengthscale=fixed(1)) + white(noise_variance=fixed(0.1))', '--mean', 'zero', '--no-standardize');
    expect(code).toBe(0);
    expect((await report('sk')).logMarginalLikelihood).toBeCloseTo(-45.793793306244393, 9);
  });
  it('prints only JSON with --json', async () => {
    const { code, out } = await run('fit', 'toy.csv', '--y', 'y', ...quick, '--out', 'json', '--json', '--quiet');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(await report('json'));
  });
  it('takes all numeric columns, says what it leaves out, and drops missing values by name', async () => {
    const two = await run('fit', 'two.csv', '--y', 'y', ...quick, '--out', 'two');
    expect(two.code, two.err).toBe(0);
    expect(await report('two')).toMatchObject({ data: { x: ['a', 'b'] }, warnings: [expect.stringContaining('name')] });
    await run('fit', 'missing.csv', '--y', 'y', ...quick, '--out', 'missing');
    expect((await report('missing')).data).toMatchObject({ rows: 5, used: 3, dropped: [{ row: 3, reason: 'y missing' }, { row: 4, reason: 'x missing' }] });
  });
  it('says what it leaves out by its first cell, and in which units hyperparameters are', async () => {
    const { out } = await run('fit', 'two.csv', '--y', 'y', ...quick, '--out', 'units');
    expect(out).toContain("'name' holds 'p0' in line 2");
    expect(out).toContain('standardized inputs and targets');
    expect((await report('units')).standardized).toEqual({ inputs: true, targets: true });
    const own = await run('fit', 'two.csv', '--y', 'y', ...quick, '--out', 'units2', '--no-standardize');
    expect((await report('units2')).standardized).toEqual({ inputs: false, targets: false });
    expect(own.out).not.toContain('standardized');
  });
  it('knows the average of the targets in the units of the model', async () => {
    await run('fit', 'constant.csv', '--y', 'y', ...quick, '--out', 'average', '--mean', 'average');
    expect((await report('average')).hyperparameters).toMatchObject({ mean_mean_value: 0 });
    await run('fit', 'constant.csv', '--y', 'y', ...quick, '--out', 'average2', '--mean', 'average', '--no-standardize');
    expect((await report('average2')).hyperparameters).toMatchObject({ mean_mean_value: 7 });
  });
  it('takes --mean constant for the default', async () => {
    const likelihood = async (...flags: string[]): Promise<number> => {
      await run('fit', 'toy.csv', '--y', 'y', ...quick, '--out', 'mean', '--force', ...flags);
      return (await report('mean')).logMarginalLikelihood;
    };
    expect(await likelihood('--mean', 'constant')).toBe(await likelihood());
  });
  it('reads dates as years and says how', async () => {
    const { out } = await run('fit', 'dates.csv', '--y', 'y', ...quick, '--out', 'dates');
    expect((await report('dates')).data.dates).toEqual({ when: 'twelfths' });
    expect(out).toContain('year + (month − 1)/12');
  });
  it('holds out by value and by file', async () => {
    const value = await run('fit', 'toy.csv', '--y', 'y', ...quick, '--out', 'held', '--holdout', '7');
    expect(value.code, value.err).toBe(0);
    expect(await report('held')).toMatchObject({ data: { used: 4 }, forecast: { points: 2 } });
    await run('fit', 'toy.csv', '--y', 'y', ...quick, '--out', 'held2', '--holdout', 'toy.csv', '--holdout-from', '6');
    expect(await report('held2')).toMatchObject({ data: { used: 6 }, forecast: { points: 3 } });
  });
  it('takes dates where it takes values of an input', async () => {
    const { code, err } = await run('fit', 'dates.csv', '--y', 'y', ...quick, '--out', 'held-dates', '--holdout', '2001-07-01', '--predict-to', '2002-06-15');
    expect(code, err).toBe(0);
    expect(await report('held-dates')).toMatchObject({ data: { used: 6 }, forecast: { points: 6 } });
    const bad = await run('fit', 'dates.csv', '--y', 'y', '--predict-to', 'June');
    expect(bad.err).toContain('expected a number or an ISO date');
  });
  it('keeps an earlier report unless forced', async () => {
    expect((await run('fit', 'toy.csv', '--y', 'y', ...quick, '--out', 'twice')).code).toBe(0);
    const again = await run('fit', 'toy.csv', '--y', 'y', ...quick, '--out', 'twice');
    expect(again).toMatchObject({ code: 5, err: expect.stringContaining('--force') });
    expect((await run('fit', 'toy.csv', '--y', 'y', ...quick, '--out', 'twice', '--force')).code).toBe(0);
  });
  it('survives constant targets and duplicated inputs', async () => {
    for (const name of ['constant', 'duplicated']) {
      const { code, err } = await run('fit', `${name}.csv`, '--y', 'y', ...quick, '--out', name);
      expect(code, err).toBe(0);
      expect(Number.isFinite((await report(name)).logMarginalLikelihood)).toBe(true);
    }
  });
  it('names duplicated rows where no noise separates them', async () => {
    const { code, err } = await run('fit', 'duplicated.csv', '--y', 'y', ...quick, '--out', 'dup0', '--kernel', 'rbf + white(noise_variance=fixed(1e-300))', '--no-standardize');
    expect([0, 1]).toContain(code);
    if (code === 1) expect(err).toMatch(/closest rows|pivot/);
    else expect((await report('dup0')).jitter).toBeGreaterThan(0);
  });
  it('interrupted, it writes the best point so far', async () => {
    const controller = new AbortController();
    let err = '';
    const code = await main(['fit', 'two.csv', '--y', 'y', '--restarts', '50', '--backend', 'cpu', '--out', 'aborted'], {
      stdout: { write: () => undefined },
      stderr: { write: (s) => { err += s; if (err.includes('iteration')) controller.abort(); } },
      cwd: folder,
      signal: controller.signal,
    });
    expect(code).toBe(130);
    expect(await report('aborted')).toMatchObject({ aborted: true });
    expect((await readdir(join(folder, 'aborted'))).filter((f) => f.endsWith('.tmp'))).toEqual([]);
  });
  it('interrupted before anything is known, it writes nothing', async () => {
    const { code } = await runWith(AbortSignal.abort(), 'fit', 'toy.csv', '--y', 'y', ...quick, '--out', 'nothing');
    expect(code).toBe(130);
  });
  it.each([
    [['fit', 'toy.csv'], 2, /--y/],
    [['fit', 'toy.csv', '--y', 'z'], 2, /no column 'z'/],
    [['fit', 'toy.csv', '--y', 'y', '--x', 'xx'], 2, /no column 'xx'; did you mean 'x'/],
    [['fit', 'toy.csv', '--y', 'y', '--kernel', 'rbff'], 2, /unknown kernel 'rbff'[\s\S]*did you mean 'rbf'/],
    [['fit', 'toy.csv', '--y', 'y', '--mean', 'constnt'], 2, /did you mean 'constant'/],
    [['fit', 'toy.csv', '--y', 'y', '--backend', 'wasn'], 2, /no backend "wasn"[\s\S]*did you mean 'wasm'/],
    [['fit', 'toy.csv', '--y', 'y', '--restart', '3'], 2, /unknown option '--restart'[\s\S]*--restarts/],
    [['fit', 'toy.csv', '--y', 'y', '--restarts', '0'], 2, /at least 1/],
    [['fit', 'toy.csv', '--y', 'y', '--x', ''], 2, /--x: no column is named; those of .*toy.csv are x, y/],
    [['fit', 'toy.csv', '--y', 'y', '--x', 'x,x'], 2, /--x: 'x' is named twice/],
    [['fit', 'toy.csv', '--y', 'y', '--seed', '4294967296'], 2, /from 0 to 4294967295/],
    [['fit', 'toy.csv', '--y', 'y', '--noise', '1e9', '--out', 'noise'], 2, /outside \[1e-8, 1000000\]/],
    [['fit', 'toy.csv', '--y', 'y', '--kernel', 'rbf[1]', '--out', 'columns'], 1, /rbf\[1\]: X has 1 column, there is no column 1/],
    [['fit', 'words.csv', '--y', 'y'], 3, /no column of numbers or dates is left to be an input: 'x' holds '1,5' in line 2; numbers have a decimal point/],
    [['fit', 'toy.csv', '--y', 'y', '--level', '95'], 2, /between 0 and 1/],
    [['fitt'], 2, /unknown command 'fitt'[\s\S]*fit/],
    [['fit', 'text.csv', '--y', 'y'], 3, /line 3, column 'y': 'oops' is no number/],
    [['fit', 'ragged.csv', '--y', 'y'], 3, /line 3 has 1 cells/],
    [['fit', 'empty.csv', '--y', 'y'], 3, /the file is empty/],
    [['fit', 'absent.csv', '--y', 'y'], 3, /can't be read/],
    [['fit', 'toy.csv', '--y', 'y', '--backend', 'tfjs-cpu'], 2, /dtype: 'float32'/],
    [['fit', 'toy.csv', '--y', 'y', '--out', 'toy.csv/below'], 5, /can't be written/],
  ])('%j ends with code %i', async (argv, code, message) => {
    const result = await run(...argv);
    expect(result.err).toMatch(message);
    expect(result.code).toBe(code);
    expect(result.out).toBe('');
  });
});

describe('matheron predict', () => {
  it('predicts at the points of a file, in the units of the data', async () => {
    await run('fit', 'toy.csv', '--y', 'y', ...quick, '--out', 'for-predict');
    const { code, err } = await run('predict', 'for-predict', 'points.csv', '--out', 'p.csv', '--samples', '2', '--backend', 'cpu');
    expect(code, err).toBe(0);
    expect(err).toContain('line 4 dropped: x missing');
    const lines = (await readFile(join(folder, 'p.csv'), 'utf8')).trim().split('\n');
    expect(lines[0]).toBe('x,mean,std,lower,upper,sample_1,sample_2');
    expect(lines).toHaveLength(3);
    const [x, mean, std, lower, upper] = lines[1]!.split(',').map(Number);
    expect(x).toBe(2);
    expect((upper! - lower!) / std!).toBeCloseTo(2 * 1.959964, 4);
    expect((upper! + lower!) / 2).toBeCloseTo(mean!, 9);
    const json = await run('predict', 'for-predict', 'points.csv', '--json', '--noise', '--backend', 'cpu');
    expect((JSON.parse(json.out) as { rows: number[][] }).rows[0]![2]).toBeGreaterThan(std!);
  });
  it('says what is missing', async () => {
    await mkdir(join(folder, 'no-model'), { recursive: true });
    expect(await run('predict', 'no-model', 'points.csv')).toMatchObject({ code: 3, err: expect.stringContaining('no report') });
    await run('fit', 'two.csv', '--y', 'y', ...quick, '--out', 'two-inputs', '--x', 'a,b');
    expect(await run('predict', 'two-inputs', 'points.csv')).toMatchObject({ code: 2, err: expect.stringContaining("no column 'a'") });
  });
});

describe('matheron', () => {
  it('lists backends', async () => {
    const { out, code } = await run('backends', '--json');
    expect(code).toBe(0);
    const rows = JSON.parse(out) as { name: string; available: boolean }[];
    expect(rows.find((r) => r.name === 'cpu')).toMatchObject({ available: true, dtype: 'float64' });
    expect(rows.map((r) => r.name)).toContain('native');
    expect((await run('backends')).out).toMatch(/^yes {2}cpu/m);
  });
  it('prints version and help', async () => {
    expect(await run('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    expect(await run('fit', '--help')).toMatchObject({ code: 0, out: expect.stringContaining('--kernel') });
  });
});
