import type { GPModel } from '../model.ts';
import { comparisonSvg, hasSeveralInputs } from './comparison.ts';
import { type PlotOptions, curvesOf } from './curves.ts';
import { escape, frameOf, percent, svgElement } from './figure.ts';

export type { PlotOptions } from './curves.ts';

/**
 * A self-contained SVG of data, posterior mean and band (of the function, and of observations where noise widens it), with axes and their labels, in
 * light and dark. For several input columns: observations against leave-one-out predictions.
 */
export async function plotSvg(model: GPModel, options: PlotOptions): Promise<string> {
  if (await hasSeveralInputs(options)) return await comparisonSvg(model, options);
  const curves = await curvesOf(model, options);
  return `${svgElement(curves, options, frameOf(curves))}\n`;
}

/** The same as a page of its own, that reads the values out under the pointer and lists the hyperparameters. Nothing is loaded from elsewhere. */
export async function plotHtml(model: GPModel, options: PlotOptions): Promise<string> {
  if (await hasSeveralInputs(options)) return page(model, options, await comparisonSvg(model, options), '', '');
  const curves = await curvesOf(model, options);
  const frame = frameOf(curves);
  const cross = '<g id="cross" style="display:none"><path class="mf-axis" d=""/><circle r="4.5" fill="var(--mean)" stroke="var(--paper)" stroke-width="1.5"/></g>';
  const figure = svgElement(curves, options, frame, cross);
  const box = { left: frame.left, right: frame.right, top: frame.top, bottom: frame.bottom, width: frame.width, height: frame.height, xs: frame.x, ys: frame.y };
  const digits = (v: readonly number[]): number[] => v.map((x) => Number(x.toPrecision(7)));
  const read = JSON.stringify({ ...box, label: options.xLabel ?? 'x', band: percent(curves.level), x: digits(curves.x), mean: digits(curves.mean), lower: digits((curves.noise ?? curves).lower), upper: digits((curves.noise ?? curves).upper) });
  const reader = `<script type="application/json" id="curves">${read.replaceAll('<', '\\u003c')}</script>
<script>${readerScript}</script>`;
  return page(model, options, figure, '<p id="read">Move over the figure to read it.</p>', reader);
}

/** The page around a figure, with the hyperparameters below it. */
function page(model: GPModel, options: PlotOptions, figure: string, note: string, scripts: string): string {
  const rows = Object.entries(model.getParams()).map(([name, value]) => `<tr><th>${escape(name)}</th><td>${[value].flat().map((v) => Number(v.toPrecision(6))).join(', ')}</td></tr>`);
  const title = escape(options.title ?? 'Gaussian process');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<style>:root{color-scheme:light dark}body{margin:0;padding:24px;background:#f4f6f9;color:#1b2330;font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
main{max-width:1060px;margin:0 auto}svg{width:100%;height:auto;display:block;border-radius:6px;box-shadow:0 1px 4px rgba(10,20,40,.12)}#read{min-height:1.6em;margin:10px 2px;font-variant-numeric:tabular-nums;color:#5b6676}
table{border-collapse:collapse;margin-top:8px}th{text-align:left;font-weight:500;padding:3px 20px 3px 2px}td{font-variant-numeric:tabular-nums;padding:3px 2px}tr+tr{border-top:1px solid #dde2ea}details{margin:8px 2px}
@media (prefers-color-scheme:dark){body{background:#0b0e13;color:#e8ecf3}#read{color:#9aa6b8}tr+tr{border-color:#242b36}}</style></head>
<body><main>${figure}
${note}
<details open><summary>Hyperparameters</summary><table>${rows.join('')}</table></details></main>
${scripts}</body></html>
`;
}

/** Runs in the page: a crosshair that reads mean and band out. */
const readerScript = `(() => {
  const c = JSON.parse(document.getElementById('curves').textContent), svg = document.querySelector('svg'), cross = document.getElementById('cross'), out = document.getElementById('read');
  const px = (v) => c.left + (v - c.xs.low) / (c.xs.high - c.xs.low) * (c.width - c.left - c.right), py = (v) => c.height - c.bottom - (v - c.ys.low) / (c.ys.high - c.ys.low) * (c.height - c.top - c.bottom);
  const show = (v) => String(Number(v.toPrecision(5)));
  svg.addEventListener('pointermove', (e) => {
    const r = svg.getBoundingClientRect(), at = c.xs.low + ((e.clientX - r.left) / r.width * c.width - c.left) / (c.width - c.left - c.right) * (c.xs.high - c.xs.low);
    let i = 0; while (i < c.x.length - 1 && Math.abs(c.x[i + 1] - at) <= Math.abs(c.x[i] - at)) i++;
    cross.style.display = ''; cross.querySelector('path').setAttribute('d', 'M' + px(c.x[i]) + ' ' + c.top + 'V' + (c.height - c.bottom));
    const dot = cross.querySelector('circle'); dot.setAttribute('cx', px(c.x[i])); dot.setAttribute('cy', py(c.mean[i]));
    out.textContent = c.label + ' ' + show(c.x[i]) + ': mean ' + show(c.mean[i]) + ', ' + c.band + ' from ' + show(c.lower[i]) + ' to ' + show(c.upper[i]);
  });
  svg.addEventListener('pointerleave', () => { cross.style.display = 'none'; });
})();`;
