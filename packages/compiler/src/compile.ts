import { treeArgumentsOf, onBackward } from '@matheron/autograd';
import { type Level, Tensor, backendOf, currentFrame, currentLevel, enter, isFloat, isPlainObject, sameShape, warn, wraps } from '@matheron/core-tensor';
import { CompileError } from './errors.ts';
import { type Explanation, explanationOf } from './explain.ts';
import { Program, type ProgramInput, type Traced, traceSource } from './program.ts';
import { type Signature, idOf, rebuilderOf, signatureOf, tensorsIn } from './signature.ts';
import { type Implicit, type Trace, isTraced } from './trace.ts';

/** What `compile` takes beside the function. */
export interface CompileOptions {
  /** Names the function in errors and reports; its own name by default. */
  readonly name?: string;
  /** How many traces are kept, the least recently used one goes first; 64 by default. */
  readonly cacheSize?: number;
  /** Something beside the arguments that a trace depends on, asked for at each call: the function is traced anew for each value. For blocks, whose structure may change. */
  readonly key?: () => string | number;
}
/** A compiled function: called like its source. */
export interface Compiled<A extends unknown[], R> {
  (...args: A): R;
  /** What is run for such arguments: the graph, the kernels, bytes and flops. */
  explain(...args: A): Explanation;
  /** Frees what was compiled; a later call compiles anew. */
  dispose(): void;
}

/**
 * A function of tensors as one graph per structure, shapes and dtypes of its arguments: traced at the first call, then run as a whole. Tensors
 * (also typed arrays) in any tree of arrays and plain objects are inputs, other leaves are static; the tensors of the result, in any tree,
 * are outputs. Cells that the function reads or writes (parameters, running statistics, generators) are read and written at each call; tensors it
 * closes over are constants. Differentiable to any order, custom gradients kept. Called while a function is traced, the source is inlined.
 *
 * Reading a value inside is a TracedValueError, keeping a traced tensor a LeakedTracerError, a promise an AsyncFunctionError.
 */
export function compile<A extends unknown[], R>(f: (...args: A) => R, options: CompileOptions = {}): Compiled<A, R> {
  const compiled = new CompiledFunction(f as (...args: unknown[]) => unknown, options);
  const call = ((...args: A) => compiled.call(args)) as Compiled<A, R>;
  call.explain = (...args) => compiled.explain(args);
  call.dispose = () => compiled.dispose();
  return call;
}

/** One trace of the function: what a call of the same key runs. */
interface Entry {
  readonly program: Program;
  readonly arguments: number;
  /** The result, around other outputs. */
  readonly rebuild: (outputs: readonly Tensor[]) => unknown;
}

class CompiledFunction {
  readonly #f: (...args: unknown[]) => unknown;
  readonly #name: string;
  readonly #capacity: number;
  readonly #key: (() => string | number) | undefined;
  readonly #trees: number;
  readonly #entries = new Map<string, Entry>();
  /** The key that was asked for last: it is the youngest entry. */
  #latest = '';
  #warned = false;

  constructor(f: (...args: unknown[]) => unknown, options: CompileOptions) {
    if (typeof f !== 'function') throw new CompileError('argument', `compile: ${f === null ? 'null' : typeof f} is no function; pass the function itself, not its result`);
    const { name, cacheSize = 64, key } = options;
    if (!(Number.isInteger(cacheSize) && cacheSize >= 1)) throw new CompileError('argument', `compile: cacheSize ${cacheSize} is no positive integer`);
    this.#f = f;
    this.#name = name ?? (f.name || 'compiled function');
    this.#capacity = cacheSize;
    this.#key = key;
    this.#trees = treeArgumentsOf(f);
  }

