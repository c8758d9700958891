import type { GraphValue, PlanKernel } from '@matheron/core-tensor';

/** What of a value a pointer leads to: a slice of it, or what root number `root` of the group writes. */
export type Part<V> = { readonly slice: V } | { readonly root: number };
/** A word of a kernel's argument block, so that it can be found again for other sizes. `V`: a value, or its number among the values of a group. */
export type Argument<V> =
  /** Without `part`, to all of the value. */
  | { readonly kind: 'pointer'; readonly value: V; readonly part: Part<V> | undefined }
  /** Σ scale · stride of an axis, in bytes. */
  | { readonly kind: 'stride'; readonly value: V; readonly axes: readonly (readonly [axis: number, scale: number])[] }
  /** The product of axes. */
  | { readonly kind: 'extent'; readonly value: V; readonly axes: readonly number[] }
  /** The value of a `full`. */
  | { readonly kind: 'number'; readonly value: V };

/** A kernel, where the words of its argument block come from, and what it reads. */
export interface KernelOver<V> {
  readonly kernel: PlanKernel;
  readonly arguments: readonly Argument<V>[];
  readonly reads: readonly V[];
  /** What it computes, for descriptions: of a shared kernel, what the first of its groups does. */
  readonly operations: readonly GraphValue[];
}
/** The kernel of a group by numbers, which other groups may share, and the group's values in order. */
export interface GroupKernel {
  readonly shared: KernelOver<number>;
  readonly values: readonly GraphValue[];
}

/** A kernel by numbers of `values`, among which are all that it reads, writes or takes its arguments from. */
export function numbered({ kernel, arguments: sources, reads, operations }: KernelOver<GraphValue>, values: readonly GraphValue[]): KernelOver<number> {
  const numbers = new Map(values.map((v, k) => [v, k]));
  const numberOf = (v: GraphValue): number => numbers.get(v)!;
  return {
    kernel, operations, reads: reads.map(numberOf),
    arguments: sources.map((source): Argument<number> => {
      const value = numberOf(source.value);
      if (source.kind !== 'pointer') return { ...source, value };
      const { part } = source;
      return { kind: 'pointer', value, part: part && 'slice' in part ? { slice: numberOf(part.slice) } : part };
    }),
  };
}
/** A kernel with the values that it needs. */
export function standalone(built: KernelOver<GraphValue>): GroupKernel {
  const values = new Set<GraphValue>(built.reads);
  for (const source of built.arguments) {
    values.add(source.value);
    if (source.kind === 'pointer' && source.part && 'slice' in source.part) values.add(source.part.slice);
  }
  const list = [...values];
  return { shared: numbered(built, list), values: list };
}
