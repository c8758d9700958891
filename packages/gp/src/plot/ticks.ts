/** Significant digits that every float64 keeps. */
const digitsOfDoubles = 15;

/** Round tick positions in [low, high], about `count` of them, and how many decimals they need: negative where they are multiples of 10, 100, … */
export function niceTicks(low: number, high: number, count: number): { values: number[]; decimals: number } {
  const raw = (high - low) / Math.max(1, count);
  const largest = Math.max(Math.abs(low), Math.abs(high));
  // below that, steps get lost in the rounding of the values
  if (!(raw > largest * 10 ** -digitsOfDoubles) || !Number.isFinite(raw)) return { values: [low], decimals: 2 };
  const exponent = Math.floor(Math.log10(raw));
  const power = 10 ** exponent;
  const fraction = raw / power;
  const [factor, shift] = fraction < 1.5 ? [1, 0] : fraction < 3.5 ? [2, 0] : fraction < 7.5 ? [5, 0] : [1, 1];
  const decimals = 0 - exponent - shift;
  const step = factor * 10 ** -decimals;
  const values: number[] = [];
  const first = Math.ceil(low / step - 1e-9);
  // one product each, so that 3 · 0.1 does not become 0.30000000000000004 by summing; labels round it
  for (let k = 0; (first + k) * step <= high + 1e-9 * step; k++) values.push((first + k) * step);
  return { values, decimals };
}

/** A tick's label: plain decimals, powers of ten where they would be long; as many digits as tell neighbouring ticks apart. */
export function tickLabel(value: number, decimals: number): string {
  const shown = Math.abs(value) < 0.5 * 10 ** -decimals ? 0 : value;
  if (shown === 0 && decimals > 5) return '0';
  const text = shown !== 0 && (Math.abs(shown) >= 1e6 || decimals > 5)
    ? shown.toExponential(Math.max(0, Math.min(digitsOfDoubles, Math.floor(Math.log10(Math.abs(shown)) + 1e-9) + decimals))).replace('e+', 'e')
    : shown.toFixed(Math.max(0, decimals));
  return text.replaceAll('-', '−');
}
