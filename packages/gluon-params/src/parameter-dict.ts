import { type Context, type Shape, type Tensor, type TensorLike, asTensor, nearestName, sameShape } from '@matheron/core-tensor';
import { type FileSource, loadTensors, saveTensors } from '@matheron/io';
import { Constant } from './constant.ts';
import { ArgumentError, KeyError, MissingKeysError, ParameterConflictError } from './errors.ts';
import { type Contexts, type InitializeOptions, type LoadOptions, Parameter, type ParameterOptions, checkOptions } from './parameter.ts';
import { printShape } from './shapes.ts';
import { Uniform } from './init/random.ts';
import { Initializer } from './init/initializer.ts';

const settable: ReadonlySet<string> = /* @__PURE__ */ new Set(['gradReq', 'lrMult', 'wdMult', 'init', 'dtype']);

/**
 * Parameters by their full names, in the order they were made. `get` finds or makes a parameter under `prefix`; parameters of `shared`
 * are found too, which is how blocks share weights.
 */
export class ParameterDict implements Iterable<[string, Parameter]> {
  readonly prefix: string;
  readonly #parameters = new Map<string, Parameter>();
  readonly #shared: ParameterDict | undefined;
  constructor(prefix = '', shared?: ParameterDict) {
    this.prefix = prefix;
    this.#shared = shared;
  }
  /** Where `get` looks second. */
  get shared(): ParameterDict | undefined {
    return this.#shared;
  }
  /** Number of parameters. */
  get size(): number {
    return this.#parameters.size;
  }
  [Symbol.iterator](): IterableIterator<[string, Parameter]> {
    return this.#parameters.entries();
  }
  /** Full names. */
  keys(): IterableIterator<string> {
    return this.#parameters.keys();
  }
  /** The parameters. */
  values(): IterableIterator<Parameter> {
    return this.#parameters.values();
  }
  /** Full names with parameters. */
  items(): IterableIterator<[string, Parameter]> {
    return this.#parameters.entries();
  }
  /** Whether there is a parameter of that full name. */
  has(name: string): boolean {
    return this.#parameters.has(name);
  }
  /** The parameter of that full name. KeyError, with the nearest name, where there is none. */
  at(name: string): Parameter {
    const found = this.#parameters.get(name);
    if (!found) throw new KeyError(`ParameterDict '${this.prefix}'`, name, this.keys());
    return found;
  }

