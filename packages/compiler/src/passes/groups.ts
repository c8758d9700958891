import { type Attributes, type GraphValue } from '@matheron/core-tensor';
import { type Coordinate, type Index, literal, loopAt, operand, operands } from './indices.ts';
import { formOf } from './numbering.ts';
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
    for (let k = 0; k < stores.live.length; k++) {
      const v = stores.live[k]!, role = stores.roleOf(v);
      if (role === 'alias') this.all(operand(v, 0));
      if (role !== 'call' || v.output > 0) continue;
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

/** Loops, one object for equal ones; the key is for those that may be one kernel. */
interface Loops {
  readonly order: readonly number[];
  readonly extents: readonly number[];
  readonly vector: number;
  readonly key: string;
}
/** The loops of roots, found once for each form. */
class LoopsTable {
  readonly #byForm = new Map<number, Loops>();
  readonly #byKey = new Map<string, Loops>();
  of(root: Root): Loops {
    const form = root.reduced ? formOf(root.target).id : -1 - formOf(root.body).id;
    let loops = this.#byForm.get(form);
    if (!loops) this.#byForm.set(form, (loops = this.#make(root)));
    return loops;
  }
  #make({ body: { shape }, reduced }: Root): Loops {
    const big = reduced !== undefined && shape.some((s) => s > maxUnroll);
    const axes = shape.map((_, k) => k).filter((k) => shape[k] !== 1 && (!big || shape[k]! > maxUnroll));
    const isReduced = (a: number): boolean => reduced?.includes(a) ?? false;
    const order = [...axes.filter((a) => !isReduced(a)), ...axes.filter(isReduced)];
    const extents = order.map((a) => shape[a]!), vector = order.indexOf(axes.at(-1) ?? -1);
    const key = `${extents.join()}|${order.join()}|${vector}`;
    let loops = this.#byKey.get(key);
    if (!loops) this.#byKey.set(key, (loops = { order, extents, vector, key }));
    return loops;
  }
}

function isTriangular(root: Root, order: readonly number[], demand: Demand, same: SameValue): boolean {
  const { shape } = root.body;
  if (order.length !== 2 || order[0] !== 0 || order[1] !== 1 || shape[0] !== shape[1] || root.place) return false;
  if (!root.reduced) return shape.length === 2 && !demand.isFull(root.target);
  if ((root.target.node.call!.attributes as Attributes['reduce']).op !== 'sum' || root.target.dtype === 'int32' || !root.reduced.includes(0) || !root.reduced.includes(1)) return false;
  const at: Index = shape.map((s, k) => (k < 2 ? loopAt(k) : s === 1 ? literal(0) : loopAt(300_000 + k)));
  return same(root.body, at, root.body, [at[1]!, at[0]!, ...at.slice(2)]);
}

/** A group that is being made. */
interface Draft {
  readonly group: Group;
  readonly number: number;
  reads: readonly GraphValue[] | undefined;
  /** What it has become part of. */
  into: Draft | undefined;
}
function intersect(a: readonly GraphValue[], b: readonly GraphValue[]): boolean {
  const set = new Set(a);
  return b.some((v) => set.has(v));
}
/** Drafts by what they read. */
class Related {
  readonly #byValue = new Map<GraphValue, Draft[]>();
  add(draft: Draft, reads: readonly GraphValue[]): void {
    for (const v of reads) {
      const list = this.#byValue.get(v);
      if (!list) this.#byValue.set(v, [draft]);
      else if (list.at(-1) !== draft) list.push(draft);
    }
  }
  /** In the order in which they were made, those that read some of `reads` and have room. */
  of(reads: readonly GraphValue[]): Draft[] {
    const found: Draft[] = [];
    for (const v of reads) {
      for (const listed of this.#byValue.get(v) ?? []) {
        let draft = listed;
        while (draft.into) draft = draft.into;
        if (draft.group.roots.length < mostRoots && !found.includes(draft)) found.push(draft);
      }
    }
    return found.sort((a, b) => a.number - b.number);
  }
}

/** Groups the roots of one stage after another. */
export class Grouping {
  readonly #loops = new LoopsTable();
  readonly #stores: Stores;
  readonly #demand: Demand;
  readonly #same: SameValue;
  readonly #triangles: boolean;
  constructor(stores: Stores, demand: Demand, same: SameValue, triangles: boolean) {
    this.#stores = stores;
    this.#demand = demand;
    this.#same = same;
    this.#triangles = triangles;
  }

  /** The groups of a stage. */
  of(roots: readonly Root[], stage: number): Group[] {
    const buckets = new Map<string, { roots: Root[]; like: Omit<Group, 'roots'> }>();
    for (const root of roots) {
      const { order, extents, vector, key } = this.#loops.of(root);
      const triangular = this.#triangles && isTriangular(root, order, this.#demand, this.#same);
      const full = triangular ? `${key}|true` : `${key}|false`;
      const bucket = buckets.get(full);
      if (bucket) bucket.roots.push(root);
      else buckets.set(full, { roots: [root], like: { stage, order, extents, vector, triangular } });
    }
    const drafts = new Map<string, Draft[]>();
    for (const [key, { roots: own, like }] of buckets) drafts.set(key, own.length === 1 ? [{ group: { ...like, roots: own }, number: 0, reads: undefined, into: undefined }] : this.#drafts(own, like));
    return this.#joined(drafts, stage);
  }
  #readsOf(root: Root, stage: number): GraphValue[] {
    return this.#stores.readsOf(root.body === root.target ? operands(root.body) : [root.body], stage);
  }
  /** Roots that read some of the same go together; so do groups that a new root connects. */
  #drafts(roots: readonly Root[], like: Omit<Group, 'roots'>): Draft[] {
    const drafts: Draft[] = [], related = new Related();
    for (const root of roots) {
      const alone = like.order.length === 0, reads = alone ? [] : this.#readsOf(root, like.stage);
      const found = alone ? drafts.filter((d) => !d.into && d.group.roots.length < mostRoots) : related.of(reads), into = found[0];
      if (!into) {
        const draft: Draft = { group: { ...like, roots: [root] }, number: drafts.length, reads, into: undefined };
        drafts.push(draft);
        related.add(draft, reads);
        continue;
      }
      into.group.roots.push(root);
      into.reads = into.reads!.concat(reads);
      related.add(into, reads);
      for (let k = 1; k < found.length; k++) {
        const other = found[k]!;
        if (into.group.roots.length + other.group.roots.length > mostRoots) continue;
        into.group.roots.push(...other.group.roots);
        into.reads = into.reads.concat(other.reads!);
        other.into = into;
      }
    }
    return drafts.filter((draft) => !draft.into);
  }
  /** A lower and a full kernel over the same loops would compute what they share one and a half times: the full one takes all. */
  #joined(byKey: Map<string, Draft[]>, stage: number): Group[] {
    const reads = (draft: Draft): readonly GraphValue[] => (draft.reads ??= draft.group.roots.flatMap((root) => this.#readsOf(root, stage)));
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
    return [...byKey.values()].flatMap((drafts) => drafts.map(({ group }) => group));
  }
}
