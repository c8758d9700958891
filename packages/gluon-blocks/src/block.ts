import { type DType, warn } from '@matheron/core-tensor';
import { ArgumentError, type Contexts, type FileSource, type InitializeOptions, type LoadOptions, NotImplementedError, Parameter, ParameterDict } from '@matheron/gluon-params';
import { loadBlock, loadStructural, saveBlock, saveStructural } from './files.ts';
import { type HookHandle, Hooks } from './hooks.ts';
import { BlockScope, inScope, nameBlock, pushScope } from './names.ts';
import { Structure } from './structure.ts';
import { summarize } from './summary.ts';
import type { InputsOf, OutputOf } from './types.ts';
import { CycleError, hasBlocks, indent } from './walk.ts';

/** What every block takes. */
export interface BlockOptions {
  /** Before the names of its parameters and children; by default its kind and a number, `dense0_`. */
  prefix?: string;
  /** Parameters to share: those of the same full name are used instead of new ones. */
  params?: ParameterDict;
  /** The kind in automatic prefixes, Gluon's `_alias()`: the class's name in lower case. */
  alias?: string;
}

/** What `hybridize` is asked for. */
export interface HybridizeOptions {
  /** Shapes never change: plans may rely on it. */
  staticShape?: boolean;
  /** Drops what was compiled before; true. */
  clear?: boolean;
}

/**
 * A piece of a model: parameters, child blocks and a `forward`. Children and parameters are its own properties, so that class fields
 * and assignments in the constructor register them; {@link registerChild} does it by hand. Users call `call`, authors write `forward`.
 */
export class Block {
  readonly prefix: string;
  /** The prefix without a trailing underscore. */
  readonly name: string;
  /** The block's own parameters, without those of its children. */
  readonly params: ParameterDict;
  readonly #scope: BlockScope;
  readonly #structure: Structure<Block> = new Structure<Block>(this, (x): x is Block => x instanceof Block);
  #hooks: Hooks | undefined;

  constructor(options: BlockOptions = {}) {
    const { prefix, params } = nameBlock(options.prefix, options.params, options.alias ?? this.constructor.name.toLowerCase());
    this.prefix = prefix;
    this.name = prefix.endsWith('_') ? prefix.slice(0, -1) : prefix;
    this.params = params;
    this.#scope = new BlockScope(this);
  }

  /** The computation: a class writes it, `call` runs it. NotImplementedError where none is written. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the one place where inputs are untyped: subclasses type them
  forward(..._inputs: any[]): unknown {
    throw new NotImplementedError(this.constructor.name, 'forward', 'write forward(x) in the class');
  }
  /** Gluon's `block(x)`: hooks, deferred initialization, `forward`. */
  call(...inputs: InputsOf<this>): OutputOf<this> {
    const args = inputs as readonly unknown[];
    const hooks = this.#hooks;
    if (hooks === undefined) return this.invoke(args) as OutputOf<this>;
    hooks.runBefore(this, args);
    const output = this.invoke(args);
    hooks.runAfter(this, args, output);
    return output as OutputOf<this>;
  }
  /** What `call` does between the hooks. */
  protected invoke(inputs: readonly unknown[]): unknown {
    return this.forward(...inputs);
  }

