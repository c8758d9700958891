import type { Context } from '@matheron/core-tensor';
import { createRequire } from 'node:module';
import { tfjs, tfjsNode } from '../src/index.ts';

/** A device and how many tensors it holds. */
export interface Device {
  readonly name: string;
  readonly ctx: Context;
  count(): number;
}

/** The devices of Node; tfjs-node where its binding is there. */
export async function devices(): Promise<Device[]> {
  const tf = (await import('@tensorflow/tfjs-core')) as unknown as { memory(): { numTensors: number } };
  const found: Device[] = [];
  for (const engine of ['cpu', 'wasm'] as const) found.push({ name: `tfjs-${engine}`, ctx: await tfjs(engine, { dtype: 'float32' }), count: () => tf.memory().numTensors });
  const node = await tfjsNode().catch(() => undefined);
  if (node) {
    const { binding } = (createRequire(import.meta.url)('@tensorflow/tfjs-node') as { findBackend(name: string): { binding: { getNumOfTensors(): number } } }).findBackend('tensorflow');
    found.push({ name: 'tfjs-node', ctx: node, count: () => binding.getNumOfTensors() });
  }
  return found;
}
