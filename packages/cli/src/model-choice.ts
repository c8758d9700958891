import { ConstantMean, GaussianProcessRegression, type Kernel, LinearMean, type Mean, ZeroMean, nearestName, parseKernel } from 'matheron';
import { CliError } from './errors.ts';

export const meanNames = ['constant', 'average', 'zero', 'linear'] as const;
export type MeanName = (typeof meanNames)[number];

/** What the flags say about the model. */
export interface ModelChoice {
  readonly kernel: string | undefined;
  readonly mean: string | undefined;
  readonly preset: 'matheron' | 'syne-tune';
  readonly noise: number | undefined;
  readonly standardize: boolean;
  readonly seed: number;
}

/** The model of the flags. `average` is the average of the targets `y`, held fixed. */
export function makeModel(choice: ModelChoice, y: readonly number[]): GaussianProcessRegression {
  const kernel: Kernel | undefined = choice.kernel === undefined ? undefined : parseKernel(choice.kernel);
  const mean = choice.mean === undefined ? undefined : makeMean(choice, choice.mean, y);
  return new GaussianProcessRegression({
    preset: choice.preset,
    seed: choice.seed,
    ...(kernel ? { kernel } : {}),
    ...(mean ? { mean } : {}),
    ...(choice.noise === undefined ? {} : { noiseVariance: choice.noise }),
    ...(choice.standardize ? {} : { standardize: false }),
  });
}

/** undefined for the default, a constant with its prior. */
function makeMean({ preset, standardize }: ModelChoice, name: string, y: readonly number[]): Mean | undefined {
  switch (name) {
    case 'zero':
      return new ZeroMean();
    case 'constant':
      return undefined;
    case 'average':
      return new ConstantMean({ value: { init: preset === 'matheron' && standardize ? 0 : y.reduce((a, b) => a + b, 0) / y.length, encoding: 'identity', trainable: false } });
    case 'linear':
      return new LinearMean();
    default: {
      const near = nearestName(name, meanNames);
      throw new CliError('usage', `--mean: there is no mean '${name}'${near === undefined ? '' : `; did you mean '${near}'?`} Known are ${meanNames.join(', ')}`);
    }
  }
}
