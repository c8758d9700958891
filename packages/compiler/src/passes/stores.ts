import { type Attributes, type Graph, type GraphValue, sizeOf } from '@matheron/core-tensor';
import { diagonalOf, identity, isMovement, operand, operands } from './indices.ts';
import { Numbering, formOf } from './numbering.ts';
import { type Role, costsMoreThanMemory, costsMuch, roleOf } from './roles.ts';

/** Axes up to this size are unrolled where that saves a pass over memory. */
export const maxUnroll = 16;
/** Values of so few elements are computed again wherever they are used, before the loops, rather than stored. */
const small = 64;
/** A fused expression of more operations than this is cut: of small values later, since it costs a kernel, but before the passes that descend it run out of stack. */
const longest = (size: number): number => (size > small ? 400 : 800);

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
  /** Values of more than one element in memory that a kernel of a stage reads for the given ones. */
  readsOf(from: readonly GraphValue[], stage: number): GraphValue[];
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

// Loops over parts are by index: they run a few times a value in code that is seldom compiled, where iterators are slow and leave garbage.
const none: readonly GraphValue[] = [];

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
export function decideStores(graph: Graph, numbering: Numbering = new Numbering(graph)): Stores {
  const forms: Traits[] = [];
  const traitsOf = (v: GraphValue): Traits => {
    const { id } = formOf(v);
    return (forms[id] ??= makeTraits(v));
  };
  const facts = (v: GraphValue): Facts => live[numbering.of(v)]!;
  const live: Facts[] = [];
  for (const value of numbering.values) {
    const { role, moves, size } = live.length < graph.inputs.length ? leaf(value) : traitsOf(value);
    const made = role === 'leaf' ? none : operands(value);
    // Arrays of their exact length: those that grow have room for many.
    const parts = made.length === 1 ? [facts(made[0]!)] : made.length === 2 ? [facts(made[0]!), facts(made[1]!)] : made.map(facts);
    for (let k = 0; k < parts.length; k++) parts[k]!.users++;
    live.push({ value, role, size: value.output === 0 ? size : sizeOf(value.shape), moves, parts, stored: false, blocking: false, expensive: false, dear: false, weight: 0, stage: -1, ready: 0, users: 0, span: 0, seen: -1 });
  }

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
  /** Operations in the expression of a fused value, up to one more than `most`. */
  const distinct = (f: Facts, at: number, mark: number, most: number): number => {
    let count = 0;
    const pending = [f];
    for (let x = pending.pop(); x && count <= most; x = pending.pop()) {
      if (x.seen === mark || x.role !== 'fused' || x.blocking) continue;
      x.seen = mark;
      count++;
      if (!crosses(x, at)) for (let k = 0; k < x.parts.length; k++) pending.push(x.parts[k]!);
    }
    return count;
  };
  for (let k = 0; k < live.length; k++) {
    const f = live[k]!;
    const { value: v, parts } = f;
    // A first account of stages, before all is known that has to wait.
    for (let q = 0; q < parts.length; q++) if (parts[q]!.ready > f.ready) f.ready = parts[q]!.ready;
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
        const { reduces, grows, costly, costlierThanMemory } = traitsOf(v);
        if (reduces && !isInlineReduce(v)) f.stored = f.blocking = true;
        if (grows) {
          const b = under(f);
          if (b.role === 'fused' && b.size > small && b.expensive) {
            b.stored = b.blocking = true;
            b.expensive = b.dear = false;
          }
        }
        const at = f.ready, most = longest(f.size);
        let total = 1;
        for (let q = 0; q < parts.length; q++) {
          const x = parts[q]!;
          if (!x.stored) f.span = Math.max(f.span, x.span + (x.ready < at && !x.moves ? 1 : 0));
          total += crosses(x, at) ? 1 : x.weight;
        }
        // Shared parts were counted once for each use.
        if (total > most) total = distinct(f, at, k, most);
        if (total > most && !f.moves) f.stored = f.blocking = true;
        f.weight = f.blocking ? 0 : Math.min(total, 1e6);
        f.ready = f.blocking ? at + 1 : at;
        if (f.blocking) break;
        const sums = reduces && !diagonalOf(v, identity(v));
        f.expensive = (costly && f.size > small) || sums || parts.some((x) => x.expensive);
        f.dear = (costlierThanMemory && f.size > small) || sums || parts.some((x) => x.dear);
      }
    }
  }
  for (const v of graph.outputs) facts(v).stored = true;

  for (let k = 0; k < live.length; k++) {
    const f = live[k]!, { role, parts } = f;
    if (role === 'leaf') continue;
    let at = 0;
    if (role === 'call') for (let q = 0; q < parts.length; q++) at = Math.max(at, base(parts[q]!).stage);
    else if (role === 'alias') at = parts[0]!.stage;
    else for (let q = 0; q < parts.length; q++) at = Math.max(at, parts[q]!.ready);
    f.stage = at;
    f.ready = role === 'alias' && at < 0 ? 0 : role === 'fused' && !f.blocking ? at : at + 1;
  }

  const carried = new Set<Facts>();
  let marks = 2 * live.length;
  /** Expensive values that a later stage needs are stored where they are first known; below them, where what they are made of is smaller. */
  const crossing = (start: Facts, at: number, mark: number): void => {
    const pending = [start];
    for (let x = pending.pop(); x; x = pending.pop()) {
      if (x.seen === mark || x.role !== 'fused') continue;
      x.seen = mark;
      if (x.stored && x.stage < at) continue;
      if (crosses(x, at)) {
        let below = 0;
        for (let k = 0; k < x.parts.length; k++) if (x.parts[k]!.dear) below += under(x.parts[k]!).size;
        if (below === 0 || x.value.node.call!.kind === 'reduce' || below >= x.size) {
          x.stored = true;
          carried.add(x);
          continue;
        }
      }
      for (let k = 0; k < x.parts.length; k++) pending.push(x.parts[k]!);
    }
  };
  for (let k = live.length - 1; k >= 0; k--) {
    const f = live[k]!;
    if (!f.stored || (f.role !== 'fused' && f.role !== 'placed')) continue;
    for (let q = 0; q < f.parts.length; q++) crossing(f.parts[q]!, f.stage, live.length + k);
  }
  // What is cheap to make again from others that were stored as well isn't stored itself.
  for (const f of carried) {
    if (costsMoreThanMemory(f.value) || f.value.node.call!.kind === 'reduce') continue;
    const costly = f.parts.filter((x) => x.dear);
    if (costly.length > 0 && costly.every((x) => carried.has(x))) f.stored = false;
  }
  return {
    live: numbering.values,
    isStored: (v) => facts(v).stored,
    // Copies that the planner adds are like fused values: stored by a kernel.
    roleOf: (v) => live[numbering.of(v)]?.role ?? 'fused',
    stageOf: (v) => facts(v).stage,
    readable: (v, s) => {
      const f = facts(v);
      return f.stored && f.stage < s;
    },
    readsOf: (from, stage) => {
      const found: GraphValue[] = [], pending = from.map(facts);
      marks++;
      for (let x = pending.pop(); x; x = pending.pop()) {
        if (x.seen === marks) continue;
        x.seen = marks;
        if (!x.stored || x.stage >= stage) for (let k = 0; k < x.parts.length; k++) pending.push(x.parts[k]!);
        else if (x.size > 1) found.push(x.value);
      }
      return found;
    },
    baseOf: (v) => base(facts(v)).value,
  };
}

/** What all values of a form have in common. */
interface Traits {
  readonly role: Role;
  readonly size: number;
  readonly moves: boolean;
  readonly reduces: boolean;
  /** Whether it repeats something along an axis that isn't unrolled. */
  readonly grows: boolean;
  readonly costly: boolean;
  readonly costlierThanMemory: boolean;
}
function makeTraits(v: GraphValue): Traits {
  const role = roleOf(v, () => false), kind = v.node.call?.kind;
  return {
    role, size: sizeOf(v.shape), moves: role === 'fused' && isMovement(v), reduces: kind === 'reduce',
    grows: kind === 'broadcastTo' && v.shape.some((s, k) => s > maxUnroll && s !== operand(v, 0).shape[k]),
    costly: costsMuch(v), costlierThanMemory: costsMoreThanMemory(v),
  };
}
function leaf(v: GraphValue): Pick<Traits, 'role' | 'size' | 'moves'> {
  return { role: 'leaf', size: sizeOf(v.shape), moves: false };
}
