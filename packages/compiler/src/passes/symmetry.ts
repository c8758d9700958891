import { type Attributes, type GraphValue, isFloat } from '@matheron/core-tensor';
import { type Index, equalCoordinates, equalIndices, indexKey, isMovement, literal, loopAt, opOf, operand, operands, strip, through, uniformValue } from './indices.ts';

/** How a value at one place relates to another at another: the same number, its negative, both (zeros), or not known. */
type Relation = 'equal' | 'opposite' | 'zero' | undefined;

/** Whether one value at a place is another at another. */
export type SameValue = (a: GraphValue, at: Index, b: GraphValue, bt: Index) => boolean;

const symbolic = 200_000;
/** Formulas that are deeper, of unrolled loops, are taken for unequal. */
const deepest = 400;
const commutative: ReadonlySet<string> = new Set(['add', 'mul', 'maximum', 'minimum', 'equal', 'notEqual', 'logicalAnd', 'logicalOr', 'logicalXor']);
/** f(−x) = −f(x), and f(−x) = f(x). */
const odd: ReadonlySet<string> = new Set(['neg', 'sign', 'reciprocal', 'sin', 'tanh', 'erf', 'round', 'trunc']);
const even: ReadonlySet<string> = new Set(['abs', 'square', 'cos', 'isnan', 'isfinite', 'isinf']);

/** Of a product or a quotient. */
function times(a: Relation, b: Relation): Relation {
  if (a === undefined || b === undefined) return undefined;
  if (a === 'zero' || b === 'zero') return 'zero';
  return a === b ? 'equal' : 'opposite';
}
/** Of what takes over the sign that all parts share: sums, choices. */
function both(a: Relation, b: Relation): Relation {
  if (a === 'zero') return b;
  return b === 'zero' || a === b ? a : undefined;
}
function negated(a: Relation): Relation {
  return a === 'equal' ? 'opposite' : a === 'opposite' ? 'equal' : a;
}
function isEqual(a: Relation): boolean {
  return a === 'equal' || a === 'zero';
}

interface Scaled { readonly value: GraphValue; readonly at: Index; readonly scale: number }
/** A float without the negations and factors ±2^k around it, and their product. */
function unscaled(v: GraphValue, at: Index): Scaled {
  if (isMovement(v)) return unscaled(operand(v, 0), through(v, at));
  if (!isFloat(v.dtype)) return { value: v, at, scale: 1 };
  const { call } = v.node;
  const scaled = (x: GraphValue, factor: number): Scaled => {
    const inner = unscaled(x, at);
    return { ...inner, scale: inner.scale * factor };
  };
  if (call?.kind === 'unary' && opOf(v) === 'neg') return scaled(operand(v, 0), -1);
  if (call?.kind === 'binary' && opOf(v) === 'mul') {
    const [p, q] = operands(v).map((x) => uniformValue(strip(x)));
    if (p !== undefined && isPowerOfTwo(p)) return scaled(operand(v, 1), p);
    if (q !== undefined && isPowerOfTwo(q)) return scaled(operand(v, 0), q);
  }
  return { value: v, at, scale: 1 };
}
function isPowerOfTwo(x: number): boolean {
  const m = Math.log2(Math.abs(x));
  return Number.isInteger(m) && Math.abs(m) < 64;
}

/**
 * Whether one formula gives the same number at two places: by structure, under commutativity, with the signs that differences, odd and even
 * functions and products have, and since scaling by powers of two is exact wherever it stands. What a matrix has at [i, j] and [j, i] is the
 * question behind it: half of a symmetric one need not be computed.
 */
