import { type Context, type Tensor, currentContext, withContext } from '@matheron/core-tensor';
import { encodeSafetensors, loadTensors } from '@matheron/io';
import { GPError, type Kernel, type Mean, type PartConfig, kernelFromJSON, meanFromJSON } from '@matheron/gp-kernels';
import type { MarginalLikelihood } from './likelihood.ts';
import type { ModelData } from './model.ts';
import type { GPOptions, Preset } from './options.ts';
import { Standardization, type StandardizeOptions } from './standardize.ts';
import { BoxCoxTransform } from './target-transform.ts';

/** For kernels and means of one's own, which a file can't hold; `ctx` where the model shall live. */
export interface LoadModelOptions { kernel?: Kernel; mean?: Mean; ctx?: Context }

interface ModelFile {
  readonly schema: 'matheron-gp/1';
  readonly preset: Preset;
  readonly seed: number;
  readonly standardize: StandardizeOptions;
  readonly kernel: PartConfig | null;
  readonly expression: string;
  readonly mean: PartConfig | null;
  readonly targetTransform: 'identity' | 'box-cox';
  readonly noise: { readonly encoding: 'logarithm' | 'positive' | 'identity'; readonly value: number; readonly trainable: boolean };
  readonly scaling: ReturnType<Standardization['toJSON']> | null;
  readonly parameters: readonly string[];
}

/** Writes model.json and model.safetensors. The tensors go first, so that a model.json never stands without them. */
export async function saveModel(directory: string, likelihood: MarginalLikelihood, settings: { preset: Preset; seed: number; standardize: StandardizeOptions }, data: ModelData | undefined, scaling: Standardization | undefined): Promise<void> {
  const structural = [...likelihood.structuralParams()].filter(([, p]) => p.initialized);
  const tensors: Record<string, Tensor> = Object.fromEntries(structural.map(([name, p]) => [`parameters.${name}`, p.reduce()]));
  if (data) {
    tensors['data.X'] = data.X;
    tensors['data.y'] = data.y;
  }
  const noise = likelihood.noiseVariance;
  const file: ModelFile = {
    schema: 'matheron-gp/1', ...settings,
    kernel: likelihood.kernel.type ? likelihood.kernel.toJSON() : null, expression: String(likelihood.kernel),
    mean: likelihood.mean.type ? likelihood.mean.toJSON() : null,
    targetTransform: likelihood.ytrans instanceof BoxCoxTransform ? 'box-cox' : 'identity',
    noise: { encoding: noise.encoding, value: noise.externalValues()[0]!, trainable: noise.trainable },
    scaling: scaling?.toJSON() ?? null, parameters: structural.map(([name]) => name),
  };
  const bytes = await encodeSafetensors(tensors, { schema: file.schema });
  const { writeFileAtomic } = await import('@matheron/io/node');
  await writeFileAtomic(`${directory}/model.safetensors`, bytes);
  await writeFileAtomic(`${directory}/model.json`, `${JSON.stringify(file, null, 2)}\n`);
}

/** What `saveModel` wrote: options of the model, its data, and a function that restores the hyperparameters. */
export async function loadModel(directory: string, options: LoadModelOptions): Promise<{ options: GPOptions; data: ModelData | undefined; scaling: Standardization | undefined; restore(likelihood: MarginalLikelihood): Promise<void> }> {
  const { readFileBytes } = await import('@matheron/io/node');
  const path = `${directory}/model.json`;
  const file = parse(path, new TextDecoder().decode(await readFileBytes(path)));
  const ctx = options.ctx ?? currentContext();
  const { tensors } = await loadTensors(`${directory}/model.safetensors`, { ctx });
  const { kernel, mean } = withContext(ctx, () => ({
    kernel: options.kernel ?? rebuilt('kernel', file.kernel, kernelFromJSON, file.expression),
    mean: options.mean ?? rebuilt('mean', file.mean, meanFromJSON, 'mean'),
  }));
  const data = tensors['data.X'] && tensors['data.y'] ? { X: tensors['data.X'], y: tensors['data.y'] } : undefined;
  return {
    options: {
      preset: file.preset, seed: file.seed, standardize: file.standardize, kernel, mean, ctx, targetTransform: file.targetTransform,
      noiseVariance: file.noise.value === 0 ? 0 : { trainable: file.noise.trainable, encoding: file.noise.encoding }, encoding: file.noise.value === 0 ? 'logarithm' : file.noise.encoding,
    },
    data, scaling: file.scaling ? Standardization.fromJSON(file.scaling) : undefined,
    async restore(likelihood) {
      const structural = likelihood.structuralParams();
      for (const name of file.parameters) {
        const p = structural.get(name);
        const value = tensors[`parameters.${name}`];
        if (!p || !value) throw new GPError('file-format', `load: ${path} names the hyperparameter '${name}', which ${p ? 'model.safetensors lacks' : 'the model has not'}; the files don't belong together`);
        p.loadData(value, { ctx, castDtype: true });
      }
      await Promise.resolve();
    },
  };
}

function parse(path: string, text: string): ModelFile {
  let file: ModelFile;
  try {
    file = JSON.parse(text) as ModelFile;
  } catch (error) {
    throw new GPError('file-format', `load: ${path} is not JSON: ${(error as Error).message}`);
  }
  if (file.schema !== 'matheron-gp/1') throw new GPError('file-format', `load: ${path} has the schema '${String(file.schema)}', this version reads 'matheron-gp/1'`);
  return file;
}
function rebuilt<T>(what: string, config: PartConfig | null, build: (c: PartConfig) => T, expression: string): T {
  if (config) return build(config);
  throw new GPError('file-format', `load: the model's ${what} (${expression}) is a class of its own; pass it: load(directory, { ${what} })`);
}
