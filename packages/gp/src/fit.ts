import type { Rng } from '@matheron/core-tensor';
import { lbfgsb } from '@matheron/gluon-train';
import { ArgumentError } from '@matheron/gluon-params';
import { Hyperparameter } from '@matheron/gp-kernels';
import { FactorizationError } from './errors.ts';
import type { Objective } from './objective.ts';
import type { FitOptions, RestartReport } from './options.ts';
import { sectionsOf } from './packing.ts';

/** Settings of fits. `valueTolerance`, relative to the criterion, is a factor times `tolerance`. */
export interface FitDefaults { readonly restarts: number; readonly maxIterations: number; readonly tolerance: number; readonly valueFactor: number }

/** What the restarts found. `theta` is the best point, undefined where every start failed. */
export interface RestartsResult {
  readonly theta: Float64Array | undefined;
  readonly criterion: number;
  readonly best: number;
  readonly restarts: readonly RestartReport[];
  readonly aborted: boolean;
  readonly jitter: number;
}

/**
 * L-BFGS-B from several starts: start 0 as it is, the others with N(0, 1) added to the internal values and clipped to the box, parameters in the
 * order of their names, as gpautograd does. Where `alternative` is given, start 0 is the better of the two. A start that fails is recorded, not
 * fatal. Rejects with AbortError when aborted before any finite value, else resolves with the best point so far.
 */
export async function minimizeWithRestarts(objective: Objective, start: Float64Array, rng: Rng, options: FitOptions, defaults: FitDefaults, alternative?: Float64Array): Promise<RestartsResult> {
  const count = options.restarts ?? defaults.restarts;
  if (!Number.isInteger(count) || count < 0) throw new ArgumentError('restarts', count, 'an integer that is not negative; 0 keeps the hyperparameters');
  const { lower, upper } = objective.bounds(start);
  const began = performance.now();
  const restarts: RestartReport[] = [];
  let best: Run | undefined;
  let index = -1;
  for (let restart = 0; restart < count; restart++) {
    if (options.signal?.aborted && restart > 0) break;
    const from = restart === 0 ? [start, ...(alternative ? [alternative] : [])] : [await randomized(objective, start, lower, upper, rng)];
    let run: Run | undefined;
    for (const theta of from) {
      if (options.signal?.aborted && run) break;
      const next = await minimizeFrom(objective, theta, { lower, upper }, options, defaults, { restart, restarts: count, began });
      if (!run || next.value < run.value || run.report.error) run = next;
    }
    if (run!.abort) {
      if (!best) throw run!.abort;
      break;
    }
    restarts.push(run!.report);
    if (run!.value < (best?.value ?? Infinity)) {
      best = run;
      index = restart;
    }
  }
  return { theta: best?.theta, criterion: best?.value ?? Infinity, best: index, restarts, aborted: options.signal?.aborted ?? false, jitter: best?.jitter ?? 0 };
}

/** One minimization. `abort` where it ended before a first value. */
interface Run { readonly theta: Float64Array | undefined; readonly value: number; readonly jitter: number; readonly report: RestartReport; readonly abort?: Error }

async function minimizeFrom(objective: Objective, start: Float64Array, box: { lower: Float64Array; upper: Float64Array }, options: FitOptions, defaults: FitDefaults, at: { restart: number; restarts: number; began: number }): Promise<Run> {
  const tolerance = options.tolerance ?? defaults.tolerance;
  let lowest = Infinity;
  let jitter = 0;
  try {
    const result = await lbfgsb(async (x) => {
      const e = await objective.evaluate(x);
      if (e.value < lowest) {
        lowest = e.value;
        jitter = e.jitter;
      }
      return [e.value, e.gradient];
    }, Float64Array.from(start), {
      ...box, maxIterations: options.maxIterations ?? defaults.maxIterations, gradientTolerance: tolerance, valueTolerance: tolerance * defaults.valueFactor,
      ...(options.signal ? { signal: options.signal } : {}),
      onProgress: (p) => options.onProgress?.({ iteration: p.iteration, value: p.value, elapsedSeconds: (performance.now() - at.began) / 1000, restart: at.restart, restarts: at.restarts }),
    });
    const { value, iterations, evaluations, reason, message } = result;
    return { theta: result.x, value, jitter, report: { value, iterations, evaluations, reason, message } };
  } catch (error) {
    const failed = { value: NaN, iterations: 0, evaluations: 0, reason: 'line-search' as const, message: `the start failed: ${(error as Error).message}`, error: error as Error };
    if ((error as Error).name === 'AbortError') return { theta: undefined, value: Infinity, jitter: 0, report: failed, abort: error as Error };
    if (!isNumerical(error)) throw error;
    return { theta: undefined, value: Infinity, jitter: 0, report: failed };
  }
}

/** Whether a start failed by its numbers: no factor, or no finite value. Anything else is a defect that must be seen. */
function isNumerical(error: unknown): boolean {
  return error instanceof FactorizationError || (error instanceof ArgumentError && error.argument === 'start');
}

async function randomized(objective: Objective, start: Float64Array, lower: Float64Array, upper: Float64Array, rng: Rng): Promise<Float64Array> {
  const result = Float64Array.from(start);
  // weights of networks keep their start: a unit step is no small one for them
  const byName = sectionsOf(objective.parameters).filter(({ parameter }) => parameter instanceof Hyperparameter)
    .sort(({ parameter: a }, { parameter: b }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const { parameter, start: first, end } of byName) {
    const noise = await rng.normal([end - first], { ctx: parameter.listCtx()[0]! }).data();
    for (let k = first; k < end; k++) result[k] = Math.max(lower[k]!, Math.min(upper[k]!, start[k]! + noise[k - first]!));
  }
  return result;
}
