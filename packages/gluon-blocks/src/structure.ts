import { ArgumentError, Parameter, ParameterConflictError } from '@matheron/gluon-params';
import type { Block } from './block.ts';
import { isContainer } from './walk.ts';

/** Counts changes of structure over all blocks, so that a later change has a higher number wherever it is. */
let changes = 0;

/** A child or a parameter of a block. */
export type Member<B = Block> = B | Parameter;

/**
 * The children and parameters of a block: its own enumerable properties that are blocks or parameters (not those that begin with
 * `_`), and what was registered by hand, in the order they came. It is read off the object when needed; Gluon's checks on
 * re-assignment run against what was seen the last time.
 */
export class Structure<B extends object> {
  readonly #seen = new Map<string, Member<B>>();
  readonly #registered = new Set<string>();
  readonly #owner: object;
  readonly #isBlock: (x: unknown) => x is B;
  #version = ++changes;
  /** Properties that are arrays, Maps, Sets or plain objects, as of the last look. */
  #containers: [key: string, value: object][] = [];
  constructor(owner: object, isBlock: (x: unknown) => x is B) {
    this.#owner = owner;
    this.#isBlock = isBlock;
  }
  /** Adds a child by hand; under a key that is there it replaces that child. */
  register(key: string, block: B): void {
    this.members();
    this.#registered.add(key);
    this.#seen.set(key, block);
    this.#version = ++changes;
  }
  /** The number of the last change: above that of every change before, in any block. */
  get version(): number {
    this.members();
    return this.#version;
  }
  /** Number of children now. */
  get childCount(): number {
    let count = 0;
    for (const member of this.members().values()) if (!(member instanceof Parameter)) count++;
    return count;
  }
  /** Every member by key. ArgumentError, ParameterConflictError where one was replaced by something that may not stand there. */
  members(): ReadonlyMap<string, Member<B>> {
    const owner = this.#owner as Record<string, unknown>;
    const seen = this.#seen;
    let found = 0;
    if (this.#containers.length > 0) this.#containers = [];
    for (const key of Object.keys(owner)) {
      const value = owner[key];
      const known = seen.get(key);
      if (known !== undefined && known === value) {
        found++;
        continue;
      }
      if (key.startsWith('_')) continue;
      if (known === undefined && typeof value !== 'object') continue;
      const member = value instanceof Parameter || this.#isBlock(value) ? value : undefined;
      if (known !== undefined && !this.#registered.has(key)) this.#checkReplacement(key, known, value, member);
      if (member === undefined) {
        if (isContainer(value)) this.#containers.push([key, value]);
        continue;
      }
      seen.set(key, member);
      this.#version = ++changes;
      this.#registered.delete(key);
      found++;
    }
    if (found + this.#registered.size < seen.size) {
      for (const key of seen.keys()) {
        if (this.#registered.has(key) || Object.hasOwn(owner, key)) continue;
        seen.delete(key);
        this.#version = ++changes;
      }
    }
    return seen;
  }
  /** The containers that the last {@link members} met. */
  get containers(): readonly (readonly [key: string, value: object])[] {
    return this.#containers;
  }
  #checkReplacement(key: string, known: Member<B>, value: unknown, member: Member<B> | undefined): void {
    const name = `${this.#owner.constructor.name}.${key}`;
    if (known instanceof Parameter && member instanceof Parameter) {
      throw new ParameterConflictError(known.name, key, known.name, member.name, `${name} is the parameter ${known.name} and can't become ${member.name}; use another attribute, or setData`);
    }
    if (member === undefined || !(member instanceof known.constructor)) {
      const given = value === undefined || value === null ? String(value) : (value as object).constructor?.name ?? typeof value;
      throw new ArgumentError(name, given, `a ${known.constructor.name}, as what it holds already`);
    }
  }
}
