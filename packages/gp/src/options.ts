import type { Context } from '@matheron/core-tensor';
import type { EncodingName, Kernel, Mean, Setting } from '@matheron/gp-kernels';
import type { LongRun, MinimizeResult, Progress } from '@matheron/gluon-train';
import type { TargetTransform } from './target-transform.ts';

/** 'matheron': priors that scale with the dimension, standardized data. 'syne-tune': what gpautograd does. */
export type Preset = 'matheron' | 'syne-tune';

/** The noise variance given here is that of standardized targets where targets are standardized; so are kernel hyperparameters. */
export interface GPOptions {
  /** A scaled ARD Matérn-5/2 by default. */
  kernel?: Kernel;
  /** A constant by default. */
  mean?: Mean;
  /** 0 for none. By default none where the kernel has a WhiteKernel of its own as a summand. */
  noiseVariance?: Setting;
  targetTransform?: 'identity' | 'box-cox' | TargetTransform;
  /**
   * By default, in 'matheron': targets unless they are transformed, inputs where the kernel is the default one (a kernel of your own has its
   * lengthscales and periods in the units of your data). Nothing in 'syne-tune'.
   */
  standardize?: boolean | { inputs?: boolean; targets?: boolean };
  /** Of the noise variance and of default kernels. */
  encoding?: EncodingName;
  preset?: Preset;
  /** Of restarts and samples; 31415927. */
  seed?: number;
  ctx?: Context;
}

/** restarts 5 (0 keeps the hyperparameters as they are), maxIterations 500, tolerance 1e-6 of the projected gradient. */
export interface FitOptions extends LongRun<Progress & { restart: number; restarts: number }> { restarts?: number; maxIterations?: number; tolerance?: number }

/** One start of the optimizer. */
export type RestartReport = Pick<MinimizeResult<unknown>, 'value' | 'iterations' | 'evaluations' | 'reason' | 'message'> & { error?: Error };

/**
 * How a fit went. `logMarginalLikelihood` is that of the targets in their own units; `criterion` is what was minimized: the negative log
 * marginal likelihood of the standardized targets plus negative log priors. `best` is the index of the winning restart.
 */
export interface FitReport {
  logMarginalLikelihood: number;
  criterion: number;
  best: number;
  restarts: readonly RestartReport[];
  jitter: number;
  aborted: boolean;
  seconds: number;
}
