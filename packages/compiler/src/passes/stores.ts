import { type Attributes, type Graph, type GraphValue, sizeOf } from '@matheron/core-tensor';
import { canonical } from '../graph.ts';
import { diagonalOf, identity, isMovement, operand, operands, strip } from './indices.ts';
import { type Role, costsMuch, roleOf } from './roles.ts';

/** Axes up to this size are unrolled where that saves a pass over memory. */
export const maxUnroll = 16;
/** Values of so few elements are computed again wherever they are used, before the loops, rather than stored. */
const small = 64;
/** A fused expression of more operations than this is cut. */
const longest = 400;

/** Which values get memory, and the stage they are computed in: a kernel reads what earlier stages stored. */
export interface Stores {
  /** Every value that is needed, operands first. */
  readonly live: readonly GraphValue[];
  readonly stored: ReadonlySet<GraphValue>;
  roleOf(v: GraphValue): Role;
  /** Leaves: −1. */
  stageOf(v: GraphValue): number;
  /** Whether a kernel of a stage finds the value in memory. */
  readable(v: GraphValue, stage: number): boolean;
  /** The stored value under the movement through which a call reads an operand. */
  baseOf(v: GraphValue): GraphValue;
}

/** A reduction that is computed where it is used: of a few elements, or a diagonal written as a sum. */
export function isInlineReduce(v: GraphValue): boolean {
  const { call } = v.node;
  if (call?.kind !== 'reduce') return false;
  if (diagonalOf(v, identity(v))) return true;
  const { axes } = call.attributes as Attributes['reduce'];
  const shape = operand(v, 0).shape;
  return v.shape.length > 0 && axes.reduce((n, a) => n * shape[a]!, 1) <= maxUnroll;
}

/** Decides what is stored: what calls read and return, what reductions over loops return, expensive values that a later stage needs, and outputs. */
export function decideStores(graph: Graph): Stores {
  const given = new Set<GraphValue>(graph.inputs);
  const outputs = new Set<GraphValue>(graph.outputs);
  const roles = new Map<GraphValue, Role>();
  const role = (v: GraphValue): Role => {
    let r = roles.get(v);
    if (!r) roles.set(v, (r = roleOf(v, (x) => given.has(x))));
    return r;
  };
  const live: GraphValue[] = [...graph.inputs];
  for (const node of graph.nodes) for (const v of node.values) if (!given.has(v)) live.push(v);

  const stored = new Set<GraphValue>();
  const blocking = new Set<GraphValue>();
  const inMemory = (v: GraphValue): boolean => role(v) !== 'fused';
  /** Movement over what is in memory anyway is a window on it; over a computed value, a slice is stored by itself. */
  const base = (v: GraphValue): GraphValue => {
    let x = v;
    while (isMovement(x) && !stored.has(x)) {
      if (x.node.call!.kind === 'slice' && !inMemory(strip(x))) break;
      x = operand(x, 0);
    }
    return x;
  };

  const expensive = new Set<GraphValue>();
  const weight = new Map<GraphValue, number>();
  for (const v of live) {
    const r = role(v);
    if (r === 'leaf') stored.add(v);
    else if (r === 'call') {
      stored.add(v);
      for (const x of operands(v)) stored.add(base(x));
    } else if (r === 'alias') {
      stored.add(v);
      stored.add(operand(v, 0));
    } else if (r === 'placed') {
      stored.add(v);
      blocking.add(v);
    } else {
      const reduces = v.node.call!.kind === 'reduce';
      if (reduces && !isInlineReduce(v)) {
        stored.add(v);
        blocking.add(v);
      }
      const parts = operands(v);
      if (v.node.call!.kind === 'broadcastTo' && v.shape.some((s, k) => s !== parts[0]!.shape[k] && s > maxUnroll)) {
        const b = strip(v);
        if (!inMemory(b) && sizeOf(b.shape) > small && expensive.has(b)) {
          stored.add(b);
          blocking.add(b);
          expensive.delete(b);
        }
      }
      const total = parts.reduce((n, x) => n + (weight.get(x) ?? 0), 1);
      if (total > longest && sizeOf(v.shape) > small && !isMovement(v)) {
        stored.add(v);
        blocking.add(v);
      }
      weight.set(v, blocking.has(v) ? 0 : Math.min(total, 1e6));
      const itself = (costsMuch(v) && sizeOf(v.shape) > small) || (reduces && !diagonalOf(v, identity(v)));
      if (!blocking.has(v) && (itself || parts.some((x) => expensive.has(x)))) expensive.add(v);
    }
  }
  for (const v of outputs) if (role(v) !== 'leaf') stored.add(v);

  const ready = new Map<GraphValue, number>();
  const stage = new Map<GraphValue, number>();
  const inOrder = (v: GraphValue): void => {
    const r = role(v);
    let at: number;
    if (r === 'leaf') at = -1;
    else if (r === 'call') at = Math.max(0, ...operands(v).map((x) => stage.get(base(x))!));
    else if (r === 'alias') at = stage.get(operand(v, 0))!;
    else at = Math.max(0, ...operands(v).map((x) => ready.get(x)!));
    stage.set(v, at);
    ready.set(v, r === 'leaf' || (r === 'alias' && at < 0) ? 0 : r === 'fused' && !blocking.has(v) ? at : at + 1);
  };
  for (const v of live) inOrder(v);

  /** Expensive values that a later stage needs are stored where they are first known; below them, where what they are made of is smaller. */
  const crossing = (v: GraphValue, at: number, done: Set<GraphValue>): void => {
    const pending = [v];
    for (let x = pending.pop(); x; x = pending.pop()) {
      if (done.has(x) || inMemory(x)) continue;
      done.add(x);
      if (stored.has(x) && stage.get(x)! < at) continue;
      const parts = operands(x);
      const costly = parts.filter((y) => expensive.has(y));
      const below = costly.reduce((n, y) => n + sizeOf(strip(y).shape), 0);
      const keep = ready.get(x)! < at && expensive.has(x) && sizeOf(x.shape) > small && !isMovement(x) && !(costly.length > 0 && x.node.call!.kind !== 'reduce' && below < sizeOf(x.shape));
      if (keep) stored.add(x);
      else pending.push(...parts);
    }
  };
  for (let k = live.length - 1; k >= 0; k--) {
    const v = live[k]!;
    if (!stored.has(v) || role(v) === 'leaf' || role(v) === 'alias') continue;
    if (role(v) === 'call') continue;
    const done = new Set<GraphValue>();
    for (const x of operands(v)) crossing(x, stage.get(v)!, done);
  }
  return {
    live,
    stored,
    roleOf: role,
    stageOf: (v) => stage.get(canonical(v))!,
    readable: (v, s) => stored.has(v) && stage.get(v)! < s,
    baseOf: base,
  };
}
