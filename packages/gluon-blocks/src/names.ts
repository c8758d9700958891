import { currentFrame, enter, push } from '@matheron/core-tensor';
import { ParameterDict } from '@matheron/gluon-params';

/** Counts blocks without a prefix by kind: `dense0`, `dense1`, … */
export class NameManager {
  readonly #counts = new Map<string, number>();
  /** The name given, else the hint with the next number. */
  get(name: string | undefined, hint: string): string {
    if (name !== undefined) return name;
    const count = this.#counts.get(hint) ?? 0;
    this.#counts.set(hint, count + 1);
    return `${hint}${count}`;
  }
}

/** A manager that puts `prefix` before every name it makes. */
export class Prefix extends NameManager {
  readonly prefix: string;
  constructor(prefix: string) {
    super();
    this.prefix = prefix;
  }
  override get(name: string | undefined, hint: string): string {
    return this.prefix + super.get(name, hint);
  }
}

/** What a block lends to those made in its scope. */
export interface ScopeOwner {
  readonly prefix: string;
  readonly params: ParameterDict;
}
/** A block's own counters; they outlive the scope. */
export class BlockScope {
  readonly owner: ScopeOwner;
  readonly counts: NameManager = new NameManager();
  constructor(owner: ScopeOwner) {
    this.owner = owner;
  }
}

interface Naming {
  readonly manager: NameManager;
  readonly scope: BlockScope | undefined;
}
const atTop: Naming = { manager: new NameManager(), scope: undefined };
const current = (): Naming => (currentFrame().nameScope as Naming | undefined) ?? atTop;

/** Runs `fn` with another manager for blocks made outside of every block's scope: `withNames(new NameManager(), …)` counts from 0. */
export function withNames<T>(manager: NameManager, fn: () => T): T {
  return enter('withNames', { nameScope: { ...current(), manager } }, fn);
}
/** Runs `fn` in a block's scope. */
export function inScope<T>(scope: BlockScope, fn: () => T): T {
  return enter('nameScope', { nameScope: { ...current(), scope } }, fn);
}
/** The same for `using`. */
export function pushScope(scope: BlockScope): Disposable {
  return push('nameScope', { nameScope: { ...current(), scope } });
}

/**
 * Prefix and dictionary of a new block: under a scope both continue the owner's. With `params` the parameters' names are the shared
 * dictionary's, the block's prefix stays its own.
 */
export function nameBlock(prefix: string | undefined, params: ParameterDict | undefined, hint: string): { prefix: string; params: ParameterDict } {
  const { manager, scope } = current();
  if (!scope) {
    const own = prefix ?? `${manager.get(undefined, hint)}_`;
    return { prefix: own, params: params ? new ParameterDict(params.prefix, params) : new ParameterDict(own) };
  }
  const { owner, counts } = scope;
  const own = prefix ?? `${counts.get(undefined, hint)}_`;
  const dictionary = params ? new ParameterDict(params.prefix, params) : new ParameterDict(owner.params.prefix + own, owner.params.shared);
  return { prefix: owner.prefix + own, params: dictionary };
}
