import { type Tensor, type TypedArray, tensor } from '@matheron/core-tensor';
import { GPError } from '@matheron/gp-kernels';
import { Prediction } from './prediction.ts';

/** Which sides are shifted to mean 0 and scaled to standard deviation 1 before fitting. */
export interface StandardizeOptions {
  inputs: boolean;
  targets: boolean;
  /** The last column of the inputs, a resource, stays as it is. */
  keepLast?: boolean;
}

/** Shift and scale of inputs (a column each) and of targets; a constant column keeps scale 1. */
export class Standardization {
  readonly inputShift: readonly number[];
  readonly inputScale: readonly number[];
  readonly targetShift: number;
  readonly targetScale: number;
  constructor(inputShift: readonly number[], inputScale: readonly number[], targetShift: number, targetScale: number) {
    this.inputShift = inputShift;
    this.inputScale = inputScale;
    this.targetShift = targetShift;
    this.targetScale = targetScale;
  }
  /** That of this data. Targets of several columns share one shift and scale. */
  static async of(X: Tensor, y: Tensor, options: StandardizeOptions): Promise<Standardization> {
    const d = X.shape[1]!;
    const none = { shift: Array.from({ length: d }, () => 0), scale: Array.from({ length: d }, () => 1) };
    const inputs = options.inputs ? columnMoments(await X.data(), X.shape[0]!, d) : none;
    if (options.keepLast) {
      inputs.shift[d - 1] = 0;
      inputs.scale[d - 1] = 1;
    }
    const targets = options.targets ? columnMoments(await y.data(), y.size, 1) : { shift: [0], scale: [1] };
    const [square, least, most] = [targets.scale[0]! ** 2, y.dtype === 'float32' ? 2 ** -126 : 2 ** -1022, y.dtype === 'float32' ? 2 ** 127 : Number.MAX_VALUE];
    if (!(square * 1e-8 >= least && square <= most)) {
      throw new GPError('argument', `standardize: the targets have a standard deviation of ${targets.scale[0]!.toPrecision(3)}, whose square is out of the range of ${y.dtype}; change their unit, as y.div(${targets.scale[0]!.toPrecision(1)})`);
    }
    return new Standardization(inputs.shift, inputs.scale, targets.shift[0]!, targets.scale[0]!);
  }
  get identityInputs(): boolean {
    return this.inputShift.every((v) => v === 0) && this.inputScale.every((v) => v === 1);
  }
  get identityTargets(): boolean {
    return this.targetShift === 0 && this.targetScale === 1;
  }
  /** X in standardized units; fewer columns than there were are the first ones. */
  inputs(X: Tensor): Tensor {
    if (this.identityInputs) return X;
    const first = (values: readonly number[]): Tensor => tensor(values.slice(0, X.shape[1]), { ctx: X.ctx, dtype: X.dtype });
    return X.sub(first(this.inputShift)).div(first(this.inputScale));
  }
  /** y in standardized units. */
  targets(y: Tensor): Tensor {
    return this.identityTargets ? y : y.sub(this.targetShift).div(this.targetScale);
  }
  /** Targets, means or samples back in their units. */
  restore(y: Tensor): Tensor {
    return this.identityTargets ? y : y.mul(this.targetScale).add(this.targetShift);
  }
  /** A prediction back in the units of the targets. */
  restorePrediction(p: Prediction): Prediction {
    return this.identityTargets ? p : new Prediction(this.restore(p.mean), p.variance.mul(this.targetScale ** 2));
  }
  toJSON(): { inputShift: readonly number[]; inputScale: readonly number[]; targetShift: number; targetScale: number } {
    return { inputShift: this.inputShift, inputScale: this.inputScale, targetShift: this.targetShift, targetScale: this.targetScale };
  }
  /** What `toJSON` described. */
  static fromJSON(j: ReturnType<Standardization['toJSON']>): Standardization {
    return new Standardization(j.inputShift, j.inputScale, j.targetShift, j.targetScale);
  }
}

/** Mean and standard deviation of each column, of values scaled to at most 1 so that no square leaves the range of floats. */
function columnMoments(values: TypedArray, n: number, d: number): { shift: number[]; scale: number[] } {
  const shift: number[] = [];
  const scale: number[] = [];
  for (let k = 0; k < d; k++) {
    let largest = 0;
    for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(values[i * d + k]!));
    const unit = largest > 0 ? 2 ** Math.max(-1022, Math.floor(Math.log2(largest))) : 1;
    let mean = 0;
    for (let i = 0; i < n; i++) mean += values[i * d + k]! / unit / n;
    let square = 0;
    for (let i = 0; i < n; i++) square += (values[i * d + k]! / unit - mean) ** 2 / n;
    const std = Math.sqrt(square);
    shift.push(mean * unit);
    scale.push(std > 1e-12 * Math.abs(mean) && std > 0 ? std * unit : 1);
  }
  return { shift, scale };
}
