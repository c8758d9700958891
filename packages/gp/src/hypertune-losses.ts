import { type Rng, type Tensor, concat, take } from '@matheron/core-tensor';
import { GPError } from '@matheron/gp-kernels';
import type { Posterior } from './posterior-state.ts';
import type { ResourceColumn } from './resources.ts';

/** Labelled configurations at one resource: X [n, d], y on the host. */
export interface LevelData { readonly X: Tensor; readonly y: readonly number[] }

const fewest = 6;

/**
 * How many of the lowest levels are supported, and the data at the highest of them: a level needs 6 labelled points. Fantasized points, whose columns
 * differ, are left out. undefined for the data where only the lowest level is supported.
 */
export async function supportedLevels(rungs: readonly number[], X: Tensor, y: Tensor, column: ResourceColumn): Promise<{ count: number; top: LevelData | undefined }> {
  if (rungs.length < 2) return { count: 1, top: undefined };
  const { configurations, resources } = column.split(X);
  const values = await y.data();
  const k = y.shape[1]!;
  for (let count = rungs.length; count > 1; count--) {
    const rows = resources.flatMap((r, i) => (r === rungs[count - 1] && Array.from({ length: k }).every((_, j) => values[i * k + j] === values[i * k]) ? [i] : []));
    if (rows.length >= fewest) return { count, top: { X: take(configurations, rows, 0), y: rows.map((i) => values[i * k]!) } };
  }
  return { count: 1, top: undefined };
}

/** The share of pairs that each joint sample ranks otherwise than the data: [samples], averaged over fantasies. */
export async function rankingLosses(state: Posterior, data: LevelData, samples: number, rng: Rng): Promise<Float64Array> {
  const drawn = state.sampleJoint(data.X, { samples, rng });
  const f = await drawn.data();
  const n = data.y.length;
  const width = f.length / n;
  const fantasies = width / samples;
  const losses = new Float64Array(samples);
  for (let c = 0; c < width; c++) {
    let wrong = 0;
    for (let j = 0; j < n - 1; j++) for (let k = j + 1; k < n; k++) if (f[j * width + c]! < f[k * width + c]! !== data.y[j]! < data.y[k]!) wrong++;
    losses[c % samples]! += (2 * wrong) / (n * (n - 1)) / fantasies;
  }
  return losses;
}

/** The same by cross-validation, for the level the data comes from: at most 5 folds, posteriors by `fit`. */
export async function crossValidatedLosses(fit: (X: Tensor, y: readonly number[]) => Posterior, data: LevelData, samples: number, rng: Rng): Promise<Float64Array> {
  const n = data.y.length;
  const folds = Math.min(Math.floor(n / 2), 5);
  const low = Math.floor(n / folds);
  const firstLonger = folds - n + low * folds;
  const losses = new Float64Array(samples);
  let start = 0;
  for (let fold = 0; fold < folds; fold++) {
    const end = start + low + (fold >= firstLonger ? 1 : 0);
    const rest = concat([data.X.slice([0, start]), data.X.slice([end, n])], 0);
    const state = fit(rest, [...data.y.slice(0, start), ...data.y.slice(end)]);
    const part = await rankingLosses(state, { X: data.X.slice([start, end]), y: data.y.slice(start, end) }, samples, rng);
    part.forEach((v, i) => { losses[i]! += v / folds; });
    start = end;
  }
  return losses;
}

/**
 * Hyper-Tune's weights (Li et al. 2022): θ_r is the share of samples in which level r has the least ranking loss (ties count for each). The ensemble drops
 * shares up to 1 %; brackets are drawn in proportion to θ_r / r, among the first `brackets` levels.
 */
export function distributionsOf(losses: readonly Float64Array[], rungs: readonly number[], brackets: number | undefined): { ensemble: Map<number, number>; bracket: number[] } {
  const samples = losses[0]!.length;
  const wins = losses.map(() => 0);
  for (let s = 0; s < samples; s++) {
    const least = Math.min(...losses.map((l) => l[s]!));
    losses.forEach((l, r) => { if (l[s] === least) wins[r]!++; });
  }
  const total = wins.reduce((a, b) => a + b);
  const theta = wins.map((w) => w / total);
  const ensemble = new Map(theta.flatMap((t, r) => (t > 0.01 ? [[rungs[r]!, t] as const] : [])));
  const weights = theta.map((t, r) => t / rungs[r]!).slice(0, brackets ?? theta.length);
  const sum = weights.reduce((a, b) => a + b, 0);
  return { ensemble, bracket: sum > 1e-14 ? weights.map((w) => w / sum) : weights.map((_, r) => (r === 0 ? 1 : 0)) };
}

/** Checks an ensemble: levels that exist, positive weights. */
export function checkEnsemble(ensemble: ReadonlyMap<number, number>, rungs: readonly number[]): void {
  for (const [resource, weight] of ensemble) {
    if (!rungs.includes(resource)) throw new GPError('argument', `ensemble: ${resource} is no level of this model; its levels: ${rungs.join(', ')}`);
    if (!(weight > 0)) throw new GPError('argument', `ensemble: the weight of ${resource} must be positive, got ${weight}`);
  }
}