  /** Blocks made while it is open get this block's prefix: `using _ = this.nameScope()`. */
  nameScope(): Disposable;
  /** The value of `fn`, whose blocks get this block's prefix. */
  nameScope<T>(fn: () => T): T;
  nameScope<T>(fn?: () => T): T | Disposable {
    // A block with an empty prefix leaves the scope around it in place.
    if (this.prefix === '') return fn ? fn() : { [Symbol.dispose]: () => {} };
    return fn ? inScope(this.#scope, fn) : pushScope(this.#scope);
  }

  /** Adds a child that is no property, under `name` or its number. ArgumentError for what is no block. */
  registerChild(block: Block, name?: string): void {
    if (!(block instanceof Block)) throw new ArgumentError(`${this.constructor.name}.registerChild`, block, 'a block; wrap a function in nn.Lambda or nn.HybridLambda');
    this.checkChild(block);
    this.#structure.register(name ?? String(this.#structure.childCount), block);
  }
  /** Refuses children that don't belong here. */
  protected checkChild(_block: Block): void {}
  /** The children by key, in the order they came. */
  *children(): IterableIterator<[string, Block]> {
    for (const [key, member] of this.#structure.members()) {
      if (member instanceof Parameter) continue;
      this.checkChild(member);
      yield [key, member];
    }
  }
  /** The parameters that are properties of this block, by attribute name. */
  *ownParams(): IterableIterator<[string, Parameter]> {
    for (const [key, member] of this.#structure.members()) if (member instanceof Parameter) yield [key, member];
  }

  /**
   * The parameters of this block and all below it, by full name. `select` keeps those whose full name it matches from the start.
   * Warns of blocks that stand in an array or object and are nobody's child.
   */
  collectParams(select?: string | RegExp): ParameterDict {
    const found = new ParameterDict(this.params.prefix);
    const pattern = select === undefined ? undefined : patternOf(select);
    this.#collect(found, pattern, new Set());
    return found;
  }
  #collect(found: ParameterDict, pattern: RegExp | undefined, path: Set<Block>): void {
    if (path.has(this)) throw new CycleError([...path, this]);
    path.add(this);
    for (const [name, parameter] of this.params) if (!pattern || pattern.test(name)) found.add(parameter);
    const members = this.#structure.members();
    for (const member of members.values()) {
      if (member instanceof Parameter && !this.params.has(member.name) && (!pattern || pattern.test(member.name))) found.add(member);
    }
    if (this.#structure.containers.length > 0) this.#warnOfStrays();
    for (const member of members.values()) {
      if (member instanceof Parameter) continue;
      this.checkChild(member);
      member.#collect(found, pattern, path);
    }
    path.delete(this);
  }
  #warnOfStrays(): void {
    const isBlock = (x: unknown): boolean => x instanceof Block;
    for (const [key, value] of this.#structure.containers) {
      if (!hasBlocks(value, isBlock)) continue;
      const below = new Set<unknown>(this.descendants());
      if (!hasBlocks(value, (x) => isBlock(x) && !below.has(x))) continue;
      warn('unregistered-block', `${this.constructor.name}.${key} holds blocks that are nobody's child, so their parameters are not collected; use registerChild, or nn.Sequential`);
    }
  }
  /** A number that grows whenever a child or a parameter of this block, or of one below it, is added, replaced or removed. */
  get structureVersion(): number {
    let { version } = this.#structure;
    for (const member of this.#structure.members().values()) {
      if (member instanceof Parameter) continue;
      this.checkChild(member);
      version = Math.max(version, member.structureVersion);
    }
    return version;
  }
  /** All blocks below this one, depth first. */
  *descendants(): IterableIterator<Block> {
    for (const [, child] of this.children()) {
      yield child;
      yield* child.descendants();
    }
  }
  /** Parameters by structural names, `body.0.weight`: what files hold. A parameter that is shared stands under each of its names. */
  structuralParams(prefix = ''): Map<string, Parameter> {
    const found = new Map<string, Parameter>();
    for (const [key, parameter] of this.ownParams()) found.set(prefix + key, parameter);
    for (const [key, child] of this.children()) for (const [name, parameter] of child.structuralParams(`${prefix}${key}.`)) found.set(name, parameter);
    return found;
  }

  /** Calls `fn` on every block, children first, itself last. */
  apply(fn: (block: Block) => void): this {
    for (const [, child] of this.children()) child.apply(fn);
    fn(this);
    return this;
  }
  /** Initializes all parameters; `init` counts for those without one of their own. */
  initialize(options: InitializeOptions & { verbose?: boolean } = {}): void {
    this.collectParams().initialize(options);
  }
  /** Compiles the hybrid blocks among the children at their next call. */
  hybridize(active = true, options: HybridizeOptions = {}): void {
    for (const [, child] of this.children()) child.hybridize(active, options);
  }
  /** Another dtype for all parameters. */
  cast(dtype: DType): void {
    for (const [, child] of this.children()) child.cast(dtype);
    for (const parameter of this.params.values()) parameter.cast(dtype);
    for (const [, parameter] of this.ownParams()) if (parameter.dtype !== dtype) parameter.cast(dtype);
  }
  /** Zeros all gradients. */
  zeroGrad(): void {
    this.collectParams().zeroGrad();
  }
  /** Moves all parameters to other contexts. */
  resetCtx(ctx?: Contexts): void {
    this.collectParams().resetCtx(ctx);
  }

  /** Calls `hook` before each forward. Return values are ignored, errors pass through. */
  registerForwardPreHook(hook: (block: this, inputs: InputsOf<this>) => void): HookHandle {
    return (this.#hooks ??= new Hooks()).add('before', hook);
  }
  /** Calls `hook` after each forward. */
  registerForwardHook(hook: (block: this, inputs: InputsOf<this>, output: OutputOf<this>) => void): HookHandle {
    return (this.#hooks ??= new Hooks()).add('after', hook);
  }
  /** Whether hooks are registered. */
  protected get hasHooks(): boolean {
    return (this.#hooks?.size ?? 0) > 0;
  }
  /** A table of layers, output shapes and numbers of parameters, made by running `inputs` through the block without recording. The parameters must be initialized. */
  summary(...inputs: InputsOf<this>): string {
    return summarize(this, inputs as readonly unknown[]);
  }
  /** Class and children, as Gluon prints them. */
  toString(): string {
    const lines: string[] = [];
    for (const [key, member] of this.#structure.members()) if (member instanceof Block) lines.push(`  (${key}): ${indent(member.toString())}`);
    return `${this.constructor.name}(\n${lines.join('\n')}\n)`;
  }

  /** Writes all parameters by structural names. With `deduplicate` a shared parameter is written once, under its last name. */
  async saveParameters(file: string, options: { deduplicate?: boolean } = {}): Promise<void> {
    await saveStructural(this, file, options);
  }
  /** Reads what {@link saveParameters} (or MXNet's save_parameters) wrote. MissingKeysError, IncompatibleParameterError where it does not fit: nothing is loaded then. */
  async loadParameters(source: FileSource, options: LoadOptions = {}): Promise<void> {
    await loadStructural(this, source, options);
  }
  /** Writes `prefix-model.json`, the tree of blocks with their names, and `prefix-model.params`, their parameters. */
  async save(prefix: string): Promise<void> {
    await saveBlock(this, prefix);
  }
  /** Reads what {@link save} wrote into a block of the same structure. */
  async load(prefix: string): Promise<void> {
    await loadBlock(this, prefix);
  }
}

/** A selection as a pattern that matches from the start. ArgumentError for text that is no regular expression. */
function patternOf(select: string | RegExp): RegExp {
  const [source, flags] = typeof select === 'string' ? [select, ''] : [select.source, select.flags.replace(/[gy]/g, '')];
  try {
    return new RegExp(`^(?:${source})`, flags);
  } catch (cause) {
    throw new ArgumentError('select', source, `a regular expression (${(cause as Error).message})`);
  }
}
