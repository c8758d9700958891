import {
  type Attributes, type GraphValue, type KernelAddress, type KernelInstruction, type KernelOp, type KernelSink, type ReduceOp, bytesOf, sizeOf,
} from '@matheron/core-tensor';
import type { Argument, KernelOver } from './group-kernel.ts';
import type { Group, Root } from './groups.ts';
import { type Window, lastAxis, windowOf } from './windows.ts';
import { type Coordinate, type Index, comparedIndices, diagonalOf, indexKey, isMovement, literal, loopAt, opOf, operand, strip, through, uniformValue } from './indices.ts';

/** What the builder asks about values. */
export interface KernelContext {
  readable(v: GraphValue): boolean;
  /** A copy of `v` with axis `axis` last, where one is worth its memory. */
  pack(v: GraphValue, axis: number): GraphValue | undefined;
  /** Hears what of a matrix is read. */
  demand(v: GraphValue, lower: boolean): void;
  symmetric(v: GraphValue): boolean;
}

const natural: { readonly [op: string]: KernelOp } = {
  neg: 'neg', abs: 'abs', floor: 'floor', ceil: 'ceil', round: 'nearest', trunc: 'trunc', sqrt: 'sqrt', exp: 'exp', expm1: 'expm1', log: 'log', log1p: 'log1p', sin: 'sin', cos: 'cos',
  tanh: 'tanh', sigmoid: 'sigmoid', softplus: 'softplus', erf: 'erf', lgamma: 'lgamma',
  add: 'add', sub: 'sub', mul: 'mul', div: 'div', pow: 'pow', maximum: 'max', minimum: 'min', logicalAnd: 'and', logicalOr: 'or', logicalXor: 'xor', logicalNot: 'not',
  equal: 'eq', notEqual: 'ne', less: 'lt', lessEqual: 'le', greater: 'gt', greaterEqual: 'ge',
};
const combine: { readonly [K in ReduceOp]: KernelOp } = { sum: 'add', prod: 'mul', max: 'max', min: 'min', any: 'or', all: 'and' };
const comparisons: { readonly [op: string]: (d: number) => boolean } = {
  equal: (d) => d === 0, notEqual: (d) => d !== 0, less: (d) => d < 0, lessEqual: (d) => d <= 0, greater: (d) => d > 0, greaterEqual: (d) => d >= 0,
};
/** float32 operations whose double result is a float32 already. */
const exact: ReadonlySet<string> = new Set(['neg', 'abs', 'sign', 'relu', 'floor', 'ceil', 'round', 'trunc', 'maximum', 'minimum']);

/** Thrown where a flat loop can't serve a group. */
class NotFlat extends Error {}

/**
 * One kernel for a group. A value is a node at a map of its axes to loops; it is computed in the outermost loop where its axes are known, so that
 * hoisting, unrolled axes, diagonals and transposes follow by themselves. With `flat`, all axes are one loop, which works where every operand
 * lies in memory as the results do, or is one number; undefined where it doesn't.
 */
export function buildKernel(group: Group, context: KernelContext, flat: boolean): KernelOver<GraphValue> | undefined {
  try {
    return new Builder(group, context, flat).build();
  } catch (error) {
    if (error instanceof NotFlat) return undefined;
    throw error;
  }
}

class Builder {
  readonly #group: Group;
  readonly #context: KernelContext;
  readonly #flat: boolean;
  readonly #rank: number;
  readonly #vector: number;
  readonly #instructions: KernelInstruction[] = [];
  readonly #memo = new Map<string, number>();
  readonly #arguments: Argument<GraphValue>[] = [];
  readonly #reads = new Set<GraphValue>();
  readonly #operations = new Set<GraphValue>();

  constructor(group: Group, context: KernelContext, flat: boolean) {
    this.#group = group;
    this.#context = context;
    this.#flat = flat;
    this.#rank = flat ? 1 : group.order.length;
    this.#vector = flat ? 0 : group.vector;
  }

