import type { Tensor } from '@matheron/core-tensor';
import type { Parameter } from './parameter.ts';

let substituted: ReadonlyMap<Parameter, Tensor> | undefined;

/**
 * Runs `fn` while the parameters in `values` read as the given tensors: a model becomes a function of its parameters, to be differentiated or compiled.
 * Synchronous; nests, the innermost map first. Hybridized blocks run step by step meanwhile, since a compiled one reads what is stored.
 */
export function withParameterData<T>(values: ReadonlyMap<Parameter, Tensor>, fn: () => T): T {
  const before = substituted;
  substituted = before ? new Map([...before, ...values]) : values;
  try {
    return fn();
  } finally {
    substituted = before;
  }
}
/** What `withParameterData` gives a parameter now, if anything. */
export function substitutedData(parameter: Parameter): Tensor | undefined {
  return substituted?.get(parameter);
}
/** Whether `withParameterData` runs. */
export function substitutesData(): boolean {
  return substituted !== undefined;
}
