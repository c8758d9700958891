import { ArgumentError } from '@matheron/gluon-params';
import { type Box, longestStep, project, projectedGradientNorm } from './box.ts';
import { cauchyPoint } from './cauchy.ts';
import { CompactMatrix } from './compact.ts';
import { moreThuente } from './line-search.ts';
import type { MinimizeOptions, MinimizeReason, MinimizeResult } from './options.ts';
import { dot } from './small.ts';
import { subspaceMinimizer } from './subspace.ts';

/** Options of {@link lbfgsbSteps}. */
export interface BoxedMinimizeOptions extends MinimizeOptions {
  /** One bound a variable; -Infinity and Infinity where there is none. */
  lower?: Float64Array;
  upper?: Float64Array;
}
/** What the objective gives at a point. */
export type Evaluation = readonly [value: number, gradient: Float64Array];
/** L-BFGS-B as a coroutine: yields a point, receives value and gradient, returns the best point. */
export type MinimizeSteps = Generator<Float64Array, MinimizeResult<Float64Array>, Evaluation>;

/** SciPy's `maxls`: trial points in one line search. */
const maxTrials = 20;
const wolfe = { decrease: 1e-3, curvature: 0.9, relativeWidth: 0.1, shortest: 0 } as const;

/** A point with its value and gradient. */
interface Point {
  x: Float64Array;
  f: number;
  g: Float64Array;
}

/**
 * Limited-memory BFGS with bounds: a projected search along the generalized Cauchy path, a Newton step in the free
 * subspace, and a strong-Wolfe line search. The start is projected onto the bounds; every yielded point is inside them.
 * Where a trial has no finite value or gradient the step is shortened. ArgumentError for bounds that don't fit or cross, and for a start
 * without a finite value.
 *
 * Byrd, Lu, Nocedal and Zhu (1995); Zhu, Byrd, Lu and Nocedal, "Algorithm 778: L-BFGS-B", ACM TOMS 23 (1997) 550–560; version 3.0 of 2011.
 */
export function* lbfgsbSteps(start: Float64Array, options: BoxedMinimizeOptions = {}): MinimizeSteps {
  const box = checkedBox(start, options);
  const run = new Run(start, box, options);
  const { b } = run;
  if (run.aborted) throw abortError(options.signal!);
  const first = yield* run.evaluate(run.point.x);
  if (!isFinitePoint(first)) throw startError(first);
  run.point = first;
  const constrained = box.lower.some((v) => v > -Infinity) || box.upper.some((v) => v < Infinity);
  const boxed = box.lower.every((v, i) => v > -Infinity && box.upper[i]! < Infinity);
  let reason: MinimizeReason | undefined = projectedGradientNorm(first.x, first.g, box) <= run.gradientTolerance ? 'gradient' : run.limit();
  while (!reason) {
    const { x, g, f } = run.point;
    const target = modelMinimizer(run.point, box, b, constrained);
    if (!target) {
      b.reset();
      continue;
    }
    const d = target.map((v, i) => v - x[i]!);
    const length = Math.sqrt(dot(d, d));
    const slope = dot(g, d);
    const longest = !constrained ? 1e10 : run.iterations === 0 ? 1 : longestStep(x, d, box, 1e10);
    const unit = run.iterations === 0 && !boxed ? Math.min(1 / length, longest) : 1;
    const next = slope < 0 ? yield* search(run, d, target, slope, unit, longest) : undefined;
    if (!next) {
      reason = run.limit();
      if (reason || b.count > 0) {
        b.reset();
        continue;
      }
      reason = 'line-search';
      break;
    }
    run.accept(next.point);
    const norm = projectedGradientNorm(next.point.x, next.point.g, box);
    options.onProgress?.({ iteration: run.iterations, value: next.point.f, projectedGradientNorm: norm, evaluations: run.evaluations, elapsedSeconds: run.seconds() });
    if (norm <= run.gradientTolerance) reason = 'gradient';
    else if (f - next.point.f <= run.valueTolerance * Math.max(Math.abs(f), Math.abs(next.point.f), 1)) reason = 'value';
    else reason = run.limit();
    if (reason) break;
    const y = next.point.g.map((v, i) => v - g[i]!);
    const s = next.point.x.map((v, i) => v - x[i]!);
    const curvature = next.step * (next.slope - slope);
    if (curvature > Number.EPSILON * -slope * next.step && dot(s, y) > 0 && !b.push(s, y)) b.reset();
  }
  return run.result(reason, box);
}

