import {
  type Attributes, type BufferView, type Call, type Graph, type GraphValue, type KernelArgument, type Layout, type PlanBuffer, type PlanStep, type StepSummary, bytesOf, rowMajorStrides, sizeOf,
} from '@matheron/core-tensor';
import { copyOf } from './copies.ts';
import { operand } from './indices.ts';
import { placeBlocks } from './memory.ts';
import { Numbering } from './numbering.ts';
import type { Argument } from './group-kernel.ts';
import type { Template, TemplateStep } from './template.ts';
import { windowOn } from './views.ts';
import { windowOf } from './windows.ts';

type CallTemplate = Extract<TemplateStep, { kind: 'call' }>;
type KernelTemplate = Extract<TemplateStep, { kind: 'kernel' }>;
type WordsOf = (step: KernelTemplate) => readonly KernelArgument[];

/** A template at the sizes of a graph: places in memory, arguments of kernels, windows for calls. Inputs that stand `elsewhere` get no room. */
export function layOut(graph: Graph, template: Template, numbering: Numbering = new Numbering(graph), elsewhere: (input: number) => boolean = () => false): Layout {
  const values = [...numbering.values];
  template.packed.forEach(({ of, axes }, k) => values.push(copyOf(values[of]!, axes, k)));
  const holders = Int32Array.from({ length: values.length }, (_, k) => k);
  for (const [k, of] of template.aliases) holders[k] = of;
  const holder = (k: number): number => {
    let h = k;
    while (holders[h] !== h) h = holders[h]!;
    return h;
  };
  const outputs = graph.outputs.map((v) => numbering.of(v));
  const { steps } = template;
  const lastUse = new Float64Array(values.length).fill(-1);
  steps.forEach(({ reads }, k) => {
    for (let q = 0; q < reads.length; q++) lastUse[reads[q]!] = k;
  });
  for (const k of outputs) lastUse[holder(k)] = Infinity;
  const leaves = new Set(template.leaves);
  for (const k of leaves) lastUse[k] = Infinity;
  const outside = new Set(graph.inputs.flatMap((v, k) => (elsewhere(k) ? [numbering.of(v)] : [])));

  // Blocks: one a stored value; a call that may work in place takes over its operand's.
  const blockOf = new Int32Array(values.length).fill(-1);
  const blocks: { bytes: number; from: number; to: number; pinned: boolean }[] = [];
  const held: GraphValue[] = [];
  const newBlock = (k: number, from: number): void => {
    const v = values[k]!;
    blockOf[k] = blocks.length;
    held.push(v);
    blocks.push({ bytes: outside.has(k) ? 0 : sizeOf(v.shape) * bytesOf(v.dtype), from, to: Math.max(from, lastUse[k]!), pinned: leaves.has(k) });
  };
  for (const k of leaves) newBlock(k, -1);
  const inPlace = new Set<CallTemplate>();
  steps.forEach((step, at) => {
    const takesOver = step.kind === 'call' && mayOverwrite(step, at, lastUse, leaves, values, holder);
    for (let q = 0; q < step.writes.length; q++) {
      const k = step.writes[q]!;
      if (blockOf[k]! >= 0) continue;
      if (takesOver && k === step.results[0]) {
        const block = blockOf[step.overwrites!.buffer]!;
        blockOf[k] = block;
        blocks[block] = { ...blocks[block]!, to: Math.max(at, lastUse[k]!) };
        inPlace.add(step);
      } else if (step.kind === 'kernel' || lastUse[k]! >= 0 || k === step.results[0]) newBlock(k, at);
    }
  });
  const { at: places, bytes: total } = placeBlocks(blocks);
  const buffers: PlanBuffer[] = blocks.map((block, k) => ({ at: places[k]!, bytes: block.bytes, shape: held[k]!.shape, dtype: held[k]!.dtype }));
  const bufferOf = (k: number): number => blockOf[holder(k)]!;

  const extent = (step: KernelTemplate, { value, axes }: { readonly value: number; readonly axes: readonly number[] }): number => {
    const { shape } = values[step.values[value]!]!;
    return axes.reduce((n, a) => n * shape[a]!, 1);
  };
  const word = (step: KernelTemplate, source: Argument<number>): KernelArgument => {
    const k = step.values[source.value]!, v = values[k]!;
    switch (source.kind) {
      case 'pointer': {
        const { part } = source;
        const starts = part && ('root' in part ? step.windows[part.root] : windowOf(values[step.values[part.slice]!]!)!.starts);
        return { kind: 'pointer', buffer: bufferOf(k), offset: starts ? offsetOf(v, starts) : 0 };
      }
      case 'number': return { kind: 'number', value: (v.node.call!.attributes as Attributes['full']).value };
      case 'extent': return { kind: 'integer', value: extent(step, source) };
      default: {
        const strides = rowMajorStrides(v.shape), size = bytesOf(v.dtype);
        return { kind: 'integer', value: source.axes.reduce((sum, [axis, scale]) => sum + scale * strides[axis]! * size, 0) };
      }
    }
  };
  const words: WordsOf = (step) => step.arguments.map((source) => word(step, source));
  const view = ({ value, base }: { readonly value: number; readonly base: number }): BufferView => {
    const v = values[value]!;
    return { buffer: bufferOf(base), shape: v.shape, dtype: v.dtype, ...windowOn(values[base]!, v) };
  };
  const planned = steps.map((step): PlanStep => {
    if (step.kind === 'kernel') {
      const fills = step.fills.map((k) => ({ buffer: bufferOf(k), value: (values[k]!.node.call!.attributes as Attributes['pad']).value }));
      return new PlannedKernel(step, words, step.extents.map((e) => extent(step, e)), fills, step.reads.map(bufferOf), step.writes.map(bufferOf));
    }
    const whole = (k: number): BufferView | undefined => {
      const buffer = k < 0 ? -1 : blockOf[k]!;
      return buffer < 0 ? undefined : { buffer, shape: values[k]!.shape, dtype: values[k]!.dtype, offset: 0, strides: rowMajorStrides(values[k]!.shape) };
    };
    const first = step.results.find((k) => k >= 0)!;
    return new PlannedCall(step, values[first]!.node.call!, step.operands.map(view), step.results.map(whole), inPlace.has(step));
  });
  const present = (block: number): number | undefined => (block < 0 ? undefined : block);
  return {
    code: template.code, buffers, bytes: total, steps: planned,
    inputs: graph.inputs.map((_, k) => present(blockOf[k]!)),
    outputs: outputs.map(bufferOf),
    constants: graph.nodes.flatMap((node) => {
      const buffer = node.constant && present(blockOf[numbering.of(node.values[0]!)]!);
      return buffer === undefined ? [] : [{ buffer, values: node.constant! }];
    }),
  };
}

