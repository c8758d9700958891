import { BackendUnavailableError } from '@matheron/core-tensor';
import type { Binding } from './binding.ts';

const PACKAGE = '@tensorflow/tfjs-node';
const remedy = 'install it with npm install @tensorflow/tfjs-node, and where its own script could not fetch a binding, build one as tooling/tfjs-node/prepare.mjs of Matheron does; or use native() or wasm()';

/** tfjs-node's binding, checked to carry float64. BackendUnavailableError where the package or its binding is missing. */
export async function loadBinding(): Promise<Binding> {
  let binding: Binding | undefined;
  try {
    await prepareNode();
    const module = (await import('@tensorflow/tfjs-node')) as unknown as NodeModule & { default?: NodeModule };
    const tf = module.default ?? module;
    binding = tf.findBackend('tensorflow')?.binding;
  } catch (cause) {
    throw new BackendUnavailableError('tfjs-node', `${PACKAGE} can't be loaded`, remedy, [PACKAGE], { cause });
  }
  if (!binding || !carriesFloat64(binding)) throw new BackendUnavailableError('tfjs-node', `${PACKAGE} has another binding than the one known (4.22)`, remedy, [PACKAGE]);
  return binding;
}
interface NodeModule { findBackend(name: string): { readonly binding?: Binding } | null }

/** tfjs-node calls two functions that Node 23 took away; TensorFlow reports every failed Cholesky on stderr, where callers read `info`. */
async function prepareNode(): Promise<void> {
  const { default: util } = (await import('node:util')) as unknown as { default: Record<string, unknown> };
  util['isNullOrUndefined'] ??= (x: unknown) => x === null || x === undefined;
  util['isArray'] ??= Array.isArray;
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '3';
}

/** 1 + 2⁻⁵² has to come back with its last bit. */
function carriesFloat64(b: Binding): boolean {
  try {
    const bits = b.createTensor([1], 9, new Int32Array(Float64Array.of(1 + 2 ** -52).buffer));
    const type = (value: number) => [{ name: 'type', type: b.TF_ATTR_TYPE, value }];
    const double = b.executeOp('Bitcast', type(2), [bits], 1)[0]!;
    const back = b.executeOp('Bitcast', type(9), [double.id], 1)[0]!;
    const { buffer, byteOffset } = b.tensorDataSync(back.id);
    const ok = double.dtype === 2 && new DataView(buffer, byteOffset, 8).getBigInt64(0, true) === 0x3ff0000000000001n;
    for (const id of [bits, double.id, back.id]) b.deleteTensor(id);
    return ok;
  } catch {
    return false;
  }
}