/** Where the quadratic model is least; undefined where its matrices break down. */
function modelMinimizer(point: Point, box: Box, b: CompactMatrix, constrained: boolean): Float64Array | undefined {
  const { x, g } = point;
  if (!constrained && b.count > 0) {
    const free = Int32Array.from(x.keys());
    return subspaceMinimizer(x, g, box, b, { z: x, c: new Float64Array(2 * b.count), free });
  }
  const cauchy = cauchyPoint(x, g, box, b);
  if (b.count === 0 || cauchy.free.length === 0) return cauchy.z;
  return subspaceMinimizer(x, g, box, b, cauchy);
}

interface Found {
  point: Point;
  step: number;
  slope: number;
}

/** Along x + s d to a strong-Wolfe point; undefined after too many trials, an abort or an exhausted budget. */
function* search(run: Run, d: Float64Array, target: Float64Array, slope: number, first: number, longest: number): Generator<Float64Array, Found | undefined, Evaluation> {
  const { x, f } = run.point;
  let [initial, limit] = [first, longest];
  let trials = 0;
  for (;;) {
    const steps = moreThuente(f, slope, initial, { ...wolfe, longest: limit });
    let turn = steps.next();
    let found: Found | undefined;
    while (!turn.done) {
      if (trials++ >= maxTrials || run.limit()) return undefined;
      const step = turn.value;
      const at = step === 1 ? Float64Array.from(target) : x.map((v, i) => v + step * d[i]!);
      project(at, run.box);
      const point = yield* run.evaluate(at);
      if (!isFinitePoint(point)) {
        // A pole or an overflow: a much shorter search that ends before it.
        initial = limit = step / 10;
        break;
      }
      found = { point, step, slope: dot(point.g, d) };
      turn = steps.next([point.f, found.slope]);
    }
    if (turn.done) return found;
  }
}

