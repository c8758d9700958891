// Small charts for this walk: lines, dots, bands and bars in light and dark. (Of a fitted model, @matheron/gp/plot draws more.)
const width = 880;
const height = 440;
const box = { left: 70, right: 24, top: 74, bottom: 56 };
const style = `.c{--paper:#fff;--ink:#1b2330;--soft:#5b6676;--line:#e4e8ee;--a:#1f5fbf;--b:#c2410c;--c:#0f766e;--d:#7c3aed}
@media (prefers-color-scheme:dark){.c{--paper:#12161d;--ink:#e8ecf3;--soft:#9aa6b8;--line:#242b36;--a:#7fb2ff;--b:#fb923c;--c:#5eead4;--d:#c4b5fd}}
.c text{fill:var(--soft);font:13px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}.c .t{fill:var(--ink);font-size:18px;font-weight:600}.c .l{fill:var(--ink);font-size:14px}
.c .g{stroke:var(--line)}.c .x{stroke:var(--soft);stroke-opacity:.5;fill:none}`.replaceAll('\n', '');

/**
 * An SVG of series { kind: 'line' | 'dots' | 'band' | 'bars', x, y (or lower, upper), color: 'a' to 'd', label, width, opacity, dashed }.
 * Bars stand at categories: x are their names.
 */
export function chart({ title, xLabel, yLabel, series, y: range }) {
  const bars = series.find((s) => s.kind === 'bars');
  const all = series.flatMap((s) => [...(s.y ?? []), ...(s.lower ?? []), ...(s.upper ?? [])]);
  const ys = range ?? padded(Math.min(...all, ...(bars ? [0] : [])), Math.max(...all), bars ? 0.02 : 0.06);
  const xs = bars ? [-0.5, bars.x.length - 0.5] : padded(Math.min(...series.flatMap((s) => s.x)), Math.max(...series.flatMap((s) => s.x)), 0.01);
  const px = (v) => round(box.left + ((v - xs[0]) / (xs[1] - xs[0])) * (width - box.left - box.right));
  const py = (v) => round(height - box.bottom - ((v - ys[0]) / (ys[1] - ys[0])) * (height - box.top - box.bottom));
  const base = height - box.bottom;
  const grid = ticks(...ys, 5).map((v) => `<path class="g" d="M${box.left} ${py(v)}H${width - box.right}"/><text x="${box.left - 9}" y="${py(v) + 4}" text-anchor="end">${show(v)}</text>`);
  const axis = bars
    ? bars.x.map((name, i) => `<text x="${px(i)}" y="${base + 20}" text-anchor="middle">${name}</text>`)
    : ticks(...xs, 8).map((v) => `<path class="x" d="M${px(v)} ${base}v5"/><text x="${px(v)}" y="${base + 20}" text-anchor="middle">${show(v)}</text>`);
  let at = box.left;
  const legend = series.filter((s) => s.label).map((s) => {
    const item = `<g transform="translate(${round(at)} 56)">${swatch(s)}<text x="26" y="4">${s.label}</text></g>`;
    at += 26 + 6.4 * s.label.length + 26;
    return item;
  });
  return `<svg class="c" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}"><title>${title}</title><style>${style}</style>
<rect width="${width}" height="${height}" rx="6" fill="var(--paper)"/><text class="t" x="${box.left}" y="32">${title}</text>${legend.join('')}
${grid.join('')}<path class="x" d="M${box.left} ${base}H${width - box.right}"/>${axis.join('')}
${series.map((s) => draw(s, px, py)).join('\n')}
<text class="l" x="${(box.left + width - box.right) / 2}" y="${height - 14}" text-anchor="middle">${xLabel ?? ''}</text>
<text class="l" transform="translate(19 ${(box.top + base) / 2}) rotate(-90)" text-anchor="middle">${yLabel ?? ''}</text></svg>
`;
}

function draw(s, px, py) {
  const color = `var(--${s.color ?? 'a'})`;
  const points = (xs, ys) => xs.map((v, i) => `${px(v)} ${py(ys[i])}`);
  if (s.kind === 'dots') return `<g fill="${color}" fill-opacity="${s.opacity ?? 0.9}">${s.x.map((v, i) => `<circle cx="${px(v)}" cy="${py(s.y[i])}" r="${s.width ?? 3.2}"/>`).join('')}</g>`;
  if (s.kind === 'band') return `<path fill="${color}" fill-opacity="${s.opacity ?? 0.18}" d="M${[...points(s.x, s.upper), ...points(s.x, s.lower).reverse()].join('L')}Z"/>`;
  if (s.kind === 'bars') return s.y.map((v, i) => `<rect x="${px(i - 0.3)}" width="${round(px(i + 0.3) - px(i - 0.3))}" y="${py(v)}" height="${round(Math.max(0, py(0) - py(v)))}" rx="3" fill="${color}"/>`).join('');
  return `<path fill="none" stroke="${color}" stroke-width="${s.width ?? 2}" stroke-opacity="${s.opacity ?? 1}"${s.dashed ? ' stroke-dasharray="6 5"' : ''} stroke-linejoin="round" d="M${points(s.x, s.y).join('L')}"/>`;
}
function swatch(s) {
  const color = `var(--${s.color ?? 'a'})`;
  if (s.kind === 'dots') return `<circle cx="10" r="3.4" fill="${color}"/>`;
  if (s.kind === 'band' || s.kind === 'bars') return `<rect y="-6" width="20" height="12" rx="2" fill="${color}" fill-opacity="${s.kind === 'band' ? 0.3 : 1}"/>`;
  return `<path d="M0 0H20" stroke="${color}" stroke-width="${s.width ?? 2}"${s.dashed ? ' stroke-dasharray="6 5"' : ''}/>`;
}
function ticks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((m) => m * power >= raw) * power;
  const values = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9; k++) values.push(k * step);
  return values;
}
const padded = (low, high, share) => [low - share * (high - low), high + share * (high - low)];
const round = (v) => Math.round(v * 100) / 100;
const show = (v) => String(Number(v.toPrecision(4))).replace('-', '−');
