import { type Attributes, type BinaryOp, type Call, type CompareOp, type DType, type Shape, type UnaryOp, type Widths, isFloat, makeCall, sameShape } from '@matheron/core-tensor';
import type { Value } from './graph.ts';

/** Makes a call's node, or finds it. */
export type Make = (call: Call<Value>) => Value;

const foldable: { readonly [K in UnaryOp]?: (a: number) => number } = {
  neg: (a) => -a, abs: Math.abs, square: (a) => a * a, sqrt: Math.sqrt, reciprocal: (a) => 1 / a, exp: Math.exp, log: Math.log,
};
const foldablePairs: { readonly [K in BinaryOp]?: (a: number, b: number) => number } = { add: (a, b) => a + b, sub: (a, b) => a - b, mul: (a, b) => a * b, div: (a, b) => a / b };

const comparisons: { readonly [K in CompareOp]: (a: number, b: number) => boolean } = {
  equal: (a, b) => a === b, notEqual: (a, b) => a !== b, less: (a, b) => a < b, lessEqual: (a, b) => a <= b, greater: (a, b) => a > b, greaterEqual: (a, b) => a >= b,
};

/** The value of a node that is the same everywhere. */
function uniform(x: Value | undefined): number | undefined {
  if (x?.node.call?.kind !== 'full') return undefined;
  return (x.node.call.attributes as Attributes['full']).value;
}
/** A number as a tensor of `dtype` holds it. */
function held(value: number, dtype: DType): number {
  return dtype === 'float32' ? Math.fround(value) : dtype === 'int32' ? value | 0 : value;
}
function negated(x: Value): Value | undefined {
  const { call } = x.node;
  return call?.kind === 'unary' && (call.attributes as Attributes['unary']).op === 'neg' ? call.inputs[0] : undefined;
}

type Type = { readonly shape: Shape; readonly dtype: DType };
function full(make: Make, value: number, { shape, dtype }: Type): Value {
  return make(makeCall('full', [], { value, shape, dtype }));
}
function binary(make: Make, op: BinaryOp, x: Value, y: Value): Value {
  return make(makeCall('binary', [x, y], { op }));
}

/** Where a value stands that has zeros around it alone. */
function zerosAround(v: Value): { readonly x: Value; readonly widths: readonly Widths[] } | undefined {
  const { call } = v.node;
  if (call?.kind !== 'pad') return undefined;
  const { widths, value } = call.attributes as Attributes['pad'];
  return value === 0 && widths.every((w) => w.low >= 0 && w.high >= 0 && w.interior === 0) ? { x: call.inputs[0]!, widths } : undefined;
}
/**
 * Sums of neighbours, each with zeros around it, are a concatenation: gradients of parts that were sliced off. Adding 0 changes nothing but
 * the sign of a zero.
 */
function neighbours(a: Value, b: Value, make: Make): Value | undefined {
  const p = zerosAround(a), q = p && zerosAround(b);
  if (!q) return undefined;
  const differ = p.widths.flatMap((w, k) => (w.low === q.widths[k]!.low && w.high === q.widths[k]!.high ? [] : [k]));
  const axis = differ[0]!;
  if (differ.length !== 1) return undefined;
  const [first, second] = p.widths[axis]!.low < q.widths[axis]!.low ? [p, q] : [q, p];
  if (first.widths[axis]!.low + first.x.shape[axis]! !== second.widths[axis]!.low) return undefined;
  const parts = ({ x }: { readonly x: Value }): readonly Value[] => (x.node.call?.kind === 'concat' && (x.node.call.attributes as Attributes['concat']).axis === axis ? x.node.call.inputs : [x]);
  const joined = make(makeCall('concat', [...parts(first), ...parts(second)], { axis }));
  const widths = first.widths.map((w, k) => (k === axis ? { ...w, high: second.widths[axis]!.high } : w));
  return make(makeCall('pad', [joined], { widths, value: 0 }));
}

/**
 * A simpler value for a call, where there is one that is equal in floating point, bit for bit but for the sign of a zero in sums over axes of
 * size 1 and sums with zeros, and payloads of NaN; constants are folded in the dtype they are in.
 */
