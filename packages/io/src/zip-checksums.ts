const END = 0x06054b50;
const WIDE_END = 0x06064b50;
const ENTRY = 0x02014b50;

const table: Uint32Array = /* @__PURE__ */ Uint32Array.from({ length: 256 }, (_, byte) => {
  let c = byte;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** CRC-32 as zip and PNG use it (ISO 3309, reflected polynomial 0xEDB88320). */
export function crc32(bytes: Uint8Array): number {
  let c = -1;
  for (let k = 0; k < bytes.length; k++) c = table[(c ^ bytes[k]!) & 255]! ^ (c >>> 8);
  return ~c >>> 0;
}

/** The checksums that a zip's central directory states, in its order (PKWARE APPNOTE 4.3.12, 4.3.14 to 4.3.16). RangeError where the directory runs out of the file. */
export function statedChecksums(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  // The comment after it has at most 65535 bytes.
  while (end >= 0 && view.getUint32(end, true) !== END) end = bytes.length - end < 65558 ? end - 1 : -1;
  if (end < 0) throw new RangeError('it has no central directory');
  let count = view.getUint16(end + 8, true);
  let at = view.getUint32(end + 16, true);
  if (count === 0xffff || at === 0xffffffff) {
    const wide = view.getUint32(end - 12, true);
    if (view.getUint32(wide, true) === WIDE_END) [count, at] = [view.getUint32(wide + 32, true), view.getUint32(wide + 48, true)];
  }
  const checksums: number[] = [];
  for (; checksums.length < count && view.getUint32(at, true) === ENTRY; at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)) {
    checksums.push(view.getUint32(at + 16, true));
  }
  return checksums;
}
