import { type Attributes, type GraphValue, sizeOf } from '@matheron/core-tensor';
import { type Coordinate, type Index, literal, loopAt, operand, operands } from './indices.ts';
import { isNarrower, startsOf } from './windows.ts';
import { type Stores, isInlineReduce, maxUnroll } from './stores.ts';
import { readsLower } from './roles.ts';
import type { SameValue } from './symmetry.ts';

/** A value, or a part of one, that a fused kernel writes. */
export interface Root {
  readonly target: GraphValue;
  /** What is computed, over the axes of its shape; for a reduction, what is reduced. */
  readonly body: GraphValue;
  readonly reduced: readonly number[] | undefined;
  /** Where in the target the element at an index goes; undefined: at the same index. */
  readonly place: ((at: Index) => Index) | undefined;
  /** Where in the target the part begins, where that is an argument. */
  readonly window: readonly number[] | undefined;
  /** Equal for parts whose kernels are the same, but for the window. */
  readonly placeKey: string;
}
/** Roots that one kernel writes: over the same loops, in the same stage, reading some of the same. */
export interface Group {
  readonly roots: Root[];
  readonly stage: number;
  /** The axis of each loop, outermost first; other axes are unrolled. */
  readonly order: readonly number[];
  readonly extents: readonly number[];
  /** The loop whose steps are vectors; −1 without loops. */
  readonly vector: number;
  readonly triangular: boolean;
}
/** Roots of one kernel at most: each holds registers. */
const mostRoots = 24;

/** The roots of a stored value. */
export function rootsOf(v: GraphValue, stores: Stores): Root[] {
  const role = stores.roleOf(v);
  if (role === 'fused') {
    if (v.node.call!.kind === 'reduce' && !isInlineReduce(v)) {
      return [{ target: v, body: operand(v, 0), reduced: (v.node.call!.attributes as Attributes['reduce']).axes, place: undefined, window: undefined, placeKey: '' }];
    }
    return [{ target: v, body: v, reduced: undefined, place: undefined, window: undefined, placeKey: '' }];
  }
  if (role !== 'placed') return [];
  const { kind, attributes } = v.node.call!;
  const shifted = (starts: readonly number[], steps: readonly number[]) => (at: Index): Index => at.map((c, k): Coordinate => {
    const start = starts[k]!, step = steps[k]!;
    if (c.loop < 0) return literal(start + c.start * step);
    return start === 0 && step === 1 ? c : { loop: c.loop, step: c.step * step, start: start + c.start * step };
  });
  const ones = v.shape.map(() => 1);
  const placed = (body: GraphValue, starts: readonly number[], steps: readonly number[]): Root => {
    const window = isNarrower(body.shape, v) ? startsOf(v, starts) : undefined;
    return { target: v, body, reduced: undefined, place: shifted(starts, steps), window, placeKey: `${(window ? starts.map((s, k) => s - window[k]!) : starts).join()}*${steps.join()}${window ? 'w' : ''}` };
  };
  if (kind === 'pad') {
    const { widths } = attributes as Attributes['pad'];
    const starts = widths.map((w) => w.low), steps = widths.map((w) => w.interior + 1);
    return [placed(operand(v, 0), starts, steps)];
  }
  const { axis } = attributes as Attributes['concat'];
  let start = 0;
  return operands(v).map((x) => {
    const starts = v.shape.map((_, k) => (k === axis ? start : 0));
    start += x.shape[axis]!;
    return placed(x, starts, ones);
  });
}

