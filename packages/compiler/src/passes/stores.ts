import { type Attributes, type Graph, type GraphValue, sizeOf } from '@matheron/core-tensor';
import { diagonalOf, identity, isMovement, operand, operands } from './indices.ts';
import { type Role, costsMoreThanMemory, costsMuch, roleOf } from './roles.ts';

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
  isStored(v: GraphValue): boolean;
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
  const { axes } = call.attributes as Attributes['reduce'];
  const shape = operand(v, 0).shape;
  if (v.shape.length > 0 && axes.reduce((n, a) => n * shape[a]!, 1) <= maxUnroll) return true;
  return diagonalOf(v, identity(v)) !== undefined;
}

/** What is known of a value while stores are decided. */
interface Facts {
  readonly value: GraphValue;
  readonly role: Role;
  readonly size: number;
  readonly moves: boolean;
  readonly parts: readonly Facts[];
  stored: boolean;
  /** Whether readers have to wait until it is in memory. */
  blocking: boolean;
  /** Whether computing an element takes more than a few instructions, and whether it takes longer than to store it and read it again. */
  expensive: boolean;
  dear: boolean;
  weight: number;
  stage: number;
  ready: number;
  /** Values made of it. */
  users: number;
  /** How often stages change inside of its expression. */
  span: number;
  /** Marks a visit. */
  seen: number;
}

