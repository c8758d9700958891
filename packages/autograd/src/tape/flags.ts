import { currentFrame, enter } from '@matheron/core-tensor';
import { TapeLevel } from './level.ts';

/**
 * Runs `fn` and records what it computes from marked tensors and parameters, for `backward`. Training mode is on unless `trainMode` is
 * false. A promise is refused with AsyncFunctionError.
 */
export function record<T>(fn: () => T, options: { trainMode?: boolean } = {}): T {
  const { levels } = currentFrame();
  const running = levels.at(-1) instanceof TapeLevel;
  return enter('record', { recording: true, training: options.trainMode ?? true, levels: running ? levels : [...levels, new TapeLevel(levels)] }, fn);
}

/** Runs `fn` without recording, inside `record`. Training mode is off unless `trainMode` is true. */
export function pause<T>(fn: () => T, options: { trainMode?: boolean } = {}): T {
  return enter('pause', { recording: false, training: options.trainMode ?? false }, fn);
}
/** Runs `fn` in training mode (dropout drops, batch statistics are used); recording stays as it is. */
export function trainMode<T>(fn: () => T): T {
  return enter('trainMode', { training: true }, fn);
}
/** Runs `fn` in prediction mode; recording stays as it is. */
export function predictMode<T>(fn: () => T): T {
  return enter('predictMode', { training: false }, fn);
}
/** Whether `record` is running, and not paused. */
export function isRecording(): boolean {
  return currentFrame().recording;
}
/** Whether training mode is on. */
export function isTraining(): boolean {
  return currentFrame().training;
}
