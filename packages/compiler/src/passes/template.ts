import { type Graph, type GraphValue, type PlanKernel, type PlanCode, type StepSummary, type Triangle, sizeOf } from '@matheron/core-tensor';
import { operationOf, valueLabel } from '../graph.ts';
import { copyOf } from './copies.ts';
import { Demand, type Group, Grouping, type Root, rootsOf } from './groups.ts';
import { GroupCache } from './group-cache.ts';
import { type Argument, type GroupKernel, type KernelOver, standalone } from './group-kernel.ts';
import { loopAt, operand, operands } from './indices.ts';
import { buildKernel } from './kernel.ts';
import { Numbering } from './numbering.ts';
import { type Schedulable, orderSteps } from './schedule.ts';
import { decideStores } from './stores.ts';
import { structuralSymmetry } from './symmetry.ts';
import { type TriangleOf, knownTriangles } from './triangles.ts';

export type TemplateStep = Schedulable & (
  | {
      readonly kind: 'kernel';
      readonly kernel: number;
      readonly extents: readonly Extract<Argument<number>, { kind: 'extent' }>[];
      /** By numbers of `values`. */
      readonly arguments: readonly Argument<number>[];
      readonly values: readonly number[];
      /** Where the parts begin that roots write. */
      readonly windows: readonly (readonly number[] | undefined)[];
      readonly fills: readonly number[];
      readonly summary: StepSummary;
    }
  | {
      readonly kind: 'call';
      readonly results: readonly number[];
      readonly operands: readonly { readonly value: number; readonly base: number }[];
      readonly lower: boolean;
      readonly triangles: readonly (Triangle | undefined)[];
      readonly summary: StepSummary;
    }
);

/** A plan without its sizes: serves every graph of one structure. Numbers are positions in the graph's numbering, then in `packed`. */
export interface Template {
  readonly code: PlanCode;
  readonly steps: readonly TemplateStep[];
  /** Copies with another order of axes. */
  readonly packed: readonly { readonly of: number; readonly axes: readonly number[] }[];
  /** For a value that is another shape of a stored one, that one. */
  readonly aliases: ReadonlyMap<number, number>;
  readonly leaves: readonly number[];
}

export interface TemplateOptions {
  /** Whether kernels may skip the half that nobody reads. */
  readonly triangular: boolean;
}

