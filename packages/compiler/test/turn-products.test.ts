import { describe, expect, it } from 'vitest';
import { graphText } from '../src/graph.ts';
import { turnProducts } from '../src/turn-products.ts';
import type { Trace } from '../src/trace.ts';
import type { Value } from '../src/graph.ts';
import { graphOf, input, newTrace } from './graphs.ts';

/** The text of the graph with its products turned; undefined where there are none. */
function turned(t: Trace, ...outputs: Value[]): string | undefined {
  const next = turnProducts(graphOf(t, ...outputs), (call) => t.apply(call)[0]!);
  return next && graphText(graphOf(t, ...next));
}

describe('a transposed product', () => {
  it('is the product of the transposed operands in the other order', () => {
    const t = newTrace(), a = input(t, 3, 4), b = input(t, 4, 5);
    expect(turned(t, t.permute(t.matmul(a, b), [1, 0]))).toMatch(/%(\d+) = permute\(%1\).*\n%(\d+) = permute\(%0\).*\n%\d+ = matmul\(%\1, %\2\) : float64\[5, 3\]/);
  });
  it('drops transposes that operands have', () => {
    const t = newTrace(), x = input(t, 9, 3), g = input(t, 9, 5);
    const text = turned(t, t.permute(t.matmul(t.permute(x, [1, 0]), g), [1, 0]))!;
    expect(text.match(/permute/g)).toHaveLength(1);
    expect(text).toMatch(/matmul\(%\d+, %0\) : float64\[5, 3\]/);
  });
  it('of a batch keeps the axes before the last two', () => {
    const t = newTrace(), a = input(t, 2, 3, 4), b = input(t, 2, 4, 5);
    expect(turned(t, t.permute(t.matmul(a, b), [0, 2, 1]))).toContain('float64[2, 5, 3]');
    expect(turned(t, t.permute(t.matmul(a, b), [2, 0, 1]))).toBeUndefined();
  });
  it('stays where the product is used besides, is an input, or the transpose goes on', () => {
    const t = newTrace(), a = input(t, 3, 4), b = input(t, 4, 3), product = t.matmul(a, b), transpose = t.permute(product, [1, 0]);
    expect(turned(t, transpose, product)).toBeUndefined();
    expect(turned(t, transpose, t.unary('exp', product))).toBeUndefined();
    expect(turned(t, transpose, t.unary('exp', transpose))).toBeUndefined();
    expect(turned(t, t.permute(a, [1, 0]))).toBeUndefined();
    expect(turned(t, t.unary('exp', transpose))).toBeUndefined();
  });
  it('that is an output twice is turned once', () => {
    const t = newTrace(), a = input(t, 3, 4), b = input(t, 4, 5), y = t.permute(t.matmul(a, b), [1, 0]);
    const next = turnProducts(graphOf(t, y, y), (call) => t.apply(call)[0]!)!;
    expect(next[0]).toBe(next[1]);
    expect(next[0]!.node.call!.kind).toBe('matmul');
  });
});
