import type { Attributes, GraphValue } from '@matheron/core-tensor';
import { type Index, equalCoordinates, equalIndices, indexKey, isMovement, literal, loopAt, opOf, operand, operands, through, uniformValue } from './indices.ts';

/** Comparisons of values at places, remembered. */
export type SameValue = (a: GraphValue, at: Index, b: GraphValue, bt: Index) => boolean;

const symbolic = 200_000;
const commutative: ReadonlySet<string> = new Set(['add', 'mul', 'maximum', 'minimum', 'equal', 'notEqual', 'logicalAnd', 'logicalOr', 'logicalXor']);

/**
 * Whether one formula gives the same number, bit for bit, at two places: by structure, under commutativity, and since (a − b)² and
 * |a − b| are those of b − a. What a matrix has at [i, j] and [j, i] is the question behind it: half of a symmetric one need not be computed.
 */
export function structuralSymmetry(): SameValue {
  const memo = new Map<string, boolean>();
  const same: SameValue = (a, at, b, bt) => {
    if (a === b && equalIndices(at, bt)) return true;
    const key = `${a.node.id}.${a.output}@${indexKey(at)}:${b.node.id}.${b.output}@${indexKey(bt)}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    memo.set(key, false);
    const result = compare(a, at, b, bt);
    memo.set(key, result);
    return result;
  };
  const differenceOf = (v: GraphValue): readonly GraphValue[] | undefined => (v.node.call?.kind === 'binary' && opOf(v) === 'sub' ? operands(v) : undefined);
  const compare: SameValue = (a, at, b, bt) => {
    if (isMovement(a)) return same(operand(a, 0), through(a, at), b, bt);
    if (isMovement(b)) return same(a, at, operand(b, 0), through(b, bt));
    const p = a.node.call, q = b.node.call;
    if (!p || !q || p.kind !== q.kind || opOf(a) !== opOf(b) || a.dtype !== b.dtype) return false;
    switch (p.kind) {
      case 'full':
        return Object.is(uniformValue(a), uniformValue(b));
      case 'iota':
        return equalCoordinates(at[0]!, bt[0]!);
      case 'choleskyInverse':
        return a === b && at.length === 2 && equalCoordinates(at[0]!, bt[1]!) && equalCoordinates(at[1]!, bt[0]!);
      case 'reduce': {
        const { axes } = p.attributes as Attributes['reduce'];
        if (axes.join() !== (q.attributes as Attributes['reduce']).axes.join()) return false;
        const x = operand(a, 0), y = operand(b, 0);
        const widen = (v: GraphValue, index: Index): Index => {
          let k = 0;
          return v.shape.map((s, axis) => (axes.includes(axis) ? (s === 1 ? literal(0) : loopAt(symbolic + axis)) : index[k++]!));
        };
        return same(x, widen(x, at), y, widen(y, bt));
      }
      case 'cast':
        return same(operand(a, 0), at, operand(b, 0), bt);
      case 'unary': {
        const x = operand(a, 0), y = operand(b, 0);
        if (same(x, at, y, bt)) return true;
        const op = opOf(a);
        const d = op === 'square' || op === 'abs' ? differenceOf(x) : undefined;
        const e = d && differenceOf(y);
        return !!d && !!e && same(d[0]!, at, e[1]!, bt) && same(d[1]!, at, e[0]!, bt);
      }
      case 'binary':
      case 'compare': {
        const [x, y] = operands(a), [u, v] = operands(b);
        if (same(x!, at, u!, bt) && same(y!, at, v!, bt)) return true;
        if (!commutative.has(opOf(a)!)) return false;
        if (same(x!, at, v!, bt) && same(y!, at, u!, bt)) return true;
        // (a − b)(a − b), a square that was written as a product
        const d = opOf(a) === 'mul' && x === y && u === v ? differenceOf(x!) : undefined;
        const e = d && differenceOf(u!);
        return !!d && !!e && same(d[0]!, at, e[1]!, bt) && same(d[1]!, at, e[0]!, bt);
      }
      case 'where':
        return operands(a).every((x, k) => same(x, at, operand(b, k), bt));
      default:
        return false;
    }
  };
  return same;
}
