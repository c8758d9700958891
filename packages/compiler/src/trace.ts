import {
  type Backend, type BackendTensor, type Call, CallBackend, type Capabilities, type Cell, ContextError, type DType, type Decorator, type Shape, type Tensor, type TypedArray,
  backendOf, borrowTensor, contextOf, detach, dtypeOf, innerOf, liftTo, makeCall, wraps,
} from '@matheron/core-tensor';
import { CompileError, LeakedTracerError, TracedValueError } from './errors.ts';
import { Node, Value, canonical, makeGraph, operationOf } from './graph.ts';
import { CallTable, type Form, Forms } from './forms.ts';
import { replay } from './replay.ts';
import { simplify } from './simplify.ts';
import { callSite } from './where.ts';

/** Where an input that is no argument comes from: a Cell, or a tensor the function closes over (its storage on `backend`). */
export type Implicit = { readonly cell: Cell } | { readonly storage: BackendTensor; readonly backend: Backend };
/** An input of a trace; `handle` stands for it where a Cell is read or a captured tensor lifted. */
export interface TraceInput {
  readonly value: Value;
  readonly implicit: Implicit | undefined;
  readonly handle: Value | undefined;
}

/**
 * A backend whose tensors are nodes of a graph: nothing is computed. Equal calls give one node; calls that simplify exactly do so at once. Reads
 * of Cells and tensors of `inner` that meet its own become inputs, writes to Cells outputs.
 */
export class Trace extends CallBackend<Value> implements Decorator<Value> {
  readonly name: string;
  readonly inner: Backend;
  readonly capabilities: Capabilities;
  readonly capturesCreation: boolean = true;
  readonly inputs: TraceInput[] = [];
  readonly #base: Backend;
  readonly #forms = new Forms();
  #calls = new CallTable();
  #constants = new Map<string, Node>();
  readonly #cells = new Map<Cell, Value>();
  readonly #captured = new Map<BackendTensor, Value>();
  readonly #effects: (() => void)[] = [];
  #written = new Map<Cell, Value>();
  #count = 0;
  #ended = false;

  constructor(inner: Backend) {
    super();
    this.inner = inner;
    this.name = `tracing(${inner.name})`;
    this.capabilities = inner.capabilities;
    let base = inner;
    for (let b = innerOf(base); b; b = innerOf(b)) base = b;
    this.#base = base;
  }

