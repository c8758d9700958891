// The record, the forecasts of each year from the ones before, and eleven years ahead.
const ink = '#222', soft = '#bbb', blue = '#1f6fb4', red = '#c0392b';

/** @param {{ years: readonly number[], counts: readonly number[], predicted: readonly number[], window: number, firstTestYear: number, ahead: readonly number[], rmse: readonly number[] }} data */
export function picture({ years, counts, predicted, window, firstTestYear, ahead, rmse }) {
  const [left, top, width, height] = [60, 60, 900, 330];
  const last = years.at(-1) + ahead.length;
  const [from, ceiling] = [1880, 220];
  const x = (/** @type {number} */ year) => left + ((year - from) / (last - from)) * width;
  const y = (/** @type {number} */ v) => top + (1 - v / ceiling) * height;
  const path = (/** @type {readonly (readonly [number, number])[]} */ points) => points.filter(([year]) => year >= from).map(([year, v]) => `${x(year).toFixed(1)},${y(v).toFixed(1)}`).join(' ');
  const record = years.map((year, k) => /** @type {const} */ ([year, counts[k]]));
  const forecast = predicted.map((v, k) => /** @type {const} */ ([years[k + window], v]));
  const beyond = [record.at(-1), ...ahead.map((v, k) => /** @type {const} */ ([years.at(-1) + 1 + k, v]))];
  const decades = Array.from({ length: Math.floor((last - from) / 20) + 1 }, (_, k) => from + 20 * k);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="450" viewBox="0 0 1000 450" font-family="sans-serif" font-size="13" fill="${ink}">
<rect width="1000" height="450" fill="white"/>
<text x="${left}" y="28" font-size="16">Sunspots: each year foretold from the 33 before it by an LSTM that learned 1700 to ${firstTestYear - 1}</text>
<text x="${left}" y="48">root mean square error from ${firstTestYear} on: LSTM ${rmse[0].toFixed(1)}, linear autoregression ${rmse[1].toFixed(1)}, "as last year" ${rmse[2].toFixed(1)}</text>
<rect x="${x(firstTestYear)}" y="${top}" width="${x(last) - x(firstTestYear)}" height="${height}" fill="#f4f6f8"/>
<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="${soft}"/>
${[0, 50, 100, 150, 200].map((v) => `<line x1="${left}" x2="${left + width}" y1="${y(v)}" y2="${y(v)}" stroke="#eee"/><text x="${left - 8}" y="${y(v) + 4}" text-anchor="end">${v}</text>`).join('\n')}
${decades.map((d) => `<text x="${x(d)}" y="${top + height + 18}" text-anchor="middle">${d}</text>`).join('\n')}
<text x="${left + width / 2}" y="${top + height + 42}" text-anchor="middle">year</text>
<polyline fill="none" stroke="${ink}" stroke-width="1.5" points="${path(record)}"/>
<polyline fill="none" stroke="${red}" stroke-width="1.5" points="${path(forecast)}"/>
<polyline fill="none" stroke="${blue}" stroke-width="2" stroke-dasharray="5 3" points="${path(beyond)}"/>
<text x="${x(firstTestYear) + 6}" y="${top + 16}">not seen in training</text>
${[[ink, '', 'record'], [red, '', 'one year ahead'], [blue, ' stroke-dasharray="5 3"', 'eleven years ahead']].map(([colour, dash, text], k) => `<line x1="${left + 10}" x2="${left + 40}" y1="${top + 14 + 18 * k}" y2="${top + 14 + 18 * k}" stroke="${colour}" stroke-width="2"${dash}/><text x="${left + 48}" y="${top + 18 + 18 * k}" fill="${colour}">${text}</text>`).join('\n')}
</svg>
`;
}
