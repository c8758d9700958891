import { type Tensor, concat } from '@matheron/core-tensor';
import type { BlockOptions } from '@matheron/gluon-blocks';
import type { EncodingName } from './encoding.ts';
import { GPError } from './errors.ts';
import { type Hyperparameter, settingOptions } from './hyperparameter.ts';
import { Kernel, type PartConfig, describePart } from './kernel.ts';
import { ParameterizedBlock } from './parameterized.ts';
import { LogNormalPrior } from './priors.ts';

const margin = 1e-9;

/** `ranges`: half-open column ranges that are warped, all by default; the columns between them pass through. */
export interface WarpingOptions extends BlockOptions {
  dimension: number;
  ranges?: readonly (readonly [start: number, stop: number])[];
  encoding?: EncodingName;
  /** Priors without constants, as gpautograd's. */
  normalizedPriors?: boolean;
}

/**
 * Kumaraswamy warping of inputs in [0, 1]: x → 1 − (1 − r(x)^a)^b with r(x) = (1 − 2·10⁻⁹) x + 10⁻⁹ and a, b in [1/4, 4] for each
 * column, prior LogNormal(0, 0.75) (Snoek et al. 2014, with the Kumaraswamy distribution function for the beta's).
 */
export class Warping extends ParameterizedBlock {
  readonly dimension: number;
  readonly ranges: readonly (readonly [start: number, stop: number])[];
  readonly powerA: Hyperparameter;
  readonly powerB: Hyperparameter;
  constructor(options: WarpingOptions) {
    const { dimension, ranges = [[0, dimension]], encoding = 'logarithm', normalizedPriors = true, ...rest } = options;
    super(rest);
    let last = 0;
    for (const [start, stop] of ranges) {
      if (!(Number.isInteger(start) && Number.isInteger(stop) && last <= start && start < stop && stop <= dimension)) {
        throw new GPError('argument', `Warping: ranges must be ascending and within [0, ${dimension}], got ${JSON.stringify(ranges)}`);
      }
      last = stop;
    }
    this.dimension = dimension;
    this.ranges = ranges.map(([a, b]) => [a, b] as const);
    const size = ranges.reduce((n, [a, b]) => n + b - a, 0);
    const setting = settingOptions(undefined, { init: 1, shape: [size], bounds: [0.25, 4], encoding, prior: new LogNormalPrior({ mean: 0, sigma: 0.75, normalized: normalizedPriors }) });
    this.powerA = this.hyperparameter('power_a', setting);
    this.powerB = this.hyperparameter('power_b', setting);
  }
  protected override elementNames(p: Hyperparameter, size: number): string[] {
    return size === 1 ? [p.label] : Array.from({ length: size }, (_, i) => `${p.label}_${i}`);
  }
  /** X [n, dimension], warped. */
  override forward(X: Tensor): Tensor {
    const a = this.powerA.value();
    const b = this.powerB.value();
    const pieces: Tensor[] = [];
    let column = 0;
    let index = 0;
    for (const [start, stop] of this.ranges) {
      if (start > column) pieces.push(X.slice([], [column, start]));
      const width = stop - start;
      const r = (width === this.dimension ? X : X.slice([], [start, stop])).mul(1 - 2 * margin).add(margin);
      const pa = a.slice([index, index + width]);
      const pb = b.slice([index, index + width]);
      // 1 − r^a through expm1 keeps its digits where r is near 1
      const inner = r.log().mul(pa).expm1().neg();
      pieces.push(inner.log().mul(pb).expm1().neg());
      index += width;
      column = stop;
    }
    if (column < this.dimension) pieces.push(X.slice([], [column, this.dimension]));
    return pieces.length === 1 ? pieces[0]! : concat(pieces, 1);
  }
  /** As plain data. */
  toJSON(): PartConfig {
    return describePart('warping', undefined, [], this.ownHyperparameters(), { dimension: this.dimension, ranges: this.ranges, encoding: this.powerA.encoding });
  }
}

/** k(w(x), w(z)) for one warping, or several applied in turn. */
export class WarpedKernel extends Kernel {
  readonly kernel: Kernel;
  private readonly _warpings: readonly Warping[];
  constructor(inner: Kernel, warping: Warping | readonly Warping[]) {
    super();
    this.kernel = inner;
    this._warpings = warping instanceof Warping ? [warping] : [...warping];
    if (this._warpings.length === 0) throw new GPError('argument', 'WarpedKernel: give at least one warping');
    const one = this._warpings.length === 1;
    this._warpings.forEach((w, i) => this.registerChild(w, one ? 'warping' : `warping${i}`));
  }
  override get type(): string { return 'warped'; }
  /** The warpings, in the order of their application. */
  get warpings(): readonly Warping[] { return this._warpings; }
  private warp(X: Tensor): Tensor {
    return this._warpings.reduce((x, w) => w.call(x), X);
  }
  override forward(X1: Tensor, X2: Tensor): Tensor {
    const a = this.warp(X1);
    return this.kernel.call(a, X2 === X1 ? a : this.warp(X2));
  }
  protected override diagonalOf(X: Tensor): Tensor {
    return this.kernel.diagonal(this.kernel.diagonalDependsOnX() ? this.warp(X) : X);
  }
  override diagonalDependsOnX(): boolean { return this.kernel.diagonalDependsOnX(); }
}

/** A hyperparameter of a search space, as far as warping needs it: its encoded columns, and whether it is an unordered choice. */
export interface ColumnRange { readonly columns: number; readonly categorical?: boolean }

/** The runs of columns that belong to no unordered choice, which is never warped: gpautograd's `warpings_for_hyperparameters`. */
export function warpingRanges(space: readonly ColumnRange[]): (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  let column = 0;
  for (const { columns, categorical = false } of space) {
    if (!categorical) {
      const last = ranges.at(-1);
      if (last && last[1] === column) last[1] += columns;
      else ranges.push([column, column + columns]);
    }
    column += columns;
  }
  return ranges;
}

/** The kernel behind a warping of all columns that are no unordered choice: gpautograd's `kernel_with_warping`. The kernel itself if there is none. */
export function kernelWithWarping(kernel: Kernel, space: readonly ColumnRange[], options: { encoding?: EncodingName } = {}): Kernel {
  const dimension = space.reduce((n, r) => n + r.columns, 0);
  const warpings = warpingRanges(space).map((range) => new Warping({ dimension, ranges: [range], ...options }));
  return warpings.length > 0 ? new WarpedKernel(kernel, warpings) : kernel;
}
