import { cpu } from '@matheron/backend-cpu';
import { linspace, setDefaultContext, tensor } from '@matheron/core-tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { GaussianProcessRegression } from '../src/index.ts';
import { niceTicks, tickLabel } from '../src/plot/ticks.ts';
import { plotHtml, plotSvg } from '../src/plot/index.ts';

setDefaultContext(cpu());

const x = Array.from({ length: 20 }, (_, i) => i / 2);
const X = tensor(x);
const y = tensor(x.map((v, i) => Math.sin(v) + 0.2 * Math.cos(i * 17)));
const model = new GaussianProcessRegression();
beforeAll(async () => {
  await model.fit(X, y, { restarts: 1 });
});

/** The tags of well-formed XML, in order; throws where they don't nest. */
function tags(xml: string): string[] {
  const open: string[] = [];
  const names: string[] = [];
  for (const [, closing, name, self] of xml.matchAll(/<(\/?)([a-zA-Z][\w-]*)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g)) {
    if (closing) expect(open.pop()).toBe(name);
    else {
      names.push(name!);
      if (!self) open.push(name!);
    }
  }
  expect(open).toEqual([]);
  return names;
}

describe('plotSvg', () => {
  it('is well formed and holds data, mean, both bands, samples, truth, axes with units', async () => {
    const svg = await plotSvg(model, { X, y, title: 'Springs & <weights>', xLabel: 'time / s', yLabel: 'length / mm', samples: 2, truth: { X: [10, 11], y: [0.1, 0.2] } });
    const names = tags(svg);
    expect(names[0]).toBe('svg');
    // 20 observations and 2 later ones, and one of each in the legend
    expect(names.filter((n) => n === 'circle')).toHaveLength(24);
    expect(svg.match(/class="mf-sample" d="M/g)).toHaveLength(3);
    for (const part of ['mf-mean', 'mf-band', 'mf-noise', 'mf-truth', 'time / s', 'length / mm', 'Springs &amp; &lt;weights&gt;', '95 % of observations', 'prefers-color-scheme:dark']) expect(svg).toContain(part);
    expect(svg).not.toMatch(/NaN|Infinity|undefined|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
  });
  it('the mean line goes through the predictions', async () => {
    const at = linspace(0, 9.5, 11);
    const svg = await plotSvg(model, { X, y, at });
    const line = /class="mf-mean" d="M([\d. L-]+)"/.exec(svg)![1]!.split('L').map((p) => p.split(' ').map(Number));
    const mean = model.predict(at).mean.dataSync();
    expect(line).toHaveLength(11);
    // pixels grow downwards, affinely in the value: three points fix the map, the others test it
    const slope = (line[5]![1]! - line[0]![1]!) / (mean[5]! - mean[0]!);
    line.forEach(([, py], i) => expect(py! - line[0]![1]!).toBeCloseTo(slope * (mean[i]! - mean[0]!), 0));
    expect(slope).toBeLessThan(0);
  });
  it('sets observations against leave-one-out predictions where there are several inputs', async () => {
    const two = tensor(x.map((v, i) => [v, (i * 7) % 5]));
    const other = new GaussianProcessRegression();
    await other.fit(two, y, { restarts: 1 });
    const svg = await plotSvg(other, { X: two, y, yLabel: 'length / mm' });
    const names = tags(svg);
    // 20 observations and the one in the legend, an interval each
    expect(names.filter((n) => n === 'circle')).toHaveLength(21);
    expect(svg.match(/class="mf-sample" d="M/g)).toHaveLength(21);
    expect(svg).toContain('length / mm, predicted from all others');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(await plotHtml(other, { X: two, y })).toContain('<details open>');
    await expect(plotSvg(other, { X: [[1, 2], [3, 4]], y: [1, 2] })).rejects.toThrow(/2 observations for 20 predictions/);
  });
  it('refuses what it can not draw', async () => {
    await expect(plotSvg(model, {} as never)).rejects.toThrow(/observations are missing/);
    await expect(plotSvg(model, { X: [], y: [] })).rejects.toThrow(/no finite observation/);
    await expect(plotSvg(model, { X, y, at: [1, NaN] })).rejects.toThrow(/at must hold finite numbers, got NaN/);
    await expect(plotSvg(model, { X, y, at: [] })).rejects.toThrow(/at must hold finite numbers, got none/);
    await expect(plotSvg(model, { X, y, samples: -1 })).rejects.toThrow(/samples must be an integer/);
    expect(await plotSvg(model, { X: [], y: [], at: [0, 1] })).not.toMatch(/NaN|Infinity/);
  });
  it('refuses lists that do not belong together', async () => {
    await expect(plotSvg(model, { X: [1, 2, 3], y: [1, 2] })).rejects.toThrow(/3 values for 2 of y/);
  });
});

it('plotHtml is one page with the figure, hyperparameters, and nothing from elsewhere', async () => {
  const html = await plotHtml(model, { X, y, xLabel: '</script><b>' });
  expect(html).toContain('<svg class="mf"');
  expect(html).toContain('kernel_lengthscale');
  expect(html.match(/<\/script>/g)).toHaveLength(2);
  expect(html).not.toMatch(/<(?:link|img|script src)/);
  const data = JSON.parse(/<script type="application\/json" id="curves">(.*?)<\/script>/s.exec(html)![1]!) as { x: number[]; mean: number[] };
  expect(data.x).toHaveLength(200);
  expect(data.mean.every(Number.isFinite)).toBe(true);
});

it('ticks are round and cover the range', () => {
  expect(niceTicks(1958.2, 2020.9, 6)).toEqual({ values: [1960, 1970, 1980, 1990, 2000, 2010, 2020], decimals: -1 });
  expect(niceTicks(-0.13, 0.21, 6).values.map((v) => tickLabel(v, 2))).toEqual(['−0.10', '−0.05', '0.00', '0.05', '0.10', '0.15', '0.20']);
  expect(niceTicks(5, 5, 4).values).toEqual([5]);
});
it('labels tell ticks apart and end at any scale', () => {
  const labels = (low: number, high: number): string[] => {
    const { values, decimals } = niceTicks(low, high, 4);
    return values.map((v) => tickLabel(v, decimals));
  };
  expect(labels(0, 2e-200)).toEqual(['0', '5e−201', '1.0e−200', '1.5e−200', '2.0e−200']);
  expect(labels(1e9, 1e9 + 2)).toEqual(['1.0000000000e9', '1.0000000005e9', '1.0000000010e9', '1.0000000015e9', '1.0000000020e9']);
  expect(labels(0, 4e9)).toEqual(['0', '1e9', '2e9', '3e9', '4e9']);
  // steps that are lost in the rounding of the values
  expect(niceTicks(1e16, 1e16 + 4, 4).values).toEqual([1e16]);
});
it.each([1e-140, 1e-9, 1e9, 1e140])('draws data of the scale %d', async (unit) => {
  const scaled = new GaussianProcessRegression();
  const values = { X: X.mul(unit), y: y.mul(unit) };
  await scaled.recomputeStates(values.X, values.y);
  const svg = await plotSvg(scaled, values);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});
it('around a single input there is a band to see', async () => {
  for (const at of [0, 3]) {
    const one = new GaussianProcessRegression();
    await one.recomputeStates([at, at], [1, 2]);
    const line = /class="mf-mean" d="M([\d. L-]+)"/.exec(await plotSvg(one, { X: [at, at], y: [1, 2] }))![1]!.split('L').map((p) => Number(p.split(' ')[0]));
    expect(line.at(-1)! - line[0]!).toBeGreaterThan(600);
  }
});
it('draws more points than a call takes arguments', async () => {
  const svg = await plotSvg(model, { X, y, at: linspace(0, 9.5, 200_000) });
  expect(svg).not.toMatch(/NaN|Infinity/);
});