  build(): KernelOver<GraphValue> {
    const { roots, order, triangular } = this.#group;
    const space = roots[0]!.body;
    const extents = this.#flat
      ? [this.#argument(`e`, { kind: 'extent', value: space, axes: order }, 'address')]
      : order.map((axis, k) => this.#argument(`e${k}`, { kind: 'extent', value: space, axes: [axis] }, 'address'));
    const sinks = roots.flatMap((root) => this.#sinksOf(root));
    return {
      kernel: { ...compact(this.#instructions, sinks, extents), vector: this.#vector, triangular: triangular && !this.#flat, words: this.#arguments.length },
      arguments: this.#arguments,
      reads: [...this.#reads],
      operations: [...this.#operations],
    };
  }

  // ---- instructions

  #emit(op: KernelInstruction['op'], operandList: readonly number[], more: Partial<Pick<KernelInstruction, 'data' | 'type' | 'dtype' | 'shift'>> & { depth?: number } = {}): number {
    let depth = more.depth ?? 0;
    for (const x of operandList) depth = Math.max(depth, this.#instructions[x]!.depth);
    return this.#instructions.push({ op, operands: operandList, depth, data: more.data ?? 0, type: more.type ?? 'lanes', dtype: more.dtype ?? 'float64', shift: more.shift ?? 0 }) - 1;
  }
  #once(key: string, make: () => number): number {
    let k = this.#memo.get(key);
    if (k === undefined) this.#memo.set(key, (k = make()));
    return k;
  }
  #do(op: KernelOp, ...xs: number[]): number {
    return this.#once(`${op}:${xs.join()}`, () => this.#emit(op, xs));
  }
  #constant(value: number): number {
    return this.#once(`k${Object.is(value, -0) ? '-0' : value}`, () => this.#emit('constant', [], { data: value }));
  }
  #mask(value: boolean): number {
    return this.#once(`m${value}`, () => this.#emit('mask', [], { data: Number(value) }));
  }
  #argument(key: string, source: Argument<GraphValue>, type: 'address' | 'lanes'): number {
    return this.#once(`a${key}`, () => this.#emit('argument', [], { data: this.#arguments.push(source) - 1, type }));
  }
  #depthOf({ loop }: Coordinate): number {
    return loop >= 0 ? loop + 1 : 0;
  }

  // ---- memory

  /** The byte offset of v[at]: the pointer plus partial sums, each in the loop where it is known. */
  #address(v: GraphValue, at: Index, window?: Window): KernelAddress {
    const id = `${v.node.id}.${v.output}${window ? `w${'root' in window.part ? window.part.root : `${window.part.slice.node.id}.${window.part.slice.output}`}` : ''}`;
    const last = lastAxis(v), bytes = bytesOf(v.dtype), shift = Math.log2(bytes);
    let base = this.#argument(`p${id}`, { kind: 'pointer', value: v, part: window?.part }, 'address');
    let data = 0;
    let key = `o${id}`;
    const stride = (axis: number, scale: number): number => this.#argument(`s${id}.${axis}*${scale}`, { kind: 'stride', value: v, axes: [[axis, scale]] }, 'address');
    const add = (axis: number, what: number, scale: number): void => {
      key += `|${axis}:${what}*${scale}`;
      const from = base;
      base = this.#once(key, () => axis === last && scale === 1
        ? this.#emit('offset', [from], { data: what, type: 'address', shift, depth: what >= 0 ? what + 1 : 0 })
        : this.#emit('offset', [from, stride(axis, scale)], { data: what, type: 'address', depth: what >= 0 ? what + 1 : 0 }));
    };
    const dims = at.map((c, axis) => ({ c, axis })).sort((p, q) => this.#depthOf(p.c) - this.#depthOf(q.c));
    for (const { c, axis } of dims) {
      const start = window ? c.start - window.starts[axis]! : c.start;
      if (start !== 0) {
        // On the last axis it is known in bytes, but a negative one can't stand in the instruction. Elsewhere it is an argument, so that
        // kernels which begin at other places are the same code: literal 1 times start · stride.
        if (axis === last && start > 0) data += start * bytes;
        else add(axis, -2, start);
      }
    }
    for (const { c, axis } of dims) if (c.loop >= 0) add(axis, c.loop, c.step);
    const moving = dims.filter(({ c }) => c.loop === this.#vector && this.#vector >= 0);
    if (moving.length === 0) return { base, data, lanes: 'one', stride: -1, dtype: v.dtype };
    if (moving.length === 1 && moving[0]!.axis === last && moving[0]!.c.step === 1) return { base, data, lanes: 'adjacent', stride: -1, dtype: v.dtype };
    const axes = moving.map(({ c, axis }) => [axis, c.step] as const);
    const apart = this.#argument(`v${id}.${axes.map((a) => a.join('*')).join()}`, { kind: 'stride', value: v, axes }, 'address');
    return { base, data, lanes: 'apart', stride: apart, dtype: v.dtype };
  }

  #load(v: GraphValue, at: Index, window?: Window): number {
    const { triangular } = this.#group;
    if (this.#flat) this.#checkFlat(v, at);
    const moving = at.findIndex((c) => c.loop === this.#vector && this.#vector >= 0);
    if (moving >= 0 && moving !== lastAxis(v) && this.#rank > 1 && at.filter((c) => c.loop === this.#vector).length === 1) {
      const packed = this.#context.pack(v, moving);
      if (packed) return this.#load(packed, [...at.filter((_, k) => k !== moving), at[moving]!]);
    }
    let index = at;
    const plain = (c: Coordinate | undefined, loop: number): boolean => c?.loop === loop && c.step === 1 && c.start === 0;
    if (triangular && at.length === 2 && plain(at[0], 1) && plain(at[1], 0) && this.#context.symmetric(v)) index = [loopAt(0), loopAt(1)];
    const lower = triangular && index.length === 2 && ((plain(index[0], 0) && plain(index[1], 1)) || (index[0]!.loop >= 0 && plain(index[0], index[0]!.loop) && plain(index[1], index[0]!.loop)));
    // A diagonal is part of the lower triangle in any kernel.
    const diagonal = index.length === 2 && index[0]!.loop >= 0 && plain(index[0], index[0]!.loop) && plain(index[1], index[0]!.loop);
    this.#context.demand(v, lower || diagonal);
    this.#reads.add(v);
    const key = `l${v.node.id}.${v.output}${window && 'slice' in window.part ? `w${window.part.slice.node.id}` : ''}@${indexKey(index)}`;
    return this.#once(key, () => {
      const { base, data, lanes, stride } = this.#address(v, index, window);
      const op = lanes === 'adjacent' ? 'load' : lanes === 'apart' ? 'gather' : 'splat';
      return this.#emit(op, op === 'gather' ? [base, stride] : [base], { data, dtype: v.dtype });
    });
  }
  #checkFlat(v: GraphValue, at: Index): void {
    if (at.every((c) => c.loop < 0 && c.start === 0)) {
      if (sizeOf(v.shape) === 1) return;
      throw new NotFlat();
    }
    const space = this.#group.roots[0]!.body.shape.filter((s) => s !== 1);
    const own = v.shape.filter((s) => s !== 1);
    let last = v.shape.length - 1;
    while (v.shape[last] === 1) last--;
    const straight = at.every((c, k) => (k === last ? c.loop === 0 && c.step === 1 && c.start === 0 : c.loop < 0 && c.start === 0));
    if (!straight || own.length !== space.length || own.some((s, k) => s !== space[k])) throw new NotFlat();
  }

  // ---- values

  #value(v: GraphValue, at: Index): number {
    return this.#once(`${v.node.id}.${v.output}@${indexKey(at)}`, () => this.#compute(v, at));
  }
  #compute(v: GraphValue, at: Index): number {
    if (this.#context.readable(v)) return this.#load(v, at);
    if (isMovement(v)) {
      if (this.#flat && (v.node.call!.kind === 'permute' || v.node.call!.kind === 'slice')) throw new NotFlat();
      const x = operand(v, 0), window = this.#group.triangular ? undefined : windowOf(v);
      return window && this.#context.readable(x) ? this.#load(x, through(v, at), window) : this.#value(x, through(v, at));
    }
    const { kind } = v.node.call!;
    this.#operations.add(v);
    const x = (k: number): number => this.#value(operand(v, k), at);
    switch (kind) {
      case 'full': {
        const value = uniformValue(v)!;
        if (v.dtype === 'bool') return this.#mask(value !== 0);
        if (value === 0) return this.#constant(value);
        return this.#argument(`c${v.node.id}`, { kind: 'number', value: v }, 'lanes');
      }
      case 'iota': {
        const c = at[0]!;
        if (this.#flat && sizeOf(this.#group.roots[0]!.body.shape) !== v.shape[0] && c.loop >= 0) throw new NotFlat();
        return this.#position(c);
      }
      case 'unary': {
        const op = opOf(v)!;
        const made = this.#unary(op, x(0));
        return v.dtype === 'float32' && !exact.has(op) ? this.#do('round32', made) : made;
      }
      case 'binary': {
        const op = opOf(v)!;
        const made = this.#do(natural[op]!, x(0), x(1));
        if (v.dtype === 'float32' && !exact.has(op)) return this.#do('round32', made);
        return v.dtype === 'int32' && (op === 'add' || op === 'sub') ? this.#do('wrap32', made) : made;
      }
      case 'compare': {
        const known = this.#truth(v, at);
        if (known !== undefined) return this.#mask(known);
        const number = (k: number): number => (operand(v, k).dtype === 'bool' ? this.#do('number', x(k)) : x(k));
        return this.#do(natural[opOf(v)!]!, number(0), number(1));
      }
      case 'where': {
        const known = this.#truth(operand(v, 0), at);
        return known !== undefined ? x(known ? 1 : 2) : this.#do('select', x(0), x(1), x(2));
      }
      case 'cast': {
        const from = operand(v, 0).dtype;
        if (v.dtype === 'bool') return this.#do('ne', x(0), this.#constant(0));
        const number = from === 'bool' ? this.#do('number', x(0)) : x(0);
        return v.dtype === 'float32' && from !== 'bool' ? this.#do('round32', number) : number;
      }
      case 'reduce': {
        const diagonal = diagonalOf(v, at);
        // A choice that is in memory is read there: what it is made of is no business of this kernel.
        if (diagonal) return this.#value(this.#context.readable(operand(v, 0)) ? operand(v, 0) : diagonal.value, diagonal.at);
        if (this.#flat) throw new NotFlat();
        return this.#unrolled(v, at);
      }
      default:
        throw new Error(`compiler: ${kind} is no fused operation`);
    }
  }
  /** The value of a coordinate as a number. */
  #position({ loop, step, start }: Coordinate): number {
    if (loop < 0) return this.#constant(start);
    const index = this.#once(`i${loop}`, () => this.#emit('index', [], { data: loop, depth: loop + 1 }));
    const scaled = step === 1 ? index : this.#do('mul', index, this.#constant(step));
    return start === 0 ? scaled : this.#do('add', scaled, this.#constant(start));
  }
  #unary(op: string, a: number): number {
    switch (op) {
      case 'square': return this.#do('mul', a, a);
      case 'reciprocal': return this.#do('div', this.#constant(1), a);
      case 'relu': return this.#do('max', a, this.#constant(0));
      case 'sign': return this.#do('select', this.#do('gt', a, this.#constant(0)), this.#constant(1), this.#do('select', this.#do('lt', a, this.#constant(0)), this.#constant(-1), a));
      case 'isnan': return this.#do('ne', a, a);
      case 'isfinite': return this.#do('lt', this.#do('abs', a), this.#constant(Infinity));
      case 'isinf': return this.#do('eq', this.#do('abs', a), this.#constant(Infinity));
      default: return this.#do(natural[op]!, a);
    }
  }
  #unrolled(v: GraphValue, at: Index): number {
    const { op, axes } = v.node.call!.attributes as Attributes['reduce'];
    const x = operand(v, 0);
    let places: Coordinate[][] = [[]];
    let k = 0;
    x.shape.forEach((size, axis) => {
      const own = axes.includes(axis) ? Array.from({ length: size }, (_, q) => literal(q)) : [at[k++]!];
      places = places.flatMap((p) => own.map((c) => [...p, c]));
    });
    const terms = places.map((p) => this.#value(x, p));
    return this.#rounded(v, this.#combined(op, terms, v.dtype === 'float64'), terms.length > 1);
  }
  /** Terms put together, four and more in two chains, for which a processor waits half as long; products in sums of float64 go in as they are. */
  #combined(op: ReduceOp, terms: readonly number[], wide: boolean): number {
    const chain = (xs: readonly number[]): number => xs.reduce((sum, term) => {
      const { op: made, operands: [a, b] } = this.#instructions[term]!;
      return op === 'sum' && wide && made === 'mul' ? this.#do('madd', a!, b!, sum) : this.#do(combine[op], sum, term);
    });
    if (terms.length < 4) return chain(terms);
    return this.#do(combine[op], chain(terms.filter((_, k) => k % 2 === 0)), chain(terms.filter((_, k) => k % 2 === 1)));
  }
  #rounded({ dtype }: GraphValue, value: number, combined: boolean): number {
    if (!combined || (dtype !== 'float32' && dtype !== 'int32')) return value;
    return this.#do(dtype === 'float32' ? 'round32' : 'wrap32', value);
  }
  /** Whether a comparison of index values is the same all over. */
  #truth(condition: GraphValue, at: Index): boolean | undefined {
    if (this.#flat && strip(condition).node.call?.kind === 'compare' && comparedIndices(condition, at)) throw new NotFlat();
    const pair = comparedIndices(condition, at);
    if (!pair) return undefined;
    const holds = comparisons[pair.op]!;
    const { coordinate: a } = pair.a, { coordinate: b } = pair.b;
    if ((a.loop < 0 && b.loop < 0) || (a.loop === b.loop && a.step === b.step)) return holds(a.start - b.start);
    if (!this.#group.triangular || a.step !== 1 || b.step !== 1) return undefined;
    // Strictly below the diagonal loop 0 is at least one ahead of loop 1.
    const ahead = a.loop === 0 && b.loop === 1 ? 1 : a.loop === 1 && b.loop === 0 ? -1 : 0;
    if (ahead === 0) return undefined;
    const least = ahead * 1 + (a.start - b.start);
    const open = ahead > 0 ? [least, least + 1e6] : [least, least - 1e6];
    if (pair.op === 'equal' || pair.op === 'notEqual') return ahead > 0 ? (least > 0 ? pair.op === 'notEqual' : undefined) : least < 0 ? pair.op === 'notEqual' : undefined;
    return holds(open[0]!) === holds(open[1]!) ? holds(open[0]!) : undefined;
  }

  // ---- results

  #sinksOf(root: Root): KernelSink[] {
    const { order, triangular } = this.#group;
    const { shape } = root.body;
    let places: Coordinate[][] = [[]];
    const lastLoop = this.#flat ? order.at(-1)! : -1;
    shape.forEach((size, axis) => {
      const loop = order.indexOf(axis);
      const own = size === 1 || (this.#flat && axis !== lastLoop) ? [literal(0)] : loop >= 0 ? [loopAt(this.#flat ? 0 : loop)] : Array.from({ length: size }, (_, q) => literal(q));
      places = places.flatMap((p) => own.map((c) => [...p, c]));
    });
    const byOutput = new Map<string, { at: Index; terms: Index[] }>();
    for (const place of places) {
      const at = root.reduced ? place.filter((_, axis) => !root.reduced!.includes(axis)) : place;
      const key = indexKey(at);
      const entry = byOutput.get(key);
      if (entry) entry.terms.push(place);
      else byOutput.set(key, { at, terms: [place] });
    }
    return [...byOutput.values()].map(({ at, terms }) => this.#sink(root, at, terms, triangular && !this.#flat));
  }
  #sink(root: Root, at: Index, terms: readonly Index[], triangular: boolean): KernelSink {
    const { target, reduced } = root;
    this.#operations.add(target);
    const op = reduced ? (target.node.call!.attributes as Attributes['reduce']).op : 'sum';
    const onDiagonal = (index: Index): Index => index.map((c) => (c.loop === 1 ? { ...c, loop: 0 } : c));
    const wide = target.dtype === 'float64';
    const body = (swap: boolean): number => this.#combined(op, terms.map((term) => {
      const at = swap ? onDiagonal(term) : term;
      return root.body === target ? this.#computeRoot(target, at) : this.#value(root.body, at);
    }), wide);
    const goal = root.place ? root.place(at) : at;
    const window = root.window && { starts: root.window, part: { root: this.#group.roots.indexOf(root) } };
    if (this.#flat && root.place) throw new NotFlat();
    if (this.#flat) this.#checkFlat(target, goal);
    const value = body(false);
    if (!reduced) {
      const diagonal = triangular ? { value: body(true), target: { ...this.#address(target, onDiagonal(goal)), lanes: 'one' as const } } : undefined;
      return { value, times: -1, target: this.#address(target, goal, window), reduce: undefined, outer: this.#rank, acrossLanes: false, round: undefined, diagonal };
    }
    const outer = at.filter((c) => c.loop >= 0).length;
    const across = !at.some((c) => c.loop === this.#vector);
    const address = this.#address(target, goal);
    const round = target.dtype === 'float32' ? 'round32' : target.dtype === 'int32' && op === 'sum' ? 'wrap32' : undefined;
    const { op: made, operands: factors } = this.#instructions[value]!;
    const product = reduced && op === 'sum' && wide && made === 'mul' && outer < this.#rank;
    return {
      value: product ? factors[0]! : value, times: product ? factors[1]! : -1, target: across ? { ...address, lanes: 'one' } : address, reduce: op, outer, acrossLanes: across, round,
      diagonal: triangular ? { value: body(true), target: address } : undefined,
    };
  }
  /** A stored value is computed here, whatever others read. */
  #computeRoot(v: GraphValue, at: Index): number {
    return this.#once(`${v.node.id}.${v.output}@${indexKey(at)}`, () => this.#compute(v, at));
  }
}

/** Only the instructions that results need, in order, numbered anew. */
function compact(instructions: readonly KernelInstruction[], sinks: readonly KernelSink[], extents: readonly number[]): { instructions: KernelInstruction[]; sinks: KernelSink[]; extents: number[] } {
  const needed = new Uint8Array(instructions.length);
  const mark = (k: number): void => { if (k >= 0) needed[k] = 1; };
  for (const { value, times, target, diagonal } of sinks) {
    mark(value);
    mark(times);
    mark(target.base);
    mark(target.stride);
    if (diagonal) {
      mark(diagonal.value);
      mark(diagonal.target.base);
      mark(diagonal.target.stride);
    }
  }
  extents.forEach(mark);
  for (let k = instructions.length - 1; k >= 0; k--) if (needed[k]) instructions[k]!.operands.forEach(mark);
  const position = new Int32Array(instructions.length).fill(-1);
  const kept: KernelInstruction[] = [];
  instructions.forEach((x, k) => {
    if (!needed[k]) return;
    position[k] = kept.push({ ...x, operands: x.operands.map((q) => position[q]!) }) - 1;
  });
  const at = (k: number): number => (k < 0 ? -1 : position[k]!);
  const address = (a: KernelAddress): KernelAddress => ({ ...a, base: at(a.base), stride: at(a.stride) });
  return {
    instructions: kept,
    extents: extents.map(at),
    sinks: sinks.map((s) => ({ ...s, value: at(s.value), times: at(s.times), target: address(s.target), diagonal: s.diagonal && { value: at(s.diagonal.value), target: address(s.diagonal.target) } })),
  };
}
