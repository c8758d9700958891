import { type Attributes, type BinaryOp, type DType, type GraphValue, type UnaryOp, isFloat } from '@matheron/core-tensor';
import { isMovement, operand } from './indices.ts';

/**
 * What a value is to the planner. leaf: in memory from the start (inputs, constants). call: made by a kernel of its own, into memory.
 * alias: another shape for what is in memory. placed: written into its memory in parts (pad, concat). fused: computed wherever it is used, or
 * stored by a fused kernel.
 */
export type Role = 'leaf' | 'call' | 'alias' | 'placed' | 'fused';

/** Unary kinds of floats that kernels compute, and whether one costs more than a few instructions. */
const laneUnary: { readonly [K in UnaryOp]?: 'cheap' | 'expensive' } = {
  neg: 'cheap', abs: 'cheap', sign: 'cheap', square: 'cheap', relu: 'cheap', floor: 'cheap', ceil: 'cheap', round: 'cheap', trunc: 'cheap',
  isnan: 'cheap', isfinite: 'cheap', isinf: 'cheap', logicalNot: 'cheap',
  sqrt: 'expensive', reciprocal: 'expensive', exp: 'expensive', expm1: 'expensive', log: 'expensive', log1p: 'expensive', sin: 'expensive', cos: 'expensive', tanh: 'expensive',
  sigmoid: 'expensive', softplus: 'expensive', erf: 'expensive', lgamma: 'expensive',
};
const floatBinary: ReadonlySet<BinaryOp> = new Set(['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'pow']);
const int32Binary: ReadonlySet<BinaryOp> = new Set(['add', 'sub', 'maximum', 'minimum']);
const boolBinary: ReadonlySet<BinaryOp> = new Set(['logicalAnd', 'logicalOr', 'logicalXor']);

/** What isn't defined on a dtype is left to the backend, which refuses it. */
function fusable(v: GraphValue): boolean {
  const { call } = v.node;
  const dtypeOf = (k: number): DType => operand(v, k).dtype;
  switch (call!.kind) {
    case 'full': case 'iota': case 'where': case 'compare': case 'broadcastTo': case 'permute':
      return true;
    case 'slice':
      return true;
    case 'unary': {
      const { op } = call!.attributes as Attributes['unary'];
      return dtypeOf(0) === 'bool' ? op === 'logicalNot' : isFloat(dtypeOf(0)) && laneUnary[op] !== undefined && op !== 'logicalNot';
    }
    case 'binary': {
      const { op } = call!.attributes as Attributes['binary'];
      return (v.dtype === 'bool' ? boolBinary : v.dtype === 'int32' ? int32Binary : floatBinary).has(op);
    }
    case 'cast':
      return !(v.dtype === 'int32' && isFloat(dtypeOf(0)));
    case 'reduce': {
      const { op } = call!.attributes as Attributes['reduce'];
      return op === 'any' || op === 'all' ? v.dtype === 'bool' : isFloat(v.dtype) || (v.dtype === 'int32' && op !== 'prod');
    }
    default:
      return false;
  }
}

/** The role of a value; `isGiven` tells inputs of the graph. */
export function roleOf(v: GraphValue, isGiven: (v: GraphValue) => boolean): Role {
  const { call } = v.node;
  if (!call || isGiven(v)) return 'leaf';
  if (call.kind === 'reshape') return isMovement(v) ? 'fused' : 'alias';
  if (call.kind === 'concat') return 'placed';
  if (call.kind === 'pad') return (call.attributes as Attributes['pad']).widths.every((w) => w.low >= 0 && w.high >= 0) ? 'placed' : 'call';
  return fusable(v) ? 'fused' : 'call';
}

/** Whether computing one element of a fused value takes more than a few instructions by itself. */
export function costsMuch({ node: { call }, dtype }: GraphValue): boolean {
  if (call?.kind === 'unary') return laneUnary[(call.attributes as Attributes['unary']).op] === 'expensive';
  if (call?.kind !== 'binary' || !isFloat(dtype)) return false;
  const { op } = call.attributes as Attributes['binary'];
  return op === 'div' || op === 'pow';
}

/** Of those, what takes longer than a pass over memory that stores a value and one that reads it: not a division or a root. */
export function costsMoreThanMemory(v: GraphValue): boolean {
  const { op } = (v.node.call?.attributes ?? {}) as { op?: string };
  return costsMuch(v) && op !== 'div' && op !== 'sqrt' && op !== 'reciprocal';
}

/** Calls that work on matrices in float64 and read only the lower triangle of operand k. */
export function readsLower(v: GraphValue, k: number): boolean {
  const { call } = v.node;
  if (v.dtype === 'float32' || operand(v, k).shape.length !== 2) return false;
  if (call?.kind === 'cholesky' || call?.kind === 'choleskyInverse') return true;
  return call?.kind === 'triangularSolve' && k === 0 && (call.attributes as Attributes['triangularSolve']).lower;
}

