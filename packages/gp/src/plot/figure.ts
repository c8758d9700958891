import { type Curves, type PlotOptions, type Point, extent } from './curves.ts';
import { niceTicks, tickLabel } from './ticks.ts';

/** The pixels of a figure, and the maps from values to them. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: { readonly low: number; readonly high: number };
  readonly y: { readonly low: number; readonly high: number };
  px(x: number): number;
  py(y: number): number;
}

const width = 880;
const height = 500;

/** Ranges and margins: all that is drawn fits, with a little air. */
export function frameOf(c: Curves): Frame {
  const band = c.noise ?? c;
  return frameAround(
    [...c.x, ...c.data.map((p) => p.x), ...c.truth.map((p) => p.x)],
    [...c.data.map((p) => p.y), ...c.truth.map((p) => p.y), ...band.lower, ...band.upper, ...c.samples.flat()],
  );
}
/** The frame in which all of `xs` and `ys` fit. */
export function frameAround(xs: readonly number[], ys: readonly number[]): Frame {
  const x = padded(extent(xs), 0.012);
  const y = padded(extent(ys), 0.05);
  const ticks = niceTicks(y.low, y.high, 6);
  const widest = Math.max(...ticks.values.map((v) => tickLabel(v, ticks.decimals).length));
  // 7.2 pixels a character, beside the axis label
  const box = { width, height, left: Math.max(68, 44 + Math.ceil(7.2 * widest)), right: 20, top: 72, bottom: 54 };
  return {
    ...box, x, y,
    px: (v) => box.left + ((v - x.low) / (x.high - x.low)) * (width - box.left - box.right),
    py: (v) => height - box.bottom - ((v - y.low) / (y.high - y.low)) * (height - box.top - box.bottom),
  };
}
function padded([low, high]: readonly [number, number], share: number): { low: number; high: number } {
  const span = high > low ? high - low : Math.max(1, Math.abs(high));
  return { low: low - share * span, high: high + share * span };
}

/** Colours by role, for light and dark surroundings. */
export const palette: string = `
.mf{--paper:#fff;--ink:#1b2330;--soft:#5b6676;--line:#e4e8ee;--axis:#aab3c0;--mean:#1f5fbf;--band:#1f5fbf;--data:#1b2330;--truth:#c2410c;--sample:#1f5fbf}
@media (prefers-color-scheme:dark){.mf{--paper:#12161d;--ink:#e8ecf3;--soft:#9aa6b8;--line:#242b36;--axis:#465164;--mean:#7fb2ff;--band:#5b93f0;--data:#e8ecf3;--truth:#fb923c;--sample:#7fb2ff}}
.mf-paper{fill:var(--paper)}.mf text{fill:var(--soft);font:13px/1.2 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.mf .mf-title{fill:var(--ink);font-size:18px;font-weight:600}.mf .mf-label{fill:var(--ink);font-size:14px}
.mf-grid{stroke:var(--line);stroke-width:1}.mf-axis{stroke:var(--axis);stroke-width:1;fill:none}
.mf-band{fill:var(--band);fill-opacity:.22}.mf-noise{fill:var(--band);fill-opacity:.12}
.mf-mean{fill:none;stroke:var(--mean);stroke-width:2.2;stroke-linejoin:round}.mf-sample{fill:none;stroke:var(--sample);stroke-width:1;stroke-opacity:.5}
.mf-data{fill:var(--data);fill-opacity:.75}.mf-truth{fill:none;stroke:var(--truth);stroke-width:1.6;stroke-linejoin:round}.mf-truth-dot{fill:var(--truth)}
.mf-split{stroke:var(--axis);stroke-width:1;stroke-dasharray:4 4}`.replaceAll('\n', '');

/** The figure as an `<svg>` element. `extra` goes in front of everything: a reader's crosshair. */
export function svgElement(c: Curves, options: PlotOptions, frame: Frame, extra = ''): string {
  const title = options.title ?? '';
  const description = `${c.data.length} observations, the posterior mean and its ${percent(c.level)} band${c.truth.length > 0 ? ', and what was observed later' : ''}`;
  return figureElement(title, description, [
    grid(frame), axes(frame, options),
    c.noise ? bandPath('mf-noise', c.x, c.noise.lower, c.noise.upper, frame) : '',
    bandPath('mf-band', c.x, c.lower, c.upper, frame),
    ...c.samples.map((s) => linePath('mf-sample', c.x, s, frame)),
    truthMarks(c, frame),
    linePath('mf-mean', c.x, c.mean, frame),
    dataMarks(c.data, frame),
    header(title, legendOf(c), frame), extra,
  ]);
}
/** An `<svg>` of these parts, with its style and its description. */
export function figureElement(title: string, description: string, parts: readonly string[]): string {
  return [
    `<svg class="mf" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title || description)}">`,
    `<title>${escape(title || description)}</title><desc>${escape(description)}</desc><style>${palette}</style>`,
    `<rect class="mf-paper" width="${width}" height="${height}" rx="6"/>`,
    ...parts, '</svg>',
  ].filter((p) => p !== '').join('\n');
}

