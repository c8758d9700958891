// models
export type { FitOptions, FitReport, GPOptions, Preset, RestartReport } from './options.ts';
export { GPModel, type ModelData, type ModelSettings, type PredictOptions } from './model.ts';
export { GaussianProcessRegression } from './regression.ts';
export { IndependentGPPerResource, IndependentLikelihood, type IndependentOptions } from './independent.ts';
export { CurveLikelihood, LearningCurveGP, type LearningCurveOptions } from './curves/learning-curve.ts';
export { AdditivePosterior } from './curves/additive-posterior.ts';
export { type Curve, type CurveTensors, curveTensors, curvesFromRows } from './curves/curve-data.ts';
export { CurveModel, type CurveMoments, type CurveStatistics, ExponentialDecayCurves, InnovationCurves } from './curves/curve-model.ts';
export { HyperTuneIndependentGP, HyperTuneJointGP, type HyperTuneOptions } from './hypertune.ts';
export { ClampedPosterior, EnsemblePosterior } from './ensemble-posterior.ts';
export { type LevelData, crossValidatedLosses, distributionsOf, rankingLosses, supportedLevels } from './hypertune-losses.ts';
export { IndependentPosterior } from './independent-posterior.ts';
export { ResourceColumn } from './resources.ts';
export { GPRegressionMCMC } from './mcmc.ts';
export { type MCMCOptions, SliceError, type SliceOptions, sliceSample } from './slice-sampler.ts';
export { Prediction, TransformedPrediction } from './prediction.ts';

// the parts, for one's own models
export { gaussianLogDensity } from './density.ts';
export { type LikelihoodOptions, MarginalLikelihood } from './likelihood.ts';
export { type HeadGradients, type Posterior, type PosteriorOptions, PosteriorState, type SampleOptions } from './posterior-state.ts';
export { BoxCoxTransform, IdentityTransform, TargetTransform } from './target-transform.ts';
export { type Criterion, Objective as FitObjective } from './objective.ts';
export { type Factorization, type FactorizeOptions, factorize, factorizeSync } from './factorize.ts';
export { Standardization, type StandardizeOptions } from './standardize.ts';
export type { LoadModelOptions } from './save.ts';

// errors
export { type ClosestRows, FactorizationError, NonFiniteDataError, NotFittedError } from './errors.ts';
