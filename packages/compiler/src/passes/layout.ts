import {
  type Attributes, type BufferView, type Call, type Graph, type GraphValue, type KernelArgument, type Layout, type PlanBuffer, type PlanStep, bytesOf, makeCall, rowMajorStrides, sizeOf,
} from '@matheron/core-tensor';
import { Node } from '../graph.ts';
import { operand } from './indices.ts';
import { placeBlocks } from './memory.ts';
import { valuesOf } from './structure.ts';
import type { ArgumentRecipe, Template, TemplateStep } from './template.ts';
import { windowOn } from './views.ts';

type CallTemplate = Extract<TemplateStep, { kind: 'call' }>;

/** A template at the sizes of a graph: places in memory, arguments of kernels, windows for calls. */
export function layOut(graph: Graph, template: Template): Layout {
  const values = valuesOf(graph);
  for (const { of, axes } of template.packed) {
    const v = values[of]!;
    values.push(new Node(-1, makeCall('permute', [v], { axes }) as Call<never>, undefined, [{ shape: axes.map((a) => v.shape[a]!), dtype: v.dtype }]).values[0]!);
  }
  const positions = new Map<GraphValue, number>(values.map((v, k) => [v, k]));
  const holder = (k: number): number => {
    let h = k;
    for (let a = template.aliases.get(h); a !== undefined; a = template.aliases.get(h)) h = a;
    return h;
  };
  const outputs = graph.outputs.map((v) => positions.get(v)!);
  const { steps } = template;
  const lastUse = new Map<number, number>();
  steps.forEach((step, k) => step.reads.forEach((b) => lastUse.set(b, k)));
  for (const k of outputs) lastUse.set(holder(k), Infinity);
  const leaves = new Set(template.leaves);
  for (const k of leaves) lastUse.set(k, Infinity);

  // Blocks: one a stored value; a call that may work in place takes over its operand's.
  const blockOf = new Map<number, number>();
  const blocks: { bytes: number; from: number; to: number; pinned: boolean }[] = [];
  const held: GraphValue[] = [];
  const bytes = (k: number): number => sizeOf(values[k]!.shape) * bytesOf(values[k]!.dtype);
  const newBlock = (k: number, from: number): void => {
    blockOf.set(k, blocks.length);
    held.push(values[k]!);
    blocks.push({ bytes: bytes(k), from, to: Math.max(from, lastUse.get(k) ?? from), pinned: leaves.has(k) });
  };
  for (const k of leaves) newBlock(k, -1);
  const inPlace = new Set<CallTemplate>();
  steps.forEach((step, at) => {
    const takesOver = step.kind === 'call' && mayOverwrite(step, at, lastUse, leaves, values, holder);
    for (const k of step.writes) {
      if (blockOf.has(k)) continue;
      if (takesOver && k === step.results[0]) {
        const block = blockOf.get(step.overwrites!.buffer)!;
        blockOf.set(k, block);
        blocks[block] = { ...blocks[block]!, to: Math.max(at, lastUse.get(k) ?? at) };
        inPlace.add(step);
      } else if (step.kind === 'kernel' || lastUse.has(k) || k === step.results[0]) newBlock(k, at);
    }
  });
  const { at: places, bytes: total } = placeBlocks(blocks);
  const buffers: PlanBuffer[] = blocks.map((block, k) => ({ at: places[k]!, bytes: block.bytes, shape: held[k]!.shape, dtype: held[k]!.dtype }));
  const bufferOf = (k: number): number => blockOf.get(holder(k))!;

  const word = (recipe: ArgumentRecipe): KernelArgument => {
    const v = values[recipe.value]!;
    switch (recipe.kind) {
      case 'pointer': return { kind: 'pointer', buffer: bufferOf(recipe.value), offset: recipe.starts ? offsetOf(v, recipe.starts) : 0 };
      case 'number': return { kind: 'number', value: (v.node.call!.attributes as Attributes['full']).value };
      case 'extent': return { kind: 'integer', value: recipe.axes.reduce((n, a) => n * v.shape[a]!, 1) };
      default: {
        const strides = rowMajorStrides(v.shape), size = bytesOf(v.dtype);
        return { kind: 'integer', value: recipe.axes.reduce((sum, [axis, scale]) => sum + scale * strides[axis]! * size, 0) };
      }
    }
  };
  const view = ({ value, base }: { readonly value: number; readonly base: number }): BufferView => {
    const v = values[value]!;
    return { buffer: bufferOf(base), shape: v.shape, dtype: v.dtype, ...windowOn(values[base]!, v) };
  };
  const planned = steps.map((step): PlanStep => {
    if (step.kind === 'kernel') {
      return {
        kind: 'kernel', kernel: step.kernel, arguments: step.arguments.map(word), get summary() { return step.summary; },
        fills: step.fills.map((k) => ({ buffer: bufferOf(k), value: (values[k]!.node.call!.attributes as Attributes['pad']).value })),
        reads: step.reads.map(bufferOf), writes: step.writes.map(bufferOf),
      };
    }
    const whole = (k: number): BufferView | undefined => {
      const buffer = k < 0 ? undefined : blockOf.get(k);
      return buffer === undefined ? undefined : { buffer, shape: values[k]!.shape, dtype: values[k]!.dtype, offset: 0, strides: rowMajorStrides(values[k]!.shape) };
    };
    const first = step.results.find((k) => k >= 0)!;
    return {
      kind: 'call', call: values[first]!.node.call!, operands: step.operands.map(view), results: step.results.map(whole), inPlace: inPlace.has(step), lower: step.lower, triangles: step.triangles,
      get summary() { return step.summary; },
    };
  });
  return {
    code: template.code, buffers, bytes: total, steps: planned,
    inputs: graph.inputs.map((_, k) => blockOf.get(k)),
    outputs: outputs.map(bufferOf),
    constants: graph.nodes.flatMap((node) => {
      const buffer = node.constant && blockOf.get(positions.get(node.values[0]!)!);
      return buffer === undefined ? [] : [{ buffer, values: node.constant! }];
    }),
  };
}

/** The bytes before the element at `starts`. */
function offsetOf({ shape, dtype }: GraphValue, starts: readonly number[]): number {
  const strides = rowMajorStrides(shape);
  return starts.reduce((sum, start, k) => sum + start * strides[k]!, 0) * bytesOf(dtype);
}
/** Whether a call's operand dies with it, lies as the result will, and is read once. */
function mayOverwrite(step: CallTemplate, at: number, lastUse: ReadonlyMap<number, number>, leaves: ReadonlySet<number>, values: readonly GraphValue[], holder: (k: number) => number): boolean {
  const { overwrites, operands: parts, results } = step;
  if (!overwrites || results[0]! < 0) return false;
  const { buffer } = overwrites;
  const same = parts.filter(({ base }) => holder(base) === buffer);
  if (leaves.has(buffer) || lastUse.get(buffer) !== at || same.length !== 1) return false;
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
