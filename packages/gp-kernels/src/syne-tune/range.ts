import type { Tensor } from '@matheron/core-tensor';
import { GPError } from '../errors.ts';
import { Kernel, type KernelOptions } from '../kernel.ts';
import type { ParameterizedBlock } from '../parameterized.ts';

/** A kernel on the columns [start, start + size) of X. */
export class RangeKernel extends Kernel {
  readonly kernel: Kernel;
  readonly start: number;
  readonly dimension: number;
  constructor(kernel: Kernel, options: KernelOptions & { start: number; dimension: number }) {
    const { start, dimension, ...rest } = options;
    if (!(Number.isInteger(start) && start >= 0 && Number.isInteger(dimension) && dimension > 0)) {
      throw new GPError('argument', `RangeKernel: start ${start} and dimension ${dimension} must be whole numbers, start ≥ 0, dimension > 0`);
    }
    super(rest);
    this.kernel = kernel;
    this.start = start;
    this.dimension = dimension;
  }
  override get type(): string { return 'range'; }
  override components(): [string, ParameterizedBlock][] { return [['', this.kernel]]; }
  override forward(X1: Tensor, X2: Tensor): Tensor {
    const a = this.part(X1);
    return this.kernel.call(a, X2 === X1 ? a : this.part(X2));
  }
  protected override diagonalOf(X: Tensor): Tensor { return this.kernel.diagonal(this.part(X)); }
  override diagonalDependsOnX(): boolean { return this.kernel.diagonalDependsOnX(); }
  protected override settings(): Record<string, unknown> { return { start: this.start, dimension: this.dimension }; }
  private part(X: Tensor): Tensor { return X.slice([], [this.start, this.start + this.dimension]); }
}
