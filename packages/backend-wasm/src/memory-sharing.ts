/**
 * The module with its imported memory declared shared: the import's limits are rewritten, the code is the same. (A module imports either
 * a shared or an unshared memory; loads and stores don't differ.)
 */
export function withSharedMemory(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  let at = 8;
  while (at < bytes.length) {
    const id = bytes[at]!, size = readUnsigned(bytes, at + 1), body = size.next, end = body + size.value;
    if (id === 2) {
      const section = rewriteImports(bytes.subarray(body, end));
      return concatenate([bytes.subarray(0, at + 1), unsigned(section.length), section, bytes.subarray(end)]);
    }
    at = end;
  }
  throw new Error('withSharedMemory: the module has no import section');
}

/** The import section with the limits {shared, 1 … 65536 pages} on each memory. */
function rewriteImports(section: Uint8Array): Uint8Array {
  const count = readUnsigned(section, 0), parts: Uint8Array[] = [section.subarray(0, count.next)];
  let at = count.next;
  for (let k = 0; k < count.value; k++) {
    const from = at;
    for (let name = 0; name < 2; name++) {
      const length = readUnsigned(section, at);
      at = length.next + length.value;
    }
    const kind = section[at++]!;
    if (kind === 0) at = readUnsigned(section, at).next;
    else if (kind === 2) {
      parts.push(section.subarray(from, at), Uint8Array.of(3, 1), unsigned(65536));
      const flags = section[at]!, low = readUnsigned(section, at + 1);
      at = flags & 1 ? readUnsigned(section, low.next).next : low.next;
      continue;
    } else throw new Error(`withSharedMemory: an import of kind ${kind}`);
    parts.push(section.subarray(from, at));
  }
  return concatenate(parts);
}

function readUnsigned(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return { value, next: at };
  }
}
function unsigned(value: number): Uint8Array {
  const out: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) out.push((value % 128) | 128);
  return Uint8Array.of(...out, value);
}
function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
