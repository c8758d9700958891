/** What a long call reports as it goes. */
export interface Progress {
  iteration: number;
  value: number;
  elapsedSeconds: number;
}
/** Long calls take a callback and an AbortSignal, and yield to the event loop. */
export interface LongRun<P = Progress> {
  /** Called after each iteration. */
  onProgress?: (progress: P) => void;
  signal?: AbortSignal;
}

/** What L-BFGS-B reports after each iteration. */
export interface MinimizeProgress extends Progress {
  projectedGradientNorm: number;
  evaluations: number;
}

/** Limits and tolerances of L-BFGS-B; the defaults are SciPy's. */
export interface MinimizeOptions extends LongRun<MinimizeProgress> {
  /** Iterations at most: 15000. */
  maxIterations?: number;
  /** Evaluations at most: 15000. */
  maxEvaluations?: number;
  /** Done when the largest component of the projected gradient is at most this: 1e-5. */
  gradientTolerance?: number;
  /** Done when an iteration lowers the value by at most this, relative to max(|f|, 1): 2.2e-9. */
  valueTolerance?: number;
  /** Correction pairs kept: 10. */
  memory?: number;
}

/** Why a minimization stopped. */
export type MinimizeReason = 'gradient' | 'value' | 'max-iterations' | 'max-evaluations' | 'line-search' | 'aborted';

/** The best point found. `converged` for the reasons 'gradient' and 'value'; `message` says the reason in words. */
export interface MinimizeResult<A> {
  x: A;
  value: number;
  gradient: A;
  iterations: number;
  evaluations: number;
  converged: boolean;
  reason: MinimizeReason;
  message: string;
}