export function grid(f: Frame): string {
  const { values } = niceTicks(f.y.low, f.y.high, 6);
  return values.map((v) => `<line class="mf-grid" x1="${f.left}" x2="${f.width - f.right}" y1="${n(f.py(v))}" y2="${n(f.py(v))}"/>`).join('');
}
export function axes(f: Frame, options: Pick<PlotOptions, 'xLabel' | 'yLabel'>): string {
  const x = niceTicks(f.x.low, f.x.high, 9);
  const y = niceTicks(f.y.low, f.y.high, 6);
  const base = f.height - f.bottom;
  const middle = (f.left + f.width - f.right) / 2;
  const center = (f.top + base) / 2;
  return [
    `<path class="mf-axis" d="M${f.left} ${base}H${f.width - f.right}"/>`,
    ...x.values.map((v) => `<path class="mf-axis" d="M${n(f.px(v))} ${base}v5"/><text x="${n(f.px(v))}" y="${base + 20}" text-anchor="middle">${tickLabel(v, x.decimals)}</text>`),
    ...y.values.map((v) => `<text x="${f.left - 9}" y="${n(f.py(v) + 4.5)}" text-anchor="end">${tickLabel(v, y.decimals)}</text>`),
    options.xLabel ? `<text class="mf-label" x="${middle}" y="${f.height - 14}" text-anchor="middle">${escape(options.xLabel)}</text>` : '',
    options.yLabel ? `<text class="mf-label" transform="translate(20 ${center}) rotate(-90)" text-anchor="middle">${escape(options.yLabel)}</text>` : '',
  ].join('');
}
function bandPath(kind: string, x: readonly number[], lower: readonly number[], upper: readonly number[], f: Frame): string {
  const there = x.map((v, i) => `${n(f.px(v))} ${n(f.py(upper[i]!))}`);
  const back = x.map((v, i) => `${n(f.px(v))} ${n(f.py(lower[i]!))}`).reverse();
  return `<path class="${kind}" d="M${[...there, ...back].join('L')}Z"/>`;
}
function linePath(kind: string, x: readonly number[], y: readonly number[], f: Frame): string {
  return `<path class="${kind}" d="M${x.map((v, i) => `${n(f.px(v))} ${n(f.py(y[i]!))}`).join('L')}"/>`;
}
export function dataMarks(data: readonly Point[], f: Frame): string {
  const r = data.length > 400 ? 1.3 : data.length > 120 ? 2 : 3.2;
  return `<g class="mf-data">${data.map((p) => `<circle cx="${n(f.px(p.x))}" cy="${n(f.py(p.y))}" r="${r}"/>`).join('')}</g>`;
}
function truthMarks(c: Curves, f: Frame): string {
  if (c.truth.length === 0) return '';
  const sorted = [...c.truth].sort((a, b) => a.x - b.x);
  const last = extent(c.data.map((p) => p.x))[1];
  const first = sorted[0]!.x;
  const split = first > last ? `<line class="mf-split" x1="${n(f.px((first + last) / 2))}" x2="${n(f.px((first + last) / 2))}" y1="${f.top}" y2="${f.height - f.bottom}"/>` : '';
  if (sorted.length > 30) return split + linePath('mf-truth', sorted.map((p) => p.x), sorted.map((p) => p.y), f);
  return `${split}<g class="mf-truth-dot">${sorted.map((p) => `<circle cx="${n(f.px(p.x))}" cy="${n(f.py(p.y))}" r="3.2"/>`).join('')}</g>`;
}

/** A mark and what it stands for. */
export type LegendItem = readonly [mark: string, text: string];
function legendOf(c: Curves): LegendItem[] {
  const items: LegendItem[] = [
    ['<circle class="mf-data" cx="10" cy="0" r="3.2"/>', 'data'],
    ['<path class="mf-mean" d="M0 0H20"/>', 'mean'],
    ['<rect class="mf-band" y="-6" width="20" height="12" rx="2"/>', `${percent(c.level)} of the function`],
  ];
  if (c.noise) items.push(['<rect class="mf-noise" y="-6" width="20" height="12" rx="2"/>', `${percent(c.level)} of observations`]);
  if (c.samples.length > 0) items.push(['<path class="mf-sample" d="M0 0H20"/>', c.samples.length === 1 ? 'a sample' : 'samples']);
  if (c.truth.length > 0) items.push([c.truth.length > 30 ? '<path class="mf-truth" d="M0 0H20"/>' : '<circle class="mf-truth-dot" cx="10" cy="0" r="3.2"/>', 'observed later']);
  return items;
}
/** Title and, below it, the legend in one row. */
export function header(title: string, items: readonly LegendItem[], f: Frame): string {
  let at = f.left;
  const legend = items.map(([mark, text]) => {
    const item = `<g transform="translate(${n(at)} 54)">${mark}<text x="27" y="4.5">${escape(text)}</text></g>`;
    at += 27 + 6.3 * text.length + 28;
    return item;
  });
  return `${title ? `<text class="mf-title" x="${f.left}" y="31">${escape(title)}</text>` : ''}${legend.join('')}`;
}

export function percent(level: number): string {
  return `${Number((level * 100).toPrecision(4))} %`;
}
export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
export function n(v: number): string {
  return String(Math.round(v * 100) / 100);
}
