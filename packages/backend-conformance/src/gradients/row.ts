import { type Attributes, type Kind, type Shape, type Tensor, run, run1 } from '@matheron/core-tensor';
import { sample } from '../reference/array.ts';

/** A function to differentiate and where: floats by shape, in any float dtype. */
export interface Row {
  readonly name: string;
  readonly f: (...x: Tensor[]) => Tensor;
  readonly x: readonly Point[];
  /** 1 where a second derivative is 0 or does not exist. */
  readonly order?: 1 | 2;
  /** Relative tolerance in float64. */
  readonly rtol?: number;
}
export interface Point {
  readonly shape: Shape;
  readonly values: readonly number[];
}
/** Values in row-major order; a list alone is a vector. */
export function at(values: readonly number[], shape: Shape = [values.length]): Point {
  return { shape, values };
}

/** Reproducible values in ±3, none near 0. */
export function any(shape: Shape, seed: number): Point {
  return { shape, values: Array.from(sample('float64', shape, seed).data) };
}

/** A kind with one output as a function of tensors. */
export function call<K extends Kind>(kind: K, attributes: Attributes[K], ...constants: Tensor[]): (...x: Tensor[]) => Tensor {
  return (...x) => run1(kind, [...x, ...constants], attributes);
}

/** The outputs of a kind, flattened into one vector: the gradients of all of them meet. */
export function outputs<K extends Kind>(kind: K, attributes: Attributes[K], which: readonly number[], after: (x: Tensor) => Tensor = (x) => x): (...x: Tensor[]) => Tensor {
  return (...x) => {
    const all = run(kind, x, attributes);
    const flat = which.map((k) => run1('reshape', [after(all[k]!)], { shape: [all[k]!.size] }));
    return flat.length === 1 ? flat[0]! : run1('concat', flat, { axis: 0 });
  };
}
