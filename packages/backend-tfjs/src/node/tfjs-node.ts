import { Context } from '@matheron/core-tensor';
import { TfjsBackend } from '../tfjs-backend.ts';
import { checkId, memoized } from '../tfjs.ts';
import { BindingKit } from './binding-kit.ts';
import { loadBinding } from './load.ts';

const contexts = new Map<number, Promise<Context>>();

/**
 * The context of tfjs-node (TensorFlow's own kernels, in Node) with this id: the same object each time. float64, float32, int32 and bool; the package is
 * loaded at first use. BackendUnavailableError, with the remedy, where it or its binding is missing.
 */
export async function tfjsNode(options: { readonly id?: number } = {}): Promise<Context> {
  const id = options.id ?? 0;
  checkId('tfjsNode', id);
  return memoized(contexts, id, async () => new Context('tfjs-node', id, new TfjsBackend(new BindingKit(await loadBinding()))));
}
