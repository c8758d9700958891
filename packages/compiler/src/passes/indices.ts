import { type Attributes, type GraphValue, sameShape } from '@matheron/core-tensor';

/** Where along an axis: `loop`·step + start, or the literal `start` where `loop` is −1. Axes of size 1 are at the literal 0. */
export interface Coordinate {
  readonly loop: number;
  readonly step: number;
  readonly start: number;
}
/** A place in a value, an axis each: with loops for coordinates, a map of the loops' space into it. */
export type Index = readonly Coordinate[];

const literals: Coordinate[] = [];
export function literal(k: number): Coordinate {
  return k >= 0 ? (literals[k] ??= { loop: -1, step: 0, start: k }) : { loop: -1, step: 0, start: k };
}
const loops: Coordinate[] = [];
export function loopAt(k: number): Coordinate {
  return (loops[k] ??= { loop: k, step: 1, start: 0 });
}
export function equalCoordinates(a: Coordinate, b: Coordinate): boolean {
  return a === b || (a.loop === b.loop && a.step === b.step && a.start === b.start);
}
export function equalIndices(a: Index, b: Index): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (!equalCoordinates(a[k]!, b[k]!)) return false;
  return true;
}
export function indexKey(at: Index): string {
  let key = '';
  for (const { loop, step, start } of at) key += loop < 0 ? `=${start},` : step === 1 && start === 0 ? `${loop},` : `${loop}*${step}+${start},`;
  return key;
}
/** Every axis at a loop of its own number. */
export function identity(v: GraphValue): Index {
  return v.shape.map((s, k) => (s === 1 ? literal(0) : loopAt(k)));
}

function withoutUnits(shape: readonly number[]): readonly number[] {
  return shape.filter((s) => s !== 1);
}
/** A reshape that only puts in or takes out axes of size 1. */
export function isUnitReshape({ node: { call }, shape }: GraphValue): boolean {
  return call?.kind === 'reshape' && sameShape(withoutUnits(shape), withoutUnits(call.inputs[0]!.shape));
}
/** Calls that only say where an element comes from. */
export function isMovement(v: GraphValue): boolean {
  const kind = v.node.call?.kind;
  return kind === 'broadcastTo' || kind === 'permute' || kind === 'slice' || (kind === 'reshape' && isUnitReshape(v));
}
/** The operand of a movement, and where in it the element stands that `v` has at `at`. */
export function through(v: GraphValue, at: Index): Index {
  const { kind, attributes, inputs } = v.node.call!;
  const x = inputs[0]!;
  switch (kind) {
    case 'broadcastTo':
      return at.map((c, k) => (x.shape[k] === 1 ? literal(0) : c));
    case 'permute': {
      const out: Coordinate[] = [];
      (attributes as Attributes['permute']).axes.forEach((a, k) => (out[a] = at[k]!));
      return out;
    }
    case 'slice':
      return (attributes as Attributes['slice']).ranges.map(({ start, step }, k) => {
        const c = at[k]!;
        if (x.shape[k] === 1) return literal(0);
        return c.loop < 0 ? literal(start + c.start * step) : start === 0 && step === 1 ? c : { loop: c.loop, step: c.step * step, start: start + c.start * step };
      });
    default: {
      const rest = at.filter((_, k) => v.shape[k] !== 1);
      let k = 0;
      return x.shape.map((s) => (s === 1 ? literal(0) : rest[k++]!));
    }
  }
}
/** The value beneath all movement. */
export function strip(v: GraphValue): GraphValue {
  let x = v;
  while (isMovement(x)) x = operand(x, 0);
  return x;
}
/** Input k of the call that made `v`. The calls of a trace hold the one object of each value. */
export function operand(v: GraphValue, k: number): GraphValue {
  return v.node.call!.inputs[k]!;
}
const none: readonly GraphValue[] = [];
export function operands(v: GraphValue): readonly GraphValue[] {
  return v.node.call?.inputs ?? none;
}
/** `op` of the call that made `v`. */
export function opOf(v: GraphValue): string | undefined {
  return (v.node.call?.attributes as { op?: string } | undefined)?.op;
}
/** The one value everywhere, where `v` is such. */
export function uniformValue(v: GraphValue): number | undefined {
  return v.node.call?.kind === 'full' ? (v.node.call.attributes as Attributes['full']).value : undefined;
}

