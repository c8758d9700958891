import { type Attributes, type Context, type Kind, ShapeError, Tensor, create, run, tensor } from '@matheron/core-tensor';
import { ArgumentError, type Contexts, type FileSource, type Parameter, contextsOf, loadTensors } from '@matheron/gluon-params';
import { readSource } from '@matheron/io';
import { type GraphFile, type Reference, constantOf, decode, readGraphFile } from './graph-file.ts';
import { HybridBlock } from './hybrid-block.ts';

/** A block whose forward is a graph that was exported: its parameters have the names of the original. Differentiable and trainable like any other. */
export class SymbolBlock extends HybridBlock {
  readonly #file: GraphFile;
  readonly #order: readonly number[];
  readonly #parameters: readonly Parameter[];
  /** `inputs` names the graph's inputs in the order of `forward`'s arguments. */
  constructor(file: GraphFile, inputs: readonly string[]) {
    super({ prefix: '', alias: 'symbolblock' });
    this.#file = file;
    const names = file.inputs.map(({ name }) => name);
    if (inputs.length !== names.length || inputs.some((name) => !names.includes(name))) throw new ArgumentError('inputs', [...inputs], `the inputs of the graph: ${names.join(', ')}`);
    this.#order = names.map((name) => inputs.indexOf(name));
    this.#parameters = file.parameters.map(({ name, shape, dtype, role }) => this.params.get(name, { shape, dtype, gradReq: role === 'aux' ? 'null' : 'write' }));
  }
  /** Reads what {@link HybridBlock.export} wrote. Without `params` the parameters wait for `initialize` or `loadParameters`. */
  static async imports(graph: FileSource, inputs: readonly string[], params?: FileSource, options: { ctx?: Contexts } = {}): Promise<SymbolBlock> {
    const file = readGraphFile(new TextDecoder().decode(await readSource(graph)));
    const block = new SymbolBlock(file, inputs);
    if (params !== undefined) {
      const ctx = contextsOf(options.ctx);
      const { tensors } = await loadTensors(params, { ctx: ctx[0]! });
      block.params.loadDict(tensors, { ctx });
    }
    return block;
  }
  override forward(...x: Tensor[]): Tensor | Tensor[] {
    const { inputs, nodes, outputs, list, batch } = this.#file;
    const given = this.#order.map((k) => x[k]);
    const size = batch === null ? 0 : (given.find((t, k) => t instanceof Tensor && typeof inputs[k]!.shape[0] === 'object')?.shape[0] ?? batch);
    given.forEach((t, k) => this.#check(t, k, size));
    const ctx = (given[0] as Tensor | undefined)?.ctx ?? contextsOf(undefined)[0]!;
    const made: Tensor[][] = [];
    const at = (reference: Reference): Tensor => {
      if (reference[0] === 'input') return given[reference[1]]!;
      if (reference[0] === 'parameter') return this.#parameters[reference[1]]!.data(ctx);
      return made[reference[1]]![reference[2]]!;
    };
    for (const node of nodes) made.push(perform(node.kind, node.inputs.map(at), node.attributes, ctx, size));
    const results = outputs.map(at);
    return list ? results : results[0]!;
  }
  #check(x: unknown, k: number, size: number): void {
    const { name, shape, dtype } = this.#file.inputs[k]!;
    const expected = decode(shape, size) as number[];
    if (!(x instanceof Tensor)) throw new ArgumentError(name, x, 'a tensor');
    if (x.ndim !== expected.length || x.shape.some((n, axis) => n !== expected[axis])) {
      throw new ShapeError('SymbolBlock', `${this.constructor.name}: ${name} has shape [${x.shape.join(', ')}], the graph was exported for [${expected.join(', ')}]; export it again with such an input`, { expected: `[${expected.join(', ')}]`, actual: [x.shape] });
    }
    if (x.dtype !== dtype) throw new ArgumentError(name, x.dtype, `the dtype of the exported graph, ${dtype}; cast the input`);
  }
}

function perform(kind: string, inputs: readonly Tensor[], attributes: GraphFile['nodes'][number]['attributes'], ctx: Context, size: number): Tensor[] {
  if (kind === 'constant') {
    const { values, shape, dtype } = constantOf(attributes, size);
    return [tensor(values, { shape, dtype, ctx, copy: false })];
  }
  const at = decode(attributes, size);
  if (kind === 'full' || kind === 'iota') return [create(kind, ctx, at as never)];
  return run(kind as Kind, inputs, at as Attributes[Kind]);
}
