import { describe, expect, it } from 'vitest';
import { placeBlocks } from '../src/passes/memory.ts';
import { orderSteps } from '../src/passes/schedule.ts';

describe('order', () => {
  const step = (name: string, reads: number[], writes: number[], over?: number) => ({ name, reads, writes, overwrites: over === undefined ? undefined : { buffer: over, size: 100 } });
  it('keeps what is read before it is overwritten', () => {
    const names = orderSteps([step('k', [], [0]), step('cholesky', [0], [1], 0), step('sum', [0], [2]), step('end', [1, 2], [3])]).map(({ name }) => name);
    expect(names).toEqual(['k', 'sum', 'cholesky', 'end']);
  });
  it('goes on where every ready step overwrites, the smallest copy first', () => {
    const big = { ...step('big', [0], [1], 0), overwrites: { buffer: 0, size: 9 } }, small = { ...step('small', [0], [2], 0), overwrites: { buffer: 0, size: 4 } };
    expect(orderSteps([step('k', [], [0]), big, small]).map(({ name }) => name)).toEqual(['k', 'small', 'big']);
  });
  it('waits for every writer', () => {
    const names = orderSteps([step('read', [5], [6]), step('a', [], [5]), step('b', [], [5])]).map(({ name }) => name);
    expect(names).toEqual(['a', 'b', 'read']);
  });
});

describe('places', () => {
  it('never overlap while both exist, and are used again', () => {
    let s = 1;
    const next = (n: number): number => (s = (s * 48271) % 2147483647) % n;
    for (let round = 0; round < 200; round++) {
      const blocks = Array.from({ length: 1 + next(40) }, () => {
        const from = next(30);
        return { bytes: next(5) === 0 ? 8 : next(4000), from, to: next(8) === 0 ? Infinity : from + next(10), pinned: next(6) === 0 };
      });
      const { at, bytes } = placeBlocks(blocks);
      const wrong: string[] = [];
      blocks.forEach((p, i) => {
        if (at[i]! % 64 !== 0 || at[i]! + p.bytes > bytes) wrong.push(`block ${i}`);
        blocks.forEach((q, j) => {
          const together = i < j && (p.pinned || q.pinned || (p.from <= q.to && q.from <= p.to));
          if (together && p.bytes > 0 && q.bytes > 0 && at[i]! + p.bytes > at[j]! && at[j]! + q.bytes > at[i]!) wrong.push(`blocks ${i} and ${j}`);
        });
      });
      expect(wrong, `round ${round}`).toEqual([]);
    }
    expect(placeBlocks(Array.from({ length: 50 }, (_, k) => ({ bytes: 1000, from: k, to: k + 1, pinned: false }))).bytes).toBe(2048);
  });
});
