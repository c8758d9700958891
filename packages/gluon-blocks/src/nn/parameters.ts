import type { DType } from '@matheron/core-tensor';
import { ArgumentError, type InitLike, type Parameter, type ParameterDict, type ParameterOptions } from '@matheron/gluon-params';

/** Settings of a layer's parameter, absent ones as undefined. */
export interface LayerParameter extends Omit<ParameterOptions, 'init' | 'dtype'> {
  init?: InitLike | undefined;
  dtype?: DType | undefined;
}

/** The parameter `name` of a layer: dimensions of 0 are learned at the first forward. */
export function layerParameter(params: ParameterDict, name: string, { init, dtype, ...rest }: LayerParameter): Parameter {
  return params.get(name, { allowDeferredInit: true, ...rest, ...(init !== undefined && { init }), ...(dtype && { dtype }) });
}

/** `value`, checked to be a positive integer. */
export function positiveInteger(argument: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) throw new ArgumentError(argument, value, 'a positive integer');
  return value;
}

/** `value`, or `value` for each of `rank` axes; integers that are at least `least`. */
export function perAxis(argument: string, value: number | readonly number[], rank: number, least: number): readonly number[] {
  const list = typeof value === 'number' ? new Array<number>(rank).fill(value) : value;
  if (list.length !== rank || !list.every((n) => Number.isInteger(n) && n >= least)) {
    throw new ArgumentError(argument, value, `an integer of at least ${least}, or ${rank} of them`);
  }
  return list;
}
