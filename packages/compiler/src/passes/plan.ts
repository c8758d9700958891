import { type Capabilities, type Graph, type Layout } from '@matheron/core-tensor';
import { layOut } from './layout.ts';
import { Numbering } from './numbering.ts';
import { structureKey } from './structure.ts';
import { type Template, makeTemplate } from './template.ts';

/** Templates of the structures seen last. */
const templates = new Map<string, Template>();
const mostTemplates = 256;
/** Positions and byte offsets are 32-bit. */
const mostBytes = 2 ** 31;

/**
 * How to run a graph in one block of memory, with kernels made for it; undefined for graphs that are better replayed: with empty values, or too
 * large. Inputs that stand `elsewhere`, in the memory of another plan, get no room in this one.
 */
export function planGraph(graph: Graph, capabilities: Capabilities, elsewhere?: (input: number) => boolean): Layout | undefined {
  if (!capabilities.fuse || graph.outputs.length === 0) return undefined;
  const numbering = new Numbering(graph);
  if (numbering.values.some(({ shape }) => shape.includes(0))) return undefined;
  const key = `${capabilities.triangular ? 't' : 'f'}${structureKey(graph, numbering)}`;
  let template = templates.get(key);
  if (template) templates.delete(key);
  else template = makeTemplate(graph, { triangular: capabilities.triangular }, numbering);
  templates.set(key, template);
  if (templates.size > mostTemplates) templates.delete(templates.keys().next().value!);
  const layout = layOut(graph, template, numbering, elsewhere);
  return layout.bytes > mostBytes ? undefined : layout;
}