/** Runs the passes on a graph. */
export function makeTemplate(graph: Graph, options: TemplateOptions, numbering: Numbering = new Numbering(graph)): Template {
  const { values } = numbering;
  const copies = new Map<GraphValue, number>();
  const position = (v: GraphValue): number => {
    const k = numbering.of(v);
    return k >= 0 ? k : copies.get(v)!;
  };
  const stores = decideStores(graph, numbering);
  const same = structuralSymmetry();
  const triangleOf = knownTriangles((v) => numbering.of(v) < graph.inputs.length);
  const demand = new Demand(stores, graph.outputs);

  // Stages from the last to the first, so that what they need of earlier ones is known.
  const byStage: { roots: Root[]; calls: GraphValue[] }[] = [];
  const stageAt = (k: number): { roots: Root[]; calls: GraphValue[] } => {
    while (byStage.length <= k) byStage.push({ roots: [], calls: [] });
    return byStage[k]!;
  };
  const aliases = new Map<number, number>();
  const leaves: number[] = [];
  for (let k = 0; k < stores.live.length; k++) {
    const v = stores.live[k]!;
    if (!stores.isStored(v)) continue;
    switch (stores.roleOf(v)) {
      case 'leaf': leaves.push(position(v)); break;
      case 'alias': aliases.set(position(v), position(operand(v, 0))); break;
      case 'call': if (v === firstOf(v, numbering)) stageAt(stores.stageOf(v)).calls.push(v); break;
      default: for (const root of rootsOf(v, stores)) stageAt(stores.stageOf(v)).roots.push(root);
    }
  }

  const packs = new Map<string, GraphValue>();
  const packed: { value: GraphValue; of: GraphValue; axes: number[]; stage: number }[] = [];
  const symmetric = (v: GraphValue): boolean => same(v, [loopAt(0), loopAt(1)], v, [loopAt(1), loopAt(0)]);
  const cache = new GroupCache(position);
  const build = (group: Group): GroupKernel => {
    // Symmetry is asked of the values themselves: triangular kernels aren't shared.
    const known = group.triangular ? undefined : cache.signature(group, (v) => stores.readable(v, group.stage));
    const found = known && cache.find(known, (v) => demand.all(v));
    if (found) return found;
    const demands = new Set<GraphValue>();
    let usedPack = false;
    const context = {
      readable: (v: GraphValue) => copies.has(v) ? !group.roots.some((r) => r.target === v) : stores.readable(v, group.stage),
      pack: (v: GraphValue, axis: number): GraphValue | undefined => {
        if (sizeOf(v.shape) * 4 > group.extents.reduce((a, b) => a * b, 1) || stores.stageOf(v) >= group.stage && stores.roleOf(v) !== 'leaf') return undefined;
        usedPack = true;
        const key = `${position(v)}.${axis}`;
        let copy = packs.get(key);
        if (!copy) {
          const axes = [...v.shape.map((_, k) => k).filter((k) => k !== axis), axis];
          copy = copyOf(v, axes, packed.length);
          copies.set(copy, values.length + packed.length);
          packs.set(key, copy);
          packed.push({ value: copy, of: v, axes, stage: Math.max(0, stores.stageOf(v) + 1) });
          demand.all(v);
        }
        return copy;
      },
      demand: (v: GraphValue, lower: boolean) => {
        if (lower) return;
        demands.add(v);
        demand.all(v);
      },
      symmetric,
    };
    const built = (group.order.length > 1 && !group.triangular && group.roots.every((r) => !r.reduced && !r.place) ? buildKernel(group, context, true) : undefined) ?? buildKernel(group, context, false)!;
    return known && !usedPack ? cache.add(known, built, demands) : standalone(built);
  };
  const grouping = new Grouping(stores, demand, same, options.triangular);
  const kernelSteps: { group: Group; built: GroupKernel }[][] = byStage.map(() => []);
  for (let s = byStage.length - 1; s >= 0; s--) {
    for (const group of grouping.of(byStage[s]!.roots, s)) kernelSteps[s]!.push({ group, built: build(group) });
  }
  for (const { value, stage } of packed) {
    const order = value.shape.map((_, k) => k).filter((k) => value.shape[k] !== 1);
    const group: Group = { roots: [{ target: value, body: value, reduced: undefined, place: undefined, window: undefined, placeKey: '' }], stage, order, extents: order.map((k) => value.shape[k]!), vector: order.length - 1, triangular: false };
    kernelSteps[stage]!.unshift({ group, built: build(group) });
  }

  // Kernels that are the same code are one.
  const kernels: PlanKernel[] = [];
  const known = new Map<string, number>();
  const numbers = new Map<PlanKernel, number>();
  const kernelOf = (kernel: PlanKernel): number => {
    let k = numbers.get(kernel);
    if (k === undefined) {
      const key = kernelKey(kernel);
      k = known.get(key);
      if (k === undefined) known.set(key, (k = kernels.push(kernel) - 1));
      numbers.set(kernel, k);
    }
    return k;
  };
  const holder = (k: number): number => {
    let h = k;
    for (let a = aliases.get(h); a !== undefined; a = aliases.get(h)) h = a;
    return h;
  };
  const steps: TemplateStep[] = [];
  byStage.forEach(({ calls }, s) => {
    for (const { group, built: { shared, values: own } } of kernelSteps[s]!) {
      const writes = unique(group.roots.map(({ target }) => position(target))), kept = own.map(position);
      steps.push(new KernelStep(
        kernelOf(shared.kernel), shared, kept, writes.filter((k) => values[k]?.node.call?.kind === 'pad'),
        unique(shared.reads.map((k) => holder(kept[k]!))).filter((k) => !writes.includes(k)), writes, group, values,
      ));
    }
    for (const v of calls) steps.push(callStep(v, stores.baseOf, holder, numbering, demand, triangleOf));
  });
  return {
    code: { kernels },
    steps: orderSteps(steps),
    packed: packed.map(({ of, axes }) => ({ of: position(of), axes })),
    aliases, leaves,
  };
}

function firstOf(v: GraphValue, numbering: Numbering): GraphValue {
  const { values } = v.node;
  return values.length === 1 ? v : values.find((x) => numbering.of(x) >= 0)!;
}
function unique(list: readonly number[]): readonly number[] {
  return list.length > 16 ? [...new Set(list)] : list.filter((k, at) => list.indexOf(k) === at);
}

