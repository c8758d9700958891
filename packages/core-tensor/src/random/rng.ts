import type { TensorOptions } from '../ops/creation.ts';
import type { Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** A source of random tensors: `Generator` (counter-based, the default) or `RandomState` (NumPy's legacy streams). */
export interface Rng {
  /** Uniform on [low, high), by default [0, 1). */
  uniform(shape: Shape, options?: TensorOptions & { low?: number; high?: number }): Tensor;
  /** Normal with mean 0 and standard deviation 1 unless stated. */
  normal(shape: Shape, options?: TensorOptions & { mean?: number; std?: number }): Tensor;
  /** Gamma with density x^(concentration−1) e^(−x/scale); scale 1 unless stated. */
  gamma(shape: Shape, options: TensorOptions & { concentration: number; scale?: number }): Tensor;
  /** Integers in [low, high), int32 unless stated. */
  integers(low: number, high: number, shape: Shape, options?: TensorOptions): Tensor;
  /** 0 … n − 1 in random order, int32 unless stated. */
  permutation(n: number, options?: TensorOptions): Tensor;
}
