/** Round tick positions in [low, high], about `count` of them, and how many decimals they need. */
export function niceTicks(low: number, high: number, count: number): { values: number[]; decimals: number } {
  if (!(high > low)) return { values: [low], decimals: 2 };
  const raw = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const fraction = raw / power;
  const step = (fraction < 1.5 ? 1 : fraction < 3.5 ? 2 : fraction < 7.5 ? 5 : 10) * power;
  const values: number[] = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) values.push(k * step);
  return { values, decimals: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

/** A tick's label: plain decimals, powers of ten where they would be long. */
export function tickLabel(value: number, decimals: number): string {
  const clean = Math.abs(value) < 1e-12 ? 0 : value;
  if (clean !== 0 && (Math.abs(clean) >= 1e6 || decimals > 5)) return clean.toExponential(1).replace('e+', 'e').replace('-', '−');
  return clean.toFixed(decimals).replace('-', '−');
}
