// Test images by their two numbers, and how some of them come out again.
const ink = '#222', soft = '#999';
const colours = ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b', '#e377c2', '#7f7f7f', '#a8a800', '#17becf'];

/**
 * @param {{ images: Float64Array, digits: Float64Array }} test
 * @param {ArrayLike<number>} codes
 * @param {ArrayLike<number>} drawn
 */
export function picture({ images, digits }, codes, drawn) {
  const [left, top, side] = [40, 50, 400];
  const count = digits.length;
  const axis = (/** @type {0 | 1} */ a) => {
    const values = Array.from({ length: count }, (_, k) => codes[2 * k + a]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return (/** @type {number} */ k) => 12 + ((values[k] - low) / (high - low)) * (side - 24);
  };
  const [x, y] = [axis(0), axis(1)];
  const points = Array.from({ length: count }, (_, k) => `<text x="${(left + x(k)).toFixed(1)}" y="${(top + side - y(k) + 4).toFixed(1)}" text-anchor="middle" font-size="12" fill="${colours[digits[k]]}">${digits[k]}</text>`);
  const image = (/** @type {ArrayLike<number>} */ of, /** @type {number} */ k, /** @type {number} */ x0, /** @type {number} */ y0) =>
    Array.from({ length: 64 }, (_, p) => {
      const shade = Math.round(255 * (1 - Math.min(1, Math.max(0, of[k * 64 + p]))));
      return shade === 255 ? '' : `<rect x="${x0 + (p % 8) * 5}" y="${y0 + Math.floor(p / 8) * 5}" width="5" height="5" fill="rgb(${shade},${shade},${shade})"/>`;
    }).join('') + `<rect x="${x0}" y="${y0}" width="40" height="40" fill="none" stroke="${soft}"/>`;
  // Two of each digit: the image, and below it what the two numbers give.
  const pairs = Array.from({ length: 10 }, (_, d) => Array.from(digits.keys()).filter((k) => digits[k] === d).slice(0, 2));
  const tiles = pairs.flatMap((own, d) => own.map((k, j) => {
    const [x0, y0] = [490 + (d % 5) * 98 + j * 46, 50 + Math.floor(d / 5) * 120];
    return `<g>${image(images, k, x0, y0)}${image(drawn, k, x0, y0 + 46)}</g>`;
  }));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="480" viewBox="0 0 1000 480" font-family="sans-serif" font-size="13" fill="${ink}">
<rect width="1000" height="480" fill="white"/>
<text x="${left}" y="28" font-size="16">Test images by their two numbers</text>
<rect x="${left}" y="${top}" width="${side}" height="${side}" fill="none" stroke="${soft}"/>
${points.join('\n')}
<text x="490" y="28" font-size="16">Images, and below them what the two numbers give</text>
${tiles.join('\n')}
</svg>
`;
}
