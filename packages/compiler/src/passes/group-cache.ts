import type { Attributes, GraphValue } from '@matheron/core-tensor';
import { attributeKey } from '../attributes.ts';
import type { Group, Root } from './groups.ts';
import { type GroupKernel, type KernelOver, numbered } from './group-kernel.ts';
import { isMovement, operand, operands, strip, uniformValue } from './indices.ts';
import { formOf } from './numbering.ts';
import { lastAxis, windowOf } from './windows.ts';

/** What a group computes, with its values numbered in the order in which they are met: equal for groups that one kernel serves. */
export interface Signature {
  readonly tokens: readonly number[];
  readonly hash: number;
  readonly values: readonly GraphValue[];
}
/** A kernel for a signature, and the values of which all is read, by number. */
interface Entry {
  readonly tokens: readonly number[];
  readonly shared: KernelOver<number>;
  readonly demands: readonly number[];
}

/** What a token begins with; others are roots, or values that were met before. */
const form = 0, reading = 1, constant = 2, window = 3;

/** Kernels of groups that do the same on other values: the steps of an unrolled loop. */
export class GroupCache {
  readonly #entries = new Map<number, Entry[]>();
  readonly #position: (v: GraphValue) => number;
  /** By position of a value, its number in the signature that is being made, plus #start. */
  readonly #numbers: number[] = [];
  #start = 0;
  #values: GraphValue[] = [];
  #tokens: number[] = [];
  readonly #words = new Map<string, number>();
  readonly #loops = new Map<readonly number[], number>();
  readonly #windows = new Map<number, number>();

  /** `position`: a small number for each value. */
  constructor(position: (v: GraphValue) => number) {
    this.#position = position;
  }

  signature(group: Group, readable: (v: GraphValue) => boolean): Signature {
    this.#start += this.#values.length;
    const tokens: number[] = (this.#tokens = []), values: GraphValue[] = (this.#values = []);
    tokens.push(this.#loopsId(group));
    for (const root of group.roots) this.#root(root, readable);
    let hash = 0;
    for (let k = 0; k < tokens.length; k++) hash = (Math.imul(hash, 31) + tokens[k]!) | 0;
    return { tokens, hash, values };
  }
  /** A kernel that was built for another group of the signature, about the values of this one. */
  find({ tokens, hash, values }: Signature, demandAll: (v: GraphValue) => void): GroupKernel | undefined {
    const entry = this.#entries.get(hash)?.find((e) => equal(e.tokens, tokens));
    if (!entry) return undefined;
    for (const k of entry.demands) demandAll(values[k]!);
    return { shared: entry.shared, values };
  }
  /** Keeps a kernel for others of the signature; `demands`: the values of which it reads all. */
  add({ tokens, hash, values }: Signature, built: KernelOver<GraphValue>, demands: ReadonlySet<GraphValue>): GroupKernel {
    const shared = numbered(built, values);
    const entry: Entry = { tokens, shared, demands: values.flatMap((v, k) => (demands.has(v) ? [k] : [])) };
    const list = this.#entries.get(hash);
    if (list) list.push(entry);
    else this.#entries.set(hash, [entry]);
    return { shared, values };
  }

  // ---- tokens

  #word(text: string): number {
    let k = this.#words.get(text);
    if (k === undefined) this.#words.set(text, (k = this.#words.size));
    return k;
  }
  #loopsId({ order, extents, vector }: Group): number {
    let id = this.#loops.get(order);
    if (id === undefined) this.#loops.set(order, (id = this.#word(`${order.join()}|${vector}|${extents.join()}`)));
    return id;
  }
  /** The number of a value in the signature, −1 − it where it is met for the first time. */
  #number(v: GraphValue): number {
    const position = this.#position(v), known = this.#numbers[position];
    if (known !== undefined && known >= this.#start) return known - this.#start;
    const number = this.#values.push(v) - 1;
    this.#numbers[position] = this.#start + number;
    return -1 - number;
  }
  #root({ target, body, reduced, placeKey }: Root, readable: (v: GraphValue) => boolean): void {
    this.#tokens.push(reduced ? 4 * formOf(target).id : -1, this.#word(placeKey), Math.max(-1, this.#number(target)), formOf(target).typeIds[target.output]!);
    this.#visit(body, body === target, readable);
  }
  #visit(v: GraphValue, isTarget: boolean, readable: (v: GraphValue) => boolean): void {
    const number = this.#number(v), tokens = this.#tokens;
    if (number >= 0 && !isTarget) {
      tokens.push(-1 - number);
      return;
    }
    const own = formOf(v);
    if (!isTarget && readable(v)) {
      // Kernels see through masks of indices that they could read: a choice that is the same all over is none.
      tokens.push(4 * own.typeIds[v.output]! + reading, this.#word(maskKey(v)));
      return;
    }
    const { call } = v.node;
    if (!call) {
      tokens.push(4 * own.id + form);
      return;
    }
    // So is where windows begin, unless a kernel sees through what is there.
    if (call.kind === 'slice') {
      const shared = this.#windowId(v), x = operand(v, 0);
      if (shared >= 0 && readable(x) && maskKey(x) === '') {
        tokens.push(4 * shared + window);
        this.#visit(x, false, readable);
        return;
      }
    }
    // Numbers are arguments, but what is 0 decides what is a diagonal, and integers are part of index values.
    const value = uniformValue(v);
    tokens.push(value === undefined || value === 0 || v.dtype !== 'float64' ? 4 * own.id + form : 4 * own.typeIds[0]! + constant);
    const parts = operands(v);
    for (let k = 0; k < parts.length; k++) this.#visit(parts[k]!, false, readable);
  }
  /** Equal for slices of one type from one type whose windows differ in where they begin at most; −1 for other slices. */
  #windowId(v: GraphValue): number {
    const own = formOf(v);
    let id = this.#windows.get(own.id);
    if (id === undefined) {
      id = -1;
      if (windowOf(v)) {
        const x = operand(v, 0), last = lastAxis(x), { ranges } = v.node.call!.attributes as Attributes['slice'];
        id = this.#word(`window ${formOf(x).typeIds[x.output]} ${own.typeIds[0]} ${ranges.map(({ start, step }, k) => (k === last ? `${start}:${step}` : step)).join()}`);
      }
      this.#windows.set(own.id, id);
    }
    return id;
  }
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}

/** How a mask, or the mask of a choice, is made out of indices; '' where it isn't. */
function maskKey(v: GraphValue): string {
  const { call } = v.node;
  if (!call || call.kind === 'reduce') return '';
  if (call.kind === 'where') return `where${indexText(operand(v, 0))}${uniformValue(strip(operand(v, 2))) ?? ''}`;
  if (isMovement(v)) return v.dtype === 'bool' || strip(v).node.call?.kind === 'where' ? `${call.kind}(${attributeKey(call)})${maskKey(operand(v, 0))}` : '';
  return v.dtype === 'bool' ? indexText(v) : '';
}
function indexText(v: GraphValue): string {
  const { call } = v.node;
  if (!call) return '?';
  const own = `${call.kind}(${attributeKey(call)})${v.dtype}${v.shape.join()}`;
  if (call.kind === 'iota' || call.kind === 'full') return own;
  if (v.dtype !== 'bool' && v.dtype !== 'int32') return isMovement(v) || call.kind === 'cast' || call.kind === 'binary' ? `${own}[${operands(v).map(indexText).join()}]` : '?';
  return isMovement(v) || call.kind === 'compare' || call.kind === 'cast' || call.kind === 'binary' || call.kind === 'unary' ? `${own}[${operands(v).map(indexText).join()}]` : '?';
}