export function simplify({ kind, inputs, attributes }: Call<Value>, type: Type, make: Make): Value | undefined {
  const { shape, dtype } = type;
  const a = inputs[0]!, b = inputs[1]!, c = inputs[2]!;
  const va = uniform(a), vb = uniform(b);
  switch (kind) {
    case 'full': {
      const { value } = attributes as Attributes['full'], own = held(value, dtype);
      return Object.is(own, value) ? undefined : full(make, own, type);
    }
    case 'broadcastTo':
    case 'reshape':
      if (sameShape(a.shape, shape)) return a;
      if (va !== undefined) return full(make, va, type);
      return a.node.call?.kind === kind ? make(makeCall(kind, a.node.call.inputs, attributes as Attributes['reshape'])) : undefined;
    case 'permute': {
      const { axes } = attributes as Attributes['permute'];
      if (axes.every((x, k) => x === k)) return a;
      if (va !== undefined) return full(make, va, type);
      if (a.node.call?.kind !== 'permute') return undefined;
      const below = (a.node.call.attributes as Attributes['permute']).axes;
      return make(makeCall('permute', a.node.call.inputs, { axes: axes.map((x) => below[x]!) }));
    }
    case 'cast':
      if (a.dtype === dtype) return a;
      return va !== undefined && isFloat(dtype) ? full(make, va, type) : undefined;
    case 'slice':
      if (sameShape(a.shape, shape) && (attributes as Attributes['slice']).ranges.every((r) => r.step > 0)) return a;
      return va !== undefined ? full(make, va, type) : undefined;
    case 'pad':
      return (attributes as Attributes['pad']).widths.every((w, k) => w.low === 0 && w.high === 0 && (w.interior === 0 || a.shape[k]! < 2)) ? a : undefined;
    case 'concat':
      return inputs.length === 1 ? a : undefined;
    case 'matmul': {
      // An outer product has nothing to add up: elementwise it fuses with what uses it.
      if (a.shape.at(-1) !== 1 || !isFloat(dtype)) return undefined;
      const over = (x: Value): Value => make(makeCall('broadcastTo', [x], { shape }));
      return make(makeCall('binary', [over(a), over(b)], { op: 'mul' }));
    }
    case 'reduce':
      return (attributes as Attributes['reduce']).axes.every((axis) => a.shape[axis] === 1) ? make(makeCall('reshape', [a], { shape })) : undefined;
    case 'unary': {
      const { op } = attributes as Attributes['unary'];
      const fold = foldable[op];
      if (va !== undefined && fold && isFloat(dtype)) return full(make, fold(va), type);
      return op === 'neg' ? negated(a) : undefined;
    }
    case 'binary': {
      const { op } = attributes as Attributes['binary'];
      const fold = foldablePairs[op];
      if (va !== undefined && vb !== undefined && fold && isFloat(dtype)) return full(make, fold(va, vb), type);
      if ((op === 'logicalOr' || op === 'logicalAnd') && a.dtype === 'bool') {
        const decides = op === 'logicalOr' ? 1 : 0;
        if (va !== undefined) return va === decides ? a : b;
        if (vb !== undefined) return vb === decides ? b : a;
        return undefined;
      }
      if (op === 'mul' && va === 1) return b;
      if ((op === 'mul' || op === 'div') && vb === 1) return a;
      if (op === 'sub' && Object.is(vb, 0)) return a;
      if (op === 'add' && dtype === 'int32' && vb === 0) return a;
      if (op === 'add' && dtype === 'int32' && va === 0) return b;
      const joined = op === 'add' ? neighbours(a, b, make) : undefined;
      if (joined) return joined;
      const na = negated(a), nb = negated(b);
      if (op === 'add' && nb) return binary(make, 'sub', a, nb);
      if (op === 'add' && na) return binary(make, 'sub', b, na);
      if (op === 'sub' && nb) return binary(make, 'add', a, nb);
      if (op === 'mul' && na && nb) return binary(make, 'mul', na, nb);
      return (op === 'mul' || op === 'add') && a.node.id > b.node.id ? binary(make, op, b, a) : undefined;
    }
    case 'compare':
      return va !== undefined && vb !== undefined ? full(make, Number(comparisons[(attributes as Attributes['compare']).op](va, vb)), type) : undefined;
    case 'where': {
      const condition = va;
      if (condition !== undefined) return condition !== 0 ? b : c;
      return b === c ? b : undefined;
    }
    default:
      return undefined;
  }
}