export function structuralSymmetry(): SameValue {
  type Relate = (a: GraphValue, at: Index, b: GraphValue, bt: Index) => Relation;
  const memo = new Map<string, Relation>();
  let depth = 0;
  const relate: Relate = (a, at, b, bt) => {
    if (a === b && equalIndices(at, bt)) return 'equal';
    const key = `${a.node.id}.${a.output}@${indexKey(at)}:${b.node.id}.${b.output}@${indexKey(bt)}`;
    if (memo.has(key)) return memo.get(key);
    if (depth === deepest) return undefined;
    depth++;
    const result = compare(a, at, b, bt);
    depth--;
    memo.set(key, result);
    return result;
  };
  /** (2a) b and a (2b). */
  const sameProduct: Relate = (a, at, b, bt) => {
    const [x, y] = operands(a).map((v) => unscaled(v, at)) as [Scaled, Scaled], [u, v] = operands(b).map((w) => unscaled(w, bt)) as [Scaled, Scaled];
    const scale = (x.scale * y.scale) / (u.scale * v.scale);
    if ([x, y, u, v].every((p) => p.scale === 1) || Math.abs(scale) !== 1) return undefined;
    const pair = (p: Scaled, q: Scaled): Relation => relate(p.value, p.at, q.value, q.at);
    const found = times(pair(x, u), pair(y, v)) ?? times(pair(x, v), pair(y, u));
    return scale < 0 ? negated(found) : found;
  };
  const compare: Relate = (a, at, b, bt) => {
    if (isMovement(a)) return relate(operand(a, 0), through(a, at), b, bt);
    if (isMovement(b)) return relate(a, at, operand(b, 0), through(b, bt));
    const p = a.node.call, q = b.node.call;
    if (!p || !q || p.kind !== q.kind || opOf(a) !== opOf(b) || a.dtype !== b.dtype) return undefined;
    switch (p.kind) {
      case 'full': {
        const x = uniformValue(a)!, y = uniformValue(b)!;
        if (Object.is(x, y)) return x === 0 ? 'zero' : 'equal';
        return x !== 0 && x === -y ? 'opposite' : undefined;
      }
      case 'iota':
        return equalCoordinates(at[0]!, bt[0]!) ? 'equal' : undefined;
      case 'choleskyInverse':
        return a === b && at.length === 2 && equalCoordinates(at[0]!, bt[1]!) && equalCoordinates(at[1]!, bt[0]!) ? 'equal' : undefined;
      case 'reduce': {
        const { axes } = p.attributes as Attributes['reduce'];
        if (axes.join() !== (q.attributes as Attributes['reduce']).axes.join()) return undefined;
        const x = operand(a, 0), y = operand(b, 0);
        const widen = (v: GraphValue, index: Index): Index => {
          let k = 0;
          return v.shape.map((s, axis) => (axes.includes(axis) ? (s === 1 ? literal(0) : loopAt(symbolic + axis)) : index[k++]!));
        };
        const found = relate(x, widen(x, at), y, widen(y, bt));
        return opOf(a) === 'sum' || isEqual(found) ? found : undefined;
      }
      case 'cast': {
        const found = relate(operand(a, 0), at, operand(b, 0), bt);
        return isFloat(a.dtype) || isEqual(found) ? found : undefined;
      }
      case 'unary': {
        const found = relate(operand(a, 0), at, operand(b, 0), bt), op = opOf(a)!;
        if (found !== undefined && even.has(op)) return 'equal';
        if (!odd.has(op)) return isEqual(found) ? 'equal' : undefined;
        return found === 'zero' && op === 'reciprocal' ? 'equal' : found;
      }
      case 'binary':
      case 'compare': {
        const op = opOf(a)!;
        const [x, y] = operands(a) as [GraphValue, GraphValue], [u, v] = operands(b) as [GraphValue, GraphValue];
        const combined = (s: Relation, t: Relation): Relation => {
          switch (op) {
            case 'add': case 'sub': return both(s, t);
            case 'mul': return times(s, t);
            case 'div': return times(s, t === 'zero' ? 'equal' : t);
            case 'equal': case 'notEqual': return both(s, t) && 'equal';
            default: return isEqual(s) && isEqual(t) ? 'equal' : undefined;
          }
        };
        const straight = combined(relate(x, at, u, bt), relate(y, at, v, bt));
        if (straight) return straight;
        if (op === 'sub') return negated(both(relate(x, at, v, bt), relate(y, at, u, bt)));
        if (!commutative.has(op)) return undefined;
        return combined(relate(x, at, v, bt), relate(y, at, u, bt)) ?? (op === 'mul' ? sameProduct(a, at, b, bt) : undefined);
      }
      case 'where': {
        const [condition, yes, no] = operands(a).map((x, k) => relate(x, at, operand(b, k), bt));
        return isEqual(condition) ? both(yes, no) : undefined;
      }
      default:
        return undefined;
    }
  };
  return (a, at, b, bt) => isEqual(relate(a, at, b, bt));
}