// Classes: arguments and the summary are made when someone asks.
class PlannedKernel implements Extract<PlanStep, { kind: 'kernel' }> {
  readonly kind = 'kernel';
  readonly kernel: number;
  readonly extents: readonly number[];
  readonly fills: readonly { readonly buffer: number; readonly value: number }[];
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly #template: KernelTemplate;
  readonly #words: WordsOf;
  constructor(template: KernelTemplate, words: WordsOf, extents: readonly number[], fills: PlannedKernel['fills'], reads: readonly number[], writes: readonly number[]) {
    this.kernel = template.kernel;
    this.extents = extents;
    this.fills = fills;
    this.reads = reads;
    this.writes = writes;
    this.#template = template;
    this.#words = words;
  }
  get arguments(): readonly KernelArgument[] {
    return this.#words(this.#template);
  }
  get summary(): StepSummary {
    return this.#template.summary;
  }
}
class PlannedCall implements Extract<PlanStep, { kind: 'call' }> {
  readonly kind = 'call';
  readonly call: Call<GraphValue>;
  readonly operands: readonly BufferView[];
  readonly results: readonly (BufferView | undefined)[];
  readonly inPlace: boolean;
  readonly lower: boolean;
  readonly triangles: CallTemplate['triangles'];
  readonly #template: CallTemplate;
  constructor(template: CallTemplate, call: Call<GraphValue>, operands: readonly BufferView[], results: readonly (BufferView | undefined)[], inPlace: boolean) {
    this.call = call;
    this.operands = operands;
    this.results = results;
    this.inPlace = inPlace;
    this.lower = template.lower;
    this.triangles = template.triangles;
    this.#template = template;
  }
  get summary(): StepSummary {
    return this.#template.summary;
  }
}

/** The bytes before the element at `starts`. */
function offsetOf({ shape, dtype }: GraphValue, starts: readonly number[]): number {
  const strides = rowMajorStrides(shape);
  return starts.reduce((sum, start, k) => sum + start * strides[k]!, 0) * bytesOf(dtype);
}
/** Whether a call's operand dies with it, lies as the result will, and is read once. */
function mayOverwrite(step: CallTemplate, at: number, lastUse: Float64Array, leaves: ReadonlySet<number>, values: readonly GraphValue[], holder: (k: number) => number): boolean {
  const { overwrites, operands: parts, results } = step;
  if (!overwrites || results[0]! < 0) return false;
  const { buffer } = overwrites;
  const same = parts.filter(({ base }) => holder(base) === buffer);
  if (leaves.has(buffer) || lastUse[buffer] !== at || same.length !== 1) return false;
  const { value, base } = same[0]!;
  const result = values[results[0]!]!;
  if (sizeOf(values[buffer]!.shape) !== sizeOf(result.shape) || values[buffer]!.dtype !== result.dtype) return false;
  let v = values[value]!;
  while (v !== values[base]!) {
    if (v.node.call!.kind !== 'reshape') return false;
    v = operand(v, 0);
  }
  return true;
}
