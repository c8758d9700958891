import { type Tensor, choleskyInfo, concat, diag, maximum, triangularSolve, zeros } from '@matheron/core-tensor';
import { GPError, type Kernel, type Mean, syneTuneConstants as c } from '@matheron/gp-kernels';
import type { CurveTensors } from './curve-data.ts';
import type { CurveModel, CurveStatistics } from './curve-model.ts';

/** The parts of an additive model. `noise` is a scalar. */
export interface AdditiveParts { readonly kernel: Kernel; readonly mean: Mean; readonly curves: CurveModel; readonly noise: Tensor }

/** The posterior over asymptotes in factored form: A = S K S + diag(1 + s² d), S = diag(s), s² = |v|² / σ². */
export interface AdditiveState {
  readonly X: Tensor;
  readonly factor: Tensor;
  /** s, [n]. */
  readonly s: Tensor;
  /** What the kernel's rows are multiplied with for posterior means, [n, F]. */
  readonly weights: Tensor;
  /** Kept for incremental updates: one column only. */
  readonly r2: Tensor | undefined;
  readonly r4: Tensor | undefined;
  /** The negative log marginal likelihood; undefined with several columns or after an update. */
  readonly criterion: Tensor | undefined;
}

/** Posterior and negative log marginal likelihood of curves whose asymptotes are a GP over configurations: cubic in their number only. */
export function additiveState(parts: AdditiveParts, data: CurveTensors): AdditiveState {
  const { kernel, mean, noise } = parts;
  const X = data.configurations;
  const n = X.shape[0]!;
  const stats = parts.curves.statistics(data, noise);
  const K = kernel.call(X, X);
  const s2 = stats.vtv.div(noise);
  const s = s2.add(c.numericalJitter).sqrt();
  const column = (t: Tensor): Tensor => t.reshape(n, 1);
  const A = K.mul(column(s)).mul(s.reshape(1, n)).add(diag(s2.mul(stats.d).add(1)));
  const { factor } = choleskyInfo(A);
  const muhat = mean.call(X).sub(stats.c);
  const r2 = stats.wtv.div(noise).sub(column(s2.mul(muhat)));
  const r3 = K.matmul(r2).add(column(stats.d).mul(r2));
  const r4 = triangularSolve(factor, r3.mul(column(s)));
  const weights = r2.sub(column(s).mul(triangularSolve(factor, r4, { transpose: true })));
  if (!stats.wtw) return { X, factor, s, weights, r2: undefined, r4: undefined, criterion: undefined };
  return { X, factor, s, weights, r2: r2.reshape(n), r4: r4.reshape(n), criterion: criterionOf(stats, noise, data, factor, muhat, s2, r2.reshape(n), r3.reshape(n), r4.reshape(n)) };
}

function criterionOf(stats: CurveStatistics, noise: Tensor, data: CurveTensors, factor: Tensor, muhat: Tensor, s2: Tensor, r2: Tensor, r3: Tensor, r4: Tensor): Tensor {
  const total = data.lengths.reduce((a, b) => a + b, 0);
  const quadratic = stats.wtw!.sum().div(noise).sub(muhat.mul(s2.mul(muhat).add(r2.mul(2))).sum()).sub(r2.mul(r3).sum()).add(r4.square().sum()).mul(0.5);
  const logs = factor.diagonal().log().sum().add(noise.mul(2 * Math.PI).log().mul(0.5 * total));
  const value = logs.add(quadratic);
  return stats.logDeterminant ? value.add(stats.logDeterminant) : value;
}

/** Latent mean [m, F] and variance [m] of asymptotes at configurations [m, d]. */
export function predictAsymptote(parts: Pick<AdditiveParts, 'kernel' | 'mean'>, state: AdditiveState, X: Tensor): { mean: Tensor; variance: Tensor } {
  const cross = parts.kernel.call(state.X, X);
  const mean = cross.T.matmul(state.weights).add(parts.mean.call(X).reshape(-1, 1));
  const q = triangularSolve(state.factor, cross.mul(state.s.reshape(-1, 1)));
  return { mean, variance: maximum(parts.kernel.diagonal(X).sub(q.square().sum(0)), c.minPosteriorVariance) };
}

/** The state with one more configuration and its curve, O(n²); it must not be among those there. GPError with several columns. */
export function updateState(parts: AdditiveParts, state: AdditiveState, data: CurveTensors): AdditiveState {
  const { kernel, mean, noise } = parts;
  if (!state.r2 || !state.r4) throw new GPError('argument', 'update: a state with several target columns can\'t be updated; recompute it');
  const x = data.configurations;
  const n = state.X.shape[0]!;
  const stats = parts.curves.statistics(data, noise);
  const s2 = stats.vtv.div(noise);
  const sNew = s2.sqrt().reshape();
  const muhat = mean.call(x).sub(stats.c);
  const r2New = stats.wtv.reshape(1).div(noise).sub(s2.mul(muhat)).reshape();
  const k = kernel.call(state.X, x).reshape(n);
  const e = triangularSolve(state.factor, k.mul(state.s));
  const rest = kernel.diagonal(x).reshape().add(stats.d.reshape()).sub(e.square().sum());
  const lNew = rest.mul(sNew.square()).add(1).sqrt();
  const share = sNew.div(lNew);
  const r4New = share.mul(k.mul(state.r2).sum().add(rest.mul(r2New)).sub(e.mul(state.r4).sum()));
  const wNew = r2New.sub(share.mul(r4New));
  const back = triangularSolve(state.factor, e, { transpose: true });
  const append = (a: Tensor, b: Tensor): Tensor => concat([a, b.reshape(1)], 0);
  const top = concat([state.factor, zeros([n, 1], { ctx: x.ctx, dtype: x.dtype })], 1);
  const bottom = concat([e.mul(sNew).reshape(1, n), lNew.reshape(1, 1)], 1);
  return {
    X: concat([state.X, x], 0), factor: concat([top, bottom], 0), s: append(state.s, sNew), weights: append(state.weights.reshape(n).sub(back.mul(state.s).mul(wNew)), wNew).reshape(n + 1, 1),
    r2: append(state.r2, r2New), r4: append(state.r4.add(e.mul(r2New)), r4New), criterion: undefined,
  };
}