/** An index value that is linear in one coordinate: an iota, shifted by constants. `size`: that of the iota's axis. */
export function linear(v: GraphValue, at: Index): { coordinate: Coordinate; size: number } | undefined {
  if (isMovement(v)) return linear(operand(v, 0), through(v, at));
  const { call } = v.node;
  if (call?.kind === 'iota') return { coordinate: at[0]!, size: v.shape[0]! };
  if (call?.kind === 'cast' && v.dtype !== 'bool') return linear(operand(v, 0), at);
  if (call?.kind !== 'binary') return undefined;
  const op = opOf(v);
  if (op !== 'add' && op !== 'sub') return undefined;
  const [a, b] = [operand(v, 0), operand(v, 1)];
  const by = constantOf(b);
  const base = by !== undefined ? linear(a, at) : op === 'add' && constantOf(a) !== undefined ? linear(b, at) : undefined;
  const shift = by ?? constantOf(a);
  if (!base || shift === undefined) return undefined;
  const { loop, step, start } = base.coordinate;
  return { coordinate: { loop, step, start: start + (op === 'add' ? shift : -shift) }, size: -1 };
}
function constantOf(v: GraphValue): number | undefined {
  return v.dtype === 'int32' ? uniformValue(strip(v)) : undefined;
}
/** The two linear index values that a comparison compares, and how. */
export function comparedIndices(condition: GraphValue, at: Index): { op: string; a: { coordinate: Coordinate; size: number }; b: { coordinate: Coordinate; size: number } } | undefined {
  let c = condition, index = at;
  while (isMovement(c)) {
    index = through(c, index);
    c = operand(c, 0);
  }
  if (c.node.call?.kind !== 'compare') return undefined;
  const a = linear(operand(c, 0), index);
  const b = a && linear(operand(c, 1), index);
  return a && b && { op: opOf(c)!, a, b };
}

const fresh = 100_000;
/** Σ_j where(i = j, x_ij, 0) is x_ii: where `v` is such a sum, the value and place to take instead. */
export function diagonalOf(v: GraphValue, at: Index): { value: GraphValue; at: Index } | undefined {
  const { call } = v.node;
  if (call?.kind !== 'reduce') return undefined;
  const { op, axes } = call.attributes as Attributes['reduce'];
  if (op !== 'sum' || axes.length !== 1) return undefined;
  const w = operand(v, 0);
  if (w.node.call?.kind !== 'where' || w.shape[axes[0]!] === 1 || uniformValue(strip(operand(w, 2))) !== 0) return undefined;
  const inner = [...at];
  inner.splice(axes[0]!, 0, loopAt(fresh));
  const pair = comparedIndices(operand(w, 0), inner);
  if (pair?.op !== 'equal') return undefined;
  const [mine, other] = pair.a.coordinate.loop === fresh ? [pair.a, pair.b] : [pair.b, pair.a];
  if (mine.coordinate.loop !== fresh || other.coordinate.loop === fresh || mine.coordinate.step !== 1 || mine.coordinate.start !== 0) return undefined;
  // The other index must stay inside the axis.
  const inside = other.coordinate.loop < 0 ? other.coordinate.start >= 0 && other.coordinate.start < mine.size : other.size >= 0 && other.size <= mine.size;
  if (!inside || mine.size < 0) return undefined;
  return { value: operand(w, 1), at: inner.map((c) => (c.loop === fresh ? other.coordinate : c)) };
}
