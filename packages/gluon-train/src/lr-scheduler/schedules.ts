import { ArgumentError } from '@matheron/gluon-params';
import type { Scheduler } from '../optimizer/optimizer.ts';

/** The start of a schedule. */
export interface WarmupOptions {
  /** The rate after the warm-up; 0.01. */
  baseLr?: number;
  /** Updates of warm-up; 0. */
  warmupSteps?: number;
  /** The rate at its beginning; 0. */
  warmupBeginLr?: number;
  /** 'linear' growth, or 'constant' at `warmupBeginLr`. */
  warmupMode?: 'linear' | 'constant';
}
export interface FactorOptions extends WarmupOptions {
  /** Updates between decays. */
  step: number;
  /** 1 */
  factor?: number;
  /** The rate never falls below; 1e-8. */
  stopFactorLr?: number;
}
export interface MultiFactorOptions extends WarmupOptions {
  /** The updates after which the rate decays, rising. */
  step: readonly number[];
  /** 1 */
  factor?: number;
}
export interface CosineOptions extends WarmupOptions {
  /** The update at which the rate is `finalLr`. */
  maxUpdate: number;
  /** 0 */
  finalLr?: number;
}
export interface PolyOptions extends CosineOptions {
  /** 2 */
  pwr?: number;
}

function withWarmup(o: WarmupOptions, after: (step: number, baseLr: number, warmupSteps: number) => number): Scheduler {
  const { baseLr = 0.01, warmupSteps = 0, warmupBeginLr = 0, warmupMode = 'linear' } = o;
  if (warmupBeginLr > baseLr) throw new ArgumentError('warmupBeginLr', warmupBeginLr, `at most the base rate ${baseLr}`);
  if (!(Number.isInteger(warmupSteps) && warmupSteps >= 0)) throw new ArgumentError('warmupSteps', warmupSteps, 'a non-negative integer');
  if (warmupMode !== 'linear' && warmupMode !== 'constant') throw new ArgumentError('warmupMode', warmupMode, "'linear' or 'constant'");
  return (step) => {
    if (step >= warmupSteps) return after(step, baseLr, warmupSteps);
    return warmupMode === 'constant' ? warmupBeginLr : warmupBeginLr + ((baseLr - warmupBeginLr) * step) / warmupSteps;
  };
}
function checkedFactor(factor: number): number {
  if (!(factor >= 0 && factor <= 1)) throw new ArgumentError('factor', factor, 'a number in [0, 1], so that the rate falls');
  return factor;
}

/** baseLr · factor^k after k times `step` updates, no less than `stopFactorLr`. */
export function factor(o: FactorOptions): Scheduler {
  const { step: span, stopFactorLr = 1e-8 } = o;
  const rate = checkedFactor(o.factor ?? 1);
  if (!(span >= 1)) throw new ArgumentError('step', span, 'at least 1');
  return withWarmup(o, (step, baseLr) => Math.max(stopFactorLr, baseLr * rate ** Math.max(0, Math.ceil(step / span) - 1)));
}
/** baseLr · factor^k past k of the steps. */
export function multiFactor(o: MultiFactorOptions): Scheduler {
  const rate = checkedFactor(o.factor ?? 1);
  const steps = Array.isArray(o.step) ? [...(o.step as readonly number[])] : [];
  if (steps.length === 0 || steps.some((s, k) => !(s >= 1) || (k > 0 && s <= steps[k - 1]!))) throw new ArgumentError('step', o.step, 'rising numbers of updates, at least 1');
  return withWarmup(o, (step, baseLr) => baseLr * rate ** steps.filter((s) => step > s).length);
}
/** finalLr + (baseLr − finalLr)(1 − progress)^pwr. */
export function poly(o: PolyOptions): Scheduler {
  const power = o.pwr ?? 2;
  return towards(o, (progress) => (1 - progress) ** power);
}
/** finalLr + (baseLr − finalLr)(1 + cos(π · progress))/2. Loshchilov and Hutter, "SGDR", ICLR 2017. */
export function cosine(o: CosineOptions): Scheduler {
  return towards(o, (progress) => (1 + Math.cos(Math.PI * progress)) / 2);
}
function towards(o: CosineOptions, shape: (progress: number) => number): Scheduler {
  const { maxUpdate, finalLr = 0 } = o;
  if (!(Number.isInteger(maxUpdate) && maxUpdate >= 1)) throw new ArgumentError('maxUpdate', maxUpdate, 'a positive integer');
  if (maxUpdate <= (o.warmupSteps ?? 0)) throw new ArgumentError('maxUpdate', maxUpdate, `more than the ${o.warmupSteps} steps of warm-up`);
  return withWarmup(o, (step, baseLr, warmup) => finalLr + (baseLr - finalLr) * shape(Math.min(1, (step - warmup) / (maxUpdate - warmup))));
}