  /**
   * The parameter `prefix + name`, made where neither this dictionary nor `shared` has it. Options complete the attributes of one that
   * is there (unknown dimensions are filled in); ParameterConflictError where they differ.
   */
  get(name: string, options: ParameterOptions = {}): Parameter {
    const full = this.prefix + name;
    const found = this.#find(full);
    if (!found) {
      const made = new Parameter(full, options);
      this.#parameters.set(full, made);
      return made;
    }
    reconcile(found, options);
    return found;
  }
  /** The constant `prefix + name`, made of `value` where there is none. KeyError without a value, ParameterConflictError for another value. */
  getConstant(name: string, value?: TensorLike): Constant {
    const full = this.prefix + name;
    const found = this.#find(full);
    if (!found) {
      if (value === undefined) throw new KeyError('ParameterDict.getConstant', full, this.keys());
      const made = new Constant(full, value);
      this.#parameters.set(full, made);
      return made;
    }
    if (!(found instanceof Constant)) {
      throw new ParameterConflictError(full, 'class', found.constructor.name, 'Constant', `${full} is a trainable Parameter, not a Constant; use another name, or get(${JSON.stringify(name)})`);
    }
    if (value !== undefined) {
      const [stored, desired] = [found.value, asTensor('getConstant', value)];
      if (!sameShape(stored.shape, desired.shape) || !sameValues(stored, desired)) {
        throw new ParameterConflictError(full, 'value', stored, desired, `the constant ${full} of shape ${printShape(stored.shape)} has another value than the one asked for, of shape ${printShape(desired.shape)}; use another name, or setData`);
      }
    }
    return found;
  }
  #find(full: string): Parameter | undefined {
    const own = this.#parameters.get(full);
    if (own) return own;
    for (let other = this.#shared; other; other = other.shared) {
      if (!other.has(full)) continue;
      const shared = other.at(full);
      this.#parameters.set(full, shared);
      return shared;
    }
    return undefined;
  }
  /** Adds all parameters of another dictionary. ParameterConflictError, before anything is added, where one name means two parameters. */
  update(other: ParameterDict): void {
    for (const [name, parameter] of other) this.#check(name, parameter);
    for (const [name, parameter] of other) this.#parameters.set(name, parameter);
  }
  #check(name: string, parameter: Parameter): void {
    const own = this.#parameters.get(name);
    if (own && own !== parameter) {
      throw new ParameterConflictError(name, 'identity', own, parameter, `two different parameters are named ${name}; give their blocks different prefixes, or make them inside of a name scope`);
    }
  }
  /** Adds a parameter made by hand under its own name. ParameterConflictError where the name means another one. */
  add(parameter: Parameter): void {
    this.#check(parameter.name, parameter);
    this.#parameters.set(parameter.name, parameter);
  }

  /** Initializes all: each parameter's own `init` counts more than the one given here, U(−0.07, 0.07) by default. `verbose` logs a line each. */
  initialize(options: InitializeOptions & { verbose?: boolean } = {}): void {
    checkOptions(options);
    const { init = new Uniform(), verbose, ...rest } = options;
    for (const parameter of this.values()) {
      parameter.initialize({ ...rest, defaultInit: init });
      if (verbose) console.info(`${parameter}: ${describe(parameter.init ?? init)}`);
    }
  }
  /** Zeros the gradients of all that have one. */
  zeroGrad(): void {
    for (const parameter of this.values()) parameter.zeroGrad();
  }
  /** Moves all to other contexts. */
  resetCtx(ctx?: Contexts): void {
    for (const parameter of this.values()) parameter.resetCtx(ctx);
  }
  /** Every context that a parameter is on. */
  listCtx(): Context[] {
    const all = new Set<Context>();
    for (const parameter of this.values()) for (const ctx of parameter.listCtx()) all.add(ctx);
    return [...all];
  }
  /** Sets an attribute of all. ArgumentError, with the nearest name, for one that there is not. */
  setattr<K extends 'gradReq' | 'lrMult' | 'wdMult' | 'init' | 'dtype'>(name: K, value: Parameter[K]): void {
    if (!settable.has(name)) {
      const nearest = nearestName(name, settable);
      throw new ArgumentError('name', name, `one of ${[...settable].join(', ')}${nearest ? `; did you mean '${nearest}'?` : ''}`);
    }
    for (const parameter of this.values()) parameter[name] = value;
  }
  /** The prefix, then a line a parameter, as Gluon prints it. */
  toString(): string {
    const lines = Array.from(this.values(), (p) => `  ${p}`);
    return `${this.prefix ? `${this.prefix} ` : ''}(\n${lines.join('\n')}\n)`;
  }

  /** Writes all, as the mean over their contexts, under their names without `stripPrefix`. ArgumentError for a name that does not begin with it. */
  async save(file: string, options: { stripPrefix?: string } = {}): Promise<void> {
    const strip = options.stripPrefix ?? '';
    const tensors: Record<string, Tensor> = {};
    for (const [name, parameter] of this) {
      if (!name.startsWith(strip)) throw new ArgumentError('stripPrefix', strip, `a prefix of every name; ${name} begins differently`);
      tensors[name.slice(strip.length)] = parameter.reduce();
    }
    await saveTensors(file, tensors, { metadata: { format: 'matheron-parameters/1' } });
  }
  /** Reads a file written by {@link save}, or by MXNet; see {@link loadDict}. */
  async load(source: FileSource, options: LoadOptions & { restorePrefix?: string } = {}): Promise<void> {
    this.loadDict((await loadTensors(source)).tensors, options);
  }
  /**
   * Takes the data of all parameters from a dictionary: its keys, without `arg:` or `aux:` and with `restorePrefix` before them, are full names.
   * MissingKeysError for names that lack (unless `allowMissing`) or are not known (unless `ignoreExtra`), IncompatibleParameterError for values that don't fit; nothing is loaded then.
   */
  loadDict(tensors: Readonly<Record<string, Tensor>>, options: LoadOptions & { restorePrefix?: string } = {}): void {
    const prefix = options.restorePrefix ?? '';
    for (const name of this.keys()) {
      if (!name.startsWith(prefix)) throw new ArgumentError('restorePrefix', prefix, `a prefix of every name; ${name} begins differently`);
    }
    const values = new Map(Object.entries(tensors).map(([key, value]) => [prefix + key.replace(/^(arg|aux):/, ''), value]));
    const missing = options.allowMissing ? [] : [...this.keys()].filter((name) => !values.has(name));
    const extra = options.ignoreExtra ? [] : [...values.keys()].filter((name) => !this.has(name));
    if (missing.length > 0 || extra.length > 0) throw missingKeys(missing, extra, [...values.keys()]);
    Parameter.loadTogether([...values].flatMap(([name, value]) => (this.has(name) ? [[this.at(name), value] as const] : [])), options);
  }
}

