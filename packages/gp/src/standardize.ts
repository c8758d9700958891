import { type Tensor, type TypedArray, tensor } from '@matheron/core-tensor';
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

function columnMoments(values: TypedArray, n: number, d: number): { shift: number[]; scale: number[] } {
  const shift: number[] = [];
  const scale: number[] = [];
  for (let k = 0; k < d; k++) {
    let mean = 0;
    for (let i = 0; i < n; i++) mean += values[i * d + k]! / n;
    let square = 0;
    for (let i = 0; i < n; i++) square += (values[i * d + k]! - mean) ** 2 / n;
    const std = Math.sqrt(square);
    shift.push(mean);
    scale.push(std > 1e-12 * Math.max(1e-300, Math.abs(mean)) && std > 0 ? std : 1);
  }
  return { shift, scale };
}
