import { type BoxedMinimizeOptions, type Evaluation, type MinimizeSteps, lbfgsbSteps } from './steps.ts';
import type { MinimizeResult } from './options.ts';

/** An objective over flat vectors: value and gradient. The array handed in is the objective's to keep. */
export type FlatObjective = (x: Float64Array) => Evaluation | Promise<Evaluation>;

/**
 * Minimizes a function of a vector by L-BFGS-B (see {@link lbfgsbSteps}). Resolves with the best point and the reason in words;
 * rejects with ArgumentError for bad arguments, with what the objective throws, and with an AbortError when aborted before the first evaluation.
 */
export async function lbfgsb(objective: FlatObjective, start: Float64Array, options: BoxedMinimizeOptions = {}): Promise<MinimizeResult<Float64Array>> {
  return await driveAsync(lbfgsbSteps(start, options), objective);
}

/** {@link lbfgsb} without promises: for objectives that are synchronous and short. */
export function lbfgsbSync(objective: (x: Float64Array) => Evaluation, start: Float64Array, options: BoxedMinimizeOptions = {}): MinimizeResult<Float64Array> {
  return drive(lbfgsbSteps(start, options), objective);
}

/** Runs a generator that yields points against a synchronous objective. */
export function drive<P, V, R>(steps: Generator<P, R, V>, objective: (point: P) => V): R {
  let turn = steps.next();
  while (!turn.done) turn = steps.next(objective(turn.value));
  return turn.value;
}

/** Runs a generator that yields points against a possibly asynchronous objective, leaving room for the event loop every 30 ms. */
export async function driveAsync<P, V, R>(steps: Generator<P, R, V>, objective: (point: P) => V | Promise<V>): Promise<R> {
  let last = performance.now();
  let turn = steps.next();
  while (!turn.done) {
    turn = steps.next(await objective(turn.value));
    if (performance.now() - last > 30) {
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      last = performance.now();
    }
  }
  return turn.value;
}

export type { MinimizeSteps };