/** Decides what is stored: what calls read and return, what reductions over loops return, expensive values that a later stage needs, and outputs. */
export function decideStores(graph: Graph): Stores {
  const given = new Set<GraphValue>(graph.inputs);
  const facts = new Map<GraphValue, Facts>();
  const live: Facts[] = [];
  const about = (value: GraphValue): void => {
    const role = roleOf(value, (x) => given.has(x));
    const own: Facts = {
      value, role, size: sizeOf(value.shape), moves: role === 'fused' && isMovement(value), parts: role === 'leaf' ? [] : operands(value).map((x) => facts.get(x)!),
      stored: false, blocking: false, expensive: false, dear: false, weight: 0, stage: -1, ready: 0, users: 0, span: 0, seen: -1,
    };
    for (const x of own.parts) x.users++;
    facts.set(value, own);
    live.push(own);
  };
  for (const v of graph.inputs) about(v);
  for (const node of graph.nodes) for (const v of node.values) if (!given.has(v)) about(v);

  const under = (f: Facts): Facts => {
    let x = f;
    while (x.moves) x = x.parts[0]!;
    return x;
  };
  /** Movement over what is in memory anyway is a window on it; over a computed value, a slice is stored by itself. */
  const base = (f: Facts): Facts => {
    let x = f;
    while (x.moves && !x.stored) {
      if (x.value.node.call!.kind === 'slice' && under(x).role === 'fused') break;
      x = x.parts[0]!;
    }
    return x;
  };

  /**
   * What a later stage needs is stored where it is costly, or where it is made again and again: a state that each step of a loop hands to
   * the next one.
   */
  const crosses = (x: Facts, at: number): boolean => x.ready < at && !x.moves && ((x.dear && x.size > small) || (x.users > 1 && x.span > (x.size > small ? 0 : 1)));
  /** Operations in the expression of a fused value, up to one more than the most. */
  const distinct = (f: Facts, at: number, mark: number): number => {
    let count = 0;
    const pending = [f];
    for (let x = pending.pop(); x && count <= longest; x = pending.pop()) {
      if (x.seen === mark || x.role !== 'fused' || x.blocking) continue;
      x.seen = mark;
      count++;
      if (!crosses(x, at)) for (const y of x.parts) pending.push(y);
    }
    return count;
  };
  for (let k = 0; k < live.length; k++) {
    const f = live[k]!;
    const { value: v, parts } = f;
    // A first account of stages, before all is known that has to wait.
    for (const x of parts) f.ready = Math.max(f.ready, x.ready);
    switch (f.role) {
      case 'leaf':
        f.stored = true;
        break;
      case 'call':
        f.stored = true;
        f.ready++;
        for (const x of parts) base(x).stored = true;
        break;
      case 'alias':
        f.stored = true;
        parts[0]!.stored = true;
        break;
      case 'placed':
        f.stored = f.blocking = true;
        f.ready++;
        break;
      default: {
        const { kind } = v.node.call!;
        const reduces = kind === 'reduce';
        if (reduces && !isInlineReduce(v)) f.stored = f.blocking = true;
        if (kind === 'broadcastTo' && v.shape.some((s, k) => s > maxUnroll && s !== parts[0]!.value.shape[k])) {
          const b = under(f);
          if (b.role === 'fused' && b.size > small && b.expensive) {
            b.stored = b.blocking = true;
            b.expensive = b.dear = false;
          }
        }
        let total = 1, at = 0;
        for (const x of parts) at = Math.max(at, x.ready);
        for (const x of parts) if (!x.stored) f.span = Math.max(f.span, x.span + (x.ready < at && !x.moves ? 1 : 0));
        for (const x of parts) total += crosses(x, at) ? 1 : x.weight;
        // Shared parts were counted once for each use.
        if (total > longest) total = distinct(f, at, k);
        if (total > longest && f.size > small && !f.moves) f.stored = f.blocking = true;
        f.weight = f.blocking ? 0 : Math.min(total, 1e6);
        f.ready = f.blocking ? at + 1 : at;
        if (f.blocking) break;
        const sums = reduces && !diagonalOf(v, identity(v));
        f.expensive = (costsMuch(v) && f.size > small) || sums || parts.some((x) => x.expensive);
        f.dear = (costsMoreThanMemory(v) && f.size > small) || sums || parts.some((x) => x.dear);
      }
    }
  }
  for (const v of graph.outputs) facts.get(v)!.stored = true;

  for (const f of live) {
    const { role, parts } = f;
    if (role === 'leaf') continue;
    let at = 0;
    if (role === 'call') for (const x of parts) at = Math.max(at, base(x).stage);
    else if (role === 'alias') at = parts[0]!.stage;
    else for (const x of parts) at = Math.max(at, x.ready);
    f.stage = at;
    f.ready = role === 'alias' && at < 0 ? 0 : role === 'fused' && !f.blocking ? at : at + 1;
  }

  const carried = new Set<Facts>();
  /** Expensive values that a later stage needs are stored where they are first known; below them, where what they are made of is smaller. */
  const crossing = (start: Facts, at: number, mark: number): void => {
    const pending = [start];
    for (let x = pending.pop(); x; x = pending.pop()) {
      if (x.seen === mark || x.role !== 'fused') continue;
      x.seen = mark;
      if (x.stored && x.stage < at) continue;
      if (crosses(x, at)) {
        let below = 0;
        for (const y of x.parts) if (y.dear) below += under(y).size;
        if (below === 0 || x.value.node.call!.kind === 'reduce' || below >= x.size) {
          x.stored = true;
          carried.add(x);
          continue;
        }
      }
      pending.push(...x.parts);
    }
  };
  for (let k = live.length - 1; k >= 0; k--) {
    const f = live[k]!;
    if (!f.stored || (f.role !== 'fused' && f.role !== 'placed')) continue;
    for (const x of f.parts) crossing(x, f.stage, live.length + k);
  }
  // What is cheap to make again from others that were stored as well isn't stored itself.
  for (const f of live) {
    if (!carried.has(f) || costsMoreThanMemory(f.value) || f.value.node.call!.kind === 'reduce') continue;
    const costly = f.parts.filter((x) => x.dear);
    if (costly.length > 0 && costly.every((x) => carried.has(x))) f.stored = false;
  }
  return {
    live: live.map(({ value }) => value),
    isStored: (v) => facts.get(v)!.stored,
    // Copies that the planner adds are like fused values: stored by a kernel.
    roleOf: (v) => facts.get(v)?.role ?? 'fused',
    stageOf: (v) => facts.get(v)!.stage,
    readable: (v, s) => {
      const f = facts.get(v)!;
      return f.stored && f.stage < s;
    },
    baseOf: (v) => base(facts.get(v)!).value,
  };
}
