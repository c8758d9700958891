import type { Attributes, GraphValue } from '@matheron/core-tensor';
import { attributeKey } from '../attributes.ts';
import type { Group } from './groups.ts';
import type { ArgumentSource, BuiltKernel } from './kernel.ts';
import { isMovement, operand, operands, strip, uniformValue } from './indices.ts';
import { lastAxis, windowOf } from './windows.ts';

/** A kernel that was built, with the values it is about in the order of the signature, and what it told about demand. */
interface Entry {
  readonly built: BuiltKernel;
  readonly values: readonly GraphValue[];
  readonly demands: readonly (readonly [value: GraphValue, lower: boolean])[];
}

/**
 * Kernels of groups that do the same on other values: the steps of an unrolled loop. A group is looked up by a signature of its expressions, which
 * numbers values in the order in which they are met.
 */
export class GroupCache {
  readonly #entries = new Map<string, Entry>();

  /** The signature of a group, and its values in order. */
  signature(group: Group, readable: (v: GraphValue) => boolean): { key: string; values: readonly GraphValue[] } {
    const numbers = new Map<GraphValue, number>();
    const values: GraphValue[] = [];
    let key = `${group.order.join()}|${group.vector}|${group.extents.join()}`;
    const visit = (root: GraphValue, isTarget: boolean): void => {
      const known = numbers.get(root);
      if (known !== undefined && !isTarget) {
        key += `~${known}`;
        return;
      }
      if (known === undefined) {
        numbers.set(root, values.length);
        values.push(root);
      }
      key += `;${root.dtype}${root.shape.join()}`;
      const { call } = root.node;
      if (!isTarget && readable(root)) {
        // Kernels see through masks of indices that they could read: a choice that is the same all over is none.
        key += `R${maskKey(root)}`;
        return;
      }
      if (!call) return;
      // So is where windows begin, unless a kernel sees through what is there.
      if (call.kind === 'slice' && windowOf(root)) {
        const x = operand(root, 0);
        if (readable(x) && maskKey(x) === '') {
          const { ranges } = call.attributes as Attributes['slice'], last = lastAxis(x);
          key += `window(${ranges.map(({ start, step }, k) => (k === last ? `${start}:${step}` : step)).join()})`;
          visit(x, false);
          return;
        }
      }
      // Numbers are arguments, but what is 0 decides what is a diagonal, and integers are part of index values.
      const value = uniformValue(root);
      key += value === undefined || root.dtype !== 'float64' ? `${call.kind}(${attributeKey(call)})` : value === 0 ? '0' : 'c';
      for (const x of operands(root)) visit(x, false);
    };
    for (const { target, body, reduced, placeKey } of group.roots) {
      key += `|${reduced ? `r${reduced.join()}` : 'e'}@${placeKey}`;
      const before = numbers.get(target);
      if (before === undefined) {
        numbers.set(target, values.length);
        values.push(target);
      }
      key += `=${before ?? ''}${target.dtype}${target.shape.join()}`;
      if (reduced) key += attributeKey(target.node.call!);
      visit(body, body === target);
    }
    return { key, values };
  }
  /** A kernel that was built for another group of the signature, about the values of this one. */
  find(key: string, group: Group, values: readonly GraphValue[], demand: (v: GraphValue, lower: boolean) => void): BuiltKernel | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    const now = new Map(entry.values.map((v, k) => [v, values[k]!]));
    const mapped = (v: GraphValue): GraphValue => now.get(v)!;
    for (const [v, lower] of entry.demands) demand(mapped(v), lower);
    const { built } = entry;
    return {
      ...built,
      arguments: built.arguments.map((source): ArgumentSource => {
        const value = mapped(source.value);
        if (source.kind !== 'pointer' || !source.window) return { ...source, value };
        const { of } = source.window;
        return { kind: 'pointer', value, window: typeof of === 'number' ? { starts: group.roots[of]!.window!, of } : windowOf(mapped(of)) };
      }),
      reads: built.reads.map(mapped),
    };
  }
  add(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
  }
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
