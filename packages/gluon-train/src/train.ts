import { backward, record } from '@matheron/autograd';
import { type Tensor, defaultRng } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import type { Layer } from '@matheron/gluon-blocks';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { LongRun } from './lbfgsb/options.ts';
import type { Metric } from './metric/metric.ts';
import type { Optimizer } from './optimizer/optimizer.ts';
import type { Options } from './optimizer/registry.ts';
import { Trainer } from './trainer.ts';

/** What {@link train} reports after each batch: the loss and the metrics of the epoch so far. */
export interface TrainProgress {
  epoch: number;
  batch: number;
  loss: number;
  metrics: Record<string, number>;
  elapsedSeconds: number;
}
/** What `train` takes. */
export interface TrainOptions extends LongRun<TrainProgress> {
  /** A block, or a function. */
  loss: { call(pred: Tensor, label: Tensor): Tensor } | ((pred: Tensor, label: Tensor) => Tensor);
  optimizer: Optimizer | keyof Options;
  /** In all, those of the checkpoint included. */
  epochs: number;
  /** A file that is written after each epoch and when aborted; where it is there already, training goes on from it, to the bit. */
  checkpoint?: string;
  metrics?: readonly Metric[];
}
/** The mean loss and the metrics of an epoch. */
export interface EpochRecord {
  loss: number;
  metrics: Record<string, number>;
}

type Batches = Iterable<readonly [Tensor, Tensor]> | AsyncIterable<readonly [Tensor, Tensor]>;

/**
 * Trains a block: for every batch a recorded forward pass, a backward pass and a step of the optimizer. Resolves with the history;
 * aborted, it resolves after the batch under way, the checkpoint written. The order of a DataLoader and all random numbers of the default generator are
 * part of a checkpoint, so that a run that was stopped at any batch, or killed, ends with the same weights as one that was not.
 */
export async function train(block: Layer, batches: Batches, options: TrainOptions): Promise<{ history: EpochRecord[]; stopped: 'done' | 'aborted' }> {
  const { epochs, checkpoint, signal, onProgress } = options;
  if (!(Number.isInteger(epochs) && epochs >= 0)) throw new ArgumentError('epochs', epochs, 'a non-negative integer');
  const { loss: criterion, metrics = [] } = options;
  if (typeof (criterion as { call?: unknown } | undefined)?.call !== 'function') throw new ArgumentError('loss', criterion, 'a loss block such as new loss.L2Loss(), or a function (pred, label) => Tensor');
  // A function has a `call` of its own, which is another.
  const lossOf = (pred: Tensor, label: Tensor): Tensor => (typeof criterion === 'function' ? criterion(pred, label) : criterion.call(pred, label));
  const trainer = new Trainer(block.collectParams(), ...([options.optimizer] as [Optimizer]));
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const run: Checkpoint = { block, trainer, metrics, batches, epoch: 0, batch: 0, loss: { sum: 0, count: 0 }, history: [], epochStart: undefined };
  if (checkpoint !== undefined) await readCheckpoint(checkpoint, run);
  let pausedAt = performance.now();
  while (run.epoch < epochs) {
    const skipped = run.batch;
    const now = defaultRng().state;
    if (skipped === 0) {
      run.epochStart = { rng: now, batches: stateOf(batches) };
      for (const metric of metrics) metric.reset();
      run.loss = { sum: 0, count: 0 };
    } else restoreEpochStart(run);
    let aborted = signal?.aborted ?? false;
    let k = 0;
    if (!aborted) for await (const pair of batches) {
      if (!Array.isArray(pair)) throw new ArgumentError('batches', pair, 'pairs of an input and a label');
      const [input, label] = pair as readonly [Tensor, Tensor];
      k++;
      if (k <= skipped) {
        // The batches that were used before the stop; after them the generator goes on where it was.
        if (k === skipped) defaultRng().state = now;
        continue;
      }
      if ((aborted = signal?.aborted ?? false)) break;
      const size = input.shape[0]!;
      let pred: Tensor | undefined;
      const loss = record(() => lossOf((pred = block.call(input)), label));
      backward(loss);
      trainer.step(size);
      const values = await loss.data();
      run.loss = { sum: run.loss.sum + mean(values) * size, count: run.loss.count + size };
      for (const metric of metrics) metric.update(label, pred!.detach());
      run.batch = k;
      onProgress?.({ epoch: run.epoch, batch: k, loss: run.loss.sum / run.loss.count, metrics: valuesOf(metrics), elapsedSeconds: seconds() });
      if (performance.now() - pausedAt > 30) {
        await new Promise<void>((resolve) => setTimeout(resolve, 0));
        pausedAt = performance.now();
      }
    }
    if (aborted) {
      if (checkpoint !== undefined) await writeCheckpoint(checkpoint, run);
      return { history: run.history, stopped: 'aborted' };
    }
    if (k === 0 && run.epoch > 0 && usedUp(batches)) throw new ArgumentError('batches', 'an iterator that is used up', 'what gives its batches anew each epoch: a DataLoader or a list, no generator');
    run.history.push({ loss: run.loss.count === 0 ? NaN : run.loss.sum / run.loss.count, metrics: valuesOf(metrics) });
    run.epoch++;
    run.batch = 0;
    if (checkpoint !== undefined) await writeCheckpoint(checkpoint, run);
  }
  return { history: run.history, stopped: 'done' };
}

function restoreEpochStart({ epochStart, batches }: Checkpoint): void {
  if (!epochStart) return;
  defaultRng().state = epochStart.rng;
  if (epochStart.batches !== undefined) (batches as { state: string }).state = epochStart.batches;
}
/** Whether it is an iterator, which gives its values once. */
function usedUp(batches: Batches): boolean {
  const it = Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
  return (it as unknown) === batches;
}
/** The state of a loader; undefined for other iterables. */
function stateOf(batches: Batches): string | undefined {
  const { state } = batches as { state?: unknown };
  return typeof state === 'string' ? state : undefined;
}
function valuesOf(metrics: readonly Metric[]): Record<string, number> {
  return Object.fromEntries(metrics.flatMap((metric) => metric.getNameValue()));
}
function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
