import { MatheronError } from '../errors.ts';

const isFinitePositive = (v: number): boolean => v > 0 && v < Infinity;

/** The bounds of a uniform draw, [0, 1) by default; both finite. MatheronError otherwise. */
export function uniformRange(options: { readonly low?: number; readonly high?: number }): { low: number; high: number } {
  const { low = 0, high = 1 } = options;
  if (!Number.isFinite(high - low)) throw new MatheronError('argument', `uniform: [${low}, ${high}) is no range; use finite bounds`);
  return { low, high };
}

/** A standard deviation or scale: absent, or finite and ≥ 0. MatheronError otherwise. */
export function checkScale(op: string, name: string, value: number | undefined): void {
  if (value !== undefined && !(value >= 0 && value < Infinity)) throw new MatheronError('argument', `${op}: ${name} ${value} is negative or not finite`);
}

/** A finite positive concentration and a scale. MatheronError otherwise: the rejection loop would not end for an infinite one. */
export function checkGamma(options: { readonly concentration: number; readonly scale?: number }): void {
  if (!isFinitePositive(options.concentration)) throw new MatheronError('argument', `gamma: concentration ${options.concentration} is not positive and finite`);
  checkScale('gamma', 'scale', options.scale);
}
