// hyperparameters
export { type Encoding, type EncodingName, defaultInitial, makeEncoding } from './encoding.ts';
export { DimensionScaledPrior, GammaPrior, HorseshoePrior, LogNormalPrior, NormalPrior, type Prior, type PriorConfig, type PriorOptions, UniformPrior, priorFromJSON } from './priors.ts';
export { Hyperparameter, type HyperparameterConfig, type HyperparameterOptions, type Setting, numbersOf, settingOptions } from './hyperparameter.ts';
export { type ParamValues, ParameterizedBlock } from './parameterized.ts';

// kernels
export { Kernel, type KernelOptions, type PartConfig, ProductKernel, ScaleKernel, SumKernel, asMatrix } from './kernel.ts';
export { Matern12, Matern32, Matern52, RBF, RationalQuadratic, StationaryKernel, type StationaryOptions, scaledSquaredDistance } from './stationary.ts';
export { Periodic } from './periodic.ts';
export { LinearKernel, PolynomialKernel } from './dot-product.ts';
export { ConstantKernel, WhiteKernel } from './constant.ts';
export { kernelNames, parseKernel } from './parse.ts';
export { kernelFromJSON, meanFromJSON } from './serialize.ts';

// means and warping
export { ConstantMean, LinearMean, Mean, ZeroMean } from './mean.ts';
export { type ColumnRange, WarpedKernel, Warping, type WarpingOptions, kernelWithWarping, warpingRanges } from './warping.ts';

// gpautograd's own
export { syneTuneConstants } from './syne-tune/constants.ts';
export { SquaredDistance, type SquaredDistanceOptions, SyneTuneMatern52, type SyneTuneMatern52Options } from './syne-tune/matern52.ts';
export { RangeKernel } from './syne-tune/range.ts';
export { FabolasKernel } from './syne-tune/fabolas.ts';
export { type DecayOptions, ExponentialDecayKernel, ExponentialDecayMean, decay, decayHyperparameters } from './syne-tune/exponential-decay.ts';
export { FreezeThawKernel, FreezeThawMean } from './syne-tune/freeze-thaw.ts';
export { CrossValidationKernel, CrossValidationMean } from './syne-tune/cross-validation.ts';

// errors
export { GPError, KernelSyntaxError, OutOfBoundsError, UnknownHyperparameterError } from './errors.ts';
