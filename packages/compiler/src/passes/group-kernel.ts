import type { GraphValue, PlanKernel } from '@matheron/core-tensor';
import type { BuiltKernel } from './kernel.ts';

/** A word of a kernel's argument block; values and windows by their numbers among the values of a group. */
export type ArgumentRecipe =
  /** `window`: the slice that it is; −1 − k for that of root k; undefined for all of the value. */
  | { readonly kind: 'pointer'; readonly value: number; readonly window: number | undefined }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'stride'; readonly value: number; readonly axes: readonly (readonly [axis: number, scale: number])[] }
  | { readonly kind: 'extent'; readonly value: number; readonly axes: readonly number[] };

/** A kernel for groups that differ in their values alone. */
export interface SharedKernel {
  readonly kernel: PlanKernel;
  readonly recipes: readonly ArgumentRecipe[];
  readonly reads: readonly number[];
  /** What the first of the groups computes, for descriptions. */
  readonly operations: readonly GraphValue[];
}
/** The kernel of a group, and its values in order. */
export interface GroupKernel {
  readonly shared: SharedKernel;
  readonly values: readonly GraphValue[];
}

/** A kernel by numbers of `values`, among which are all that it reads, writes or takes its arguments from. */
export function numbered({ kernel, arguments: sources, reads, operations }: BuiltKernel, values: readonly GraphValue[]): SharedKernel {
  const numbers = new Map(values.map((v, k) => [v, k]));
  const numberOf = (v: GraphValue): number => numbers.get(v)!;
  return {
    kernel, operations, reads: reads.map(numberOf),
    recipes: sources.map((source): ArgumentRecipe => {
      const value = numberOf(source.value);
      if (source.kind !== 'pointer') return { ...source, value };
      const of = source.window?.of;
      return { kind: 'pointer', value, window: typeof of === 'number' ? -1 - of : of && numberOf(of) };
    }),
  };
}
/** A kernel with the values that it needs. */
export function standalone(built: BuiltKernel): GroupKernel {
  const values = new Set<GraphValue>(built.reads);
  for (const source of built.arguments) {
    values.add(source.value);
    if (source.kind === 'pointer' && typeof source.window?.of === 'object') values.add(source.window.of);
  }
  const list = [...values];
  return { shared: numbered(built, list), values: list };
}
