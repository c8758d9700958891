import {
  type Backend, type BackendTensor, type Cell, type Context, type DType, type Decorator, type Executable, type Graph, type Shape, type StepOptions, type StepPull, type Tensor, backendOf, borrowTensor, enter,
  innerOf, isFloat, liftTo, outermost, storageOf, wrapTensor,
} from '@matheron/core-tensor';
import { JointProgram, vjpProgram } from './derivative.ts';
import { CompileError } from './errors.ts';
import { type Value, makeGraph } from './graph.ts';
import { prepare } from './prepare.ts';
import { type Implicit, Trace } from './trace.ts';
import { turnProducts } from './turn-products.ts';

/** An argument of a program's source: the tensor, and for implicit ones the handle that stands for it on its level. */
export interface Argument {
  readonly tensor: Tensor;
  readonly handle: BackendTensor | undefined;
}
export interface ProgramInput {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly implicit: Implicit | undefined;
}
/** What a program is traced and run under. */
export interface Setting {
  readonly name: string;
  readonly ctx: Context;
  /** The level the trace wraps: the context's backend, or a decorator whose tensors the source closes over. */
  readonly inner: Backend;
  readonly training: boolean;
  readonly recording: boolean;
  readonly owner: object;
}
/** A write to a Cell: output `output` of the program. Those of backward passes are put off until one runs. */
export interface Effect {
  readonly cell: Cell;
  readonly output: number;
  readonly deferred: boolean;
}
/** A traced source. */
export interface Traced {
  readonly graph: Graph;
  /** All inputs: the program's own first. */
  readonly inputs: readonly ProgramInput[];
  /** How many outputs the source returned; Cell writes come after them. */
  readonly explicit: number;
  readonly effects: readonly Effect[];
}

/** Runs `source` on a new trace: arguments for `inputs`, Cells and captured tensors among them bound. */
export function traceSource(setting: Setting, inputs: readonly ProgramInput[], source: (args: readonly Argument[], trace: Trace) => readonly Tensor[]): Traced & { trace: Trace } {
  const { ctx, name } = setting;
  const trace = new Trace(setting.inner);
  const frame = { levels: [trace], context: ctx, training: setting.training, recording: setting.recording, scope: undefined };
  try {
    const args = inputs.map(({ shape, dtype, implicit }) => {
      const { value, handle } = trace.input(shape, dtype, implicit);
      return { tensor: borrowTensor(trace, value, ctx), handle };
    });
    const results = enter(name, frame, () => source(args, trace)).map((y) => onTrace(name, y, trace));
    const written = trace.written;
    const deferred = enter(name, { ...frame, recording: false }, () => trace.runEffects());
    const effects: Effect[] = [];
    const outputs = [...results];
    for (const [map, isDeferred] of [[written, false], [deferred, true]] as const) {
      for (const [cell, value] of map) {
        effects.push({ cell, output: outputs.length, deferred: isDeferred });
        outputs.push(value);
      }
    }
    const all = trace.inputs.map(({ value, implicit }) => ({ shape: value.shape, dtype: value.dtype, implicit }));
    const inputValues = trace.inputs.map(({ value }) => value);
    const graph = makeGraph(inputValues, outputs), turned = turnProducts(graph, (call) => trace.apply(call)[0]!);
    return { trace, graph: turned ? makeGraph(inputValues, turned) : graph, inputs: all, explicit: results.length, effects };
  } finally {
    trace.end();
  }
}
function onTrace(name: string, y: Tensor, trace: Trace): Value {
  let b: Backend | undefined = trace;
  while (b && b !== backendOf(y)) b = innerOf(b);
  if (!b) throw new CompileError('output', `${name}: a result belongs to ${backendOf(y).name}, a transformation inside of the function; return what grad, vjp or record give back`);
  return liftTo(y, trace) as Value;
}

/**
 * A function of a list of tensors that can be traced, run, and differentiated any number of times: an executable is never differentiated,
 * its source is.
 */
export class Program {
  readonly setting: Setting;
  readonly #inputs: readonly ProgramInput[];
  readonly #source: (args: readonly Argument[], trace: Trace) => readonly Tensor[];
  #traced: Traced | undefined;
  #executable: Executable | undefined;
  readonly #joints = new Map<string, JointProgram>();
  readonly #derivatives = new Map<string, Program>();

  /** `traced`: where the source has been traced already. */
  constructor(setting: Setting, inputs: readonly ProgramInput[], source: (args: readonly Argument[], trace: Trace) => readonly Tensor[], traced?: Traced) {
    this.setting = setting;
    this.#traced = traced;
    this.#inputs = inputs;
    this.#source = source;
  }

