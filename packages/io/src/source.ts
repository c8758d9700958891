import { FileFormatError } from './errors.ts';

/** A path (Node, Deno, Bun), an address, or the bytes themselves. */
export type FileSource = string | URL | Uint8Array | Blob;

/** What messages call a source. */
export function describeSource(source: FileSource): string {
  if (typeof source === 'string') return source;
  if (source instanceof URL) return source.href;
  return source instanceof Uint8Array ? 'the bytes' : 'the blob';
}

/** The bytes of a source. */
export async function readSource(source: FileSource): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (typeof source !== 'string' && !(source instanceof URL)) return new Uint8Array(await source.arrayBuffer());
  const address = String(source);
  if (/^(https?|data|blob):/.test(address)) {
    const response = await fetch(address);
    if (!response.ok) throw new FileFormatError(address, `the server answered ${response.status} ${response.statusText}`);
    return new Uint8Array(await response.arrayBuffer());
  }
  const { readFileBytes } = await import('./node.ts');
  return await readFileBytes(source);
}
