import { type Tensor, tensor } from '@matheron/core-tensor';
import { GPError } from '@matheron/gp-kernels';
import type { ResourceColumn } from '../resources.ts';

/**
 * Learning curves of n configurations over R resources, each observed from the first resource on without gaps; F target columns. Sorted by falling length. What
 * lies beyond a curve's end is 0, and its mask 0.
 */
export interface CurveTensors {
  readonly configurations: Tensor;
  /** Observed resources of each. */
  readonly lengths: readonly number[];
  readonly columns: number;
  /** [R, n], 1 where observed. */
  readonly mask: Tensor;
  /** Targets [R, n, F], resources ascending. */
  readonly targets: Tensor;
  /** How many curves reach each resource: [R]. */
  readonly counts: Tensor;
  /** Row j: the j-th target from the end minus the one after it (row 0: the last itself), [R, n, F]. */
  readonly differences: Tensor;
  /** log r of the resource after the j-th target from the end, [R, n]; 0 for j = 0 and beyond the curve. */
  readonly logResources: Tensor;
  /** [n, R], 1 at resources beyond the end of a curve. */
  readonly tail: Tensor;
  /** log r of all resources, [R]. */
  readonly logAll: Tensor;
}

/** A curve on the host: its configuration, and targets by ascending resource, a row of columns each. */
export interface Curve { readonly configuration: readonly number[]; readonly targets: readonly (readonly number[])[] }

/** Rows (configuration, resource) with targets as curves. GPError where a curve has a gap, does not begin at the least resource, or repeats one. */
export async function curvesFromRows(X: Tensor, y: Tensor, column: ResourceColumn): Promise<Curve[]> {
  const { configurations, resources } = column.split(X);
  const d = configurations.shape[1]!;
  const k = y.shape[1]!;
  const [c, t] = await Promise.all([configurations.data(), y.data()]);
  const groups = new Map<string, { configuration: number[]; rows: { resource: number; row: number }[] }>();
  resources.forEach((resource, row) => {
    const configuration = Array.from(c.subarray(row * d, (row + 1) * d), Number);
    const key = configuration.join(' ');
    const group = groups.get(key) ?? { configuration, rows: [] };
    group.rows.push({ resource, row });
    groups.set(key, group);
  });
  return [...groups.values()].map(({ configuration, rows }) => {
    rows.sort((a, b) => a.resource - b.resource);
    rows.forEach(({ resource }, j) => {
      if (resource !== column.min + j) {
        throw new GPError('argument', `learning curves must be observed from resource ${column.min} on without gaps; the one in row${rows.length === 1 ? '' : 's'} ${rows.map((r) => r.row).join(', ')} of X has ${rows.map((r) => r.resource).join(', ')}, so ${resource < column.min + j ? `${resource} is there twice` : `${column.min + j} is missing`}`);
      }
    });
    return { configuration, targets: rows.map(({ row }) => Array.from(t.subarray(row * k, (row + 1) * k), Number)) };
  });
}

/** Curves as tensors beside `like`. */
export function curveTensors(curves: readonly Curve[], range: { min: number; max: number }, like: Tensor): CurveTensors {
  const sorted = [...curves].sort((a, b) => b.targets.length - a.targets.length);
  const n = sorted.length;
  const R = range.max - range.min + 1;
  const F = sorted[0]?.targets[0]?.length ?? 1;
  const [mask, targets, differences] = [new Float64Array(R * n), new Float64Array(R * n * F), new Float64Array(R * n * F)];
  const [logs, tail, counts] = [new Float64Array(R * n), new Float64Array(n * R), new Float64Array(R)];
  sorted.forEach(({ targets: t }, i) => {
    const length = t.length;
    if (length < 1 || length > R) throw new GPError('argument', `learning curves have from 1 to ${R} targets, one has ${length}`);
    for (let j = 0; j < R; j++) {
      if (j >= length) {
        tail[i * R + j] = 1;
        continue;
      }
      mask[j * n + i] = 1;
      counts[j]!++;
      if (j > 0) logs[j * n + i] = Math.log(range.min + length - j);
      for (let f = 0; f < F; f++) {
        targets[(j * n + i) * F + f] = t[j]![f]!;
        differences[(j * n + i) * F + f] = t[length - 1 - j]![f]! - (j > 0 ? t[length - j]![f]! : 0);
      }
    }
  });
  const make = (values: Float64Array, shape: readonly number[]): Tensor => tensor(values, { ctx: like.ctx, dtype: like.dtype, shape });
  return {
    configurations: make(Float64Array.from(sorted.flatMap((s) => s.configuration)), [n, sorted[0]?.configuration.length ?? 0]),
    lengths: sorted.map((s) => s.targets.length), columns: F,
    mask: make(mask, [R, n]), targets: make(targets, [R, n, F]), counts: make(counts, [R]), differences: make(differences, [R, n, F]), logResources: make(logs, [R, n]),
    tail: make(tail, [n, R]), logAll: make(Float64Array.from({ length: R }, (_, k) => Math.log(range.min + k)), [R]),
  };
}
