import { type Context, type DType, type Shape, Tensor, zeros } from '@matheron/core-tensor';
import { capture } from '@matheron/compiler';
import { ArgumentError, type Parameter, saveTensors } from '@matheron/gluon-params';
import type { Block } from './block.ts';
import { type GraphFile, describeGraph, mergeBatches } from './graph-file.ts';

/** Inputs with their tensors as shapes. */
export type Example = readonly unknown[];
interface Placeholder {
  readonly placeholder: true;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly ctx: Context;
}

/** What is kept of the inputs of a call. */
export function exampleOf(inputs: readonly unknown[]): Example {
  return inputs.map((x): unknown => {
    if (x instanceof Tensor) return { placeholder: true, shape: x.shape, dtype: x.dtype, ctx: x.ctx } satisfies Placeholder;
    return Array.isArray(x) ? exampleOf(x) : x;
  });
}
/** Tensors of the shapes, `more` rows longer. */
function inputsOf(example: Example, more: number, batch: number): unknown[] {
  return example.map((x): unknown => {
    if (Array.isArray(x)) return inputsOf(x as Example, more, batch);
    if (typeof x !== 'object' || x === null || !('placeholder' in x)) return x;
    const { shape, dtype, ctx } = x as Placeholder;
    return zeros(shape[0] === batch ? [batch + more, ...shape.slice(1)] : shape, { dtype, ctx });
  });
}

/** Writes graph and parameters; the block's forward is `forward`. */
export async function exportBlock(block: Block, forward: (...inputs: unknown[]) => unknown, example: Example, path: string, epoch: number): Promise<{ graph: string; params: string }> {
  if (!Number.isInteger(epoch) || epoch < 0) throw new ArgumentError('epoch', epoch, 'a non-negative integer');
  const byCell = new Map<object, Parameter>();
  for (const parameter of block.collectParams().values()) for (const copy of parameter.copies) byCell.set(copy.data, parameter);
  const batch = (example.find((x) => typeof x === 'object' && x !== null && 'placeholder' in x) as Placeholder | undefined)?.shape[0];
  const trace = (more: number): ReturnType<typeof describeGraph> => describeGraph(capture(block.name, forward, inputsOf(example, more, batch ?? -1)), (cell) => byCell.get(cell));
  const first = trace(0);
  const file = batch === undefined ? first.file : (anyBatch(first.file, trace, batch) ?? first.file);
  const { writeFileAtomic } = await import('@matheron/io/node');
  const graph = `${path}-symbol.json`;
  const params = `${path}-${String(epoch).padStart(4, '0')}.params`;
  const roles = new Map(file.parameters.map(({ name, role }) => [name, role]));
  const tensors: Record<string, Tensor> = {};
  for (const parameter of first.parameters) tensors[`${roles.get(parameter.name)!}:${parameter.name}`] = parameter.reduce();
  for (const [name, input] of Object.entries(first.others)) tensors[`aux:${name}`] = 'value' in input ? input.value : (input as { cell: { peek(): Tensor } }).cell.peek();
  await saveTensors(params, tensors, { metadata: { format: 'matheron-parameters/1' } });
  await writeFileAtomic(graph, `${JSON.stringify(file)}\n`);
  return { graph, params };
}

/** The file for any batch size; undefined where shapes forbid other sizes, or the graph depends on the size otherwise. */
function anyBatch(file: GraphFile, trace: (more: number) => { file: GraphFile }, batch: number): GraphFile | undefined {
  try {
    return mergeBatches([file, trace(1).file, trace(3).file], [batch, batch + 1, batch + 3]);
  } catch {
    return undefined;
  }
}
