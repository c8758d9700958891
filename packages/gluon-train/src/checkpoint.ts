import { type Tensor, defaultRng } from '@matheron/core-tensor';
import { ArgumentError, loadTensors, saveTensors } from '@matheron/gluon-params';
import type { Block } from '@matheron/gluon-blocks';
import type { Metric } from './metric/metric.ts';
import type { EpochRecord } from './train.ts';
import type { Trainer } from './trainer.ts';

/** A training run that can be written and read back. */
export interface Checkpoint {
  readonly block: Block;
  readonly trainer: Trainer;
  readonly metrics: readonly Metric[];
  readonly batches: unknown;
  /** Epochs that are complete, and batches done of the next one. */
  epoch: number;
  batch: number;
  loss: { sum: number; count: number };
  history: EpochRecord[];
  /** The random states before the first batch of the epoch under way. */
  epochStart: { readonly rng: string; readonly batches: string | undefined } | undefined;
}

const format = 'matheron-checkpoint/1';

/** The file of a checkpoint: `name`, with `.safetensors` where it has no ending. */
function fileOf(name: string): string {
  return /\.[a-z]+$/i.test(name) ? name : `${name}.safetensors`;
}

/** Writes everything that a run depends on into one file, renamed when it is whole. */
export async function writeCheckpoint(name: string, run: Checkpoint): Promise<void> {
  const tensors: Record<string, Tensor> = {};
  const deferred: string[] = [];
  for (const [key, parameter] of run.block.structuralParams()) {
    if (parameter.deferred) deferred.push(key);
    else tensors[`block.${key}`] = parameter.reduce();
  }
  const states = run.trainer.exportStates();
  for (const [key, value] of Object.entries(states.tensors)) tensors[`trainer.${key}`] = value;
  const { epoch, batch, loss, history, epochStart } = run;
  const here = { deferred, epoch, batch, loss, history, epochStart, rng: defaultRng().state, batches: (run.batches as { state?: string }).state, metrics: run.metrics.map((m) => m.state), trainer: states.metadata };
  await saveTensors(fileOf(name), tensors, { format: 'safetensors', metadata: { format, run: JSON.stringify(here, numbers) } });
}

/** Reads a checkpoint into a run; false where there is no such file. ArgumentError for another kind of file. */
export async function readCheckpoint(name: string, run: Checkpoint): Promise<boolean> {
  const file = fileOf(name);
  const loaded = await loadTensors(file).catch((error: unknown) => {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  });
  if (!loaded) return false;
  const { tensors, metadata } = loaded;
  if (metadata['format'] !== format) throw new ArgumentError('checkpoint', file, `a file that train wrote (${format})`);
  const part = (prefix: string): Record<string, Tensor> => Object.fromEntries(Object.entries(tensors).flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [])));
  const here = JSON.parse(metadata['run']!, revived) as Pick<Checkpoint, 'epoch' | 'batch' | 'loss' | 'history' | 'epochStart'> & { deferred: string[]; rng: string; batches?: string; metrics: unknown[]; trainer: Record<string, string> };
  const values = part('block.');
  for (const [key, parameter] of run.block.structuralParams()) {
    const value = values[key];
    if (value) parameter.loadData(value);
    else if (!here.deferred.includes(key)) throw new ArgumentError('checkpoint', `${file}, which lacks ${key}`, 'a checkpoint of the same block');
  }
  run.trainer.importStates({ tensors: part('trainer.'), metadata: here.trainer });
  run.metrics.forEach((metric, k) => {
    if (here.metrics[k] !== undefined) metric.state = here.metrics[k];
  });
  defaultRng().state = here.rng;
  if (here.batches !== undefined) (run.batches as { state: string }).state = here.batches;
  const { epoch, batch, loss, history, epochStart } = here;
  Object.assign(run, { epoch, batch, loss, history, epochStart });
  return true;
}

/** NaN and infinities, which JSON lacks. */
function numbers(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value;
}
function revived(_key: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && '$number' in value ? Number(value.$number) : value;
}
