import { type Tensor, softplus } from '@matheron/core-tensor';
import { GPError, OutOfBoundsError } from './errors.ts';

/** How a hyperparameter is held: its logarithm, the inverse of softplus + lower bound, or as it is. */
export type EncodingName = 'logarithm' | 'positive' | 'identity';

/**
 * Maps the unconstrained (internal) value that is optimized to the external one. `internalBounds` is the box of the internal
 * value: for `positive` its lower end is open, since softplus + lower respects the bound by itself.
 */
export interface Encoding {
  readonly name: EncodingName;
  readonly bounds: readonly [lower: number, upper: number];
  readonly internalBounds: readonly [lower: number, upper: number];
  /** The external value of an internal one, differentiably. */
  toExternal(internal: Tensor): Tensor;
  /** The internal value of an external one. */
  toInternal(external: number): number;
}

/** The encoding of that name for external values within `bounds` (infinite where absent). */
export function makeEncoding(name: EncodingName, bounds: readonly [lower: number, upper: number] = [-Infinity, Infinity]): Encoding {
  const [lower, upper] = bounds;
  if (!(lower <= upper)) throw new GPError('argument', `encoding: the lower bound ${lower} is not below the upper bound ${upper}`);
  const make = encodings[name];
  if (!make) throw new GPError('argument', `encoding: '${String(name)}' is not one of ${Object.keys(encodings).join(', ')}`);
  return make(lower, upper);
}

/** A start value for bounds where none is given: their middle, a tenth above the lower or below the upper one, else 1. */
export function defaultInitial([lower, upper]: readonly [lower: number, upper: number]): number {
  if (Number.isFinite(lower)) return Number.isFinite(upper) ? 0.5 * (lower + upper) : 1.1 * lower;
  return Number.isFinite(upper) ? 0.9 * upper : 1;
}

const encodings: Record<EncodingName, (lower: number, upper: number) => Encoding> = {
  identity: (lower, upper) => ({ name: 'identity', bounds: [lower, upper], internalBounds: [lower, upper], toExternal: (x) => x, toInternal: (v) => v }),
  logarithm: (lower, upper) => {
    const toInternal = (v: number): number => {
      if (!(v > 0)) throw new OutOfBoundsError('logarithm encoding', v, [Math.max(lower, 0), upper], "the value must be positive; use encoding: 'identity' for signed values");
      return Math.log(Math.max(v, 1e-300));
    };
    return {
      name: 'logarithm', bounds: [Math.max(lower, 0), upper],
      internalBounds: [lower > 0 ? Math.log(lower) : -Infinity, Number.isFinite(upper) ? Math.log(upper) : Infinity],
      toExternal: (x) => x.exp(), toInternal,
    };
  },
  positive: (lower, upper) => {
    const floor = Number.isFinite(lower) ? lower : 0;
    const toInternal = (v: number): number => {
      const above = v - floor;
      if (!(above > 0)) throw new OutOfBoundsError('positive encoding', v, [floor, upper], `the value must be above ${floor}`);
      return above + Math.log(-Math.expm1(-above));
    };
    return {
      name: 'positive', bounds: [floor, upper],
      internalBounds: [-Infinity, Number.isFinite(upper) ? toInternal(upper) : Infinity],
      toExternal: (x) => (floor === 0 ? softplus(x) : softplus(x).add(floor)), toInternal,
    };
  },
};