// Classes, so that a step holds what its summary tells and nothing else of the planning.
class KernelStep implements Extract<TemplateStep, { kind: 'kernel' }> {
  readonly kind = 'kernel';
  readonly kernel: number;
  readonly values: readonly number[];
  readonly windows: readonly (readonly number[] | undefined)[];
  readonly fills: readonly number[];
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly overwrites: undefined = undefined;
  readonly #loops: number;
  readonly #shared: KernelOver<number>;
  readonly #all: readonly GraphValue[];
  constructor(
    kernel: number, shared: KernelOver<number>, values: readonly number[], fills: readonly number[], reads: readonly number[], writes: readonly number[], { roots, order }: Group,
    all: readonly GraphValue[],
  ) {
    this.kernel = kernel;
    this.values = values;
    this.windows = roots.some(({ window }) => window) ? roots.map(({ window }) => window) : none;
    this.fills = fills;
    this.reads = reads;
    this.writes = writes;
    this.#loops = order.length;
    this.#shared = shared;
    this.#all = all;
  }
  get arguments(): readonly Argument<number>[] {
    return this.#shared.arguments;
  }
  get extents(): readonly Extent[] {
    const { kernel: { extents, instructions }, arguments: words } = this.#shared;
    return extents.map((k) => words[instructions[k]!.data] as Extent);
  }
  get summary(): StepSummary {
    const { kernel: { triangular }, operations, reads } = this.#shared, loops = this.#loops;
    const label = (k: number): string => (this.#all[k] ? valueLabel(this.#all[k]) : `%${this.#all.length - 1 - k}`);
    return {
      name: `kernel of ${loops} loop${loops === 1 ? '' : 's'}${triangular ? ', lower triangle' : ''}`,
      ops: operations.map(({ node }) => operationOf(node)), reads: reads.map((k) => label(this.values[k]!)), writes: this.writes.map(label),
    };
  }
}
type Extent = Extract<Argument<number>, { kind: 'extent' }>;
const none: readonly undefined[] = [];
type CallParts = Omit<Extract<TemplateStep, { kind: 'call' }>, 'kind' | 'summary'>;
class CallStep implements Extract<TemplateStep, { kind: 'call' }> {
  readonly kind = 'call';
  readonly operands: CallParts['operands'];
  readonly results: CallParts['results'];
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly overwrites: CallParts['overwrites'];
  readonly lower: boolean;
  readonly triangles: CallParts['triangles'];
  readonly #call: GraphValue;
  readonly #reads: readonly GraphValue[];
  constructor(parts: CallParts, call: GraphValue, reads: readonly GraphValue[]) {
    this.operands = parts.operands;
    this.results = parts.results;
    this.reads = parts.reads;
    this.writes = parts.writes;
    this.overwrites = parts.overwrites;
    this.lower = parts.lower;
    this.triangles = parts.triangles;
    this.#call = call;
    this.#reads = reads;
  }
  get summary(): StepSummary {
    const { node } = this.#call;
    const skips = this.triangles.some((t) => t) ? `, ${this.triangles.map((t) => t ?? 'full').join(' × ')}` : '';
    return {
      name: `${node.call!.kind}${this.lower ? ', lower triangle' : ''}${skips}`, ops: [operationOf(node)], reads: this.#reads.map(valueLabel),
      writes: node.values.filter((_, k) => this.results[k]! >= 0).map(valueLabel),
    };
  }
}

function callStep(
  v: GraphValue, baseOf: (v: GraphValue) => GraphValue, holder: (k: number) => number, numbering: Numbering, demand: Demand, triangleOf: TriangleOf,
): TemplateStep {
  const { kind } = v.node.call!;
  const bases = operands(v).map(baseOf);
  const parts = operands(v).map((x, k) => ({ value: numbering.of(x), base: numbering.of(bases[k]!) }));
  // Cholesky and its relatives work in the memory of their operand.
  const target = v.dtype !== 'float64' ? -1 : kind === 'cholesky' || kind === 'choleskyInverse' ? 0 : kind === 'triangularSolve' ? 1 : -1;
  const over = target >= 0 ? parts[target]! : undefined;
  const main = v.node.values[0]!;
  const lower = (kind === 'cholesky' || kind === 'choleskyInverse') && main.shape.length === 2 && main.dtype === 'float64' && numbering.of(main) >= 0 && !demand.isFull(main);
  const results = v.node.values.map((x) => numbering.of(x));
  return new CallStep({
    operands: parts, results, lower,
    reads: unique(parts.map(({ base }) => holder(base))),
    writes: results.filter((k) => k >= 0),
    overwrites: over && { buffer: holder(over.base), size: sizeOf(main.shape) },
    triangles: kind === 'matmul' ? operands(v).map(triangleOf) : [],
  }, v, bases);
}

function kernelKey({ instructions, sinks, extents, vector, triangular }: PlanKernel): string {
  let key = `${vector}${triangular ? 't' : 'f'}${extents.join()}`;
  for (const { op, operands: xs, depth, data, type, dtype, shift } of instructions) key += `;${op}${xs.join()}/${depth}/${Object.is(data, -0) ? '-0' : data}/${type[0]!}${dtype}${shift}`;
  for (const s of sinks) key += `;${JSON.stringify(s)}`;
  return key;
}
