import { type Context, Tensor, currentContext, tensor } from '@matheron/core-tensor';
import { FileFormatError, GluonError } from './errors.ts';
import type { HostArray } from './host-array.ts';
import { type MxnetArray, densify, isMxnetParams, readMxnetParams } from './mxnet-params.ts';
import { isNpy, readNpy } from './npy.ts';
import { npzBytes, readNpz } from './npz.ts';
import { readSafetensors, safetensorsBytes } from './safetensors.ts';
import { type FileSource, describeSource, readSource } from './source.ts';

/** Tensors copied to the host, whatever device they live on. */
export async function toHost(tensors: Readonly<Record<string, Tensor>>): Promise<Record<string, HostArray>> {
  const entries = await Promise.all(Object.entries(tensors).map(async ([name, x]) => {
    if (!(x instanceof Tensor)) throw new GluonError('argument', `'${name}' is no tensor; make one of it with tensor(…)`);
    return [name, { dtype: x.dtype, shape: x.shape, values: await x.data() }] as const;
  }));
  return Object.fromEntries(entries);
}

/** Host arrays as tensors on `ctx` (the current context by default). */
export function fromHost(arrays: Readonly<Record<string, HostArray>>, ctx: Context = currentContext()): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(arrays).map(([name, { dtype, shape, values }]) => [name, tensor(values, { dtype, shape, ctx, copy: false })]));
}

/** Tensors as the bytes of a safetensors file, float64 as F64. */
export async function encodeSafetensors(tensors: Readonly<Record<string, Tensor>>, metadata?: Record<string, string>): Promise<Uint8Array> {
  return safetensorsBytes(await toHost(tensors), metadata);
}
/** Tensors as the bytes of a NumPy `.npz` file. */
export async function encodeNpz(tensors: Readonly<Record<string, Tensor>>, metadata?: Record<string, string>): Promise<Uint8Array> {
  return npzBytes(await toHost(tensors), metadata);
}

/** Named arrays out of bytes, the format told by content: safetensors, npz, npy (as 'arr_0'), MXNet `.params` (sparse arrays made dense). */
export function decodeArrays(bytes: Uint8Array, file = 'the bytes'): { arrays: Record<string, HostArray>; metadata: Record<string, string> } {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return readNpz(bytes, file);
  if (isNpy(bytes)) return { arrays: { arr_0: readNpy(bytes, file) }, metadata: {} };
  if (isMxnetParams(bytes)) {
    return { arrays: mapValues(readMxnetParams(bytes, file), (array) => densify(array, file)), metadata: {} };
  }
  if (bytes.length < 8) throw new FileFormatError(file, `${bytes.length} bytes are too few for any known format (safetensors, npz, npy, MXNet .params)`);
  return readSafetensors(bytes, file);
}
function mapValues(arrays: Record<string, MxnetArray>, fn: (x: MxnetArray) => HostArray): Record<string, HostArray> {
  return Object.fromEntries(Object.entries(arrays).map(([name, x]) => [name, fn(x)]));
}

/**
 * Reads named tensors from a path (Node, Deno, Bun), an address, bytes or a Blob. The format is told by content. FileFormatError for
 * anything damaged; a missing file gives the system's own error.
 */
export async function loadTensors(source: FileSource, options: { ctx?: Context } = {}): Promise<{ tensors: Record<string, Tensor>; metadata: Record<string, string> }> {
  const { arrays, metadata } = decodeArrays(await readSource(source), describeSource(source));
  return { tensors: fromHost(arrays, options.ctx), metadata };
}

/** Writes named tensors, aside first and then renamed, so that no half-written file is ever seen. safetensors unless the name ends in `.npz` or `format` says so. */
export async function saveTensors(file: string, tensors: Readonly<Record<string, Tensor>>, options: { format?: 'safetensors' | 'npz'; metadata?: Record<string, string> } = {}): Promise<void> {
  const format = options.format ?? (file.endsWith('.npz') ? 'npz' : 'safetensors');
  if (format !== 'npz' && format !== 'safetensors') throw new GluonError('argument', `saveTensors: format '${String(format)}'; use 'safetensors' or 'npz'`);
  const bytes = format === 'npz' ? await encodeNpz(tensors, options.metadata) : await encodeSafetensors(tensors, options.metadata);
  const { writeFileAtomic } = await import('./node.ts');
  await writeFileAtomic(file, bytes);
}