/** What of matrices is read: everything, or the lower triangle alone. Filled in from the last stage to the first. */
export class Demand {
  readonly #full: Set<GraphValue>;
  readonly #stores: Stores;
  constructor(stores: Stores, outputs: readonly GraphValue[]) {
    this.#stores = stores;
    this.#full = new Set();
    for (const v of outputs) this.all(v);
    for (const v of stores.live) {
      if (stores.roleOf(v) === 'alias') this.all(operand(v, 0));
      if (stores.roleOf(v) !== 'call' || v.output > 0) continue;
      operands(v).forEach((x, k) => {
        const base = stores.baseOf(x);
        if (base !== x || !readsLower(v, k)) this.all(base);
      });
    }
  }
  all(v: GraphValue): void {
    this.#full.add(v);
    if (this.#stores.roleOf(v) === 'alias') this.all(operand(v, 0));
  }
  isFull(v: GraphValue): boolean {
    return this.#full.has(v);
  }
}

/** The loops of a root, and the key that tells which kernels it may share. */
function loopsOf(root: Root): { order: number[]; vector: number } {
  const { shape } = root.body;
  const reduced = root.reduced ?? [];
  const big = root.reduced !== undefined && shape.some((s) => s > maxUnroll);
  const axes = shape.map((_, k) => k).filter((k) => shape[k] !== 1 && (!big || shape[k]! > maxUnroll));
  const order = [...axes.filter((a) => !reduced.includes(a)), ...axes.filter((a) => reduced.includes(a))];
  return { order, vector: order.indexOf(axes.at(-1) ?? -1) };
}

function isTriangular(root: Root, order: readonly number[], demand: Demand, same: SameValue): boolean {
  const { shape } = root.body;
  if (order.length !== 2 || order[0] !== 0 || order[1] !== 1 || shape[0] !== shape[1] || root.place) return false;
  if (!root.reduced) return shape.length === 2 && !demand.isFull(root.target);
  if ((root.target.node.call!.attributes as Attributes['reduce']).op !== 'sum' || root.target.dtype === 'int32' || !root.reduced.includes(0) || !root.reduced.includes(1)) return false;
  const at: Index = shape.map((s, k) => (k < 2 ? loopAt(k) : s === 1 ? literal(0) : loopAt(300_000 + k)));
  return same(root.body, at, root.body, [at[1]!, at[0]!, ...at.slice(2)]);
}

/** Values of more than a few elements in memory that a root reads. */
function readsOf(root: Root, stage: number, stores: Stores): Set<GraphValue> {
  const reads = new Set<GraphValue>();
  const seen = new Set<GraphValue>();
  const pending = root.body === root.target ? [...operands(root.body)] : [root.body];
  for (let v = pending.pop(); v; v = pending.pop()) {
    if (seen.has(v)) continue;
    seen.add(v);
    if (stores.readable(v, stage)) {
      if (sizeOf(v.shape) > 1) reads.add(v);
    } else pending.push(...operands(v));
  }
  return reads;
}

function intersect(a: ReadonlySet<GraphValue>, b: ReadonlySet<GraphValue>): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  for (const v of few) if (many.has(v)) return true;
  return false;
}

/** The groups of one stage. */
export function groupStage(roots: readonly Root[], stage: number, stores: Stores, demand: Demand, same: SameValue, triangles: boolean): Group[] {
  interface Draft { group: Group; reads: Set<GraphValue> | undefined }
  const buckets = new Map<string, { roots: Root[]; like: Omit<Group, 'roots'> }>();
  for (const root of roots) {
    const { order, vector } = loopsOf(root);
    const extents = order.map((a) => root.body.shape[a]!);
    const triangular = triangles && isTriangular(root, order, demand, same);
    const key = `${extents.join()}|${order.join()}|${vector}|${triangular}`;
    const bucket = buckets.get(key);
    if (bucket) bucket.roots.push(root);
    else buckets.set(key, { roots: [root], like: { stage, order, extents, vector, triangular } });
  }
  const reads = (draft: Draft): Set<GraphValue> => (draft.reads ??= readsOf(draft.group.roots[0]!, stage, stores));
  const byKey = new Map<string, Draft[]>();
  for (const [key, { roots: own, like }] of buckets) {
    const drafts: Draft[] = [];
    for (const root of own) {
      const single: Draft = { group: { ...like, roots: [root] }, reads: undefined };
      // Roots that read some of the same go together; so do groups that a new root connects.
      const related = drafts.filter((d) => d.group.roots.length < mostRoots && (like.order.length === 0 || intersect(reads(single), reads(d))));
      const into = related[0];
      if (!into) {
        drafts.push(single);
        continue;
      }
      into.group.roots.push(root);
      for (const v of reads(single)) reads(into).add(v);
      for (const other of related.slice(1)) {
        if (into.group.roots.length + other.group.roots.length > mostRoots) continue;
        into.group.roots.push(...other.group.roots);
        for (const v of reads(other)) reads(into).add(v);
        drafts.splice(drafts.indexOf(other), 1);
      }
    }
    byKey.set(key, drafts);
  }
  // A lower and a full kernel over the same loops would compute what they share one and a half times: the full one takes all.
  for (const [key, drafts] of byKey) {
    if (!key.endsWith('true')) continue;
    const full = byKey.get(key.replace(/true$/, 'false'));
    if (!full) continue;
    byKey.set(key, drafts.filter((draft) => {
      if (draft.group.roots.some((r) => r.reduced)) return true;
      const other = full.find((d) => intersect(reads(draft), reads(d)));
      if (!other) return true;
      other.group.roots.push(...draft.group.roots);
      return false;
    }));
  }
  return [...byKey.values()].flat().map(({ group }) => group);
}
