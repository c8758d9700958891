import * as Ops from '@matheron/core-tensor';
import { Tensor } from '@matheron/core-tensor';
import { pause } from '@matheron/autograd';
import { type Compiled, compile } from '@matheron/compiler';
import { type Example, exportBlock, exampleOf } from './export.ts';
import { ArgumentError, DeferredInitializationError, NotImplementedError, type Parameter, substitutesData } from '@matheron/gluon-params';
import { Block, type BlockOptions, type HybridizeOptions } from './block.ts';

type HybridForward = (F: typeof Ops, ...args: unknown[]) => unknown;

/**
 * A block whose forward is a function of tensors alone, so that it can be compiled. Write `forward(x)`, or Gluon's
 * `hybridForward(F, x, …, params)`, which gets core-tensor's functions and, last, the block's own parameters by attribute name. Blocks that own
 * parameters with unknown dimensions write `inferShape` too.
 */
export class HybridBlock extends Block {
  /** Whether all own parameters have data: then nothing is left to infer. */
  #settled = false;
  #active = false;
  #compiled: Compiled<unknown[], unknown> | undefined;
  /** Shapes and dtypes of the last call's inputs, for `export`. */
  #example: Example | undefined;
  constructor(options: BlockOptions = {}) {
    super(options);
  }
  /** Whether `hybridize` is on. */
  get hybridized(): boolean {
    return this.#active;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- see Block.forward
  override forward(...inputs: any[]): unknown {
    const { hybridForward } = this as { hybridForward?: HybridForward };
    if (!hybridForward) throw new NotImplementedError(this.constructor.name, 'forward', 'write forward(x), or hybridForward(F, x, …, params)');
    const ctx = firstTensor(inputs)?.ctx;
    if (!ctx) throw noTensor(this, inputs);
    const params: Record<string, Tensor> = {};
    for (const [key, parameter] of this.ownParams()) params[key] = parameter.data(ctx);
    // Inputs that are left out stand as undefined, so that the parameters are the last argument.
    while (inputs.length < hybridForward.length - 2) inputs.push(undefined);
    return hybridForward.call(this, Ops, ...inputs, params);
  }
  protected override invoke(inputs: readonly unknown[]): unknown {
    if (!this.#active || substitutesData()) return this.#run(inputs);
    this.#example = exampleOf(inputs);
    this.#compiled ??= compile((...args: unknown[]) => this.#run(args), { name: this.name, key: () => this.structureVersion });
    return this.#compiled(...inputs);
  }
  #run(inputs: readonly unknown[]): unknown {
    if (!this.#settled) this.#settle(inputs);
    try {
      return this.forward(...inputs);
    } catch (error) {
      // What a forward of tensors says of an argument that is none.
      if (error instanceof TypeError && !firstTensor(inputs)) throw noTensor(this, inputs, error);
      // A parameter that was assigned, or reset, after the block had settled.
      if (!(error instanceof DeferredInitializationError) || !this.#ownDeferred()) throw error;
      this.#settle(inputs);
      return this.forward(...inputs);
    }
  }
  #settle(inputs: readonly unknown[]): void {
    if (this.#ownDeferred()) {
      if (!firstTensor(inputs)) throw noTensor(this, inputs);
      this.inferShape(...inputs);
      for (const parameter of this.#ownParameters()) parameter.finishDeferredInit();
    }
    this.#settled = true;
    for (const parameter of this.#ownParameters()) this.#settled &&= parameter.initialized;
  }
  #ownDeferred(): boolean {
    for (const parameter of this.#ownParameters()) if (parameter.deferred) return true;
    return false;
  }
  *#ownParameters(): IterableIterator<Parameter> {
    yield* this.params.values();
    for (const [, parameter] of this.ownParams()) if (!this.params.has(parameter.name)) yield parameter;
  }

  /**
   * Fills unknown dimensions of the parameters from the inputs. A block that owns such parameters overrides it and sets their `shape`;
   * composites need nothing: their children infer their own as the inputs pass through.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- see Block.forward
  inferShape(...inputs: any[]): void {
    if (!this.#ownDeferred()) pause(() => void this.forward(...inputs));
  }
  /** Gives all parameters the float dtype of the first input. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- see Block.forward
  inferType(...inputs: any[]): void {
    const dtype = firstTensor(inputs)?.dtype;
    if (dtype === 'float64' || dtype === 'float32') this.cast(dtype);
  }

  /**
   * Compiles the block at its next call, forward and, under `record`, backward; once for each structure, shape and dtype of the inputs, and for training and
   * prediction. Another child or parameter takes effect at the next call. `false` goes back to running it step by step.
   */
  override hybridize(active = true, options: HybridizeOptions = {}): void {
    if (active && this.hasHooks) Ops.warn('hybridize-hooks', `${this.name} has hooks; those of its children run only while it is traced`);
    this.#active = active;
    if (options.clear ?? true) {
      this.#compiled?.dispose();
      this.#compiled = undefined;
      this.#example = undefined;
    }
    super.hybridize(active, options);
  }
  /**
   * Writes the graph of the last hybridized call in prediction mode to `PATH-symbol.json` and the parameters to `PATH-EPOCH.params` (`arg:` and `aux:` names),
   * for {@link SymbolBlock.imports}. The first axis may be of any size afterwards, where the computation allows. ArgumentError before such a call.
   */
  async export(path: string, options: { epoch?: number } = {}): Promise<{ graph: string; params: string }> {
    if (!this.#active || !this.#example) throw new ArgumentError('export', this.name, 'a block that was hybridized and called since; call hybridize() and run it once');
    return await exportBlock(this, (...inputs) => this.#run(inputs), this.#example, path, options.epoch ?? 0);
  }
  protected override checkChild(block: Block): void {
    if (block instanceof HybridBlock) return;
    throw new ArgumentError(`${this.constructor.name}.${block.name}`, block.constructor.name, 'a HybridBlock as the child of a HybridBlock (nn.HybridSequential rather than nn.Sequential); or derive the parent from Block');
  }
}

function noTensor(block: Block, inputs: readonly unknown[], cause?: unknown): ArgumentError {
  const error = new ArgumentError(`${block.constructor.name}.call`, inputs, 'at least one tensor among the inputs');
  if (cause !== undefined) error.cause = cause;
  return error;
}

/** The first tensor among inputs, in lists too. */
export function firstTensor(inputs: readonly unknown[]): Tensor | undefined {
  for (const x of inputs) {
    if (x instanceof Tensor) return x;
    const inner = Array.isArray(x) ? firstTensor(x) : undefined;
    if (inner) return inner;
  }
  return undefined;
}
