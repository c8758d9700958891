/** A block that must exist from step `from` to step `to`, inclusive; `pinned`: always. */
export interface Lifetime {
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
  readonly pinned: boolean;
}

const alignment = 64;

/**
 * Places for blocks, by first fit in the order in which they come to be: two that exist at the same step never overlap. Pinned ones come first.
 */
export function placeBlocks(blocks: readonly Lifetime[]): { at: number[]; bytes: number } {
  const at = new Array<number>(blocks.length).fill(0);
  const sizeOf = (k: number): number => Math.max(alignment, Math.ceil(blocks[k]!.bytes / alignment) * alignment);
  let top = 0;
  blocks.forEach(({ pinned }, k) => {
    if (!pinned) return;
    at[k] = top;
    top += sizeOf(k);
  });
  // Free gaps, by address, with a gap after everything that has no end.
  const gaps: { at: number; size: number }[] = [];
  const order = blocks.map((_, k) => k).filter((k) => !blocks[k]!.pinned).sort((p, q) => blocks[p]!.from - blocks[q]!.from || p - q);
  const ends = [...order].sort((p, q) => blocks[p]!.to - blocks[q]!.to);
  let next = 0;
  const release = (start: number, size: number): void => {
    let k = 0;
    while (k < gaps.length && gaps[k]!.at < start) k++;
    gaps.splice(k, 0, { at: start, size });
    if (k + 1 < gaps.length && gaps[k]!.at + gaps[k]!.size === gaps[k + 1]!.at) gaps[k]!.size += gaps.splice(k + 1, 1)[0]!.size;
    if (k > 0 && gaps[k - 1]!.at + gaps[k - 1]!.size === gaps[k]!.at) gaps[k - 1]!.size += gaps.splice(k, 1)[0]!.size;
  };
  for (const k of order) {
    while (next < ends.length && blocks[ends[next]!]!.to < blocks[k]!.from) {
      const ended = ends[next++]!;
      release(at[ended]!, sizeOf(ended));
    }
    const size = sizeOf(k);
    const gap = gaps.findIndex((g) => g.size >= size);
    if (gap >= 0) {
      at[k] = gaps[gap]!.at;
      if (gaps[gap]!.size === size) gaps.splice(gap, 1);
      else gaps[gap] = { at: gaps[gap]!.at + size, size: gaps[gap]!.size - size };
      continue;
    }
    // The last gap grows where it ends at the top.
    const last = gaps.at(-1);
    if (last && last.at + last.size === top) {
      at[k] = last.at;
      gaps.pop();
    } else at[k] = top;
    top = at[k]! + size;
  }
  return { at, bytes: top };
}
