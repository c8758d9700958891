import { type BinaryOp, type CompareOp, type Range, type TypedArray, rangeSize } from '@matheron/core-tensor';

/**
 * Arithmetic on a few integers that are known on the host anyway: the counters of random generators, which devices without 32-bit integers
 * or without synchronous reads could not carry on. Everything is exact modulo 2³².
 */
export const FEW = 16;

const binaries: Partial<Record<BinaryOp, (a: number, b: number) => number>> = {
  add: (a, b) => (a + b) | 0, sub: (a, b) => (a - b) | 0, mul: Math.imul, maximum: Math.max, minimum: Math.min, logicalAnd: (a, b) => a & b, logicalOr: (a, b) => a | b, logicalXor: (a, b) => a ^ b,
};
const compares: Readonly<Record<CompareOp, (a: number, b: number) => boolean>> = {
  equal: (a, b) => a === b, notEqual: (a, b) => a !== b, less: (a, b) => a < b, lessEqual: (a, b) => a <= b, greater: (a, b) => a > b, greaterEqual: (a, b) => a >= b,
};

/** undefined where the kind isn't known here. */
export function binaryOnHost(op: BinaryOp, a: TypedArray, b: TypedArray): TypedArray | undefined {
  const f = binaries[op];
  if (!f || a instanceof Float32Array || a instanceof Float64Array) return undefined;
  return a.map((v, k) => f(v, b[k]!));
}
export function compareOnHost(op: CompareOp, a: TypedArray, b: TypedArray): Uint8Array {
  return Uint8Array.from(a, (v, k) => Number(compares[op](v, b[k]!)));
}
/** A range of a vector. */
export function sliceOnHost(x: TypedArray, range: Range): TypedArray {
  const n = rangeSize(range);
  const out = x.slice(0, n);
  for (let k = 0; k < n; k++) out[k] = x[range.start + k * range.step]!;
  return out;
}
/** Vectors end to end. */
export function concatOnHost(xs: readonly TypedArray[]): TypedArray {
  const size = xs.reduce((n, x) => n + x.length, 0);
  const out = xs[0] instanceof Int32Array ? new Int32Array(size) : new Uint8Array(size);
  let at = 0;
  for (const x of xs) {
    out.set(x, at);
    at += x.length;
  }
  return out;
}