  get traced(): Traced {
    return (this.#traced ??= traceSource(this.setting, this.#inputs, this.#source));
  }
  get source(): (args: readonly Argument[], trace: Trace) => readonly Tensor[] {
    return this.#source;
  }
  get base(): Backend {
    return this.setting.ctx.backend;
  }
  get executable(): Executable {
    return (this.#executable ??= prepare(this.base, this.traced.graph, this.setting.name, this.setting.owner));
  }

  /** All outputs, for the first inputs; the others are read as the running transformations present them. On the outermost level of the tensors. */
  call(xs: readonly Tensor[], count: number = xs.length): Tensor[] {
    const { inputs } = this.traced;
    const all = xs.slice(0, count), loans: Loan[] = [];
    for (let k = count; k < inputs.length; k++) {
      const implicit = inputs[k]!.implicit!;
      if ('cell' in implicit) {
        loans.push({ cell: implicit.cell, version: implicit.cell.version });
        all.push(implicit.cell.lend());
      } else all.push(borrowTensor(implicit.backend, implicit.storage, this.setting.ctx));
    }
    return this.#callOn(all, loans);
  }
  /** All outputs for all inputs. Differentiable: under a decorator it is one recorded step. Values on loan are given back once nothing holds them. */
  #callOn(all: readonly Tensor[], loans: readonly Loan[]): Tensor[] {
    const { ctx } = this.setting;
    const b = all.length > 0 ? outermost(all) : this.base;
    if (b !== this.base) return this.#differentiable(b as Decorator, all, loans);
    const outputs = this.executable.run(all.map(storageOf)).map((y) => wrapTensor(b, y, ctx));
    giveBack(loans);
    return outputs;
  }
  #differentiable(b: Decorator, all: readonly Tensor[], loans: readonly Loan[]): Tensor[] {
    const { ctx } = this.setting;
    const { inner } = b;
    if (!b.recordStep || !b.lower || !b.detach) throw new CompileError('decorator', `${this.setting.name}: ${b.name} can't take a compiled function; call the function itself on its tensors`);
    const xs = all.map((t) => liftTo(t, b));
    const mask: boolean[] = [], below: BackendTensor[] = [];
    for (const x of xs) {
      const constant = b.lower(x);
      mask.push(constant === undefined && isFloat(x.dtype));
      below.push(constant ?? b.detach(x)!);
    }
    const callBelow = (): Tensor[] => this.#callOn(below.map((x) => borrowTensor(inner, x, ctx)), mask.includes(true) ? [] : loans);
    if (!mask.includes(true)) return callBelow();
    const { explicit } = this.traced;
    const record = (outputs: readonly BackendTensor[], pull: StepPull, options?: StepOptions): Tensor[] => [
      ...b.recordStep!(xs, outputs.slice(0, explicit), pull, options).map((y) => borrowTensor(b, y, ctx)),
      ...outputs.slice(explicit).map((y) => wrapTensor(inner, y, ctx)),
    ];
    let only = true;
    const again = (g: readonly (Tensor | undefined)[], x: readonly Tensor[]): readonly (Tensor | undefined)[] => {
      // A graph of higher order has the inputs too.
      only = false;
      return this.#derivative(mask).gradients(g, x);
    };
    if (inner !== this.base) return record(callBelow().map((y) => liftTo(y, inner)), again);
    const joint = this.#joint(mask);
    const { outputs, run } = joint.forward(below);
    const plain = (t: Tensor | undefined): boolean => !t || backendOf(t) === this.base;
    const pull: StepPull = (g, x) => (g.every(plain) && x.every(plain) ? joint.backward(g, run) : again(g, x));
    return record(outputs, pull, { fresh: true, onFree: () => { if (only) giveBack(loans); } });
  }
  #joint(mask: readonly boolean[]): JointProgram {
    const key = mask.join();
    let joint = this.#joints.get(key);
    if (!joint) this.#joints.set(key, (joint = new JointProgram(this, mask)));
    return joint;
  }
  #derivative(mask: readonly boolean[]): Derivative {
    const key = mask.join();
    let program = this.#derivatives.get(key);
    if (!program) this.#derivatives.set(key, (program = vjpProgram(this, mask)));
    return new Derivative(program, this.traced, mask);
  }

  dispose(): void {
    this.#executable?.dispose();
    this.#executable = undefined;
    for (const joint of this.#joints.values()) joint.dispose();
    for (const program of this.#derivatives.values()) program.dispose();
    this.#joints.clear();
    this.#derivatives.clear();
  }
}

/** A value that a Cell has lent. */
interface Loan {
  readonly cell: Cell;
  readonly version: number;
}
function giveBack(loans: readonly Loan[]): void {
  for (const { cell, version } of loans) cell.giveBack(version);
}

/** The compiled vjp of a program, called as a pull of a recorded step. */
class Derivative {
  readonly #program: Program;
  readonly #traced: Traced;
  readonly #mask: readonly boolean[];
  constructor(program: Program, traced: Traced, mask: readonly boolean[]) {
    this.#program = program;
    this.#traced = traced;
    this.#mask = mask;
  }
  gradients(g: readonly (Tensor | undefined)[], x: readonly Tensor[]): (Tensor | undefined)[] {
    const { ctx } = this.#program.setting;
    const base = this.#program.base;
    const seeds = floatOutputs(this.#traced).map((k) => {
      const { shape, dtype } = this.#traced.graph.outputs[k]!;
      return g[k] ?? wrapTensor(base, base.full(0, shape, dtype), ctx);
    });
    const found = this.#program.call([...x, ...seeds]);
    let next = 0;
    return this.#mask.map((wanted) => (wanted ? found[next++] : undefined));
  }
}

/** The outputs of a source that may carry a gradient. */
export function floatOutputs({ graph, explicit }: Traced): number[] {
  return graph.outputs.flatMap(({ dtype }, k) => (k < explicit && isFloat(dtype) ? [k] : []));
}
