import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Generator } from 'matheron';

/**
 * The 1,797 images as rows of 64 numbers from 0 to 1, and their digits, in random order: the last fifth is for tests.
 * @returns {{ train: { images: Float64Array, digits: Float64Array }, test: { images: Float64Array, digits: Float64Array } }}
 */
export function loadDigits(seed = 1) {
  const rows = readFileSync(join(import.meta.dirname, 'data', 'digits.csv'), 'utf8').trim().split('\n').slice(1).map((line) => line.split(',').map(Number));
  const order = new Generator(seed).permutationArray(rows.length);
  const count = Math.round(rows.length * 0.8);
  const part = (/** @type {Int32Array} */ indices) => ({
    images: Float64Array.from(Array.from(indices, (k) => rows[k].slice(0, 64).map((v) => v / 16)).flat()),
    digits: Float64Array.from(indices, (k) => rows[k][64]),
  });
  return { train: part(order.subarray(0, count)), test: part(order.subarray(count)) };
}
