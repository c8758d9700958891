import type { Tensor } from '@matheron/core-tensor';
import { GPError } from '@matheron/gp-kernels';

const margin = 1e-8;

/**
 * The last column of X is a resource, an integer in [min, max]: as it is, or (`encoded`, as in gpautograd) mapped linearly into [0, 1] so that each
 * integer stands in the middle of its share.
 */
export class ResourceColumn {
  readonly min: number;
  readonly max: number;
  readonly encoded: boolean;
  constructor(range: readonly [min: number, max: number], encoded: boolean) {
    if (!Array.isArray(range)) throw new GPError('argument', `resources: expected [min, max], the range of the last column of X, got ${String(range)}`);
    const [min, max] = range;
    if (!(Number.isInteger(min) && Number.isInteger(max) && min <= max)) throw new GPError('argument', `resources: expected integers min ≤ max, got [${min}, ${max}]`);
    this.min = min;
    this.max = max;
    this.encoded = encoded;
  }
  /** The column's value for a resource. */
  encode(resource: number): number {
    return this.encoded ? (resource - (this.min - 0.5 + margin)) / (this.max - this.min + 1 - 2 * margin) : resource;
  }
  /** The resource of a column's value. GPError outside of the range. */
  decode(value: number): number {
    const r = this.encoded ? value * (this.max - this.min + 1 - 2 * margin) + (this.min - 0.5 + margin) : value;
    const rounded = Math.round(r);
    if (this.encoded) return Math.min(this.max, Math.max(this.min, rounded));
    if (rounded !== r || r < this.min || r > this.max) throw new GPError('argument', `resources: ${r} in the last column of X is no integer in [${this.min}, ${this.max}]`);
    return rounded;
  }
  /** X [n, d + 1] as configurations [n, d] and resources. */
  split(X: Tensor): { configurations: Tensor; resources: number[] } {
    const d = X.shape[1]! - 1;
    if (d < 1) throw new GPError('shape', `resources: X must have the resource in its last column, after at least one other; it has ${X.shape[1]}`);
    const column = X.detach().slice([], d).dataSync();
    return { configurations: X.slice([], [0, d]), resources: Array.from(column, (v) => this.decode(v)) };
  }
  /** Rows by resource, in order of their first occurrence. */
  groups(resources: readonly number[]): Map<number, number[]> {
    const groups = new Map<number, number[]>();
    resources.forEach((r, i) => {
      const rows = groups.get(r);
      if (rows) rows.push(i);
      else groups.set(r, [i]);
    });
    return groups;
  }
}
