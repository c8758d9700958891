import type { Attributes, GraphValue, Triangle } from '@matheron/core-tensor';
import { comparedIndices, identity, opOf, operand, operands, strip, uniformValue } from './indices.ts';

/** Which half of a value's matrices, the last two axes, may differ from zero: known by structure. */
export type TriangleOf = (v: GraphValue) => Triangle | undefined;

/** Chains that are longer are given up: sums of unrolled loops. */
const deepest = 50;

/** Of a matrix and what stands beside it in a sum: the half that both are in. */
function common(a: Triangle | undefined, b: Triangle | undefined): Triangle | undefined {
  return a === b ? a : undefined;
}

/** The half in which a comparison of row and column can hold. */
function halfOf(condition: GraphValue): Triangle | undefined {
  const rows = condition.shape.length - 2, columns = rows + 1;
  if (rows < 0) return undefined;
  const pair = comparedIndices(condition, identity(condition));
  if (!pair) return undefined;
  const { coordinate: a } = pair.a, { coordinate: b } = pair.b;
  if (a.step !== 1 || b.step !== 1) return undefined;
  const forwards = a.loop === rows && b.loop === columns;
  if (!forwards && (a.loop !== columns || b.loop !== rows)) return undefined;
  // row − column against `bound`
  const bound = forwards ? b.start - a.start : a.start - b.start;
  const op = forwards ? pair.op : mirrored[pair.op];
  if ((op === 'greaterEqual' && bound >= 0) || (op === 'greater' && bound >= -1) || (op === 'equal' && bound >= 0)) return 'lower';
  if ((op === 'lessEqual' && bound <= 0) || (op === 'less' && bound <= 1) || (op === 'equal' && bound <= 0)) return 'upper';
  return undefined;
}
const mirrored: { readonly [op: string]: string } = { less: 'greater', lessEqual: 'greaterEqual', greater: 'less', greaterEqual: 'lessEqual', equal: 'equal' };

/**
 * Finds triangles: factors, what is masked to a half, and what keeps it: transposes, sums, elementwise products and products of two, solves.
 * Of inputs nothing is known: graphs of one structure share plans.
 */
export function knownTriangles(isGiven: (v: GraphValue) => boolean): TriangleOf {
  const memo = new Map<GraphValue, Triangle | undefined>();
  let depth = 0;
  const find: TriangleOf = (v) => {
    const { call } = v.node;
    if (!call || v.shape.length < 2 || isGiven(v)) return undefined;
    switch (call.kind) {
      case 'cholesky':
        return v.output === 0 ? 'lower' : undefined;
      case 'permute': {
        const { axes } = call.attributes as Attributes['permute'], n = axes.length, below = triangle(operand(v, 0));
        if (!below || axes.some((a, k) => k < n - 2 && a !== k)) return undefined;
        return axes[n - 1] === n - 1 ? below : below === 'lower' ? 'upper' : 'lower';
      }
      case 'broadcastTo': {
        const x = operand(v, 0);
        return x.shape.length >= 2 && x.shape.at(-1) === v.shape.at(-1) && x.shape.at(-2) === v.shape.at(-2) ? triangle(x) : undefined;
      }
      case 'where': {
        const [condition, yes, no] = operands(v) as [GraphValue, GraphValue, GraphValue];
        if (uniformValue(strip(no)) === 0) return halfOf(condition) ?? triangle(yes);
        return uniformValue(strip(yes)) === 0 ? triangle(no) : common(triangle(yes), triangle(no));
      }
      case 'unary':
        return zeroAtZero.has(opOf(v)!) ? triangle(operand(v, 0)) : undefined;
      case 'binary':
        return opOf(v) === 'add' || opOf(v) === 'sub' || opOf(v) === 'mul' ? common(triangle(operand(v, 0)), triangle(operand(v, 1))) : undefined;
      case 'cast':
        return triangle(operand(v, 0));
      case 'matmul':
        return common(triangle(operand(v, 0)), triangle(operand(v, 1)));
      case 'triangularSolve': {
        const { lower, transpose } = call.attributes as Attributes['triangularSolve'];
        return triangle(operand(v, 1)) === (lower !== transpose ? 'lower' : 'upper') ? triangle(operand(v, 1)) : undefined;
      }
      default:
        return undefined;
    }
  };
  const triangle: TriangleOf = (v) => {
    if (memo.has(v)) return memo.get(v);
    if (depth === deepest) return undefined;
    depth++;
    const found = find(v);
    depth--;
    memo.set(v, found);
    return found;
  };
  return triangle;
}
const zeroAtZero: ReadonlySet<string> = new Set(['neg', 'abs', 'sign', 'square', 'sqrt', 'relu']);
