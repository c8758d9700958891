/** How a line search ended: the strong Wolfe conditions hold, or why the best step is accepted without them. */
export type LineSearchEnd = 'wolfe' | 'rounding' | 'interval' | 'longest-step' | 'shortest-step';

export interface LineSearchOptions {
  /** Sufficient decrease, f(s) ≤ f(0) + decrease · s · f′(0). */
  readonly decrease: number;
  /** Curvature, |f′(s)| ≤ curvature · |f′(0)|. */
  readonly curvature: number;
  /** Relative width of the interval at which the search stops. */
  readonly relativeWidth: number;
  readonly shortest: number;
  readonly longest: number;
}

/** One end of the interval that brackets a minimizer. */
interface End {
  step: number;
  value: number;
  slope: number;
}

/**
 * A line search for the strong Wolfe conditions: yields a step, receives the value and the slope there, and ends at the
 * last step it yielded. Needs a negative `slope`.
 *
 * Moré and Thuente, "Line search algorithms with guaranteed sufficient decrease", ACM TOMS 20 (1994) 286–307.
 */
export function* moreThuente(value: number, slope: number, first: number, options: LineSearchOptions): Generator<number, LineSearchEnd, readonly [value: number, slope: number]> {
  const { shortest, longest } = options;
  const test = options.decrease * slope;
  const x: End = { step: 0, value, slope };
  const y: End = { step: 0, value, slope };
  let [bracketed, modified] = [false, true];
  let width = longest - shortest;
  let width1 = 2 * width;
  let step = first;
  let low = 0;
  let high = 5 * step;
  for (;;) {
    const [f, g] = yield step;
    const target = value + step * test;
    if (modified && f <= target && g >= 0) modified = false;
    if (f <= target && Math.abs(g) <= -options.curvature * slope) return 'wolfe';
    if (bracketed && (step <= low || step >= high)) return 'rounding';
    if (bracketed && high - low <= options.relativeWidth * high) return 'interval';
    if (step === longest && f <= target && g <= test) return 'longest-step';
    if (step === shortest && (f > target || g >= test)) return 'shortest-step';
    // Until a point with a non-negative slope and enough decrease is known, the search runs on ψ(s) = f(s) − f(0) − decrease · s · f′(0).
    const shift = modified && f <= x.value && f > target ? test : 0;
    const trial: End = { step, value: f - step * shift, slope: g - shift };
    for (const end of [x, y]) {
      end.value -= end.step * shift;
      end.slope -= shift;
    }
    [step, bracketed] = safeguardedStep(x, y, trial, bracketed, low, high);
    for (const end of [x, y]) {
      end.value += end.step * shift;
      end.slope += shift;
    }
    if (bracketed) {
      if (Math.abs(y.step - x.step) >= 0.66 * width1) step = x.step + 0.5 * (y.step - x.step);
      width1 = width;
      width = Math.abs(y.step - x.step);
      low = Math.min(x.step, y.step);
      high = Math.max(x.step, y.step);
    } else {
      low = step + 1.1 * (step - x.step);
      high = step + 4 * (step - x.step);
    }
    step = Math.min(Math.max(step, shortest), longest);
    if (bracketed && (step <= low || step >= high || high - low <= options.relativeWidth * high)) step = x.step;
  }
}

/** The minimizer's next guess from the best end `x`, the other end `y` and the trial; updates both ends. */
function safeguardedStep(x: End, y: End, trial: End, bracketed: boolean, low: number, high: number): [step: number, bracketed: boolean] {
  const opposite = trial.slope * Math.sign(x.slope) < 0;
  const { step } = trial;
  let next: number;
  if (trial.value > x.value) {
    const [cubic, quadratic] = [x.step + fromX(x, trial) * (step - x.step), x.step + (x.slope / ((x.value - trial.value) / (step - x.step) + x.slope) / 2) * (step - x.step)];
    next = Math.abs(cubic - x.step) < Math.abs(quadratic - x.step) ? cubic : cubic + (quadratic - cubic) / 2;
    bracketed = true;
  } else if (opposite) {
    const cubic = step + ratio(x, trial, step > x.step) * (x.step - step);
    const secant = step + (trial.slope / (trial.slope - x.slope)) * (x.step - step);
    next = Math.abs(cubic - step) > Math.abs(secant - step) ? cubic : secant;
    bracketed = true;
  } else if (Math.abs(trial.slope) < Math.abs(x.slope)) {
    const cubic = cubicBeyond(x, trial, low, high);
    const secant = step + (trial.slope / (trial.slope - x.slope)) * (x.step - step);
    if (bracketed) {
      next = Math.abs(cubic - step) < Math.abs(secant - step) ? cubic : secant;
      const limit = step + 0.66 * (y.step - step);
      next = step > x.step ? Math.min(limit, next) : Math.max(limit, next);
    } else {
      next = Math.abs(cubic - step) > Math.abs(secant - step) ? cubic : secant;
      next = Math.max(low, Math.min(high, next));
    }
  } else if (bracketed) {
    next = step + ratio(y, trial, step > y.step) * (y.step - step);
  } else {
    next = step > x.step ? high : low;
  }
  if (trial.value > x.value) {
    Object.assign(y, trial);
  } else {
    if (opposite) Object.assign(y, x);
    Object.assign(x, trial);
  }
  return [next, bracketed];
}

/** θ, the scale s and (θ/s)² − (f′/s)(g′/s) of the cubic through two points with slopes. */
function cubicTerms(a: End, trial: End): [theta: number, scale: number, discriminant: number] {
  const theta = (3 * (a.value - trial.value)) / (trial.step - a.step) + a.slope + trial.slope;
  const scale = Math.max(Math.abs(theta), Math.abs(a.slope), Math.abs(trial.slope));
  return [theta, scale, (theta / scale) ** 2 - (a.slope / scale) * (trial.slope / scale)];
}

/** The cubic's minimizer as a fraction of the way from `x` to the trial. */
function fromX(x: End, trial: End): number {
  const [theta, scale, discriminant] = cubicTerms(x, trial);
  const gamma = (trial.step < x.step ? -1 : 1) * scale * Math.sqrt(discriminant);
  return (gamma - x.slope + theta) / (gamma - x.slope + gamma + trial.slope);
}

/** The same as a fraction of the way from the trial to `a`; `flip` picks the root. */
function ratio(a: End, trial: End, flip: boolean): number {
  const [theta, scale, discriminant] = cubicTerms(a, trial);
  const gamma = (flip ? -1 : 1) * scale * Math.sqrt(discriminant);
  return (gamma - trial.slope + theta) / (gamma - trial.slope + gamma + a.slope);
}

/** The cubic's minimizer where it lies beyond the trial, else the far limit. */
function cubicBeyond(x: End, trial: End, low: number, high: number): number {
  const [theta, scale, discriminant] = cubicTerms(x, trial);
  const gamma = (trial.step > x.step ? -1 : 1) * scale * Math.sqrt(Math.max(0, discriminant));
  const r = (gamma - trial.slope + theta) / (gamma + (x.slope - trial.slope) + gamma);
  if (r < 0 && gamma !== 0) return trial.step + r * (x.step - trial.step);
  return trial.step > x.step ? high : low;
}