  call(args: readonly unknown[]): unknown {
    if (currentFrame().levels.length > 0 && inlined(args)) return this.#f(...args);
    const signature = signatureOf(args, this.#trees);
    if (tracedOn(signature)) return this.#f(...args);
    const { program, arguments: count, rebuild } = this.#entry(signature, args);
    const { explicit, effects } = program.traced;
    const outputs = program.call(signature.tensors, count);
    if (effects.length === 0) return rebuild(outputs);
    const commit = (deferred: boolean): void => {
      for (const { cell, output, deferred: own } of effects) if (own === deferred) cell.write(outputs[output]!);
    };
    commit(false);
    if (effects.some(({ deferred }) => deferred)) {
      const head = outputs.slice(0, explicit).find((y) => isFloat(y.dtype) && backendOf(y) !== program.base);
      if (head) onBackward(head, () => commit(true));
    }
    return rebuild(outputs.slice(0, explicit));
  }

  explain(args: readonly unknown[]): Explanation {
    const { program } = this.#entry(signatureOf(args, this.#trees), args);
    return explanationOf(this.#name, program.traced.graph, program.executable);
  }
  dispose(): void {
    for (const { program } of this.#entries.values()) program.dispose();
    this.#entries.clear();
    this.#latest = '';
  }

  #entry(signature: Signature, args: readonly unknown[]): Entry {
    const { training, recording } = currentFrame();
    const own = this.#key?.();
    const key = `${idOf(signature.ctx)}${training ? 't' : 'p'}${recording ? 'r' : ''}${own === undefined ? '' : `${typeof own}${own}`}|${signature.key}`;
    const known = this.#entries.get(key);
    if (known && stillFits(known.program.traced)) {
      if (key !== this.#latest) {
        this.#entries.delete(key);
        this.#entries.set(key, known);
        this.#latest = key;
      }
      return known;
    }
    this.#latest = '';
    known?.program.dispose();
    this.#entries.delete(key);
    const entry = this.#trace(signature, args, training, recording);
    // A trace over a transformation that is running now is of no use later.
    if (entry.program.setting.inner === signature.ctx.backend || entry.program.traced.inputs.every(plain)) {
      this.#entries.set(key, entry);
      if (this.#entries.size > this.#capacity) {
        const [oldest, { program }] = this.#entries.entries().next().value!;
        program.dispose();
        this.#entries.delete(oldest);
      }
    }
    return entry;
  }

  #trace(signature: Signature, given: readonly unknown[], training: boolean, recording: boolean): Entry {
    const { ctx, tensors } = signature;
    const inner = currentLevel(tensors, ctx);
    const setting = { name: this.#name, ctx, inner, training, recording, owner: this };
    let rebuild: Entry['rebuild'] | undefined;
    const argumentsOf = rebuilderOf(given, this.#trees);
    const inputs: ProgramInput[] = tensors.map(({ shape, dtype }) => ({ shape, dtype, implicit: undefined }));
    const source = (args: readonly { tensor: Tensor }[], trace: Trace): Tensor[] => {
      const result = enter(this.#name, {}, () => this.#f(...argumentsOf(args.map(({ tensor }) => tensor))));
      const parts = resultOf(result, trace);
      rebuild ??= parts.rebuild;
      return parts.tensors;
    };
    const traced = traceSource(setting, inputs, source);
    this.#warn(traced);
    const base = { ...setting, inner: traced.inputs.every(plain) ? ctx.backend : inner };
    return { program: new Program(base, traced.inputs, source, traced), arguments: tensors.length, rebuild: rebuild! };
  }
  #warn({ graph }: Traced): void {
    if (this.#warned || graph.nodes.length <= 2000) return;
    this.#warned = true;
    warn('compile-size', `${this.#name}: a graph of ${graph.nodes.length} nodes; see explain()`);
  }
}

/** Whether an implicit input is no tensor of a running transformation. */
function plain({ implicit }: { readonly implicit: Implicit | undefined }): boolean {
  return !implicit || 'cell' in implicit || !('inner' in implicit.backend);
}
/** Whether the Cells that were read still hold values of the shapes and dtypes of the trace. */
function stillFits({ inputs }: Traced): boolean {
  for (const { implicit, shape, dtype } of inputs) {
    if (!implicit || !('cell' in implicit)) continue;
    const now = implicit.cell.borrow();
    if (now.dtype !== dtype || !sameShape(now.shape, shape)) return false;
  }
  return true;
}
/** Under a trace the source is traced with its caller: its own nodes, custom gradients and Cells become the caller's. */
function inlined(args: readonly unknown[]): boolean {
  return tensorsIn(args).some((x) => isTraced(backendOf(x)));
}
function tracedOn({ ctx }: Signature): boolean {
  return currentFrame().levels.some((level: Level) => level.capturesCreation && wraps(level as Trace, ctx.backend));
}

/** The tensors of a result that belong to the trace or can be lifted to it, and the result around others; everything else is as it was. */
function resultOf(result: unknown, trace: Trace): { tensors: Tensor[]; rebuild: (outputs: readonly Tensor[]) => unknown } {
  const tensors: Tensor[] = [];
  const visit = (x: unknown): ((next: readonly Tensor[]) => unknown) => {
    if (x instanceof Tensor) {
      const b = backendOf(x);
      if (!wraps(b, trace) && !wraps(trace, b)) return () => x;
      const k = tensors.push(x) - 1;
      return (next) => next[k];
    }
    if (Array.isArray(x)) {
      const parts = x.map(visit);
      return (next) => parts.map((part) => part(next));
    }
    if (isPlainObject(x)) {
      const parts = Object.entries(x).map(([name, y]) => [name, visit(y)] as const);
      return (next) => Object.fromEntries(parts.map(([name, part]) => [name, part(next)]));
    }
    return () => x;
  };
  const build = visit(result);
  return { tensors, rebuild: build };
}
