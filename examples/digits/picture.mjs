// Two panels: how loss and accuracy went, and test images with what the network takes them for, its mistakes first.
const ink = '#222', soft = '#999', blue = '#1f6fb4', red = '#c0392b';

/**
 * @param {readonly { epoch: number, loss: number, accuracy: number }[]} history
 * @param {{ images: Float64Array, digits: Float64Array }} test
 * @param {Int32Array} predicted
 */
export function picture(history, test, predicted) {
  const body = [curves(history), gallery(test, predicted)].join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="470" viewBox="0 0 1000 470" font-family="sans-serif" font-size="13" fill="${ink}">
<rect width="1000" height="470" fill="white"/>
${body}
</svg>
`;
}

/** @param {readonly { epoch: number, loss: number, accuracy: number }[]} history */
function curves(history) {
  const [left, top, width, height] = [60, 50, 360, 350];
  const n = history.length;
  const x = (/** @type {number} */ epoch) => left + ((epoch - 1) / Math.max(1, n - 1)) * width;
  const exponents = history.map(({ loss }) => Math.log10(loss));
  const [low, high] = [Math.floor(Math.min(...exponents)), Math.ceil(Math.max(...exponents))];
  const yLoss = (/** @type {number} */ v) => top + ((high - Math.log10(v)) / (high - low)) * height;
  const floor = Math.floor(20 * Math.min(...history.map(({ accuracy }) => accuracy))) / 20;
  const yAccuracy = (/** @type {number} */ v) => top + ((1 - v) / (1 - floor)) * height;
  const line = (/** @type {(h: typeof history[number]) => number} */ y, /** @type {string} */ colour) =>
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${history.map((h) => `${x(h.epoch).toFixed(1)},${y(h).toFixed(1)}`).join(' ')}"/>`;
  const decades = Array.from({ length: high - low + 1 }, (_, k) => low + k);
  const shares = Array.from({ length: Math.round((1 - floor) / 0.05) + 1 }, (_, k) => floor + 0.05 * k).filter((_, k, all) => all.length <= 8 || k % 2 === (all.length - 1) % 2);
  return [
    `<text x="${left}" y="28" font-size="16">Training: loss and test accuracy</text>`,
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="${soft}"/>`,
    ...decades.map((d) => `<text x="${left - 8}" y="${yLoss(10 ** d) + 4}" text-anchor="end" fill="${blue}">${10 ** d}</text>`),
    ...shares.map((s) => `<text x="${left + width + 8}" y="${yAccuracy(s) + 4}" fill="${red}">${Math.round(100 * s)} %</text>`),
    ...history.filter((_, k) => n <= 12 || k % 5 === 4).map(({ epoch }) => `<text x="${x(epoch)}" y="${top + height + 18}" text-anchor="middle">${epoch}</text>`),
    `<text x="${left + width / 2}" y="${top + height + 40}" text-anchor="middle">epoch</text>`,
    line(({ loss }) => yLoss(loss), blue),
    line(({ accuracy }) => yAccuracy(accuracy), red),
    `<text x="${left + 12}" y="${top + height - 14}" fill="${blue}">loss, logarithmic</text>`,
    `<text x="${left + width - 12}" y="${top + height - 14}" text-anchor="end" fill="${red}">accuracy on the test fifth</text>`,
  ].join('\n');
}

/**
 * @param {{ images: Float64Array, digits: Float64Array }} test
 * @param {Int32Array} predicted
 */
function gallery({ images, digits }, predicted) {
  const all = Array.from(predicted, (_, k) => k);
  const wrong = all.filter((k) => predicted[k] !== digits[k]);
  const shown = [...wrong, ...all.filter((k) => predicted[k] === digits[k])].slice(0, 32);
  const [left, top, cell, pixel] = [510, 50, 58, 5];
  const tiles = shown.map((k, i) => {
    const [x0, y0] = [left + (i % 8) * cell, top + Math.floor(i / 8) * (cell + 36)];
    const pixels = Array.from({ length: 64 }, (_, p) => {
      const shade = Math.round(255 * (1 - images[k * 64 + p]));
      return shade === 255 ? '' : `<rect x="${x0 + (p % 8) * pixel}" y="${y0 + Math.floor(p / 8) * pixel}" width="${pixel}" height="${pixel}" fill="rgb(${shade},${shade},${shade})"/>`;
    });
    const right = predicted[k] === digits[k];
    const label = right ? `${predicted[k]}` : `${predicted[k]}, not ${digits[k]}`;
    return `<g>${pixels.join('')}<rect x="${x0}" y="${y0}" width="40" height="40" fill="none" stroke="${right ? soft : red}"/><text x="${x0 + 20}" y="${y0 + 56}" text-anchor="middle" font-size="11" fill="${right ? ink : red}">${label}</text></g>`;
  });
  return [`<text x="${left}" y="28" font-size="16">${wrong.length} of ${digits.length} test images are misread (red), the rest are right</text>`, ...tiles].join('\n');
}
