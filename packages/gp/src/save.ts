import { type Context, type Tensor, currentContext, withContext } from '@matheron/core-tensor';
import { encodeSafetensors, loadTensors } from '@matheron/io';
import { GPError, type HyperparameterConfig, type HyperparameterOptions, type Kernel, type Mean, type ParameterizedBlock, type PartConfig, type Setting, kernelFromJSON, meanFromJSON, priorFromJSON } from '@matheron/gp-kernels';
import type { ModelData } from './model.ts';
import type { Preset } from './options.ts';
import { Standardization, type StandardizeOptions } from './standardize.ts';

/** For kernels and means of one's own, which a file can't hold; `ctx` where the model shall live. */
export interface LoadModelOptions { kernel?: Kernel; mean?: Mean; ctx?: Context }

/** What a model says about itself, besides its hyperparameters and its data. */
export interface ModelDescription {
  /** Its class, so that another one refuses the file. */
  readonly model: string;
  readonly kernel: Kernel;
  /** undefined where the model makes its means itself. */
  readonly mean?: Mean;
  readonly targetTransform?: 'identity' | 'box-cox';
  readonly noise?: { readonly encoding: 'logarithm' | 'positive' | 'identity'; readonly value: number; readonly trainable: boolean } & Pick<HyperparameterConfig, 'bounds' | 'prior'>;
  /** Options of the constructor that are plain data. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly tensors?: Readonly<Record<string, Tensor>>;
}
/** A model's settings that all classes have. */
export interface ModelCommon { readonly preset: Preset; readonly seed: number; readonly standardize: StandardizeOptions }

interface ModelFile extends ModelCommon {
  readonly schema: 'matheron-gp/1';
  readonly model: string;
  readonly kernel: PartConfig | null;
  readonly expression: string;
  readonly mean: PartConfig | null;
  /** Absent where the model makes its means itself. */
  readonly meanExpression?: string;
  readonly targetTransform: 'identity' | 'box-cox';
  readonly noise: ModelDescription['noise'] | null;
  readonly options: Readonly<Record<string, unknown>>;
  readonly scaling: ReturnType<Standardization['toJSON']> | null;
  readonly parameters: readonly string[];
}

/** Writes model.json and model.safetensors. The tensors go first, so that a model.json never stands without them. */
export async function saveModel(directory: string, description: ModelDescription, common: ModelCommon, likelihood: ParameterizedBlock, data: ModelData | undefined, scaling: Standardization | undefined): Promise<void> {
  const { model, kernel, mean, targetTransform = 'identity', noise, options = {}, tensors: more = {} } = description;
  const structural = [...likelihood.structuralParams()].filter(([, p]) => p.initialized);
  const tensors: Record<string, Tensor> = { ...Object.fromEntries(structural.map(([name, p]) => [`parameters.${name}`, p.reduce()])), ...more };
  if (data) {
    tensors['data.X'] = data.X;
    tensors['data.y'] = data.y;
  }
  const file: ModelFile = {
    schema: 'matheron-gp/1', model, ...common, kernel: described(kernel), expression: String(kernel), mean: mean ? described(mean) : null, ...(mean ? { meanExpression: mean.type || mean.constructor.name } : {}), targetTransform,
    noise: noise ?? null, options, scaling: scaling?.toJSON() ?? null, parameters: structural.map(([name]) => name),
  };
  const bytes = await encodeSafetensors(tensors, { schema: file.schema });
  const { writeFileAtomic } = await import('@matheron/io/node');
  await writeFileAtomic(`${directory}/model.safetensors`, bytes);
  await writeFileAtomic(`${directory}/model.json`, `${JSON.stringify(file, null, 2)}\n`);
}

/** What a file says: `common` and `options` are the constructor's, `restore` sets the hyperparameters. */
export interface LoadedModel {
  readonly common: { preset: Preset; seed: number; standardize: StandardizeOptions; kernel: Kernel; ctx: Context; targetTransform: 'identity' | 'box-cox'; noiseVariance?: Setting; encoding?: 'logarithm' | 'positive' | 'identity' };
  readonly mean: Mean | undefined;
  readonly options: Readonly<Record<string, never>>;
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly data: ModelData | undefined;
  readonly scaling: Standardization | undefined;
  restore(likelihood: ParameterizedBlock): void;
}

/** Reads what `saveModel` wrote. GPError where the files are no model's, another class's, or don't belong together. */
export async function loadModel(directory: string, model: string, options: LoadModelOptions): Promise<LoadedModel> {
  const { readFileBytes } = await import('@matheron/io/node');
  const path = `${directory}/model.json`;
  const file = parse(path, new TextDecoder().decode(await readFileBytes(path)));
  if (file.model !== model) throw new GPError('file-format', `load: ${path} holds a ${file.model}, not a ${model}; call ${file.model}.load`);
  const ctx = options.ctx ?? currentContext();
  const { tensors } = await loadTensors(`${directory}/model.safetensors`, { ctx });
  const { kernel, mean } = withContext(ctx, () => ({
    kernel: options.kernel ?? rebuilt('kernel', file.kernel, kernelFromJSON, file.expression),
    mean: options.mean ?? (file.mean || file.meanExpression !== undefined ? rebuilt('mean', file.mean, meanFromJSON, file.meanExpression ?? '') : undefined),
  }));
  const { noise } = file;
  return {
    common: {
      preset: file.preset, seed: file.seed, standardize: file.standardize, kernel, ctx, targetTransform: file.targetTransform,
      ...(noise ? { noiseVariance: noise.value === 0 ? 0 : { trainable: noise.trainable, encoding: noise.encoding, ...limitsOf(noise) }, encoding: noise.value === 0 ? ('logarithm' as const) : noise.encoding } : {}),
    },
    mean, options: file.options as Readonly<Record<string, never>>, tensors,
    data: tensors['data.X'] && tensors['data.y'] ? { X: tensors['data.X'], y: tensors['data.y'] } : undefined,
    scaling: file.scaling ? Standardization.fromJSON(file.scaling) : undefined,
    restore(likelihood) {
      const structural = likelihood.structuralParams();
      for (const name of file.parameters) {
        const p = structural.get(name);
        const value = tensors[`parameters.${name}`];
        if (!p || !value) throw new GPError('file-format', `load: ${path} names the hyperparameter '${name}', which ${p ? 'model.safetensors lacks' : 'the model has not'}; the files don't belong together`);
        p.loadData(value, { ctx, castDtype: true });
      }
    },
  };
}

/** Bounds and prior of a saved noise variance; a file of before they were saved leaves the preset's. */
function limitsOf({ value, bounds, prior }: NonNullable<ModelDescription['noise']>): HyperparameterOptions {
  return { ...(bounds ? { bounds: [bounds[0] ?? -Infinity, bounds[1] ?? Infinity], init: value } : {}), ...(prior ? { prior: priorFromJSON(prior) } : {}) };
}

function parse(path: string, text: string): ModelFile {
  let file: ModelFile;
  try {
    file = JSON.parse(text) as ModelFile;
  } catch (error) {
    throw new GPError('file-format', `load: ${path} is not JSON: ${(error as Error).message}`);
  }
  if ((file as ModelFile | null)?.schema !== 'matheron-gp/1') throw new GPError('file-format', `load: ${path} has the schema '${String((file as ModelFile | null)?.schema)}', this version reads 'matheron-gp/1'`);
  return file;
}
/** A kernel or mean as plain data; null where it is, or holds, a class of one's own, which `load` is then given. */
function described(part: Kernel | Mean): PartConfig | null {
  try {
    return part.type ? part.toJSON() : null;
  } catch (error) {
    if (error instanceof GPError && error.code === 'not-serializable') return null;
    throw error;
  }
}
function rebuilt<T>(what: string, config: PartConfig | null, build: (c: PartConfig) => T, expression: string): T {
  if (config) return build(config);
  throw new GPError('file-format', `load: the model's ${what} (${expression}) is a class of its own; pass it: load(directory, { ${what} })`);
}
