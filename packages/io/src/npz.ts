import { unzipSync, zipSync } from 'fflate';
import { FileFormatError } from './errors.ts';
import type { HostArray } from './host-array.ts';
import { checkMetadata } from './metadata.ts';
import { npyBytes, readNpy } from './npy.ts';
import { crc32, statedChecksums } from './zip-checksums.ts';

const METADATA = '__metadata__.json';
// Deflate can't expand by more: a size beyond it is a lie, and nothing is allocated for it.
const MAX_RATIO = 1032;

/** Named arrays as NumPy's `np.savez` writes them (a zip of `.npy`, not compressed); metadata in an entry that NumPy ignores unless asked for. */
export function npzBytes(arrays: Readonly<Record<string, HostArray>>, metadata?: Readonly<Record<string, string>>): Uint8Array {
  checkMetadata('npz', metadata);
  const entries: Record<string, Uint8Array> = {};
  for (const [name, array] of Object.entries(arrays)) entries[`${name}.npy`] = npyBytes(array);
  if (metadata && Object.keys(metadata).length > 0) entries[METADATA] = new TextEncoder().encode(JSON.stringify(metadata));
  return zipSync(entries, { level: 0, mtime: new Date(1980, 0, 1) });
}

/** Reads `.npz`, compressed or not. */
export function readNpz(bytes: Uint8Array, file = 'npz'): { arrays: Record<string, HostArray>; metadata: Record<string, string> } {
  let entries: Record<string, Uint8Array>;
  const checksums = new Map<string, number | undefined>();
  try {
    const stated = statedChecksums(bytes);
    let at = 0;
    entries = unzipSync(bytes, {
      // Called in the order of the central directory; of entries of one name the last counts, here and there.
      filter: ({ name, size, originalSize, compression }) => {
        checksums.set(name, stated[at++]);
        if (originalSize > (compression === 0 ? size : size * MAX_RATIO + 64) || size > bytes.length) {
          throw new FileFormatError(file, `the entry '${name}' claims ${originalSize} bytes out of ${size}`);
        }
        return name.endsWith('.npy') || name === METADATA;
      },
    });
  } catch (cause) {
    if (cause instanceof FileFormatError) throw cause;
    throw new FileFormatError(file, `no readable zip: ${cause instanceof Error ? cause.message : String(cause)}`, undefined, { cause });
  }
  const arrays: [string, HostArray][] = [];
  let metadata: Record<string, string> = {};
  for (const [name, data] of Object.entries(entries)) {
    if (crc32(data) !== checksums.get(name)) throw new FileFormatError(file, `the checksum of the entry '${name}' is not the one stated`);
    if (name === METADATA) metadata = readMetadata(data, file);
    else arrays.push([name.slice(0, -4), readNpy(data, `${file}:${name}`)]);
  }
  // Not by assignment: an array may be called __proto__.
  return { arrays: Object.fromEntries(arrays), metadata };
}

function readMetadata(data: Uint8Array, file: string): Record<string, string> {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(data));
    return Object.fromEntries(Object.entries(parsed as object).map(([key, value]) => [key, String(value)]));
  } catch (cause) {
    throw new FileFormatError(file, `${METADATA} is no JSON object`, undefined, { cause });
  }
}
