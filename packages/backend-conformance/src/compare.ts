import { type DType, MatheronError, epsilonOf, isFloat } from '@matheron/core-tensor';
import { type NdArray, indexAt } from './reference/array.ts';

/** A backend that doesn't do what the interface says: which case, where, what came and what was expected. */
export class ConformanceError extends MatheronError {
  constructor(message: string) {
    super('conformance', message);
  }
}

/** How close floats must come; int32 and bool are always exact, NaN equals only NaN, infinities only themselves. */
export interface Tolerance {
  /** Relative, in units of the dtype's epsilon. */
  readonly ulps?: number;
  /** Absolute, in units of the dtype's epsilon. */
  readonly absolute?: number;
  /** Absolute, element by element, in units of the dtype's epsilon: a rounding-error bound such as n · |A| · |B|. */
  readonly bound?: ArrayLike<number>;
  /** Whether 0 and −0 differ. */
  readonly signedZero?: boolean;
}

/** Movement and correctly rounded operations. */
export const exact: Tolerance = { ulps: 0, signedZero: true };

const tiniest = { float64: 2 ** -1074, float32: 2 ** -149 } as const;

const smallestNormal: Readonly<Record<DType, number>> = { float64: 2 ** -1022, float32: 2 ** -126, int32: 0, bool: 0 };

/** Whether `value` is a number other than 0 that only a subnormal of `dtype` holds. */
export function isSubnormal(value: number, dtype: DType): boolean {
  return value !== 0 && Math.abs(value) < smallestNormal[dtype];
}

/**
 * Throws ConformanceError where `actual` is not `expected`. `override` is a relative tolerance that an exception grants: of the
 * largest element, or with `elementwise` of each. On a device that
 * flushes subnormals, `flushed` says which elements depend on one: these aren't compared, and 0 stands for any expected subnormal.
 */
export function expectArray(actual: NdArray, expected: NdArray, tolerance: Tolerance = exact, what = 'result', override?: number, flushed?: (p: number) => boolean, elementwise = false): void {
  expectType(actual, expected, what);
  const { dtype, shape } = expected;
  const scale = override === undefined || elementwise ? 0 : override * largest(expected);
  for (let p = 0; p < expected.data.length; p++) {
    const a = actual.data[p]!;
    const e = expected.data[p]!;
    if (flushed && (flushed(p) || (a === 0 && isSubnormal(e, dtype)))) continue;
    if (!close(a, e, allowance(dtype, e, p, tolerance, override) + scale, dtype, tolerance.signedZero === true && override === undefined)) {
      throw new ConformanceError(`${what}[${indexAt(shape, p).join(', ')}] is ${show(a)}, expected ${show(e)} (${dtype}, shape [${shape.join(', ')}])`);
    }
  }
}

/** Throws where shape or dtype differ. */
export function expectType(actual: { readonly shape: readonly number[]; readonly dtype: DType }, expected: { readonly shape: readonly number[]; readonly dtype: DType }, what = 'result'): void {
  if (actual.dtype !== expected.dtype) throw new ConformanceError(`${what} is ${actual.dtype}, expected ${expected.dtype}`);
  if (actual.shape.join() !== expected.shape.join() || actual.shape.length !== expected.shape.length) {
    throw new ConformanceError(`${what} has shape [${actual.shape.join(', ')}], expected [${expected.shape.join(', ')}]`);
  }
}

/** Throws ConformanceError with `message` unless `condition`. */
export function expectTrue(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ConformanceError(message);
}

/** Throws unless `actual` is a number ≤ `limit`. */
export function expectAtMost(actual: number, limit: number, what: string): void {
  if (!(actual <= limit)) throw new ConformanceError(`${what} is ${actual.toExponential(3)}, more than ${limit.toExponential(3)}`);
}

function allowance(dtype: DType, expected: number, p: number, tolerance: Tolerance, override: number | undefined): number {
  if (!isFloat(dtype) || !Number.isFinite(expected)) return 0;
  const { ulps = 0, absolute = 0, bound } = tolerance;
  const e = epsilonOf(dtype);
  const relative = Math.max(ulps * e, override ?? 0) * Math.abs(expected);
  const slack = ulps > 0 ? 2 * tiniest[dtype] : 0;
  return relative + e * absolute + (bound ? e * bound[p]! : 0) + slack;
}

function close(a: number, e: number, allowed: number, dtype: DType, signedZero: boolean): boolean {
  if (Number.isNaN(e)) return Number.isNaN(a);
  if (Object.is(a, e)) return true;
  if (a === e) return !(signedZero && isFloat(dtype));
  return Math.abs(a - e) <= allowed;
}

function largest(x: NdArray): number {
  let m = 0;
  for (const v of x.data) if (Number.isFinite(v)) m = Math.max(m, Math.abs(v));
  return m;
}

function show(x: number): string {
  return Object.is(x, -0) ? '-0' : String(x);
}
