import { type DType, type Shape, convert, sizeOf } from '@matheron/core-tensor';
import { type CpuBackend, type CpuTensor, cpu } from '../src/index.ts';

export const b: CpuBackend = cpu().backend as CpuBackend;

export interface Packed { readonly dtype: DType; readonly shape: Shape; readonly values: readonly (number | string)[] }

/** A tensor of the fixture's form. */
export function unpack(p: Packed): CpuTensor {
  return b.upload(convert(p.values.map(Number), p.dtype), p.shape, p.dtype);
}
export function tensor(values: readonly number[], shape: Shape = [values.length], dtype: DType = 'float64'): CpuTensor {
  return b.upload(convert(values, dtype), shape, dtype);
}
export function values(x: CpuTensor): number[] {
  return Array.from(b.readSync(x));
}
export function random(shape: Shape, seed: number, dtype: DType = 'float64'): CpuTensor {
  let state = seed * 2654435761 + 1;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return tensor(Array.from({ length: sizeOf(shape) }, next), shape, dtype);
}

/** The same values in other layouts: as they are, stored transposed, reversed, and as every other element of a larger buffer. */
export function layouts(x: CpuTensor): CpuTensor[] {
  const rank = x.shape.length;
  const reversed = Array.from({ length: rank }, (_, k) => rank - 1 - k);
  const backwards = x.shape.map((n) => ({ start: n - 1, stop: -1, step: -1 }));
  const spread = b.pad(x, x.shape.map(() => ({ low: 1, high: 2, interior: 1 })), 99);
  const copied = (y: CpuTensor): CpuTensor => b.upload(b.readSync(y), y.shape, y.dtype);
  return [
    x,
    b.permute(copied(b.permute(x, reversed)), reversed),
    b.slice(copied(b.slice(x, backwards)), backwards),
    b.slice(spread, x.shape.map((n) => ({ start: 1, stop: 2 * n, step: 2 }))),
  ];
}

/** Where two lists differ by more than `tolerance` relative to the larger magnitude; NaN equals NaN, and −0 equals 0 unless `signs`. */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number = 0, signs: boolean = false): string | undefined {
  if (actual.length !== expected.length) return `${actual.length} elements instead of ${expected.length}`;
  for (let k = 0; k < actual.length; k++) {
    const x = actual[k]!, y = expected[k]!;
    if (Object.is(x, y) || (x === y && !signs)) continue;
    if (Number.isFinite(x) && Number.isFinite(y) && !(x === 0 && y === 0) && Math.abs(x - y) <= tolerance * Math.max(Math.abs(x), Math.abs(y))) continue;
    return `element ${k} is ${x} instead of ${y}`;
  }
  return undefined;
}