/** The error for names that differ between a model and a file. */
export function missingKeys(missing: readonly string[], extra: readonly string[], found: readonly string[]): MissingKeysError {
  const some = (names: readonly string[]): string => `${names.slice(0, 5).join(', ')}${names.length > 5 ? `, … (${names.length})` : ''}`;
  const parts = [
    ...(missing.length > 0 ? [`the file lacks ${some(missing)} (it has ${some(found) || 'nothing'}; { allowMissing: true } leaves them as they are)`] : []),
    ...(extra.length > 0 ? [`the model lacks ${some(extra)} ({ ignoreExtra: true } skips them)`] : []),
  ];
  return new MissingKeysError(`load: ${parts.join('; ')}`, missing, extra);
}

function describe(init: unknown): string {
  if (init instanceof Initializer) return init.dumps();
  return typeof init === 'function' ? init.name || 'a function' : String(init);
}

function sameValues(a: Tensor, b: Tensor): boolean {
  const [x, y] = [a.dataSync(), b.dataSync()];
  return x.every((v, k) => v === y[k] || (Number.isNaN(v) && Number.isNaN(y[k])));
}

/** Merges options into a parameter that is there: dimensions fill each other in, other attributes must agree. */
function reconcile(parameter: Parameter, options: ParameterOptions): void {
  const { shape, allowDeferredInit: _, ...rest } = options;
  if (shape !== undefined) mergeShape(parameter, typeof shape === 'number' ? [shape] : shape);
  for (const [attribute, desired] of Object.entries(rest)) {
    if (desired === undefined) continue;
    const stored = parameter[attribute as keyof Parameter] as unknown;
    if (attribute === 'init' && stored === undefined) parameter.init = options.init;
    else if (stored !== desired && !(stored instanceof Initializer && stored.equals(desired))) throw conflict(parameter, attribute, String(stored), String(desired));
  }
}
function mergeShape(parameter: Parameter, desired: Shape): void {
  const stored = parameter.shape;
  if (stored === undefined) {
    parameter.shape = desired;
    return;
  }
  const fits = stored.length === desired.length && stored.every((n, k) => n <= 0 || desired[k]! <= 0 || n === desired[k]);
  if (!fits) throw conflict(parameter, 'shape', printShape(stored), printShape(desired));
  parameter.shape = stored.map((n, k) => (n <= 0 ? desired[k]! : n));
}
function conflict(parameter: Parameter, attribute: string, stored: string, desired: string): ParameterConflictError {
  return new ParameterConflictError(parameter.name, attribute, stored, desired, `${parameter.name} has ${attribute} ${stored}, and is asked for with ${desired}; agree on one, or use another name`);
}