/** The state of one minimization: the accepted point, the best one evaluated, counters, limits. */
class Run {
  readonly b: CompactMatrix;
  readonly box: Box;
  readonly gradientTolerance: number;
  readonly valueTolerance: number;
  iterations = 0;
  evaluations = 0;
  point: Point;
  #best: Point | undefined;
  readonly #maxIterations: number;
  readonly #maxEvaluations: number;
  readonly #signal: AbortSignal | undefined;
  readonly #started: number = performance.now();
  constructor(start: Float64Array, box: Box, options: MinimizeOptions) {
    this.box = box;
    this.b = new CompactMatrix(positiveInteger('memory', options.memory ?? 10));
    this.gradientTolerance = nonNegative('gradientTolerance', options.gradientTolerance ?? 1e-5);
    this.valueTolerance = nonNegative('valueTolerance', options.valueTolerance ?? 2.2e-9);
    this.#maxIterations = nonNegative('maxIterations', options.maxIterations ?? 15_000);
    this.#maxEvaluations = nonNegative('maxEvaluations', options.maxEvaluations ?? 15_000);
    this.#signal = options.signal;
    const x = Float64Array.from(start);
    project(x, box);
    this.point = { x, f: NaN, g: x };
  }
  get aborted(): boolean {
    return this.#signal?.aborted ?? false;
  }
  seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }
  *evaluate(x: Float64Array): Generator<Float64Array, Point, Evaluation> {
    // The caller may keep or change what it is handed.
    const [f, gradient] = yield Float64Array.from(x);
    this.evaluations++;
    if (gradient.length !== x.length) throw new ArgumentError('objective', gradient.length, `a gradient of ${x.length} numbers, one a variable`);
    const point: Point = { x, f, g: Float64Array.from(gradient) };
    if (isFinitePoint(point) && !(this.#best && this.#best.f <= f)) this.#best = point;
    return point;
  }
  accept(point: Point): void {
    this.point = point;
    this.iterations++;
  }
  limit(): MinimizeReason | undefined {
    if (this.aborted) return 'aborted';
    if (this.iterations >= this.#maxIterations) return 'max-iterations';
    return this.evaluations >= this.#maxEvaluations ? 'max-evaluations' : undefined;
  }
  result(reason: MinimizeReason, box: Box): MinimizeResult<Float64Array> {
    const converged = reason === 'gradient' || reason === 'value';
    const { x, f, g } = converged || !this.#best ? this.point : this.#best;
    const norm = projectedGradientNorm(x, g, box);
    return { x, value: f, gradient: g, iterations: this.iterations, evaluations: this.evaluations, converged, reason, message: this.#words(reason, norm) };
  }
  #words(reason: MinimizeReason, norm: number): string {
    const left = `the projected gradient's largest component is ${norm.toPrecision(3)}`;
    switch (reason) {
      case 'gradient':
        return `converged: ${left}, within gradientTolerance ${this.gradientTolerance}`;
      case 'value':
        return `converged: the last iteration lowered the value by no more than valueTolerance ${this.valueTolerance} of it; ${left}`;
      case 'max-iterations':
        return `stopped at maxIterations ${this.#maxIterations}; ${left}`;
      case 'max-evaluations':
        return `stopped at maxEvaluations ${this.#maxEvaluations}; ${left}`;
      case 'line-search':
        return `stopped: no lower point within ${maxTrials} trials along the steepest descent; ${left}; check the gradient, or accept the rounding of the value`;
      case 'aborted':
        return `aborted after ${this.evaluations} evaluation${this.evaluations === 1 ? '' : 's'}; ${left}`;
    }
  }
}

function isFinitePoint({ f, g }: Point): boolean {
  return Number.isFinite(f) && g.every(Number.isFinite);
}

function checkedBox(start: Float64Array, { lower, upper }: BoxedMinimizeOptions): Box {
  const n = start.length;
  const box = { lower: lower ?? new Float64Array(n).fill(-Infinity), upper: upper ?? new Float64Array(n).fill(Infinity) };
  for (const [name, bound] of Object.entries(box)) {
    if (bound.length !== n) throw new ArgumentError(name, bound.length, `${n} bounds, one a variable`);
  }
  for (let i = 0; i < n; i++) {
    if (!(box.lower[i]! <= box.upper[i]!)) throw new ArgumentError('bounds', `[${box.lower[i]}, ${box.upper[i]}] at variable ${i}`, 'lower ≤ upper');
    if (!Number.isFinite(start[i]!)) throw new ArgumentError('start', `${start[i]} at variable ${i}`, 'finite numbers');
  }
  return box;
}

function startError({ f, g }: Point): ArgumentError {
  const bad = g.findIndex((v) => !Number.isFinite(v));
  const what = Number.isFinite(f) ? `value ${f}, gradient ${g[bad]} at variable ${bad}` : `value ${f}`;
  return new ArgumentError('start', what, 'a start where value and gradient are finite; move it, or bound the variables');
}

function abortError(signal: AbortSignal): Error {
  return new DOMException(`aborted before the first evaluation${signal.reason instanceof Error ? `: ${signal.reason.message}` : ''}`, 'AbortError');
}

function nonNegative(name: string, value: number): number {
  if (!(value >= 0)) throw new ArgumentError(name, value, 'a number that is not negative');
  return value;
}
function positiveInteger(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) throw new ArgumentError(name, value, 'a positive integer');
  return value;
}