  /** A new input; with `implicit` it stands for a Cell's value or a captured tensor from here on. */
  input(shape: Shape, dtype: DType, implicit?: Implicit): TraceInput {
    const value = this.#make(undefined, undefined, this.#forms.ofType({ shape, dtype })).values[0]!;
    const handle = implicit && new Value(value.node, 0);
    if (implicit && handle) {
      if ('cell' in implicit) this.#cells.set(implicit.cell, handle);
      else this.#captured.set(implicit.storage, handle);
    }
    const input = { value, implicit, handle };
    this.inputs.push(input);
    return input;
  }
  /** What was written to Cells, last values. */
  get written(): ReadonlyMap<Cell, Value> {
    return this.#written;
  }
  /** Runs the effects of backward passes that were put off; returns what they write. Call it on the level of the trace. */
  runEffects(): ReadonlyMap<Cell, Value> {
    const before = this.#written;
    this.#written = new Map();
    for (const effect of this.#effects) effect();
    const written = this.#written;
    this.#written = before;
    return written;
  }
  /** From here on its tensors are leaked ones. */
  end(): void {
    this.#ended = true;
    this.#calls = new CallTable();
    this.#constants = new Map();
  }

  #make(call: Call<Value> | undefined, constant: TypedArray | undefined, form: Form): Node {
    return new Node(this.#count++, call, constant, form);
  }
  #open(x: Value | undefined): void {
    if (this.#ended) throw new LeakedTracerError(x ? operationOf(x.node) : 'a traced function', callSite());
  }

  apply(call: Call<Value>): Value[] {
    this.#open(call.inputs[0]);
    const { inputs } = call;
    return this.#node(inputs.every((v) => v.node.values[v.output] === v) ? call : { ...call, inputs: inputs.map((v) => canonical(v) as Value) }) as Value[];
  }
  #node(call: Call<Value>): readonly Value[] {
    const form = this.#forms.of(call);
    const simpler = simplify(call, form.types[0]!, this.#simpler);
    if (simpler) return [simpler];
    let node = this.#calls.find(form, call.inputs);
    if (!node) this.#calls.add((node = this.#make(makeCall(call.kind, call.inputs, form.attributes as never), undefined, form)));
    return node.values;
  }
  readonly #simpler = (call: Call<Value>): Value => this.#node(call)[0]!;

  supports(dtype: DType): boolean {
    return this.inner.supports(dtype);
  }
  upload(values: TypedArray, shape: Shape, dtype: DType): Value {
    this.#open(undefined);
    if (dtypeOf(values) !== dtype) throw new CompileError('constant', `compile: a ${values.constructor.name} is no constant of ${dtype}`);
    if (values.length <= 8) {
      const key = `constant;${dtype};${shape.join()};${Array.from(values, (v) => (Object.is(v, -0) ? '-0' : String(v))).join()}`;
      let node = this.#constants.get(key);
      if (!node) this.#constants.set(key, (node = this.#make(undefined, values, this.#forms.ofType({ shape, dtype }))));
      return node.values[0]!;
    }
    return this.#make(undefined, values, this.#forms.ofType({ shape, dtype })).values[0]!;
  }
  lift(x: BackendTensor): Value {
    this.#open(undefined);
    let storage = x;
    let backend = this.inner;
    for (let inner = innerOf(backend); inner; inner = innerOf(backend)) {
      const below = (backend as Decorator).lower?.(storage);
      if (!below) break;
      storage = below;
      backend = inner;
    }
    const known = this.#captured.get(storage);
    return known ?? this.input(x.shape, x.dtype, { storage, backend }).handle!;
  }
  read(x: Value): Promise<TypedArray> {
    return Promise.resolve(this.readSync(x));
  }
  readSync(x: Value): TypedArray {
    this.#open(x);
    throw new TracedValueError(operationOf(x.node), callSite());
  }
  dispose(): void {}

  /** The value, where it depends on no input: what a Cell made while tracing holds. */
  lower(x: Value): BackendTensor | undefined {
    const graph = makeGraph([], [x]);
    if (this.#base !== this.inner || graph.nodes.some(({ call, constant }) => !call && !constant)) return undefined;
    return replay(this.#base, graph).run([])[0]!;
  }
  deferEffect(effect: () => void): void {
    this.#effects.push(effect);
  }
  readCell(cell: Cell, value: Tensor): Tensor {
    const written = this.#written.get(cell);
    if (written) return borrowTensor(this, written, value.ctx);
    if (!wraps(this.inner, backendOf(value)) && !wraps(backendOf(value), this.#base)) {
      throw new ContextError(`compile: a Cell on ${value.ctx} is read in a function traced on ${contextOf(this)}; use one context in a compiled function`, [String(value.ctx), String(contextOf(this))]);
    }
    return borrowTensor(this, this.#cells.get(cell) ?? this.input(value.shape, value.dtype, { cell }).handle!, value.ctx);
  }
  writeCell(cell: Cell, value: Tensor): undefined {
    const own = wraps(backendOf(value), this) ? detach(value) : value;
    if (!wraps(this, backendOf(own))) {
      throw new ContextError(`compile: a value on ${value.ctx} is written to a Cell in a function traced on ${contextOf(this)}; use one context in a compiled function`, [String(value.ctx), String(contextOf(this))]);
    }
    this.#written.set(cell, canonical(liftTo(own, this) as Value) as Value);
    return undefined;
  }
}

/**
 * A backend that records instead of computing: its tensors are nodes of a graph and have no values (TracedValueError). `compile` stacks it by
 * itself; alone it serves to look at what a function records.
 */
export function tracing(inner: Backend): Decorator {
  return new Trace(inner);
}

/** Whether `b` is a trace, or stands on one. */
export function isTraced(b: Backend): boolean {
  for (let x: Backend | undefined = b; x; x = innerOf(x)) if (x instanceof Trace) return true;
  return false;
}
