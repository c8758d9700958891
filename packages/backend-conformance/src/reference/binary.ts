import type { BinaryOp, CompareOp } from '@matheron/core-tensor';
import type { Tolerance } from '../compare.ts';

/** Definition on floats (`real`), on int32 (`integer`) and on bools (`bool`), where the kind has one. */
export interface BinaryRow {
  readonly real?: (a: number, b: number) => number;
  readonly integer?: (a: number, b: number) => number;
  readonly bool?: (a: number, b: number) => number;
  readonly tolerance: Tolerance;
}

const correct: Tolerance = { ulps: 0, signedZero: true };

function realModulo(a: number, b: number): number {
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
}

function integerPower(a: number, b: number): number {
  if (b >= 0) return Number(BigInt.asIntN(32, BigInt(a) ** BigInt(b)));
  return Math.abs(a) === 1 ? (b % 2 === 0 ? 1 : a) : 0;
}

const extreme = (pick: (a: number, b: number) => number) => (a: number, b: number): number => (a !== a || b !== b ? Number.NaN : pick(a, b));

/** One row a binary kind. */
export const binaryRows: Readonly<Record<BinaryOp, BinaryRow>> = {
  add: { real: (a, b) => a + b, integer: (a, b) => (a + b) | 0, tolerance: correct },
  sub: { real: (a, b) => a - b, integer: (a, b) => (a - b) | 0, tolerance: correct },
  mul: { real: (a, b) => a * b, integer: (a, b) => Math.imul(a, b), tolerance: correct },
  div: { real: (a, b) => a / b, tolerance: correct },
  pow: { real: (a, b) => a ** b, integer: integerPower, tolerance: { ulps: 8 } },
  mod: { real: realModulo, integer: (a, b) => (b === 0 ? 0 : realModulo(a, b) | 0), tolerance: { ulps: 0 } },
  atan2: { real: Math.atan2, tolerance: { ulps: 4, signedZero: true } },
  maximum: { real: extreme((a, b) => (a > b ? a : b)), integer: (a, b) => (a > b ? a : b), tolerance: { ulps: 0 } },
  minimum: { real: extreme((a, b) => (a < b ? a : b)), integer: (a, b) => (a < b ? a : b), tolerance: { ulps: 0 } },
  logicalAnd: { bool: (a, b) => a & b, tolerance: correct },
  logicalOr: { bool: (a, b) => a | b, tolerance: correct },
  logicalXor: { bool: (a, b) => a ^ b, tolerance: correct },
};

/** One row a comparison. */
export const compareRows: Readonly<Record<CompareOp, (a: number, b: number) => number>> = {
  equal: (a, b) => Number(a === b),
  notEqual: (a, b) => Number(a !== b),
  less: (a, b) => Number(a < b),
  lessEqual: (a, b) => Number(a <= b),
  greater: (a, b) => Number(a > b),
  greaterEqual: (a, b) => Number(a >= b),
};
